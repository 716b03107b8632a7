"""When has Textual come to rest? When every message pump at work waits for its next message."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from textual.message_pump import MessagePump

SPINS = 32
POLL_S = 0.004


def is_busy(pump: MessagePump) -> bool:
    """Whether a pump has a message to handle, or is handling one.

    A pump at rest is the one waiter of its queue; Textual has no public word for that, and a marker message
    of our own would keep the pump from coming to rest.
    """
    ended = pump._is_mounted and not pump._running
    if ended or pump._closing or pump._closed:
        return False
    queue: Any = pump._message_queue
    return not queue.empty() or all(waiter.done() for waiter in queue.ready_event._waiters)


async def rested(find_busy: Callable[[], Callable[[], bool] | None]) -> None:
    """Wait until `find_busy` finds nothing; it answers with a cheap question about the first busy thing it
    met.

    A handler's pump can come to rest before a task that the handler started had its first turn, so rest has
    to be seen in two turns of the loop.
    """
    seen = 0
    while seen < 2:
        still_busy = find_busy()
        if still_busy is None:
            seen += 1
            await asyncio.sleep(0)
            continue
        seen = 0
        await _wait_while(still_busy)


async def _wait_while(still_busy: Callable[[], bool]) -> None:
    # Most effects are over within a few turns; a look-up is not, and must not cost a spinning processor.
    for _ in range(SPINS):
        await asyncio.sleep(0)
        if not still_busy():
            return
    while still_busy():
        await asyncio.sleep(POLL_S)


def first_busy(pumps: Iterable[MessagePump]) -> Callable[[], bool] | None:
    """The question `is this pump still busy?` for the first busy pump, None when all are at rest."""
    for pump in pumps:
        if is_busy(pump):
            return lambda pump=pump: is_busy(pump)  # type: ignore[misc]
    return None
