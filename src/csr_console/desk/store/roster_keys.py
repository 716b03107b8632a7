"""What a roster entry is found by, and the row it is kept in."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import jellyfish

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.domain.words import DIRECTIONS, LONG, name_tokens, weak

Handle = Literal["a", "p", "m", "l", "s", "d"]
"""Account, phone (10 digits), meter (`meter_key`), premise, supply point, device."""

END = "\U0010ffff"
"""Sorts after every continuation of a text."""
_APART = "\x1f"

Row = tuple[Any, ...]

_METER = re.compile(r"([A-Z]*)([0-9]+)")


def meter_key(meter: str) -> str:
    """The digits before the letters, `E1020304` as `1020304E`: then the digits alone are a beginning."""
    plain = re.sub(r"[\W_]", "", meter).upper()
    parts = _METER.fullmatch(plain)
    return parts[2] + parts[1] if parts else plain


def row_of(entry: RosterEntry) -> Row:
    """The columns of `roster_entry` after the id."""
    return (
        entry.account,
        entry.name,
        entry.kind,
        entry.status,
        entry.language,
        entry.premise,
        entry.service_address,
        entry.zip,
        _APART.join(entry.phones),
        _APART.join(entry.meters),
        entry.electric_state,
        entry.supply_point,
        entry.device,
        entry.critical,
        _APART.join(entry.flags),
        entry.version,
    )


def _parts(text: str) -> list[str]:
    return text.split(_APART) if text else []


def entry_of(row: Sequence[Any]) -> RosterEntry:
    """The entry of a row of columns as `row_of` gives them."""
    return RosterEntry.model_validate(
        {
            "account": row[0],
            "name": row[1],
            "kind": row[2],
            "status": row[3],
            "language": row[4],
            "premise": row[5],
            "service_address": row[6],
            "zip": row[7],
            "phones": _parts(row[8]),
            "meters": _parts(row[9]),
            "electric_state": row[10],
            "supply_point": row[11],
            "device": row[12],
            "critical": row[13],
            "flags": _parts(row[14]),
            "version": row[15],
        }
    )


def handles_of(row: Sequence[Any]) -> Iterator[tuple[Handle, str]]:
    """The identifiers of an entry's row; each once."""
    yield "a", row[0]
    for phone in dict.fromkeys(_parts(row[8])):
        yield "p", phone
    for meter in dict.fromkeys(map(meter_key, _parts(row[9]))):
        yield "m", meter
    yield "l", row[5]
    if row[11]:
        yield "s", row[11]
    if row[12]:
        yield "d", row[12]


def name_keys(name: str) -> set[str]:
    """A key for each word of a name, that word first and the others after it in their order, round and round.

    Two words of a name of two or three (initials apart) are therefore neighbours in one of its keys, in one
    order or the other, so that both can be looked up as one range.
    """
    tokens, also = name_tokens(name)
    mains = [token for token in tokens if len(token) > 1] or tokens
    initials = tokens[len(mains) :]
    keys = {" ".join([*mains[turn:], *mains[:turn], *initials, *also]) for turn in range(len(mains))}
    return keys | {" ".join([spelling, *tokens]) for spelling in also}


def sound_of(token: str) -> str:
    """How a word sounds, "" for one without letters: Metaphone (Lawrence Philips, 1990), s and z alike."""
    return str(jellyfish.metaphone(token)) if token.isalpha() else ""


def street_words(street: str) -> set[str]:
    """The words a street is found by, short and spelled out: all but its type and its directions at either
    end, unless it has no other."""
    words = street.split()
    first, last = 0, len(words)
    while last > 1 and weak(words[last - 1]):
        last -= 1
    while first < last - 1 and words[first] in DIRECTIONS.values():
        first += 1
    return {form for word in words[first:last] for form in (word, *LONG.get(word, ()))}


def unit_key(unit: str) -> str:
    """A unit that sorts as people count: `10` after `2`."""
    return " ".join(word.zfill(4) if word.isdecimal() else word for word in unit.split())
