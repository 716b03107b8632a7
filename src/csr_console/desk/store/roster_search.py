"""Looking customers up in the roster: identifiers, addresses, names; every answer bounded as it is read."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.store.roster_keys import END, Handle, entry_of, meter_key, unit_key
from csr_console.desk.store.roster_near import RANGES, ask, near_people, near_street_words
from csr_console.domain.words import (
    DIRECTIONS,
    LONG,
    UNITS,
    AddressQuery,
    parse_address,
    same_street_word,
    weak,
    words,
)

LIMIT = 20
_DRIVEN = 20_000
"""Keys of the rarest word read for one list, at most."""
_STREETS = 400

_ENTRIES = """SELECT json_group_array(json_array(id, account, name, kind, status, language, premise,
    service_address, zip, phones, meters, electric_state, supply_point, device, critical, flags, version))
    FROM roster_entry WHERE id IN (SELECT value FROM json_each(?))"""
_BY_HANDLE = """SELECT json_group_array(id) FROM
    (SELECT id FROM roster_handle WHERE kind = ? AND handle = ? LIMIT ?)"""
_BY_BEGINNING = """SELECT json_group_array(id) FROM
    (SELECT DISTINCT id FROM roster_handle WHERE kind = ? AND handle >= ? AND handle < ? LIMIT ?)"""
_AREAS = (
    "SELECT json_group_array(area) FROM (SELECT area FROM roster_area ORDER BY uses DESC, area LIMIT 900)"
)
_BY_PHONES = """SELECT json_group_array(id) FROM (SELECT DISTINCT h.id FROM json_each(?) a
    CROSS JOIN roster_handle h ON h.kind = 'p' AND h.handle >= a.value AND h.handle < a.value || ? LIMIT ?)"""
_BY_METER_LETTERS = """SELECT json_group_array(id) FROM (SELECT id FROM (SELECT id, handle FROM roster_handle
    WHERE kind = 'm' AND handle >= ? AND handle < ? LIMIT 2000)
    WHERE ltrim(handle, '0123456789') = ? LIMIT ?)"""
_USES = """SELECT json_group_array((SELECT coalesce(sum(uses), 0) FROM roster_token
    WHERE token >= w.value AND token < w.value || ?)) FROM json_each(?) w"""
_BY_NAME = """SELECT json_group_array(id) FROM (SELECT DISTINCT id FROM roster_name
    WHERE key >= ? AND key < ? LIMIT ?)"""
_BY_NAMES = """SELECT json_group_array(id) FROM (SELECT DISTINCT id FROM
    (SELECT id, key FROM roster_name WHERE key >= ? AND key < ? LIMIT ?)
    WHERE instr(key, ?) AND instr(key, ?) AND instr(key, ?) LIMIT ?)"""
_STREETS_BY_WORD = """SELECT json_group_array(json_array(id, street)) FROM (SELECT DISTINCT s.id, s.street
    FROM roster_street_word w CROSS JOIN roster_street s ON s.id = w.street
    WHERE w.word >= ? AND w.word < ? LIMIT ?)"""
_BY_HOUSE = """SELECT json_group_array(json_array(h.id, h.unit)) FROM (SELECT h.id, h.unit FROM json_each(?) s
    CROSS JOIN roster_house h ON h.number = ? AND h.street = s.value LIMIT ?) h"""
_HOUSES_ANYWHERE = """SELECT json_group_array(json_array(id, unit, street)) FROM (
    SELECT h.id, h.unit, s.street FROM roster_house h CROSS JOIN roster_street s ON s.id = h.street
    WHERE h.number = ? AND instr(' ' || s.street, ?) LIMIT ?)"""
_BY_FRONTAGE = """SELECT json_group_array(json_array(id, unit)) FROM (SELECT f.id, f.unit FROM json_each(?) s
    CROSS JOIN json_each(?) n CROSS JOIN roster_frontage f ON f.street = s.value
    AND f.number >= n.value ->> 0 AND f.number <= n.value ->> 1 LIMIT ?)"""
_NEXT = """SELECT json_group_array(id) FROM (SELECT id FROM roster_frontage
    WHERE street = ? AND (number, unit) > (?, ?) ORDER BY number, unit LIMIT 40)"""
_PREVIOUS = """SELECT json_group_array(id) FROM (SELECT id FROM roster_frontage
    WHERE street = ? AND (number, unit) < (?, ?) ORDER BY number DESC, unit DESC LIMIT 40)"""
_STREET = "SELECT id FROM roster_street WHERE street = ?"


@dataclass(frozen=True, slots=True)
class Named:
    """People found by name: those who bear every word typed, or its beginning, and those who may be meant."""

    exact: list[RosterEntry]
    near: list[RosterEntry]


def _active_first(entries: Iterable[RosterEntry]) -> list[RosterEntry]:
    return sorted(entries, key=lambda entry: entry.status != "active")


class RosterReader:
    """One consistent state of the roster; for one thread, as long as its transaction lasts."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def _ask(self, statement: str, *values: object) -> Any:
        return ask(self._cursor, statement, *values)

    def _entries(self, ids: Iterable[int]) -> list[RosterEntry]:
        """The entries of ids, in their order, each once."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return []
        rows = {row[0]: row[1:] for row in self._ask(_ENTRIES, json.dumps(wanted))}
        return [entry_of(rows[id_]) for id_ in wanted if id_ in rows]

    def _by_handle(self, kind: Handle, handle: str, limit: int) -> list[RosterEntry]:
        return _active_first(self._entries(self._ask(_BY_HANDLE, kind, handle, limit)))

    def _by_beginning(self, kind: Handle, start: str, limit: int) -> list[RosterEntry]:
        return self._entries(self._ask(_BY_BEGINNING, kind, start, start + END, limit))

    def entry(self, account: str) -> RosterEntry | None:
        """The entry of an account number."""
        found = self._by_handle("a", account, 1)
        return found[0] if found else None

    def by_account(self, start: str, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries of account numbers that begin like that, in their order."""
        return self._by_beginning("a", start, limit)

    def by_premise(self, premise: str, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries of a premise; the active ones first, as wherever there is no other order."""
        return self._by_handle("l", premise, limit)

    def by_supply_point(self, supply_point: str, limit: int = LIMIT) -> list[RosterEntry]:
        return self._by_handle("s", supply_point, limit)

    def by_device(self, device: str, limit: int = 1000) -> list[RosterEntry]:
        """The entries served by a transformer."""
        return self._by_handle("d", device, limit)

    def by_phone(self, start: str, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries of phones that begin like that; of a whole phone, the active ones first."""
        if len(start) == 10:
            return self._by_handle("p", start, limit)
        return self._by_beginning("p", start, limit)

    def by_local_phone(self, start: str, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries of phones that begin like that after their area code, the most usual code first."""
        phones = [area + start for area in self._ask(_AREAS)]
        return self._entries(self._ask(_BY_PHONES, json.dumps(phones), END, limit))

    def by_meter(self, start: str, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries of meters that begin like that, their letters typed or left out."""
        key = meter_key(start)
        letters = key.lstrip("0123456789")
        if not letters or letters == key:
            return self._by_beginning("m", key, limit)
        digits = key.removesuffix(letters)
        return self._entries(self._ask(_BY_METER_LETTERS, digits, digits + END, letters, limit))

    def named(self, text: str, limit: int = LIMIT, *, open_end: bool = True, near: bool = True) -> Named:
        """People by words of their names in any order, typed whole or in part, spelled right or nearly so.

        Those who may be meant fill the list up to `limit`, unless `near` is False.
        """
        typed = words(text)[:5]
        if not typed:
            return Named([], [])
        exact = self._bearers(typed, limit)
        others: list[int] = []
        if near and len(exact) < limit and max(map(len, typed)) > 2:
            known = set(exact)
            people = near_people(self._cursor, typed, limit + len(exact), open_end=open_end)
            others = [id_ for id_ in people if id_ not in known][: limit - len(exact)]
        return Named(self._entries(exact), self._entries(others))

    def _bearers(self, typed: Sequence[str], limit: int) -> list[int]:
        """The ids of those who bear the words; whole words next to each other first."""
        if len(typed) == 1:
            found: list[int] = self._ask(_BY_NAME, typed[0], typed[0] + END, limit)
            return found
        ids: dict[int, None] = {}
        if len(typed) == 2:
            pairs = json.dumps([f"{typed[0]} {typed[1]}", f"{typed[1]} {typed[0]}"])
            for people in self._ask(RANGES, END, limit, pairs):
                ids.update((id_, None) for id_, _ in people)
        if len(ids) < limit:
            driver, uses = self._rarest([word for word in typed if len(word) > 1] or typed)
            if uses == 0:
                return list(ids)
            others = list(typed)
            others.remove(driver)
            filters = [*(f" {word}" for word in others), " ", " "][:3]
            ids.update(
                (id_, None) for id_ in self._ask(_BY_NAMES, driver, driver + END, _DRIVEN, *filters, limit)
            )
        return list(ids)[:limit]

    def _rarest(self, typed: Sequence[str]) -> tuple[str, int]:
        """The word that begins the fewest words of names, and how many."""
        uses = self._ask(_USES, END, json.dumps(typed))
        return min(zip(typed, uses, strict=True), key=lambda pair: pair[1])

    def at_address(self, query: AddressQuery, limit: int = LIMIT) -> list[RosterEntry]:
        """The entries at an address as far as it is typed, the active ones of a premise first."""
        if not query.street:
            return []
        streets = self._streets(query)
        if not streets and len(query.street) > 1 and not query.unit:
            bare = _last_word_as_unit(query)
            streets = self._streets(bare)
            query = bare if streets else query
        streets = streets or self._near_streets(query)
        houses = self._houses(query, streets, limit)
        ids = [id_ for id_, unit in houses if _unit_fits(query.unit, unit)]
        entries = self._entries(ids[:limit])
        order: dict[str, int] = {}
        for entry in entries:
            order.setdefault(entry.premise, len(order))
        return sorted(entries, key=lambda entry: (order[entry.premise], entry.status != "active"))

    def knows_street(self, text: str) -> bool:
        """Whether a street is called that, its type left out or not."""
        typed = tuple(words(text))
        return bool(typed) and bool(self._streets(AddressQuery("", typed, (), street_open=False)))

    def neighbor(self, entry: RosterEntry, step: int) -> RosterEntry | None:
        """The customer so many premises further up the street, or down if negative; the active one if any."""
        address = parse_address(entry.service_address)
        street = self._cursor.execute(_STREET, (address.street,)).fetchone()
        if street is None or step == 0:
            return None
        statement = _NEXT if step > 0 else _PREVIOUS
        ids = self._ask(statement, street[0], address.number, unit_key(address.unit))
        premises: dict[str, list[RosterEntry]] = {}
        for other in self._entries(ids):
            if other.premise != entry.premise:
                premises.setdefault(other.premise, []).append(other)
        doors = list(premises.values())
        return _active_first(doors[abs(step) - 1])[0] if abs(step) <= len(doors) else None

    def _streets(self, query: AddressQuery) -> list[tuple[int, str]]:
        """The streets that have every word typed, the one called exactly so first."""
        return self._streets_with([_telling(query)], query)

    def _near_streets(self, query: AddressQuery) -> list[tuple[int, str]]:
        """Streets whose telling word is one edit away."""
        typed = _telling(query)
        if len(typed) < 3 or not typed.isalpha():
            return []
        return self._streets_with(
            near_street_words(self._cursor, typed, open_end=_is_open(typed, query)), query
        )

    def _streets_with(self, tellings: Sequence[str], query: AddressQuery) -> list[tuple[int, str]]:
        """`_STREETS` at most; the fewer words a street has besides those typed, the earlier."""
        typed = _telling(query)
        rest = [word for word in query.street if word != typed]
        fitting = []
        for order, telling in enumerate(tellings):
            end = telling + (END if _is_open(typed, query) else "\x01")
            for id_, street in self._ask(_STREETS_BY_WORD, telling, end, _STREETS):
                stored = street.split()
                if all(_has_word(stored, word, query) for word in rest):
                    whole = any(same_street_word(telling, one, open_end=False) for one in stored)
                    fitting.append((order, not whole, len(stored), street, id_))
        return [(id_, street) for _, _, _, street, id_ in sorted(fitting)]

    def _houses(
        self, query: AddressQuery, streets: Sequence[tuple[int, str]], limit: int
    ) -> list[tuple[int, str]]:
        """Ids and units of the houses asked for, street by street."""
        ids = json.dumps([id_ for id_, _ in streets])
        if not query.number:
            found = self._ask(_BY_FRONTAGE, ids, "[[0, 999999999]]", limit)
        elif query.number_open:
            number = int(query.number)
            grown = range(max(1, 7 - len(query.number)))
            spans = [[number * 10**more, (number + 1) * 10**more - 1] for more in grown]
            found = self._ask(_BY_FRONTAGE, ids, json.dumps(spans), limit)
        elif len(streets) >= _STREETS:
            houses = self._ask(_HOUSES_ANYWHERE, int(query.number), f" {_telling(query)}", limit * 4)
            rest = [word for word in query.street if word != _telling(query)]
            found = [
                (id_, unit)
                for id_, unit, street in houses
                if all(_has_word(street.split(), word, query) for word in rest)
            ]
        else:
            found = self._ask(_BY_HOUSE, ids, int(query.number), limit * (20 if query.unit else 1))
        return [(id_, unit) for id_, unit in found]


def _last_word_as_unit(query: AddressQuery) -> AddressQuery:
    """`1204 oak b` is unit b; `1204 oak ap` is about to say which apartment."""
    last = query.street[-1]
    designator = query.street_open and any(word.startswith(last) for word in UNITS)
    return replace(query, street=query.street[:-1], unit=() if designator else (last,), street_open=False)


def _telling(query: AddressQuery) -> str:
    """The word of a street that says most: the longest that is no type or direction."""
    strong = [word for word in query.street if not weak(word)]
    middling = [word for word in query.street if word not in LONG and word not in DIRECTIONS]
    return max(strong or middling or query.street[:1], key=len)


def _is_open(word: str, query: AddressQuery) -> bool:
    return query.street_open and word == query.street[-1]


def _has_word(stored: Sequence[str], word: str, query: AddressQuery) -> bool:
    return any(same_street_word(word, one, open_end=_is_open(word, query)) for one in stored)


def _unit_fits(typed: Sequence[str], stored: str) -> bool:
    parts = [part.lstrip("0") for part in stored.split()]
    return all(any(part.startswith(word.lstrip("0")) for part in parts) for word in typed)
