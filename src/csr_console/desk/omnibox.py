"""What a line means on this workstation: who the subject is, and what Enter would do.

Everything is local and deterministic. One exact hit opens at once; more give a list with what tells them
apart; nothing is ever guessed silently.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.domain.line import PLACES, ParsedLine, Subject, SubjectKind, parse_line
from csr_console.domain.verbs import Verb
from csr_console.domain.words import AddressQuery, address_query, fold, same_street_word, shortened, words

LIMIT = 20
SIMILAR = "similar"


class Found(Protocol):
    """People by name: those who bear every word typed, and those who may be meant."""

    @property
    def exact(self) -> list[RosterEntry]: ...
    @property
    def near(self) -> list[RosterEntry]: ...


class Lookup(Protocol):
    """What is asked of the roster; `desk.store.roster_search.RosterReader` answers."""

    def entry(self, account: str) -> RosterEntry | None: ...
    def by_premise(self, premise: str, limit: int) -> list[RosterEntry]: ...
    def by_account(self, start: str, limit: int) -> list[RosterEntry]: ...
    def by_phone(self, start: str, limit: int) -> list[RosterEntry]: ...
    def by_local_phone(self, start: str, limit: int) -> list[RosterEntry]: ...
    def by_meter(self, start: str, limit: int) -> list[RosterEntry]: ...
    def at_address(self, query: AddressQuery, limit: int) -> list[RosterEntry]: ...
    def knows_street(self, text: str) -> bool: ...
    def named(self, text: str, limit: int, *, open_end: bool, near: bool) -> Found: ...


class _Nobody:
    """A roster in which nobody is found."""

    def __init__(self) -> None:
        self.exact: list[RosterEntry] = []
        self.near: list[RosterEntry] = []

    def entry(self, account: str) -> RosterEntry | None:
        return None

    def _none(self, start: str, limit: int) -> list[RosterEntry]:
        return []

    by_premise = by_account = by_phone = by_local_phone = by_meter = _none

    def at_address(self, query: AddressQuery, limit: int) -> list[RosterEntry]:
        return []

    def knows_street(self, text: str) -> bool:
        return False

    def named(self, text: str, limit: int, *, open_end: bool, near: bool) -> Found:
        return self


NOBODY: Lookup = _Nobody()


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer the subject may mean, and why: account, phone, meter, premise, address, name, similar, or
    open for the one on screen."""

    entry: RosterEntry
    why: str

    @property
    def apart(self) -> tuple[str, str, str]:
        """What tells hits apart: the address, the last four digits of the first phone, the status."""
        phones = self.entry.phones
        return self.entry.service_address, phones[0][-4:] if phones else "", self.entry.status


@dataclass(frozen=True, slots=True)
class Resolution:
    """A line, its live interpretation and its hits.

    `exact` says that Enter acts at once: on `hits[0]`, on the report of a ticket, on a place without a
    customer, or on the verb alone. `more` says that there are more hits than listed.
    """

    line: ParsedLine
    chip: str
    hits: tuple[Hit, ...] = ()
    exact: bool = False
    more: bool = False

    @property
    def verb(self) -> Verb | None:
        return self.line.verb

    @property
    def args(self) -> tuple[str, ...]:
        return self.line.args

    @property
    def insist(self) -> bool:
        return self.line.insist

    @property
    def ticket(self) -> int | None:
        """The number of the outage report asked for."""
        subject = self.line.subject
        return int(subject.key) if subject.kind is SubjectKind.TICKET and subject.key else None

    @property
    def place(self) -> str | None:
        """Where it is, for a call without a customer."""
        return self.line.subject.key if self.line.subject.kind in PLACES else None


@dataclass(frozen=True, slots=True)
class _Answer:
    """Hits of one recogniser; `whole` says that the identifier or every word was typed to its end."""

    word: str
    hits: tuple[Hit, ...]
    whole: bool = False
    note: str = ""


def _hits(entries: Sequence[RosterEntry], why: str) -> tuple[Hit, ...]:
    return tuple(Hit(entry, why) for entry in entries)


def _one(hits: Sequence[Hit]) -> Hit | None:
    """The hit that is meant: the only one, or the only active one where the others are former customers of
    the same premise."""
    certain = [hit for hit in hits if hit.why != SIMILAR]
    if len(certain) == 1:
        return certain[0]
    active = [hit for hit in certain if hit.entry.status == "active"]
    premises = {hit.entry.premise for hit in certain}
    return active[0] if len(active) == 1 and len(premises) == 1 else None


def _account(subject: Subject, lookup: Lookup) -> _Answer:
    whole = len(subject.key) == 9
    return _Answer("account", _hits(lookup.by_account(subject.key, LIMIT + 1), "account"), whole)


def _phone(subject: Subject, lookup: Lookup) -> _Answer:
    if len(subject.key) < 10:
        local = lookup.by_local_phone(subject.key, LIMIT + 1) if len(subject.key) == 7 else []
        return _Answer("phone", _hits(local or lookup.by_phone(subject.key, LIMIT + 1), "phone"), bool(local))
    return _Answer("phone", _hits(lookup.by_phone(subject.key, LIMIT + 1), "phone"), whole=True)


def _meter(subject: Subject, lookup: Lookup) -> _Answer:
    found = lookup.by_meter(subject.key, LIMIT + 1)
    whole = any(subject.key in meters for meters in _meters(found))
    return _Answer("meter", _hits(found, "meter"), whole)


def _meters(entries: Sequence[RosterEntry]) -> list[set[str]]:
    """The meters of entries, with and without their letters, as they are typed."""
    plain = [{meter.replace("-", "").upper() for meter in entry.meters} for entry in entries]
    return [meters | {meter.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for meter in meters} for meters in plain]


def _premise(subject: Subject, lookup: Lookup) -> _Answer:
    return _Answer("premise", _hits(lookup.by_premise(subject.key, LIMIT + 1), "premise"), whole=True)


def _seven_digits(subject: Subject, lookup: Lookup) -> _Answer:
    """A phone without its area code, or the digits of a meter."""
    local = lookup.by_local_phone(subject.key, LIMIT + 1)
    if local:
        return _Answer("phone", _hits(local, "phone"), whole=True)
    meter = _meter(subject, lookup)
    return meter if meter.hits else _number(subject, lookup)


def _number(subject: Subject, lookup: Lookup) -> _Answer:
    """Digits that may become an account, a phone or a meter."""
    digits = subject.key
    note = "the check digit of an account number does not fit" if len(digits) == 9 else ""
    hits = [
        *_hits(lookup.by_account(digits, 8), "account"),
        *_hits(lookup.by_phone(digits, 8), "phone"),
        *(_hits(lookup.by_local_phone(digits, 8), "phone") if len(digits) < 8 else ()),
        *_hits(lookup.by_meter(digits, 8), "meter"),
    ]
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.entry.account, hit)
    exact_meter = [hit for hit in first.values() if hit.why == "meter" and digits in _meters([hit.entry])[0]]
    if len(exact_meter) == 1 and len(first) == 1:
        return _Answer("meter", tuple(exact_meter), whole=True)
    return _Answer("number", tuple(first.values()), note=note)


def _address(subject: Subject, lookup: Lookup) -> _Answer:
    query = replace(address_query(subject.key), street_open=subject.open)
    query = query if subject.open else replace(query, number_open=False)
    found = lookup.at_address(query, LIMIT + 1)
    if not found and not subject.forced:
        bearers = lookup.named(subject.key, LIMIT + 1, open_end=subject.open, near=False)
        return _Answer("name" if bearers.exact else "address", _hits(bearers.exact, "name"))
    whole = bool(query.number) and not _grows(query, found)
    return _Answer("address", _hits(found, "address"), whole)


def _grows(query: AddressQuery, found: Sequence[RosterEntry]) -> bool:
    """Whether what was typed is only the beginning of what was found, or another spelling of it."""
    for entry in found:
        stored = shortened(words(entry.service_address))
        typed = (query.number, *query.street, *query.unit)
        same = (any(same_street_word(word, one, open_end=False) for one in stored) for word in typed)
        if not all(same):
            return True
    return False


def _name(subject: Subject, lookup: Lookup) -> _Answer:
    found = lookup.named(subject.key, LIMIT + 1, open_end=subject.open, near=True)
    if not found.exact and not subject.forced:
        street = lookup.at_address(AddressQuery("", tuple(words(subject.key)), ()), LIMIT + 1)
        if street and lookup.knows_street(subject.key):
            return _Answer("street", _hits(street, "address"))
    hits = (*_hits(found.exact, "name"), *_hits(found.near, SIMILAR))
    return _Answer("name", hits, _bear_all(found.exact, subject.key))


def _bear_all(entries: Sequence[RosterEntry], typed: str) -> bool:
    """Whether everybody found bears every word typed, to its last letter."""
    return bool(entries) and all(set(words(typed)) <= set(words(entry.name)) for entry in entries)


def _intersection(subject: Subject, lookup: Lookup) -> _Answer:
    """A crossing of streets, unless neither is one and people bear both names (joint accounts)."""
    sides = subject.key.split(" & ")
    if not any(lookup.knows_street(side) for side in sides):
        both = " ".join(sides)
        found = lookup.named(both, LIMIT + 1, open_end=subject.open, near=False)
        if found.exact:
            return _Answer("name", _hits(found.exact, "name"), _bear_all(found.exact, both))
    return _Answer("intersection", (), whole=True)


def _place(subject: Subject, _lookup: Lookup) -> _Answer:
    return _Answer(subject.kind.value, (), whole=True)


_RECOGNISERS: dict[SubjectKind, Callable[[Subject, Lookup], _Answer]] = {
    SubjectKind.ACCOUNT: _account,
    SubjectKind.PHONE: _phone,
    SubjectKind.METER: _meter,
    SubjectKind.PREMISE: _premise,
    SubjectKind.LOCAL_PHONE: _seven_digits,
    SubjectKind.NUMBER: _number,
    SubjectKind.ADDRESS: _address,
    SubjectKind.NAME: _name,
    SubjectKind.INTERSECTION: _intersection,
    SubjectKind.POLE: _place,
    SubjectKind.COORDINATES: _place,
}


def _act_words(line: ParsedLine) -> list[str]:
    return [act.verb.title for act in line.acts] + ["insist"] * line.insist


def _without_subject(line: ParsedLine, lookup: Lookup, here: str | None) -> Resolution:
    """A verb alone, or "."; both mean the customer on screen."""
    entry = lookup.entry(here) if here else None
    hits = (Hit(entry, "open"),) if entry else ()
    alone = line.subject.kind is SubjectKind.NONE
    if alone and line.verb is None:
        return Resolution(line, "a name, a number or an address comes first" if line.text.strip("! ") else "")
    if alone and line.verb is not None and line.verb.needs in ("never", "optional"):
        kept = hits if line.verb.needs == "optional" else ()
        return Resolution(line, " · ".join(_act_words(line)), kept, exact=True)
    if alone and entry is None and line.verb is not None and line.verb.needs == "place":
        return Resolution(line, " · ".join(["where is asked", *_act_words(line)]), exact=True)
    if entry is None:
        missing = "no customer on screen: put a name, a number or an address first"
        return Resolution(line, " · ".join([missing, *_act_words(line)]))
    unknown = [f"not understood: {' '.join(line.unknown)}"] if line.unknown else []
    chip = " · ".join([entry.name, *unknown, *_act_words(line)])
    return Resolution(line, chip, hits, exact=not line.unknown)


def _as_name(line: ParsedLine, lookup: Lookup) -> ParsedLine:
    """The line with a bare verb at its end read as a surname, where somebody bears it: `nora nota`."""
    subject, acts = line.subject, line.acts
    if subject.kind is not SubjectKind.NAME or len(acts) != 1 or acts[0].args or line.insist:
        return line
    name = " ".join(line.text.split()[len(line.text.split()) - len(subject.text.split()) - 1 :])
    name = name.rpartition(":")[2] if subject.forced else name
    bearers = lookup.named(name, LIMIT, open_end=False, near=False).exact
    if not _bear_all(bearers, name):
        return line
    return ParsedLine(line.text, replace(subject, text=name, key=fold(name)))


def resolve(text: str, lookup: Lookup, *, here: str | None = None) -> Resolution:
    """The meaning of a line as far as it is typed; `here` is the account on screen."""
    line = _as_name(parse_line(text), lookup)
    subject = line.subject
    if subject.kind in (SubjectKind.NONE, SubjectKind.HERE):
        return _without_subject(line, lookup, here)
    if subject.kind is SubjectKind.TICKET:
        exact = bool(subject.key) and not line.unknown
        return Resolution(line, " · ".join([f"report #{subject.key}", *_act_words(line)]), exact=exact)
    answer = _RECOGNISERS[subject.kind](subject, lookup)
    certain = sum(hit.why != SIMILAR for hit in answer.hits)
    more = certain > LIMIT
    hits = answer.hits[:LIMIT]
    chosen = _one(hits) if answer.whole and not more and not line.unknown else None
    if chosen:
        hits = (chosen, *(hit for hit in hits if hit is not chosen))
    exact = chosen is not None or (answer.whole and not hits and not line.unknown and subject.kind in PLACES)
    return Resolution(line, _chip(line, answer, certain, len(hits)), hits, exact, more)


def _chip(line: ParsedLine, answer: _Answer, certain: int, listed: int) -> str:
    """What the line is taken for, how many it means, what is odd about it, and what Enter would do."""
    if line.subject.kind in PLACES and not listed:
        parts = [f"{line.subject.key}: call without a customer"]
    elif certain:
        number = "1 account" if certain == 1 else f"{certain} accounts"
        parts = [f"{answer.word} -> {number if certain <= LIMIT else f'{LIMIT}+ accounts'}"]
    else:
        parts = [f"{answer.word} -> no account"]
    if listed > certain:
        parts.append(f"{listed - certain} similar")
    if answer.note:
        parts.append(answer.note)
    if line.unknown:
        parts.append(f"not understood: {' '.join(line.unknown)}")
    return " · ".join([*parts, *_act_words(line)])
