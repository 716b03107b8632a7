"""The statements of the queue: entering, choosing what may be sent, closing."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from csr_console.desk.model import EQUAL_FAULTS, ItemState
from csr_console.desk.store.database import Connection, Row
from csr_console.desk.store.tables import DISCARDED, HELD, STOPPED, SUSPECT, WAITING
from csr_console.domain.refusals import Refusal

FRESH: Mapping[str, Any] = {
    "state": "queued",
    "attempts": 0,
    "next_us": 0,
    "fault": "",
    "faults": 0,
    "parked": 0,
    "problem": "",
    "outcome": "",
    "witness_office": "",
    "witness_seq": None,
    "witness_hash": "",
    "closing": None,
    "replaced_by": "",
    "discard_id": "",
}
"""What a row is before anything has become of it, and all that ever changes in one."""
_ENTERED = (
    "seq",
    "command_id",
    "station",
    "counter",
    "actor",
    "shift",
    "session",
    "lane",
    "about",
    "urgent",
    "kind",
    "digest",
    "body",
    "entered_us",
    "prev_hash",
    "hash",
)
_COLUMNS = (*_ENTERED, *FRESH)
_ALL = "SELECT * FROM command "
_LIGHT = (
    "SELECT " + ", ".join(name for name in _COLUMNS if name not in ("body", "problem")) + " FROM command "
)
"""What the overlay reads over and over: not the body, which is read once."""
_COUNT = "SELECT count(*) FROM command WHERE "
_SET = {name: f"{name} = :{name}" for name in FRESH}
_HEAD = "SELECT value ->> 'seq', value ->> 'counter', value ->> 'hash' FROM station WHERE name = 'head'"
_SET_HEAD = """INSERT INTO station (name, value)
    VALUES ('head', json_object('seq', ?, 'counter', ?, 'hash', ?))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
_FACT = "SELECT value FROM station WHERE name = ?"
_SET_FACT = """INSERT INTO station (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
_FIND = _ALL + "WHERE command_id = ?"
_ADD = (
    "INSERT INTO command (" + ", ".join(_COLUMNS) + ") VALUES (" + "?, " * len(_ENTERED)
    + "'queued', 0, 0, '', 0, 0, '', '', '', NULL, '', NULL, '', '') ON CONFLICT (command_id) DO NOTHING"
)  # fmt: skip
_NOT_DUE = "next_us > :now_us AND next_us <= :latest_us"
_OF_THIS_OFFICE = """ AND session NOT IN (SELECT session FROM session WHERE office <>
    (SELECT office FROM session WHERE active = 1))"""
"""What a clerk of another office entered waits until one of theirs signs in here: central takes nothing of an
office from the people of another."""
_SENDABLE = (
    "WITH blocker AS (SELECT lane, seq, 0 AS urgent FROM command WHERE " + STOPPED
    + " UNION ALL SELECT lane, seq, 0 FROM command WHERE " + SUSPECT + " AND " + WAITING
    + " UNION ALL SELECT lane, seq, 1 FROM command WHERE " + SUSPECT + " AND " + WAITING
    + f" AND urgent = 1 AND parked = 0 AND faults < {EQUAL_FAULTS}"
    + " UNION ALL SELECT lane, seq, 0 FROM command AS gone WHERE " + DISCARDED
    + " AND EXISTS (SELECT 1 FROM command WHERE command_id = gone.discard_id"
    + " AND (" + WAITING + " OR " + HELD + "))"
    + ") SELECT seq FROM command WHERE " + WAITING
    + """ AND parked = 0 AND NOT EXISTS (SELECT 1 FROM blocker WHERE blocker.lane = command.lane
        AND blocker.seq < command.seq AND blocker.urgent = command.urgent)"""
    + _OF_THIS_OFFICE + " AND "
)  # fmt: skip
"""A lane is held back by an item that central said no to and nobody has fixed, by one on which central broke,
and by a discarded one, which may be on its way, until central has heard of that. Urgent commands pass these;
only an earlier urgent one holds them, until it has been tried as often as is enough to park another."""
_IN_TURN = " ORDER BY urgent DESC, seq "
_NEXT = _SENDABLE + "faults = 0" + _IN_TURN + "LIMIT :limit"
_NEXT_SUSPECTS = _SENDABLE + SUSPECT + " AND NOT (" + _NOT_DUE + ")" + _IN_TURN + "LIMIT :limit"
_ANY_SUSPECT = "SELECT seq FROM command WHERE " + SUSPECT + " LIMIT 1"
_OF_PLACES = _ALL + "WHERE seq IN (SELECT value FROM json_each(?))" + _IN_TURN
_LAST_CLOSING = "SELECT max(closing) FROM command WHERE closing IS NOT NULL"
_OF_SUBJECT = " AND (about = :about OR lane = :lane)"
_OUTAGES = " AND (kind LIKE 'hazard.%' OR kind LIKE 'outage.%')"
_APPLIED_SINCE = "WHERE closing > :mark AND state = 'applied'"
_ANSWERS = "SELECT kind, command_id, seq, length(outcome) FROM command "
_OF_IDS = _LIGHT + "WHERE command_id IN (SELECT value FROM json_each(?))"
_WAITING_OF_KIND = _LIGHT + "WHERE kind = ? AND " + WAITING + " ORDER BY seq"
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
    return str(connection.value(_FACT, (name,)) or "")


def set_fact(connection: Connection, name: str, value: str) -> None:
    connection.execute(_SET_FACT, (name, value))


def head(connection: Connection) -> Head:
    found = connection.cursor().execute(_HEAD).fetchone()
    return Head(*found) if found else Head()


def set_head(connection: Connection, newest: Head) -> None:
    connection.execute(_SET_HEAD, (newest.seq, newest.counter, newest.hash))


def add(connection: Connection, row: Row) -> bool:
    """Whether it is new: a row of the same id is left as it is."""
    return connection.execute(_ADD, [row[name] for name in _ENTERED]) == 1


def find(connection: Connection, command_id: UUID) -> Row | None:
    return connection.row(_FIND, (str(command_id),))


def get(connection: Connection, command_id: UUID) -> Row:
    """Raises `Refusal` not-found."""
    found = find(connection, command_id)
    if found is None:
        raise Refusal("not-found", "That command is not in the queue of this workstation.")
    return found


def change(
    connection: Connection, command_ids: Collection[UUID], *, attempted: bool = False, **values: Any
) -> None:
    """Set columns of several rows; `attempted` counts one attempt more."""
    sets = [_SET[name] for name in values]
    if attempted:
        sets.append("attempts = attempts + 1")
    statement = "UPDATE command SET " + ", ".join(sets) + " WHERE command_id = :the_id"
    connection.execute_many(statement, [{**values, "the_id": str(one)} for one in command_ids])


def sendable(connection: Connection, now_us: int, limit: int, *, suspects: bool) -> list[Row]:
    """What may be sent now, dangers to life first, else in the order it was entered; or the `suspects` on
    which central broke before."""
    if suspects and connection.value(_ANY_SUSPECT) is None:
        return []
    times = {"now_us": now_us, "latest_us": now_us + LONGEST_WAIT_US, "limit": limit}
    places = connection.column(_NEXT_SUSPECTS if suspects else _NEXT, times)
    return connection.rows(_OF_PLACES, (json.dumps(places),)) if places else []


def held(connection: Connection, limit: int) -> list[Row]:
    """Commands that waited for a second person when last heard of."""
    return connection.rows(_ALL + "WHERE " + HELD + _OF_THIS_OFFICE + " ORDER BY seq LIMIT ?", (limit,))


def adopt_interrupted(connection: Connection) -> None:
    """What was on the wire when its drainer died may be done or not: it is unconfirmed."""
    connection.execute("UPDATE command SET state = 'unconfirmed' WHERE state = 'sending'")


def last_closing(connection: Connection) -> int:
    return int(connection.value(_LAST_CLOSING) or 0)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows wait, by state, are `held`, are `parked`, and need `attention`: stopped, not replaced."""
    by_state = "SELECT state, count(*) AS many FROM command WHERE " + WAITING + " GROUP BY state"
    found: dict[str, int] = {row["state"]: row["many"] for row in connection.rows(by_state)}
    found["held"] = int(connection.value(_COUNT + HELD))
    found["attention"] = int(connection.value(_COUNT + STOPPED))
    found["parked"] = int(connection.value(_COUNT + SUSPECT + " AND " + WAITING + " AND parked = 1"))
    return found


def open_rows(connection: Connection) -> list[Row]:
    """Everything a person may still care about: waiting, held, and stopped but not replaced."""
    found = [row for which in (WAITING, HELD, STOPPED) for row in connection.rows(_ALL + "WHERE " + which)]
    return sorted(found, key=lambda row: int(row["seq"]))


def newest_rows(connection: Connection, limit: int) -> list[Row]:
    return connection.rows(_ALL + "ORDER BY seq DESC LIMIT ?", (limit,))


def unseen_of_subject(connection: Connection, mark: int, about: str, lane: str) -> list[Row]:
    """What a view older than closing number `mark` lacks of a subject or a lane: everything waiting, and what
    was applied later, in two parts, each of which an index holds."""
    values = {"mark": mark, "about": about, "lane": lane}
    found = connection.rows(_LIGHT + "WHERE " + WAITING + _OF_SUBJECT, values)
    found += connection.rows(_LIGHT + _APPLIED_SINCE + _OF_SUBJECT, values)
    return sorted(found, key=lambda row: int(row["seq"]))


def unseen_outages(connection: Connection, mark: int) -> dict[tuple[str, str], tuple[int, int]]:
    """What lists older than closing number `mark` lack of reports, hazards and plans, by kind and id: the
    place in the queue and the length of the answer."""
    cursor = connection.cursor()
    found = cursor.execute(_ANSWERS + "WHERE " + WAITING + _OUTAGES).fetchall()
    found += cursor.execute(_ANSWERS + _APPLIED_SINCE + _OUTAGES, {"mark": mark}).fetchall()
    return {(kind, command_id): (seq, answer) for kind, command_id, seq, answer in found}


def of_ids(connection: Connection, command_ids: Sequence[str]) -> list[Row]:
    return connection.rows(_OF_IDS, (json.dumps(command_ids),))


def waiting_of_kind(connection: Connection, kind: str) -> list[Row]:
    """What central has not answered of a kind, in the order entered."""
    return connection.rows(_WAITING_OF_KIND, (kind,))


def bodies(connection: Connection, command_ids: Sequence[str]) -> dict[str, bytes]:
    """The submissions of some commands, byte for byte."""
    statement = "SELECT body FROM command WHERE command_id = ?"
    return {command_id: connection.value(statement, (command_id,)) for command_id in command_ids}


def urgent_waiting(connection: Connection) -> list[Row]:
    return connection.rows(_LIGHT + "WHERE " + WAITING + " AND urgent = 1 ORDER BY seq")


def closed_since(connection: Connection, closing: int) -> list[Row]:
    return connection.rows(_ALL + "WHERE closing > ? ORDER BY closing", (closing,))


def in_order(connection: Connection, after: int, limit: int) -> list[Row]:
    return connection.rows(_ALL + "WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))


def shift_counts(connection: Connection, shift: str) -> dict[ItemState, int]:
    """The commands of a shift by state."""
    statement = "SELECT state, count(*) AS many FROM command WHERE shift = ? GROUP BY state"
    return {row["state"]: row["many"] for row in connection.rows(statement, (shift,))}


def entered_in(connection: Connection, shift: str) -> int:
    """How many commands a shift entered, by its lowest and highest counters: rows that are gone count too."""
    statement = "SELECT min(seq) AS lowest, max(seq) AS highest FROM command WHERE shift = ?"
    (span,) = connection.rows(statement, (shift,))
    if span["lowest"] is None:
        return 0
    others = _COUNT + "seq BETWEEN ? AND ? AND shift <> ?"
    strangers = int(connection.value(others, (span["lowest"], span["highest"], shift)))
    return int(span["highest"]) - int(span["lowest"]) + 1 - strangers


def newest_witness(connection: Connection, office: str) -> tuple[int, str] | None:
    """The highest place in central's audit chain that this station has been told of, with its hash."""
    found = connection.row(
        """SELECT witness_seq, witness_hash FROM command
            WHERE witness_office = ? AND witness_seq IS NOT NULL ORDER BY witness_seq DESC LIMIT 1""",
        (office,),
    )
    return None if found is None else (int(found["witness_seq"]), str(found["witness_hash"]))


def discarded_by(connection: Connection, discard_id: UUID) -> UUID | None:
    statement = "SELECT command_id FROM command WHERE discard_id <> '' AND discard_id = ?"
    found = connection.value(statement, (str(discard_id),))
    return UUID(found) if found else None
