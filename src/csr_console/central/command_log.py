"""The command log as the pipeline writes and reads it: ids that are spent, rows in the chain, the head."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from csr_console.central.chain import GENESIS, link
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow, from_json, to_json, to_text
from csr_console.central.tables.commands import command_key, command_log, office_head, station_counter
from csr_console.contracts.envelope import Submission, canonical
from csr_console.contracts.outcome import Outcome, Witness
from csr_console.domain.ids import fingerprint

T = TypeVar("T")
Later: TypeAlias = Callable[[], T]
"""An answer to be asked for once: nobody waits for the database before it is needed."""


@dataclass(slots=True)
class Head:
    """The ends of an office's chain and feed while its row is locked; saved last."""

    office: str
    chain_seq: int
    chain_hash: str
    feed_seq: int
    next_report_number: int


_HEAD = Statement(
    select(
        office_head.c.chain_seq,
        office_head.c.chain_hash,
        office_head.c.feed_seq,
        office_head.c.next_report_number,
    )
    .where(office_head.c.office == bindparam("key"))
    .with_for_update()
)
_SAVE_HEAD = Statement(
    update(office_head)
    .where(office_head.c.office == bindparam("key"))
    .values(
        chain_seq=bindparam("chain_seq"),
        chain_hash=bindparam("chain_hash"),
        feed_seq=bindparam("feed_seq"),
        next_report_number=bindparam("next_report_number"),
    )
)
_INSERTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_NEW_HEAD = {
    name: Statement(insert(office_head).on_conflict_do_nothing()) for name, insert in _INSERTS.items()
}
_NEW_KEY = {
    name: Statement(insert(command_key).on_conflict_do_nothing().returning(command_key.c.command_id))
    for name, insert in _INSERTS.items()
}
_MOVE_KEY = Statement(
    update(command_key)
    .where(command_key.c.command_id == bindparam("key"))
    .values(seq=bindparam("seq"), held=bindparam("held"))
)
_KEY = Statement(
    select(command_key.c.office, command_key.c.seq).where(command_key.c.command_id == bindparam("key"))
)
_ROW = Statement(
    select(command_log).where(
        command_log.c.office == bindparam("office"), command_log.c.seq == bindparam("seq")
    )
)
_NEW_ROW = Statement(command_log.insert())
_LAST_COUNTER = Statement(
    select(station_counter.c.last_counter).where(
        station_counter.c.office == bindparam("office"), station_counter.c.station == bindparam("station")
    )
)


def _count(name: str) -> Statement:
    statement = _INSERTS[name](station_counter)
    newest = statement.excluded.last_counter
    highest = case((newest > station_counter.c.last_counter, newest), else_=station_counter.c.last_counter)
    return Statement(
        statement.on_conflict_do_update(
            index_elements=[station_counter.c.office, station_counter.c.station],
            set_={"previous_counter": station_counter.c.last_counter, "last_counter": highest},
        ).returning(station_counter.c.previous_counter)
    )


_COUNT = {name: _count(name) for name in _INSERTS}


def lock_head(connection: Connection, office: str) -> Head:
    """The head of an office, locked until the transaction ends: an office has one writer at a time.

    That makes its feed and its chain gapless, and the facts of a decision hold until it is written.
    """
    row = connection.execute(_HEAD, {"key": office}).one_or_none()
    if row is None:
        empty = {"office": office, "chain_hash": GENESIS}
        connection.execute(_NEW_HEAD[connection.dialect.name], empty)
        row = connection.execute(_HEAD, {"key": office}).one()
    return Head(office, *row)


def save_head(connection: Connection, head: Head) -> None:
    connection.execute(
        _SAVE_HEAD,
        {
            "key": head.office,
            "chain_seq": head.chain_seq,
            "chain_hash": head.chain_hash,
            "feed_seq": head.feed_seq,
            "next_report_number": head.next_report_number,
        },
    )


def spend(connection: Connection, command_id: str, office: str, seq: int | None) -> Later[bool]:
    """Insert the id; False when it was spent before."""
    key = {"command_id": command_id, "office": office, "seq": seq}
    inserted = connection.execute(_NEW_KEY[connection.dialect.name], key)
    return lambda: inserted.scalar() is not None


def move_key(connection: Connection, command_id: str, seq: int, *, held: bool) -> None:
    """Point the id to its newest row."""
    connection.execute(_MOVE_KEY, {"key": command_id, "seq": seq, "held": int(held)})


def find_key(connection: Connection, command_id: str) -> tuple[str, int | None] | None:
    """The office of a spent id and its newest row; the row is None when it was discarded unseen."""
    row = connection.execute(_KEY, {"key": command_id}).one_or_none()
    return (row.office, row.seq) if row else None


def get_row(connection: Connection, office: str, seq: int) -> AnyRow:
    """A row of the log. Raises NoResultFound when the log has lost it."""
    return connection.execute(_ROW, {"office": office, "seq": seq}).one()


def outcome_of(row: AnyRow) -> Outcome:
    """The stored outcome with its witness."""
    witness = Witness(office=row.office, seq=row.seq, hash=row.hash)
    return Outcome.model_validate({**from_json(row.outcome), "witness": witness})


@dataclass(frozen=True, slots=True)
class Record:
    """A submission as the log keeps it: its id, the digest of its envelope, its canonical text."""

    submission: Submission
    command_id: str
    digest: str
    body: str


def record_of(submission: Submission) -> Record:
    """Raises `Unspellable`."""
    document = submission.document()
    digest = fingerprint(canonical(document["envelope"]))
    return Record(submission, document["envelope"]["id"], digest, canonical(document).decode())


def append(connection: Connection, head: Head, record: Record, outcome: Outcome) -> Outcome:
    """Chain the judged command to the head; the outcome with its witness."""
    envelope = record.submission.envelope
    head.chain_seq += 1
    row = {
        "office": head.office,
        "seq": head.chain_seq,
        "command_id": record.command_id,
        "kind": outcome.kind,
        "actor": envelope.actor,
        "station": envelope.station,
        "counter": envelope.counter,
        "session": str(record.submission.session),
        "issued_at": to_text(envelope.issued_at),
        "applied_at": to_text(outcome.applied_at),
        "digest": record.digest,
        "body": record.body,
        "state": outcome.state,
        "outcome": to_json(outcome.model_dump(mode="json", exclude={"witness"})),
        "prev_hash": head.chain_hash,
    }
    head.chain_hash = row["hash"] = link(row)
    connection.execute(_NEW_ROW, row)
    witness = Witness(office=head.office, seq=head.chain_seq, hash=head.chain_hash)
    return outcome.model_copy(update={"witness": witness})


def count_station(
    connection: Connection, office: str, station: str, counter: int
) -> Later[tuple[int, int] | None]:
    """Note the counter; the first and last number that are missing before it, or None."""
    values = {"office": office, "station": station, "last_counter": counter, "previous_counter": 0}
    counted = connection.execute(_COUNT[connection.dialect.name], values)

    def missing() -> tuple[int, int] | None:
        last = counted.scalar_one()
        return (last + 1, counter - 1) if counter > last + 1 else None

    return missing


def last_counter(connection: Connection, office: str, station: str) -> int:
    """The highest counter ever seen from a station, 0 for a new one."""
    return connection.execute(_LAST_COUNTER, {"office": office, "station": station}).scalar() or 0
