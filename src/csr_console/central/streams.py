"""The live stream of outages: one look at the feed's head each second for all listeners of an office.

Server-sent events (WHATWG HTML section 9.2). Each carries its place in the change feed as its id, so that a
listener that comes back with `Last-Event-ID` misses nothing; one that is too far behind gets 410 before the
stream begins, or the event `gone` in it, and takes a snapshot. Whoever cannot stream polls the changes.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from anyio.to_thread import run_sync
from sqlalchemy import select
from structlog.typing import FilteringBoundLogger

from csr_console.central import feed
from csr_console.central.database import Database
from csr_console.central.tables.commands import office_head
from csr_console.contracts.envelope import canonical
from csr_console.contracts.feed import MAX_CHANGES, ChangeRow
from csr_console.domain.refusals import Conflict, Fault

STREAMED = frozenset({"report", "hazard", "planned"})
KEPT_ROWS = 1000
HEARTBEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class _Event:
    seq: int
    text: bytes


@dataclass(slots=True)
class _Tail:
    """The newest events of an office. `since` is the place the kept events begin after."""

    since: int
    head: int
    events: deque[_Event] = field(default_factory=deque)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    listeners: int = 0

    def extend(self, events: list[_Event], head: int) -> None:
        self.events.extend(events)
        while len(self.events) > KEPT_ROWS:
            self.since = self.events.popleft().seq
        self.head = head

    def restart(self, head: int) -> None:
        """The feed was truncated above what is kept: every listener is behind it."""
        self.events.clear()
        self.since = self.head = head

    def after(self, seq: int) -> list[_Event] | None:
        """The events after a place, None when they are not kept any more."""
        if seq < self.since:
            return None
        return [event for event in self.events if event.seq > seq]


class OutageStreams:
    """All streams of this process. Belongs to one event loop."""

    def __init__(
        self,
        db: Database,
        log: FilteringBoundLogger,
        clock: Callable[[], datetime],
        listening: Callable[[int], None],
        *,
        poll_seconds: float,
        heartbeat_seconds: float,
    ) -> None:
        self._db = db
        self._log = log
        self._clock = clock
        self._listening = listening
        self._poll_seconds = poll_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._tails: dict[str, _Tail] = {}
        self._poller: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self, office: str, after: int | None) -> int:
        """The place a new stream begins at: `after`, or the head. Raises `Conflict` gone below the floor."""
        head = await run_sync(self._head, office)
        if after is None:
            return head
        await run_sync(self._page, office, after, 1)
        return min(after, head)

    async def events(self, office: str, after: int, until: datetime) -> AsyncIterator[bytes]:
        """The events of an office after a place, until the access token ends or the service stops."""
        yield b"retry: 2000\n: connected\n\n"
        tail = self._tails.setdefault(office, _Tail(after, after))
        tail.listeners += 1
        self._listening(1)
        self._wake_poller()
        try:
            while not self._stopping and self._clock() < until:
                kept = tail.after(after)
                try:
                    events = kept if kept is not None else await self._catch_up(office, after)
                except Conflict:
                    yield _spell("gone", after, b"{}")
                    return
                for event in events:
                    yield event.text
                    after = event.seq
                if kept is not None and after < tail.head:
                    after = tail.head
                    yield _spell("head", after, canonical({"seq": after}))
                if not await self._changed(tail, after):
                    yield HEARTBEAT
        finally:
            tail.listeners -= 1
            self._listening(-1)

    async def stop(self) -> None:
        """End every stream: a graceful stop does not wait for listeners that never leave."""
        self._stopping = True
        for tail in self._tails.values():
            async with tail.changed:
                tail.changed.notify_all()
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def _changed(self, tail: _Tail, after: int) -> bool:
        """Whether something new came before the next heartbeat was due."""
        try:
            async with asyncio.timeout(self._heartbeat_seconds), tail.changed:
                await tail.changed.wait_for(lambda: tail.head > after or self._stopping)
        except TimeoutError:
            return False
        return True

    def _wake_poller(self) -> None:
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        while not self._stopping and self._tails:
            for office, tail in list(self._tails.items()):
                if not tail.listeners:
                    del self._tails[office]
                    continue
                await self._look(office, tail)
            await asyncio.sleep(self._poll_seconds)

    async def _look(self, office: str, tail: _Tail) -> None:
        try:
            head = await run_sync(self._head, office)
            if head <= tail.head:
                return
            rows = await run_sync(self._page, office, tail.head, MAX_CHANGES)
        except Conflict:
            tail.restart(head)
        except Fault as fault:
            self._log.warning("stream waits", code=fault.code, office=office)
            return
        else:
            tail.extend(_spelled(rows), rows[-1].seq)
        async with tail.changed:
            tail.changed.notify_all()

    async def _catch_up(self, office: str, after: int) -> list[_Event]:
        """The next page for a listener that is behind what is kept; later pages follow in the next round."""
        rows = await run_sync(self._page, office, after, MAX_CHANGES)
        events = _spelled(rows)
        if rows and (not events or events[-1].seq < rows[-1].seq):
            last = rows[-1].seq
            events.append(_Event(last, _spell("head", last, canonical({"seq": last}))))
        return events

    def _head(self, office: str) -> int:
        query = select(office_head.c.feed_seq).where(office_head.c.office == office)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def _page(self, office: str, after: int, limit: int) -> list[ChangeRow]:
        with self._db.read() as connection:
            return feed.changes(connection, office, after, limit).items


def _spelled(rows: list[ChangeRow]) -> list[_Event]:
    return [
        _Event(
            row.seq, _spell(row.entity, row.seq, canonical(row.model_dump(mode="json", exclude_none=True)))
        )
        for row in rows
        if row.entity in STREAMED
    ]


def _spell(event: str, seq: int, data: bytes) -> bytes:
    return f"id: {seq}\nevent: {event}\ndata: ".encode() + data + b"\n\n"
