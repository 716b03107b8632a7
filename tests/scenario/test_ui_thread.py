"""The thread that reads the keys and draws never waits for a disk: nothing is committed in it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from tests.scenario.others import offline, online
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.desk.model import Draft
from csr_console.desk.store.database import Connection, Store


class Commits:
    """The threads that have committed to a store, as often as they did."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def watch(self, write: Callable[[Store], object]) -> Callable[[Store], object]:
        @contextmanager
        def watched(store: Store) -> Iterator[Connection]:
            with write(store) as connection:  # type: ignore[attr-defined]
                yield connection
            self.threads.append(threading.get_ident())

        return watched

    @property
    def in_this_thread(self) -> int:
        return self.threads.count(threading.get_ident())


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    commits = Commits()
    monkeypatch.setattr(Store, "write", commits.watch(Store.write))
    return commits


async def _work(console: Console, town: Town) -> None:
    """What clerks save: a note, a draft, a report without the network, a discard, and the lock."""
    await open_caller(console, town)
    await console.type("/note_gate_code_changed<")
    await console.type("nhalf_a_no")
    await console.press("escape")
    await offline(console, town)
    await console.type("/out_a_n<")
    await console.until(lambda: console.app.desk.status().queued == 1)
    await online(console, town)
    await console.until(lambda: console.app.desk.status().queued == 0)
    await console.type("/lock<")


async def test_nothing_is_committed_in_the_thread_of_the_keys(town: Town, commits: Commits) -> None:
    async with town.console() as console:
        await _work(console, town)
        assert len(commits.threads) > 10
        assert commits.in_this_thread == 0


async def test_a_save_in_the_thread_of_the_keys_would_be_seen(town: Town, commits: Commits) -> None:
    async with town.console() as console:
        console.app.desk.save_draft(Draft(uuid4(), "note", "Note", None, {}, console.app.now()))
        assert commits.in_this_thread == 1
