"""Starting what goes on beside the keys."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from csr_console.domain.refusals import Answer

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp

AGAIN_S = 2.0
"""How soon central is asked again after it was not reached, at the most: screens do not ask all at once."""
REST_S, REST_TIMES = 0.2, 4
"""The least pause between two readings of what keeps changing, and how many times as long as the last one
took: a drain tells of hundreds of changes a second, and keys need the interpreter more than a list does."""
_ASKED_AGAIN: WeakKeyDictionary[DOMNode, dict[str, bool]] = WeakKeyDictionary()


class Unheard(Message):
    """An answer that nobody dealt with, for the application to say."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def begin(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, object]], *, group: str, exclusive: bool = False
) -> None:
    """Run `work` in a worker of `node`: of a screen when it ends with the screen, of the application when it
    outlives it. A function and not a coroutine, so that one cancelled before its turn was never begun.

    An answer that the work does not deal with itself, of a disk that fails for one, is said to the clerk."""

    async def run() -> None:
        try:
            await work()
        except Answer as answer:
            node.app.post_message(Unheard(answer))
        except NoMatches:
            # A screen that is taken down loses its widgets before its workers: there is nothing left to show.
            on_screen = not isinstance(node, Screen) or node in node.app.screen_stack
            if node.app.is_running and on_screen:
                raise

    _worker: Worker[None] = node.run_worker(run, group=group, exclusive=exclusive)


def again_after(answer: Answer) -> float | None:
    """Seconds until central may be asked again when it was not reached or asked for time; None when it gave
    its answer."""
    from csr_console.desk.model import RetryLater, Unreachable

    if isinstance(answer, RetryLater):
        return answer.after_s
    return AGAIN_S * random.uniform(0.5, 1.0) if isinstance(answer, Unreachable) else None  # noqa: S311  a pause


async def until_answered(console: ConsoleApp, ask: Callable[[], Coroutine[Any, Any, float | None]]) -> None:
    """Ask central until it gives its answer, as soon as there is a network; `ask` gives the seconds until
    it may be asked again, None when that is over."""
    while not console.leaving:
        again = AGAIN_S if console.offline else await ask()
        if again is None:
            return
        await console.rest(again)


def keep_up(node: DOMNode, work: Callable[[], Coroutine[Any, Any, object]], *, group: str) -> None:
    """Read again what may have changed: one reading at a time, and one more for all that was told meanwhile.
    A reading that has begun is finished, since the thread it reads in cannot be called back."""
    asked = _ASKED_AGAIN.setdefault(node, {})
    if group in asked:
        asked[group] = True
        return
    asked[group] = False

    async def read() -> None:
        try:
            while True:
                began = monotonic()
                await work()
                if not asked[group]:
                    return
                await asyncio.sleep(max(REST_S, REST_TIMES * (monotonic() - began)))
                asked[group] = False
        finally:
            del asked[group]

    begin(node, read, group=group)
