"""Nobody who asks the background waits for ever, whenever the desk is closed."""

import asyncio
import threading

import pytest

from csr_console.desk.model import Unreachable
from csr_console.desk.sync import Background


async def answer() -> str:
    return "report #12"


def test_what_is_asked_is_answered() -> None:
    background = Background()
    assert background.ask(answer()) == "report #12"
    background.stop()


def test_a_closed_desk_says_so() -> None:
    background = Background()
    background.stop()
    with pytest.raises(Unreachable, match="closed"):
        background.ask(answer())


def test_closing_ends_the_wait_of_whoever_asked() -> None:
    background = Background()
    begun = threading.Event()
    said: list[str] = []

    async def never() -> None:
        begun.set()
        await asyncio.Event().wait()

    def wait() -> None:
        try:
            background.ask(never())
        except Unreachable as error:
            said.append(error.sentence)

    asker = threading.Thread(target=wait)
    asker.start()
    assert begun.wait(10)
    background.stop()
    asker.join(10)
    assert said == ["This desk was closed meanwhile."]
