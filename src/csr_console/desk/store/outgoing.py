"""The queue as the drainer works it off: what goes next, and what became of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from csr_console.contracts.envelope import canonical
from csr_console.contracts.outcome import Outcome
from csr_console.desk.model import ItemState
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Connection, Row, Store
from csr_console.desk.store.durable import durably
from csr_console.desk.store.tables import microseconds
from csr_console.domain.refusals import Answer


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command as it goes on the wire; `state` is what it was before it was taken up."""

    id: UUID
    kind: str
    lane: str
    urgent: bool
    state: ItemState
    faults: int
    body: bytes


class Outgoing:
    """Every method is one transaction, synced before it returns. Raises `StoreUnsure`."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def mark(self, command_ids: Collection[UUID], state: ItemState) -> None:
        """Set the state of several rows: `sending` before bytes leave, else what they were before."""
        durably(self._store, lambda connection: rows.change(connection, command_ids, state=state))

    def sendable(self, limit: int, *, suspects: bool = False) -> list[Waiting]:
        """What may be sent now, dangers to life first, else in the order it was entered; or the `suspects`
        on which central broke before."""
        now_us = microseconds(self._clock())
        with self._store.read() as connection:
            found = rows.sendable(connection, now_us, limit, suspects=suspects)
        return [_waiting(row) for row in found]

    def held(self, limit: int) -> list[Waiting]:
        """What waited for a second person when last heard of."""
        with self._store.read() as connection:
            return [_waiting(row) for row in rows.held(connection, limit)]

    def adopt_interrupted(self) -> None:
        """What was on the wire when its drainer died may be done or not: it is unconfirmed."""
        durably(self._store, rows.adopt_interrupted)

    def unanswered(self, previous: Mapping[UUID, ItemState], *, sent: bool) -> None:
        """No answer came: unconfirmed if anything may have left, else as it was. Counts an attempt."""

        def work(connection: Connection) -> None:
            for command_id, before in previous.items():
                state = "unconfirmed" if sent else before
                rows.change(connection, [command_id], attempted=True, state=state)

        durably(self._store, work)

    def faulted(self, command_id: UUID, answer: Answer, *, next_at: datetime, park_at: int | None) -> None:
        """Central broke on this one: tried again at `next_at`, or its lane is parked when this is the
        `park_at`-th equal fault in a row."""
        problem = canonical({"code": answer.code, "detail": answer.sentence}).decode()

        def work(connection: Connection) -> None:
            row = rows.find(connection, command_id)
            faults = row["faults"] + 1 if row is not None and row["fault"] == answer.code else 1
            rows.change(
                connection,
                [command_id],
                attempted=True,
                state="unconfirmed",
                next_us=microseconds(next_at),
                fault=answer.code,
                faults=faults,
                parked=int(park_at is not None and faults >= park_at),
                problem=problem,
            )

        durably(self._store, work)

    def retry(self, command_id: UUID) -> None:
        """Try a parked or waiting item again now, under its own id."""
        durably(
            self._store,
            lambda connection: rows.change(connection, [command_id], parked=0, faults=0, fault="", next_us=0),
        )

    def close(self, outcomes: Sequence[Outcome]) -> None:
        """Store what central answered, with its place in the audit chain. A discard that central did not
        take, because it had applied the item or would not have it from that person, asks again for what
        became of the item."""

        def work(connection: Connection) -> None:
            closing = rows.last_closing(connection)
            for number, outcome in enumerate(outcomes, start=closing + 1):
                self._close_one(connection, outcome, number)

        durably(self._store, work)

    def _close_one(self, connection: Connection, outcome: Outcome, closing: int) -> None:
        problem = outcome.problem.model_dump_json() if outcome.problem else ""
        values: dict[str, object] = {
            "outcome": outcome.model_dump_json(),
            "problem": problem,
            "state": outcome.state,
            "closing": closing,
            "parked": 0,
            "faults": 0,
            "fault": "",
        }
        if outcome.witness:
            values["witness_office"] = outcome.witness.office
            values["witness_seq"] = outcome.witness.seq
            values["witness_hash"] = outcome.witness.hash
        rows.change(connection, [outcome.id], attempted=True, **values)
        if outcome.kind == "command.discard" and outcome.state not in ("applied", "held"):
            discarded = rows.discarded_by(connection, outcome.id)
            if discarded is not None:
                rows.change(
                    connection, [discarded], state="unconfirmed", discard_id="", replaced_by="", next_us=0
                )
                rows.change(connection, [outcome.id], replaced_by=str(discarded))


def _waiting(row: Row) -> Waiting:
    return Waiting(
        UUID(row["command_id"]),
        row["kind"],
        row["lane"],
        bool(row["urgent"]),
        row["state"],
        row["faults"],
        row["body"],
    )
