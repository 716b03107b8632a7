"""The thread that reads the keys never waits for the disk: not to save, to drain, to keep what is new."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.scenario.budgets import TASKS, carry_out
from tests.scenario.conftest import city, town
from tests.scenario.test_desk_central import customers
from tests.scenario.town import Console, Town

from csr_console.desk.desk import Desk
from csr_console.desk.model import Draft
from csr_console.desk.store.database import Connection, Store
from csr_console.domain.accounts.commands import AddNote

__all__ = ["city", "town"]
QUEUED = 120
REPORTING = TASKS[1]


class Writers:
    """Which thread wrote to which file of the workstation."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def files(self, thread: int) -> set[str]:
        """`outbox` and `cache`, as far as the thread wrote to them."""
        return {name for name, writer in self.seen if writer == thread}

    @property
    def all(self) -> set[str]:
        return {name for name, _writer in self.seen}


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> Writers:
    """Every write transaction, and so every sync to the disk, with the thread that waits for it."""
    seen, write = Writers(), Store.write

    @contextmanager
    def watched(store: Store) -> Iterator[Connection]:
        seen.seen.append((store.path.name.partition(".")[0].partition("-")[0], threading.get_ident()))
        with write(store) as connection:
            yield connection

    monkeypatch.setattr(Store, "write", watched)
    return seen


def busy(desk: Desk) -> None:
    """A queue to drain, entered offline."""
    desk.work_offline(True)
    people = customers(desk, 30)
    for serial in range(QUEUED):
        desk.submit(AddNote(account=people[serial % 30], text=f"Note {serial}"), id=desk.new_id(), wait_s=0)


async def drains(console: Console, desk: Desk) -> None:
    await asyncio.to_thread(desk.work_offline, False)
    await console.type("maria lopez oak street")
    await console.until(lambda: desk.status().queued + desk.status().unconfirmed == 0)


async def test_no_write_of_the_workstation_is_waited_for_by_the_keys(town: Town, writers: Writers) -> None:
    keys = threading.get_ident()
    async with town.console() as console:
        await carry_out(REPORTING, console, town, paced=False)
        await console.type("/note_half_a_sentence")
        await console.press("escape")
        desk = console.app.desk
        await asyncio.to_thread(busy, desk)
        await drains(console, desk)
        await console.press("ctrl+u", "q", "f3")
        assert writers.all >= {"outbox", "cache"}
        assert len(writers.seen) > QUEUED
        assert writers.files(keys) == set()
        draft = Draft(desk.new_id(), "note", "Note", "", {}, desk._clock())
        desk.save_draft(draft)
        assert writers.files(keys) == {"outbox"}, "the control: saved by the thread of the keys, it is seen"
