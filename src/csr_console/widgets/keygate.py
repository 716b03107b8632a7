"""The key gate: keys wait for the effect of the key before them, as on a 5250 terminal.

A clerk types ahead of the screen. Where keys go straight to whatever has the focus, those typed during a
look-up land in the old field and the rest in the new one. Here every key waits in one queue with one
consumer, and is delivered when the effect of the one before it has settled. This module knows no user
interface: it is given what delivers a key and what waits for its effect.

    gate = KeyGate(deliver, settle)
    task = asyncio.create_task(gate.run())
    gate.put("a", arrived_at=now)
    async with gate.hold("looking up"):      # in a handler: keys wait until the block ends
        ...
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

WATCHDOG_S = 3.0
LATE_S = 0.3
MANY_HELD = 3


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A key or a paste with the moment it arrived (seconds of the caller's clock)."""

    item: T
    arrived_at: float
    urgent: bool = False


class GateListener:
    """What the gate tells the screen; every method may be overridden, none needs to be."""

    def keys_held(self, count: int) -> None:
        """`count` keys wait, more than a few or for long enough to be worth saying; 0 when none wait any
        more.
        """

    def gate_busy(self, reason: str) -> None:
        """A handler holds the gate for `reason`; an empty text when none does."""

    def gate_stuck(self, reason: str, dropped: int) -> None:
        """An effect outlasted the watchdog: `dropped` keys were flushed, the keyboard is live."""


class Hold:
    """Keeps the gate closed: `with` or `async with`, in a handler, an action or a worker of the event loop.

    Work in a thread is awaited from inside one: `async with gate.hold(...): await asyncio.to_thread(work)`.
    """

    def __init__(self, gate: "KeyGate[T]", reason: str) -> None:
        self._gate = gate
        self.reason = reason

    def __enter__(self) -> "Hold":
        self._gate._enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whatever was typed ahead was meant for an outcome that did not happen.
        if isinstance(error, Exception):
            self._gate.clear()
        self._gate._leave(self)

    async def __aenter__(self) -> "Hold":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class KeyGate(Generic[T]):
    """One queue, one consumer.

    `deliver(held)` hands a key to the interface and says whether it has an effect to wait for (a key that was
    only inserted in a field has none). `settle()` returns when the interface has come to rest. An urgent key
    (Esc, Ctrl+C) that finds the gate closed drops every key queued before it and is delivered at once.
    """

    def __init__(
        self,
        deliver: Callable[[Held[T]], bool],
        settle: Callable[[], Awaitable[None]],
        listener: GateListener | None = None,
        *,
        watchdog_s: float = WATCHDOG_S,
    ) -> None:
        self._deliver = deliver
        self._settle = settle
        self._listener = listener or GateListener()
        self._watchdog_s = watchdog_s
        self._queue: deque[Held[T]] = deque()
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._holds: list[Hold] = []
        self._released = asyncio.Event()
        # Closed until the first screen has settled: keys typed during the start are kept.
        self._closed = True
        self._opened = asyncio.Event()
        self._settling: asyncio.Task[None] | None = None
        self._late: asyncio.TimerHandle | None = None
        self._shown = 0

    @property
    def queued(self) -> int:
        """How many keys wait."""
        return len(self._queue)

    @property
    def closed(self) -> bool:
        """Whether an effect is being waited for."""
        return self._closed or bool(self._holds)

    @property
    def opened(self) -> bool:
        """Whether the first screen has come to rest."""
        return self._opened.is_set()

    def put(self, item: T, *, arrived_at: float, urgent: bool = False) -> None:
        """Queue a key or a paste; from the event loop's thread only."""
        self._queue.append(Held(item, arrived_at, urgent))
        self._idle.clear()
        self._arrived.set()
        if urgent and self._settling is not None:
            self._settling.cancel()
        elif self.closed:
            self._note_waiting()

    def clear(self) -> int:
        """Drop what waits (an error on commit); return how many keys were dropped."""
        dropped = len(self._queue)
        self._queue.clear()
        self._note_drained()
        return dropped

    def hold(self, reason: str) -> Hold:
        """Keep the gate closed for a block; release it only after the focus is where the next key belongs."""
        return Hold(self, reason)

    async def first_rest(self) -> None:
        """Wait until the first screen has come to rest: what was typed before it goes in now."""
        await self._opened.wait()

    async def idle(self) -> None:
        """Wait until no key waits and the effect of the last one, inserted text included, has settled."""
        await self._idle.wait()
        await self._settle()

    async def run(self) -> None:
        """Consume the queue until cancelled."""
        try:
            await self._consume()
        finally:
            self._idle.set()

    async def _consume(self) -> None:
        while True:
            if self.closed:
                self._drop_before_urgent()
                if not (self._queue and self._queue[0].urgent):
                    await self._wait_settled()
                    continue
            elif not self._queue:
                self._idle.set()
                self._arrived.clear()
                await self._arrived.wait()
                continue
            held = self._queue.popleft()
            self._note_taken()
            self._closed = self._deliver(held) or self._closed

    def _drop_before_urgent(self) -> None:
        last = max((at for at, held in enumerate(self._queue) if held.urgent), default=0)
        urgent = [self._queue.popleft() for _ in range(last)]
        self._queue.extendleft(held for held in reversed(urgent) if held.urgent)

    async def _wait_settled(self) -> None:
        """Wait for rest; an urgent key ends the wait, the watchdog gives the keyboard back."""
        if self._queue:
            self._note_waiting()
        self._settling = task = asyncio.create_task(self._rest())
        try:
            await asyncio.wait({task}, timeout=self._watchdog_s)
            if not task.done():
                self._give_up()
            elif not task.cancelled():
                task.result()
                self._closed = False
                self._opened.set()
        finally:
            self._settling = None
            task.cancel()

    async def _rest(self) -> None:
        await self._settle()
        while self._holds:
            await self._released.wait()
            # The handler set the focus just before it let go: that has to arrive first.
            await self._settle()

    def _give_up(self) -> None:
        reason = self._holds[-1].reason if self._holds else ""
        self._holds.clear()
        self._released.set()
        self._closed = False
        dropped = self.clear()
        self._listener.gate_stuck(reason, dropped)
        self._listener.gate_busy("")

    def _enter(self, hold: Hold) -> None:
        self._holds.append(hold)
        self._released.clear()
        self._idle.clear()
        self._listener.gate_busy(hold.reason)

    def _leave(self, hold: Hold) -> None:
        if hold not in self._holds:
            return  # the watchdog has taken it away already
        self._holds.remove(hold)
        self._listener.gate_busy(self._holds[-1].reason if self._holds else "")
        if not self._holds:
            # What the holder did last (a focus, a screen) is an effect to wait for as well.
            self._closed = True
            self._released.set()
            self._arrived.set()

    def _note_waiting(self) -> None:
        if len(self._queue) > MANY_HELD or self._shown:
            self._show(len(self._queue))
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(LATE_S, self._note_late)

    def _note_late(self) -> None:
        self._late = None
        self._show(len(self._queue))

    def _note_taken(self) -> None:
        if not self._queue:
            self._note_drained()
        elif self._shown:
            self._show(len(self._queue))

    def _note_drained(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self._show(0)

    def _show(self, count: int) -> None:
        if count != self._shown:
            self._shown = count
            self._listener.keys_held(count)
