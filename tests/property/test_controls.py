"""The storm finds what it is there for: well-known mistakes, and each fails in it in its own words."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pydantic import SecretStr
from sqlalchemy import Connection, delete, insert, select
from tests.property.conftest import MakeUrl
from tests.property.machine import Storm

from csr_console.central import command_log, feed
from csr_console.central.secrets import load_secret
from csr_console.central.settings import CentralSettings
from csr_console.central.tables.commands import office_head
from csr_console.central.tables.feed import feed_row
from csr_console.contracts.envelope import Submission, canonical, seal
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.desk.gateway import Gateway
from csr_console.desk.store import outbox_rows
from csr_console.desk.store.tables import SUSPECT, WAITING
from csr_console.domain.ids import uuid7


def fails(storm: Callable[[], Storm], words: str, *, soon: int) -> None:
    """Some storm of a few dozen ends in an assertion with these words; one of the first under the seed
    `soon`."""
    weather = settings(max_examples=60, stateful_step_count=40, database=None, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(seed(soon)(storm), settings=weather)


def test_a_new_id_for_each_attempt_applies_things_twice(
    sqlite_town: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = load_secret(CentralSettings(database="sqlite:///none", secret=SecretStr("s" * 40)))
    made = 0
    put, batch = Gateway.put, Gateway.batch

    def renamed(body: bytes) -> tuple[UUID, bytes]:
        nonlocal made
        made += 1
        known = Submission.model_validate_json(body)
        new_id = uuid7(known.envelope.issued_at, f"{made:010d}".encode())
        envelope = known.envelope.model_copy(update={"id": new_id})
        proof = seal(secret.seal_key(known.session), envelope.digest())
        again = known.model_copy(update={"envelope": envelope, "seal": proof})
        return new_id, canonical(again.document())

    async def put_anew(self: Gateway, command_id: UUID, body: bytes, **rest: Any) -> Outcome:
        outcome = await put(self, *renamed(body), **rest)
        return outcome.model_copy(update={"id": command_id})

    async def batch_anew(self: Gateway, submissions: Sequence[tuple[UUID, bytes]]) -> BatchAnswer:
        old = {}
        pairs = [renamed(body) for _id, body in submissions]
        old = {new_id: command_id for (new_id, _), (command_id, _) in zip(pairs, submissions, strict=True)}
        answer = await batch(self, pairs)
        outcomes = [one.model_copy(update={"id": old[one.id]}) for one in answer.outcomes]
        return BatchAnswer(outcomes=outcomes, skipped=[old[one] for one in answer.skipped])

    monkeypatch.setattr(Gateway, "put", put_anew)
    monkeypatch.setattr(Gateway, "batch", batch_anew)
    fails(
        lambda: Storm(sqlite_town),
        "central has commands that no desk has entered|does not heal",
        soon=3,
    )


def test_central_without_idempotency_applies_things_twice(
    sqlite_town: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend = command_log.spend

    def never_spent(connection: Connection, command_id: str, office: str, seq: int | None) -> bool:
        spend(connection, command_id, office, seq)
        return True

    monkeypatch.setattr(command_log, "spend", never_spent)
    fails(
        lambda: Storm(sqlite_town),
        "more than one outcome|count calls twice|does not heal",
        soon=3,
    )


def test_lanes_that_are_ignored_are_overtaken(sqlite_town: MakeUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = "SELECT seq FROM command WHERE " + WAITING + " AND parked = 0 AND "
    in_turn = " ORDER BY urgent DESC, seq LIMIT :limit"
    monkeypatch.setattr(outbox_rows, "_NEXT", everything + "faults = 0" + in_turn)
    monkeypatch.setattr(outbox_rows, "_NEXT_SUSPECTS", everything + SUSPECT + in_turn)
    fails(
        lambda: Storm(sqlite_town),
        "place:|account:|hazard:|station",
        soon=7,
    )


class BareSequence:
    """A feed whose rows are numbered when their transaction begins and seen when it ends, two later."""

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._begun: list[list[dict[str, Any]]] = []

    def __call__(self, connection: Connection, head: Any, touched: Any, now: Any) -> None:
        first = head.feed_seq
        self._write(connection, head, touched, now)
        if head.feed_seq == first:
            return
        mine = feed_row.c.seq > first
        rows = connection.execute(select(feed_row).where(mine)).mappings().all()
        self._begun.append([dict(row) for row in rows])
        if len(self._begun) % 3 == 1:
            connection.execute(delete(feed_row).where(mine))
        self.commit(connection, up_to=len(self._begun) - 2)

    def commit(self, connection: Connection, up_to: int) -> None:
        """The transactions that were still open end; rows that were pruned meanwhile stay away."""
        there = set(connection.execute(select(feed_row.c.seq)).scalars())
        ends = select(office_head.c.feed_floor, office_head.c.feed_seq)
        floor, head = connection.execute(ends).one_or_none() or (0, 0)
        for row in (row for rows in self._begun[:up_to] for row in rows):
            if row["seq"] not in there and floor < row["seq"] <= head:
                connection.execute(insert(feed_row).values(row))


class BareStorm(Storm):
    sequence: BareSequence

    def heal(self) -> None:
        super().heal()
        with self.city.central.db.write() as connection:
            self.sequence.commit(connection, up_to=1_000_000)
        for station in self.stations:
            station.pull()


def test_a_bare_sequence_as_the_cursor_of_the_feed_misses_rows(
    sqlite_town: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = feed.write_changes

    def storm() -> Storm:
        made = BareStorm(sqlite_town)
        made.sequence = BareSequence(write)
        monkeypatch.setattr(feed, "write_changes", made.sequence)
        return made

    fails(storm, "the lists of|the roster of|for fresh", soon=1)
