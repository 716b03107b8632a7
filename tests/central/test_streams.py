"""The streams of one process: many listeners, one look a second; far behind, truncated, stopped."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csr_console.central import streams
from csr_console.central.feed import raise_floor
from csr_console.central.logs import log_to
from csr_console.central.streams import OutageStreams
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.refusals import Conflict

PATIENCE = 30.0
UNTIL = datetime.max.replace(tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def live(town: Any) -> AsyncIterator[OutageStreams]:
    made = OutageStreams(
        town.db, log_to(None), town.clock, lambda _more: None, poll_seconds=0.01, heartbeat_seconds=0.05
    )
    yield made
    await made.stop()


async def report(town: Any, place: str) -> None:
    command = ReportOutage(location=place, scope="all", hazard="none")
    await asyncio.to_thread(town.do, command)


async def take(events: AsyncIterator[bytes], count: int) -> list[tuple[str, int]]:
    """The next events as (event, id), comments left out."""
    found: list[tuple[str, int]] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            text = (await anext(events)).decode()
            if text.startswith("id: "):
                fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
                found.append((fields["event"], int(fields["id"])))
    return found


async def test_what_is_no_outage_only_moves_the_head(town: Any, live: OutageStreams) -> None:
    events = live.events("main", await live.start("main", None), UNTIL)
    await anext(events)
    await asyncio.to_thread(town.do, AddNote(account="100482771", text="A note."))
    assert await take(events, 1) == [("head", 1)]


async def test_all_listeners_hear_all_in_order(town: Any, live: OutageStreams) -> None:
    listeners = [live.events("main", await live.start("main", None), UNTIL) for _ in range(5)]
    for events in listeners:
        await anext(events)
    heard = [asyncio.create_task(take(events, 6)) for events in listeners]
    for index in range(6):
        await report(town, f"Oak & {index}th")
    expected = [("report", seq) for seq in range(1, 7)]
    assert await asyncio.gather(*heard) == [expected] * 5


async def test_a_listener_far_behind_reads_the_feed_page_by_page(
    town: Any, live: OutageStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "KEPT_ROWS", 2)
    monkeypatch.setattr(streams, "MAX_CHANGES", 3)
    near = live.events("main", await live.start("main", None), UNTIL)
    await anext(near)
    for index in range(10):
        await report(town, f"Oak & {index}th")
    assert (await take(near, 10))[-1] == ("report", 10)
    far = live.events("main", await live.start("main", 0), UNTIL)
    assert await take(far, 10) == [("report", seq) for seq in range(1, 11)]


async def test_a_truncated_feed_ends_the_stream_with_gone(town: Any, live: OutageStreams) -> None:
    await report(town, "Oak & 12th")
    events = live.events("main", await live.start("main", None), UNTIL)
    await anext(events)
    with town.db.write() as connection:
        raise_floor(connection, "main")
    assert await take(events, 1) == [("gone", 1)]
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    with pytest.raises(Conflict, match="no longer kept"):
        await live.start("main", 1)


async def test_a_stream_ends_with_its_token(town: Any, live: OutageStreams) -> None:
    events = live.events("main", 0, town.clock.now + timedelta(seconds=3))
    async with asyncio.timeout(PATIENCE):
        texts = [event async for event in events]
    assert texts[0].startswith(b"retry:")


async def test_stopping_ends_every_stream(town: Any, live: OutageStreams) -> None:
    events = live.events("main", 0, UNTIL)
    await anext(events)
    ended = asyncio.create_task(anext(events, None))
    await live.stop()
    async with asyncio.timeout(PATIENCE):
        while await ended is not None:
            ended = asyncio.create_task(anext(events, None))
