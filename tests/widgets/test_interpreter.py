"""The loop of the keys gives the interpreter away only when it has nothing to do."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine, Iterator

import pytest

from csr_console.widgets import interpreter


@pytest.fixture(autouse=True)
def interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def run(main: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=interpreter.loop) as runner:
        runner.run(main())


def until_given_up() -> None:
    while sys.getswitchinterval() != pytest.approx(interpreter.GIVEN_UP_S):
        time.sleep(0.001)


def test_who_waits_for_the_loop_waits_long_and_the_loop_a_moment() -> None:
    async def main() -> None:
        assert sys.getswitchinterval() == pytest.approx(interpreter.HELD_S)
        async with asyncio.timeout(20):
            await asyncio.to_thread(until_given_up)
        assert sys.getswitchinterval() == pytest.approx(interpreter.HELD_S)

    run(main)


def test_a_loop_that_always_has_something_to_do_still_reads() -> None:
    given, inside = os.pipe()
    read = asyncio.Event()
    turns = 0

    def spin() -> None:
        nonlocal turns
        turns += 1
        if not read.is_set():
            asyncio.get_running_loop().call_soon(spin)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(given, read.set)
        spin()
        os.write(inside, b"k")
        async with asyncio.timeout(20):
            await read.wait()
        loop.remove_reader(given)

    run(main)
    os.close(given)
    os.close(inside)
    assert turns > 1


def test_turns_that_follow_one_another_do_not_each_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = 0
    switched = sys.setswitchinterval

    def counted(seconds: float) -> None:
        nonlocal let_go
        let_go += seconds == interpreter.GIVEN_UP_S
        switched(seconds)

    async def main() -> None:
        nonlocal let_go
        await asyncio.sleep(0.01)
        assert let_go > 0
        let_go = 0
        for _turn in range(20):
            await asyncio.sleep(0)
        assert let_go == 0

    monkeypatch.setattr(interpreter, "LOOK_EVERY_S", 60.0)
    monkeypatch.setattr(sys, "setswitchinterval", counted)
    run(main)
