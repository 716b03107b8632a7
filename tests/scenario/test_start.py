"""Starting: typing begins before the desk is open, and a crash says little and keeps everything."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.town import Console, Town
from tests.widgets.keys import send

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.desk.model import StoreLocked


async def test_what_is_typed_while_the_desk_opens_is_done_when_it_is_open(town: Town) -> None:
    opening = threading.Event()

    def open_slowly(on_event: Any) -> Any:
        opening.wait(20)
        return town.open_desk(on_event)

    app = ConsoleApp(open_slowly)
    async with app.run_test(size=(80, 24)):
        console = Console(app)
        send(app, [*town.fact("caller")["phone"], "enter"])
        await console.until(lambda: app.gate.closed)
        assert not app.is_open
        assert not {"online", "offline", "slow"}.intersection(console.lines[-1].split())
        opening.set()
        await console.until(lambda: town.fact("caller")["name"] in console.text)
        assert "● online" in console.lines[-1]
        await app.leave_desk()


async def test_stores_that_cannot_be_opened_are_a_sentence(town: Town) -> None:
    def refuse(_on_event: Any) -> Any:
        raise StoreLocked("The passphrase does not fit.")

    app = ConsoleApp(refuse)
    async with app.run_test(size=(80, 24)):
        console = Console(app)
        await console.until(lambda: "The passphrase does not fit." in console.text)


async def test_a_crash_leaves_places_and_nothing_of_a_customer(tmp_path: Path, town: Town) -> None:
    app = ConsoleApp(town.open_desk, ConsoleOptions(log_folder=tmp_path))

    def crash() -> None:
        customer = "Maria Lopez 8505550142"
        raise ZeroDivisionError(customer)

    async def run() -> None:
        async with app.run_test(size=(80, 24)):
            await app.opened()
            app.call_later(crash)
            await asyncio.wait_for(app._exception_event.wait(), 10)

    with pytest.raises(ZeroDivisionError):
        await run()
    await app.leave_desk()
    written = (tmp_path / "crashes.log").read_text()
    assert "ZeroDivisionError" in written
    assert "test_start.py" in written
    assert "Maria" not in written
    assert "8505550142" not in written
