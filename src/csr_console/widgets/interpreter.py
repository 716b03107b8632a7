"""Who has the interpreter: the thread of the keys, which paints, before the threads of the background."""

import asyncio
import selectors
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

GIVEN_UP_S = 0.0002
"""How long a thread of the background may hold the interpreter while the keys wait for it. A key needs it
when it comes and when its echo is written, each time behind every thread in between: with Python's own 5 ms
and one thread more on the way it was a tenth of a second while a queue drains."""
HELD_S = 0.02
"""How long the keys may hold it while the background waits, more than a paint takes. One that is cut waits
as long to go on, since whoever waits asks for what is set when it begins to."""
LOOK_EVERY_S = 0.002
"""While the loop has something to do, how often it looks for what has come in: each look lets go of the
interpreter, and a key is some ten turns of the loop from its echo."""


class KeysFirst(selectors.DefaultSelector):
    """Gives the interpreter away when there is nothing to do, and takes it back at once."""

    def __init__(self) -> None:
        super().__init__()
        self._looked = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0 and perf_counter() - self._looked < LOOK_EVERY_S:
            return []
        try:
            with given_up():
                return super().select(timeout)
        finally:
            self._looked = perf_counter()


@contextmanager
def given_up() -> Iterator[None]:
    """Around a call that lets go of the interpreter: it is taken back as soon as the call is over."""
    held = sys.getswitchinterval()
    sys.setswitchinterval(GIVEN_UP_S)
    try:
        yield
    finally:
        sys.setswitchinterval(held)


def loop() -> asyncio.AbstractEventLoop:
    """A loop whose thread holds the interpreter whenever it has something to do."""
    sys.setswitchinterval(HELD_S)
    return asyncio.SelectorEventLoop(KeysFirst())
