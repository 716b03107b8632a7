"""Two consoles on one workstation: both enter, one sends, and when that one is killed the other goes on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.desk.parts import Clock
from tests.faults.processes import (
    CentralProcess,
    DeskProcess,
    Office,
    Workers,
    audit_findings,
    outbox_findings,
    read_effects,
    read_log,
    read_outbox,
    until,
)

from csr_console.central.database import Database
from csr_console.central.tables.journal import journal
from csr_console.desk.store.database import Store
from csr_console.desk.store.station import Station
from csr_console.desk.store.turn import Turn

COUNT = 120
ROTATES = {"CSR_CENTRAL_ACCESS_SECONDS": "1"}
"""Tokens that are used up at once: the second console meets those that the first has already spent."""


def sender(folder: Path) -> int:
    """The process that has the turn to send, by the lock that it holds; 0 for none."""
    words = (folder / "drain.lock").read_text().split() if (folder / "drain.lock").exists() else []
    return int(words[1]) if len(words) == 3 else 0


def sign_ins(database: str) -> int:
    db = Database(database)
    with db.read() as connection:
        acts = connection.execute(select(journal.c.act)).scalars().all()
    db.close()
    return acts.count("session.opened")


class Pair:
    """Two consoles on the same stores; each enters a stream of its own."""

    def __init__(self, workers: Workers, folder: Path, listen: Path, **job: Any) -> None:
        self.folder = folder
        self.consoles = [
            DeskProcess(workers, folder, listen, count=COUNT, seed=seed, name=f"acks-{seed}", **job)
            for seed in (1, 2)
        ]

    def __enter__(self) -> "Pair":
        """The first signs in; the second is unlocked beside it."""
        first, second = self.consoles
        try:
            first.start()
            until(lambda: len(first.acknowledged()) > 3, "the first console")
            second.start()
            until(lambda: len(second.acknowledged()) > 3, "the second console")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for console in self.consoles:
            console.end()

    @property
    def sending(self) -> DeskProcess:
        return next(console for console in self.consoles if console.pid == sender(self.folder))

    def everything_done(self, database: str) -> bool:
        return len(read_effects(database)) == 2 * COUNT and not any(
            row["state"] != "applied" for row in read_outbox(self.folder)
        )


@pytest.fixture
def office(make_office: Callable[[str], Office]) -> Office:
    return make_office("sqlite")


def test_two_consoles_share_one_queue_and_the_other_takes_over(
    office: Office, sockets: Path, tmp_path: Path, workers: Workers
) -> None:
    pair = Pair(workers, tmp_path / "desk", sockets / "central", pause=0.03)
    with CentralProcess(office, sockets / "central", **ROTATES), pair:
        assert pair.sending is pair.consoles[0]
        pair.consoles[0].kill()
        until(lambda: sender(pair.folder) == pair.consoles[1].pid, "the turn of the second console")
        pair.consoles[0].start()
        until(lambda: all(len(one.acknowledged()) == COUNT for one in pair.consoles), "both streams")
        assert pair.sending is pair.consoles[1]
        until(lambda: pair.everything_done(office.database), "everything applied", every=0.2)
        for console in pair.consoles:
            console.stop()
    assert set(read_effects(office.database).values()) == {1}
    queue = read_outbox(pair.folder)
    assert [row["counter"] for row in queue] == list(range(1, 2 * COUNT + 1))
    assert sorted(row.counter for row in read_log(office.database)) == list(range(1, 2 * COUNT + 1))
    assert outbox_findings(pair.folder) == audit_findings(office.database) == []
    assert sign_ins(office.database) == 1, "a console spent a token that the other had spent before"


def test_control_without_lock_and_lease_both_send(
    office: Office, sockets: Path, tmp_path: Path, workers: Workers
) -> None:
    """What the turn is for: without it both consoles send at the same time."""
    pair = Pair(workers, tmp_path / "desk", sockets / "central", pause=0.01, no_turn=True, fresh_ids=True)
    with CentralProcess(office, sockets / "central"), pair:
        until(
            lambda: max(read_effects(office.database).values(), default=0) > 1, "the first double", every=0.2
        )


def test_two_consoles_started_at_once_in_a_new_folder_have_one_key(
    office: Office, sockets: Path, tmp_path: Path, workers: Workers
) -> None:
    folder = tmp_path / "desk"
    consoles = [
        DeskProcess(workers, folder, sockets / "central", count=10, seed=seed, name=f"acks-{seed}")
        for seed in (1, 2)
    ]
    with CentralProcess(office, sockets / "central"), consoles[0], consoles[1]:
        until(lambda: all(len(one.acknowledged()) == 10 for one in consoles), "both streams")
        until(lambda: len(read_effects(office.database)) == 20, "twenty effects")
    assert [row["counter"] for row in read_outbox(folder)] == list(range(1, 21))


def opened_turn(folder: Path, clock: Clock, lock: Callable[[int], bool] | None = None) -> tuple[Store, Turn]:
    store = Store(folder / "outbox.db", bytes(32), "full")
    station = Station(store, clock)
    return store, Turn(folder, station, lock=lock) if lock else Turn(folder, station)


def test_the_lease_of_a_process_that_is_gone_binds_nobody(tmp_path: Path) -> None:
    clock = Clock()
    child = os.fork()
    if child == 0:
        _, turn = opened_turn(tmp_path, clock)
        os._exit(0 if turn.take() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store, turn = opened_turn(tmp_path, clock)
    assert turn.take()
    turn.give()
    store.close()


def test_where_locks_do_not_hold_the_lease_does(tmp_path: Path) -> None:
    """A folder whose locks are promises nobody keeps: the lease of a process that lives is waited for."""
    clock = Clock()
    first, turn = opened_turn(tmp_path, clock, lambda _descriptor: True)
    second, other = opened_turn(tmp_path, clock, lambda _descriptor: True)
    assert turn.take()
    assert not other.take()
    clock.jump(seconds=16)
    assert other.take()
    first.close()
    second.close()
