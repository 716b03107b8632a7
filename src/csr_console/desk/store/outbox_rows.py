"""The statements of the queue: entering, choosing what may be sent, closing."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from csr_console.desk.model import STOPPED, WAITING, ItemState
from csr_console.desk.store.tables import CommandRow, StationRow, table

COMMAND = table(CommandRow)
_STATION = table(StationRow)
_EARLIER = COMMAND.alias("earlier")
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


def _waits(rows: Any) -> Any:
    return rows.c.state.in_(sorted(WAITING))


def _not_due(rows: Any, now_us: int) -> Any:
    return and_(rows.c.next_us > now_us, rows.c.next_us <= now_us + LONGEST_WAIT_US)


def _sendable(now_us: int) -> Select[Any]:
    """Open rows that are due and that nothing earlier in their lane holds back.

    A lane is held back by an item that central said no to and nobody has fixed, by one on which central
    broke and by one that waits for its next try. Urgent commands pass all of these but an earlier urgent one
    that waits.
    """
    waits_its_turn = _not_due(_EARLIER, now_us)
    unresolved = and_(_EARLIER.c.state.in_(sorted(STOPPED)), _EARLIER.c.replaced_by == "")
    doubtful = or_(_EARLIER.c.parked == 1, _EARLIER.c.faults > 0, waits_its_turn)
    holds_back = or_(unresolved, and_(_waits(_EARLIER), doubtful))
    urgent_first = and_(_EARLIER.c.urgent == 1, _waits(_EARLIER), _EARLIER.c.parked == 0, waits_its_turn)
    earlier = select(sqlalchemy.literal(1)).where(
        _EARLIER.c.lane == COMMAND.c.lane,
        _EARLIER.c.seq < COMMAND.c.seq,
        or_(and_(COMMAND.c.urgent == 0, holds_back), and_(COMMAND.c.urgent == 1, urgent_first)),
    )
    return select(COMMAND).where(
        _waits(COMMAND),
        COMMAND.c.parked == 0,
        sqlalchemy.not_(_not_due(COMMAND, now_us)),
        sqlalchemy.not_(earlier.exists()),
    )


def sendable(connection: Connection, now_us: int, limit: int, *, suspects: bool) -> Sequence[RowMapping]:
    """What may be sent now, dangers to life first, else in the order it was entered; or the `suspects` on
    which central broke before."""
    statement = _sendable(now_us).where(COMMAND.c.faults > 0 if suspects else COMMAND.c.faults == 0)
    statement = statement.order_by(COMMAND.c.urgent.desc(), COMMAND.c.seq).limit(limit)
    return connection.execute(statement).mappings().all()


def held(connection: Connection, limit: int) -> Sequence[RowMapping]:
    """Commands that waited for a second person when last heard of."""
    statement = select(COMMAND).where(COMMAND.c.state == "held").order_by(COMMAND.c.seq).limit(limit)
    return connection.execute(statement).mappings().all()


def next_due_us(connection: Connection) -> int | None:
    """The earliest moment at which a waiting item may be tried again."""
    statement = select(func.min(COMMAND.c.next_us)).where(_waits(COMMAND), COMMAND.c.parked == 0)
    found = connection.execute(statement).scalar()
    return None if found is None else int(found)


def adopt_interrupted(connection: Connection) -> None:
    """What was on the wire when its drainer died may be done or not: it is unconfirmed."""
    connection.execute(update(COMMAND).where(COMMAND.c.state == "sending").values(state="unconfirmed"))


def last_closing(connection: Connection) -> int:
    newest = select(func.max(COMMAND.c.closing)).where(COMMAND.c.closing.is_not(None))
    return int(connection.execute(newest).scalar() or 0)


def counts(connection: Connection) -> dict[str, int]:
    """Rows by state; `attention` are those stopped and not replaced, `parked` those parked."""
    by_state = select(COMMAND.c.state, func.count()).group_by(COMMAND.c.state)
    found: dict[str, int] = dict(connection.execute(by_state).all())
    attention = select(func.count()).where(COMMAND.c.state.in_(sorted(STOPPED)), COMMAND.c.replaced_by == "")
    parked = select(func.count()).where(_waits(COMMAND), COMMAND.c.parked == 1)
    found["attention"] = int(connection.execute(attention).scalar_one())
    found["parked"] = int(connection.execute(parked).scalar_one())
    return found


def open_rows(connection: Connection) -> Sequence[RowMapping]:
    """Everything a person may still care about: waiting, held, and stopped but not replaced."""
    stopped = and_(COMMAND.c.state.in_(sorted(STOPPED)), COMMAND.c.replaced_by == "")
    statement = select(COMMAND).where(or_(_waits(COMMAND), COMMAND.c.state == "held", stopped))
    return connection.execute(statement.order_by(COMMAND.c.seq)).mappings().all()


def newest_rows(connection: Connection, limit: int) -> Sequence[RowMapping]:
    statement = select(COMMAND).order_by(COMMAND.c.seq.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def overlay_rows(
    connection: Connection, mark: int, *, about: str = "", lane: str = "", kinds: Sequence[str] = ()
) -> list[RowMapping]:
    """What a view older than closing number `mark` lacks: everything waiting, and what was applied later.

    Of a subject or a lane, or of kinds that fit one of the patterns.
    """
    missing = or_(_waits(COMMAND), and_(COMMAND.c.state == "applied", COMMAND.c.closing > mark))
    if kinds:
        concerns = or_(*(COMMAND.c.kind.like(pattern) for pattern in kinds))
    else:
        concerns = or_(COMMAND.c.about == about, COMMAND.c.lane == lane)
    statement = select(COMMAND).where(missing, concerns).order_by(COMMAND.c.seq)
    return list(connection.execute(statement).mappings())


def urgent_waiting(connection: Connection) -> Sequence[RowMapping]:
    statement = select(COMMAND).where(_waits(COMMAND), COMMAND.c.urgent == 1).order_by(COMMAND.c.seq)
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
    is_discarded: Any = sqlalchemy.literal_column("discard_id <> ''")  # the words of the partial index
    statement = select(COMMAND.c.command_id).where(is_discarded, COMMAND.c.discard_id == str(discard_id))
    found = connection.execute(statement).scalar()
    return UUID(found) if found else None
