"""The roster: every customer of the office, findable on this workstation without the network.

The functions here write it, inside a transaction of the caller's. A snapshot is `append`ed page by page to a
new cache file and `complete`d; changes are `upsert`ed and `delete`d. `Roster` reads it (`roster_search`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.store.database import Connection, Reads
from csr_console.desk.store.roster_keys import (
    Row,
    handles_of,
    name_keys,
    row_of,
    sound_of,
    street_words,
    unit_key,
)
from csr_console.desk.store.roster_search import RosterReader
from csr_console.domain.words import parse_address

KEYED_AT_ONCE = 50_000
"""Rows whose keys are laid down together."""
_READ_AT_ONCE = 500

_INSERT = """INSERT INTO roster_entry
    (account, name, kind, status, language, premise, service_address, zip, phones, meters, electric_state,
     supply_point, device, critical, flags, version)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = """UPDATE roster_entry SET
    account = ?, name = ?, kind = ?, status = ?, language = ?, premise = ?, service_address = ?, zip = ?,
    phones = ?, meters = ?, electric_state = ?, supply_point = ?, device = ?, critical = ?, flags = ?,
    version = ? WHERE id = ?"""
_PENDING = "SELECT * FROM roster_entry WHERE id > ? ORDER BY id LIMIT ?"
_FACT = "SELECT value FROM roster_fact WHERE name = ?"
_SET_FACT = "INSERT INTO roster_fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_LAID = (
    "CREATE TEMP TABLE IF NOT EXISTS laid_handle (kind TEXT, handle TEXT, id INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS laid_name (key TEXT, id INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS laid_house (number INTEGER, street INTEGER, unit TEXT, id INTEGER)",
)
_LAY_HANDLE = "INSERT INTO laid_handle VALUES (?, ?, ?)"
_LAY_NAME = "INSERT INTO laid_name VALUES (?, ?)"
_LAY_HOUSE = "INSERT INTO laid_house VALUES (?, ?, ?, ?)"
_SORT_IN = (
    "INSERT OR IGNORE INTO roster_handle SELECT kind, handle, id FROM laid_handle ORDER BY kind, handle, id",
    "INSERT OR IGNORE INTO roster_name SELECT key, id FROM laid_name ORDER BY key, id",
    """INSERT OR IGNORE INTO roster_house SELECT number, street, unit, id FROM laid_house
        ORDER BY number, street, unit, id""",
    """INSERT OR IGNORE INTO roster_frontage SELECT street, number, unit, id FROM laid_house
        ORDER BY street, number, unit, id""",
)
_CLEAR = ("DELETE FROM laid_handle", "DELETE FROM laid_name", "DELETE FROM laid_house")
_LAID_TOKENS = """SELECT substr(key, 1, instr(key || ' ', ' ') - 1) AS token, count(*) FROM laid_name
    GROUP BY token"""
_LAID_AREAS = "SELECT substr(handle, 1, 3) AS area, count(*) FROM laid_handle WHERE kind = 'p' GROUP BY area"
_COUNT_WORD = """INSERT INTO roster_token VALUES (?, ?, ?)
    ON CONFLICT (token) DO UPDATE SET uses = uses + excluded.uses"""
_COUNT_AREA = """INSERT INTO roster_area VALUES (?, ?)
    ON CONFLICT (area) DO UPDATE SET uses = uses + excluded.uses"""
_ADD_STREET = "INSERT OR IGNORE INTO roster_street (street) VALUES (?)"
_STREET = "SELECT id FROM roster_street WHERE street = ?"
_ADD_STREET_WORD = "INSERT OR IGNORE INTO roster_street_word VALUES (?, ?)"


def _fact(cursor: Any, name: str) -> int:
    found = cursor.execute(_FACT, (name,)).fetchone()
    return int(found[0]) if found else 0


def append(connection: Connection, entries: Iterable[RosterEntry]) -> None:
    """A page of a snapshot: entries that are not in this file yet. Every `KEYED_AT_ONCE` rows their keys are
    laid down, in the same transaction."""
    cursor = connection.cursor()
    cursor.executemany(_INSERT, map(row_of, entries))
    newest = cursor.execute("SELECT coalesce(max(id), 0) FROM roster_entry").fetchone()[0]
    if newest - _fact(cursor, "keyed") >= KEYED_AT_ONCE:
        _key_pending(cursor)


def complete(connection: Connection) -> None:
    """The snapshot is all there: key the rest of it."""
    cursor = connection.cursor()
    while _key_pending(cursor):
        pass


def _key_pending(cursor: Any) -> bool:
    """Key the next batch of rows; False when there was none."""
    last, done = _fact(cursor, "keyed"), 0
    _begin_laying(cursor)
    while done < KEYED_AT_ONCE:
        rows = cursor.execute(_PENDING, (last, min(_READ_AT_ONCE, KEYED_AT_ONCE - done))).fetchall()
        if not rows:
            break
        _lay(cursor, rows)
        last, done = rows[-1][0], done + len(rows)
    if not done:
        return False
    _sort_in(cursor)
    cursor.execute(_SET_FACT, ("keyed", last))
    cursor.execute(_SET_FACT, ("count", _fact(cursor, "count") + done))
    return True


def _begin_laying(cursor: Any) -> None:
    for statement in (*_LAID, *_CLEAR):
        cursor.execute(statement)


def _lay(cursor: Any, rows: Sequence[Row]) -> None:
    """Put the keys of rows (id first) where they wait to be sorted."""
    cursor.executemany(
        _LAY_HANDLE, ((kind, handle, row[0]) for row in rows for kind, handle in handles_of(row[1:]))
    )
    cursor.executemany(_LAY_NAME, ((key, row[0]) for row in rows for key in name_keys(row[2])))
    addresses = [(parse_address(row[7]), row[0]) for row in rows]
    streets = _streets(cursor, {address.street for address, _ in addresses})
    cursor.executemany(
        _LAY_HOUSE,
        ((place.number, streets[place.street], unit_key(place.unit), id_) for place, id_ in addresses),
    )


def _sort_in(cursor: Any) -> None:
    """Insert the waiting keys, each table in the order of its B-tree.

    The database sorts them: a list of that size sorted here would hold the interpreter lock, and with it the
    keyboard, for half a second.
    """
    for statement in _SORT_IN:
        cursor.execute(statement)
    _count_tokens(cursor, cursor.execute(_LAID_TOKENS).fetchall(), 1)
    _count_areas(cursor, cursor.execute(_LAID_AREAS).fetchall(), 1)
    for statement in _CLEAR:
        cursor.execute(statement)


def _count_tokens(cursor: Any, tokens: Iterable[tuple[str, int]], sign: int) -> None:
    cursor.executemany(_COUNT_WORD, ((token, sound_of(token), sign * uses) for token, uses in tokens))


def _count_areas(cursor: Any, areas: Iterable[tuple[str, int]], sign: int) -> None:
    cursor.executemany(_COUNT_AREA, ((area, sign * uses) for area, uses in areas))


def _streets(cursor: Any, streets: Iterable[str]) -> dict[str, int]:
    """The ids of streets; new ones are entered with their words."""
    known: dict[str, int] = {}
    for street in streets:
        found = cursor.execute(_STREET, (street,)).fetchone()
        if found is None:
            cursor.execute(_ADD_STREET, (street,))
            found = (cursor.lastrowid,)
            cursor.executemany(_ADD_STREET_WORD, [(word, found[0]) for word in sorted(street_words(street))])
        known[street] = int(found[0])
    return known


def _take_keys(cursor: Any, row: Row) -> None:
    """Remove the keys of a row (id first)."""
    id_ = row[0]
    handles = [(kind, handle, id_) for kind, handle in handles_of(row[1:])]
    cursor.executemany("DELETE FROM roster_handle WHERE kind = ? AND handle = ? AND id = ?", handles)
    _count_areas(cursor, Counter(handle[:3] for kind, handle, _ in handles if kind == "p").items(), -1)
    names = [(key, id_) for key in name_keys(row[2])]
    cursor.executemany("DELETE FROM roster_name WHERE key = ? AND id = ?", names)
    _count_tokens(cursor, Counter(key.partition(" ")[0] for key, _ in names).items(), -1)
    cursor.executemany(
        "DELETE FROM roster_token WHERE token = ? AND uses <= 0",
        [(key.partition(" ")[0],) for key, _ in names],
    )
    address = parse_address(row[7])
    street = _streets(cursor, [address.street])[address.street]
    place = (address.number, street, unit_key(address.unit), id_)
    cursor.execute("DELETE FROM roster_house WHERE number = ? AND street = ? AND unit = ? AND id = ?", place)
    cursor.execute(
        "DELETE FROM roster_frontage WHERE number = ? AND street = ? AND unit = ? AND id = ?", place
    )


def _keys_of(row: Row) -> tuple[object, ...]:
    """What an entry is found by: each report raises the version of an account and moves none of it."""
    return (row[1], row[6], *handles_of(row))


def _row_of_account(cursor: Any, account: str) -> Row | None:
    found: Row | None = cursor.execute(
        "SELECT * FROM roster_entry WHERE id ="
        " (SELECT id FROM roster_handle WHERE kind = 'a' AND handle = ?)",
        (account,),
    ).fetchone()
    return found


def upsert(connection: Connection, entries: Iterable[RosterEntry]) -> None:
    """The newest state of entries, new or known. The roster is completed first."""
    complete(connection)
    cursor = connection.cursor()
    for entry in entries:
        old = _row_of_account(cursor, entry.account)
        if old is None:
            append(connection, [entry])
            complete(connection)
        elif _keys_of(old[1:]) == _keys_of(row_of(entry)):
            cursor.execute(_UPDATE, (*row_of(entry), old[0]))
        else:
            _take_keys(cursor, old)
            cursor.execute(_UPDATE, (*row_of(entry), old[0]))
            _begin_laying(cursor)
            _lay(cursor, [(old[0], *row_of(entry))])
            _sort_in(cursor)


def delete(connection: Connection, accounts: Iterable[str]) -> None:
    """Entries that central no longer lists; an unknown one is no error."""
    complete(connection)
    cursor = connection.cursor()
    for account in accounts:
        old = _row_of_account(cursor, account)
        if old is not None:
            _take_keys(cursor, old)
            cursor.execute("DELETE FROM roster_entry WHERE id = ?", (old[0],))
            cursor.execute(_SET_FACT, ("count", _fact(cursor, "count") - 1))


def count(connection: Connection) -> int:
    """How many entries can be found."""
    return _fact(connection.cursor(), "count")


class Roster:
    """The roster for readers: `with roster.reader() as reader` gives one consistent state of it."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    @contextmanager
    def reader(self) -> Iterator[RosterReader]:
        with self._reads.read() as connection:
            yield RosterReader(connection.cursor())
