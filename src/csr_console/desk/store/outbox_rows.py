"""The statements of the queue: entering, choosing what may be sent, closing."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from csr_console.desk.model import ItemState
from csr_console.desk.store.tables import (
    STOPPED_WORDS,
    SUSPECT_WORDS,
    WAITING_WORDS,
    CommandRow,
    StationRow,
    table,
)

COMMAND = table(CommandRow)
_STATION = table(StationRow)
_WAITING: Any = literal_column(WAITING_WORDS)
_STOPPED: Any = literal_column(STOPPED_WORDS)
_SUSPECT: Any = literal_column(SUSPECT_WORDS)
_LIGHT = [column for column in COMMAND.columns if column.name not in ("body", "problem")]
"""What the overlay reads over and over: not the body, which is read once."""
_HELD: Any = literal_column("state = 'held'")
_FACT = select(_STATION.c.value).where(_STATION.c.name == bindparam("name"))
_PUT = upsert(_STATION)
_SET_FACT = _PUT.on_conflict_do_update(index_elements=["name"], set_={"value": _PUT.excluded.value})
_FIND = select(COMMAND).where(COMMAND.c.command_id == bindparam("command_id"))
_ADD = insert(COMMAND)
LONGEST_WAIT_US = 120 * 1_000_000
"""No wait is longer: a `next_us` further ahead is the work of a clock that was set back."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row: its place, its counter, its hash."""

    seq: int = 0
    counter: int = 0
    hash: str = ""


def fact(connection: Connection, name: str) -> str:
    """A fact about the station, "" when it is not known."""
    return str(connection.execute(_FACT, {"name": name}).scalar() or "")


def set_fact(connection: Connection, name: str, value: str) -> None:
    connection.execute(_SET_FACT, {"name": name, "value": value})


def head(connection: Connection) -> Head:
    text = fact(connection, "head")
    return Head(**json.loads(text)) if text else Head()


def set_head(connection: Connection, newest: Head) -> None:
    document = {"seq": newest.seq, "counter": newest.counter, "hash": newest.hash}
    set_fact(connection, "head", json.dumps(document))


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(_ADD, dict(values))


def find(connection: Connection, command_id: UUID) -> RowMapping | None:
    return connection.execute(_FIND, {"command_id": str(command_id)}).mappings().one_or_none()


def change(connection: Connection, command_ids: Collection[UUID], **values: Any) -> None:
    """Set columns of several rows."""
    statement = update(COMMAND).where(COMMAND.c.command_id == bindparam("the_id")).values(**values)
    if command_ids:
        connection.execute(statement, [{"the_id": str(command_id)} for command_id in command_ids])


def _held_back(now_us: int) -> ColumnElement[bool]:
    """Whether something earlier in the lane is to come first.

    A lane is held back by an item that central said no to and nobody has fixed, and by one on which central
    broke. Urgent commands pass these; only an earlier urgent one that waits for its next try holds them.
    """
    blockers = union_all(
        select(COMMAND.c.lane, COMMAND.c.seq, literal(0).label("urgent")).where(_STOPPED),
        select(COMMAND.c.lane, COMMAND.c.seq, literal(0).label("urgent")).where(_SUSPECT, _WAITING),
        select(COMMAND.c.lane, COMMAND.c.seq, literal(1).label("urgent")).where(
            _SUSPECT, _WAITING, COMMAND.c.urgent == 1, COMMAND.c.parked == 0, _not_due(now_us)
        ),
    ).cte("blocker")
    return (
        select(literal(1))
        .select_from(blockers)
        .where(
            blockers.c.lane == COMMAND.c.lane,
            blockers.c.seq < COMMAND.c.seq,
            blockers.c.urgent == COMMAND.c.urgent,
        )
        .correlate(COMMAND)
        .exists()
    )


def _not_due(now_us: int) -> ColumnElement[bool]:
    return and_(COMMAND.c.next_us > now_us, COMMAND.c.next_us <= now_us + LONGEST_WAIT_US)


def sendable(connection: Connection, now_us: int, limit: int, *, suspects: bool) -> Sequence[RowMapping]:
    """What may be sent now, dangers to life first, else in the order it was entered; or the `suspects` on
    which central broke before."""
    chosen = select(COMMAND.c.seq).where(_WAITING, COMMAND.c.parked == 0, not_(_held_back(now_us)))
    if suspects:
        if connection.execute(select(COMMAND.c.seq).where(_SUSPECT).limit(1)).first() is None:
            return []
        chosen = chosen.where(_SUSPECT, not_(_not_due(now_us)))
    else:
        chosen = chosen.where(COMMAND.c.faults == 0)
    chosen = chosen.order_by(COMMAND.c.urgent.desc(), COMMAND.c.seq).limit(limit)
    places = connection.execute(chosen).scalars().all()
    rows = select(COMMAND).where(COMMAND.c.seq.in_(places))
    return connection.execute(rows.order_by(COMMAND.c.urgent.desc(), COMMAND.c.seq)).mappings().all()


def held(connection: Connection, limit: int) -> Sequence[RowMapping]:
    """Commands that waited for a second person when last heard of."""
    statement = select(COMMAND).where(_HELD).order_by(COMMAND.c.seq).limit(limit)
    return connection.execute(statement).mappings().all()


def adopt_interrupted(connection: Connection) -> None:
    """What was on the wire when its drainer died may be done or not: it is unconfirmed."""
    connection.execute(update(COMMAND).where(COMMAND.c.state == "sending").values(state="unconfirmed"))


def last_closing(connection: Connection) -> int:
    newest = select(func.max(COMMAND.c.closing)).where(COMMAND.c.closing.is_not(None))
    return int(connection.execute(newest).scalar() or 0)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows wait, by state, are `held`, are `parked`, and need `attention`: stopped, not replaced."""
    by_state = select(COMMAND.c.state, func.count()).where(_WAITING).group_by(COMMAND.c.state)
    found: dict[str, int] = dict(connection.execute(by_state).all())
    for name, which in (("held", _HELD), ("attention", _STOPPED)):
        found[name] = int(connection.execute(_count().where(which)).scalar_one())
    parked = _count().where(_SUSPECT, _WAITING, COMMAND.c.parked == 1)
    found["parked"] = int(connection.execute(parked).scalar_one())
    return found


def _count() -> Select[Any]:
    return select(func.count()).select_from(COMMAND)


def open_rows(connection: Connection) -> Sequence[RowMapping]:
    """Everything a person may still care about: waiting, held, and stopped but not replaced."""
    found = [
        connection.execute(select(COMMAND).where(which)).mappings() for which in (_WAITING, _HELD, _STOPPED)
    ]
    return sorted((row for rows in found for row in rows), key=lambda row: int(row["seq"]))


def newest_rows(connection: Connection, limit: int) -> Sequence[RowMapping]:
    statement = select(COMMAND).order_by(COMMAND.c.seq.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def unseen_of_subject(connection: Connection, mark: int, about: str, lane: str) -> list[RowMapping]:
    """What a view older than closing number `mark` lacks of a subject or a lane: everything waiting, and what
    was applied later."""
    missing = or_(_WAITING, and_(COMMAND.c.state == "applied", COMMAND.c.closing > mark))
    concerns = or_(COMMAND.c.about == about, COMMAND.c.lane == lane)
    statement = select(*_LIGHT).where(missing, concerns).order_by(COMMAND.c.seq)
    return list(connection.execute(statement).mappings())


def unseen_outages(connection: Connection, mark: int, *, dangers_only: bool) -> list[RowMapping]:
    """What lists older than closing number `mark` lack of reports, hazards and plans, or of dangers only."""
    hazard, outage = COMMAND.c.kind.like("hazard.%"), COMMAND.c.kind.like("outage.%")
    concerns = or_(hazard, COMMAND.c.urgent == 1) if dangers_only else or_(hazard, outage)
    applied = and_(COMMAND.c.closing > mark, COMMAND.c.state == "applied")
    found = [
        row
        for missing in (_WAITING, applied)
        for row in connection.execute(select(*_LIGHT).where(missing, concerns)).mappings()
    ]
    return sorted(found, key=lambda row: int(row["seq"]))


def bodies(connection: Connection, command_ids: Sequence[str]) -> dict[str, bytes]:
    """The submissions of some commands, byte for byte."""
    statement = select(COMMAND.c.body).where(COMMAND.c.command_id == bindparam("command_id"))
    return {
        command_id: connection.execute(statement, {"command_id": command_id}).scalar_one()
        for command_id in command_ids
    }


def urgent_waiting(connection: Connection) -> Sequence[RowMapping]:
    statement = select(*_LIGHT).where(_WAITING, COMMAND.c.urgent == 1).order_by(COMMAND.c.seq)
    return connection.execute(statement).mappings().all()


def closed_since(connection: Connection, closing: int) -> Sequence[RowMapping]:
    statement = select(COMMAND).where(COMMAND.c.closing > closing).order_by(COMMAND.c.closing)
    return connection.execute(statement).mappings().all()


def in_order(connection: Connection, after: int, limit: int) -> Sequence[RowMapping]:
    statement = select(COMMAND).where(COMMAND.c.seq > after).order_by(COMMAND.c.seq).limit(limit)
    return connection.execute(statement).mappings().all()


def shift_counts(connection: Connection, shift: str) -> dict[ItemState, int]:
    """The commands of a shift by state."""
    statement = (
        select(COMMAND.c.state, func.count()).where(COMMAND.c.shift == shift).group_by(COMMAND.c.state)
    )
    return dict(connection.execute(statement).all())


def entered_in(connection: Connection, shift: str) -> int:
    """How many commands a shift entered, by its lowest and highest counters: rows that are gone count too."""
    statement = select(func.min(COMMAND.c.seq), func.max(COMMAND.c.seq)).where(COMMAND.c.shift == shift)
    lowest, highest = connection.execute(statement).one()
    if lowest is None:
        return 0
    others = select(func.count()).where(COMMAND.c.seq.between(lowest, highest), COMMAND.c.shift != shift)
    return int(highest) - int(lowest) + 1 - int(connection.execute(others).scalar_one())


def newest_witness(connection: Connection, office: str) -> tuple[int, str] | None:
    """The highest place in central's audit chain that this station has been told of, with its hash."""
    statement = (
        select(COMMAND.c.witness_seq, COMMAND.c.witness_hash)
        .where(COMMAND.c.witness_office == office, COMMAND.c.witness_seq.is_not(None))
        .order_by(COMMAND.c.witness_seq.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (int(row[0]), str(row[1]))


def discarded_by(connection: Connection, discard_id: UUID) -> UUID | None:
    is_discarded: Any = literal_column("discard_id <> ''")  # the words of the partial index
    statement = select(COMMAND.c.command_id).where(is_discarded, COMMAND.c.discard_id == str(discard_id))
    found = connection.execute(statement).scalar()
    return UUID(found) if found else None
