"""The grammar of the omnibox: a line becomes a subject, acts and an insistence, without looking anything up.

    line    = [ subject ] { SP verb [ SP args ] } [ "!" ]
    subject = id | phone | address | name | "." (the customer on screen) | sigil ":" text

Recognisers run in a fixed order: sigil, `#ticket`, account number with its check digit, 10 or 11 digits of a
phone, premise, meter, 7 digits, place without a customer, digits and a word (address), verb, name. Any text
parses; what nothing recognises is a name or stands in `unknown`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from csr_console.domain.ids import is_account_number
from csr_console.domain.text import clean_line
from csr_console.domain.verbs import Verb, find_verb, is_outage_word
from csr_console.domain.words import fold

MAX_LINE = 500


class SubjectKind(StrEnum):
    """What the beginning of a line is taken for; `NUMBER` is digits that may become several things."""

    NONE = "none"
    HERE = "here"
    TICKET = "ticket"
    ACCOUNT = "account"
    PHONE = "phone"
    PREMISE = "premise"
    METER = "meter"
    LOCAL_PHONE = "local phone"
    NUMBER = "number"
    POLE = "pole"
    COORDINATES = "coordinates"
    INTERSECTION = "intersection"
    ADDRESS = "address"
    NAME = "name"


IDENTIFIERS = frozenset(
    {
        SubjectKind.HERE,
        SubjectKind.TICKET,
        SubjectKind.ACCOUNT,
        SubjectKind.PHONE,
        SubjectKind.PREMISE,
        SubjectKind.METER,
        SubjectKind.LOCAL_PHONE,
    }
)
PLACES = frozenset({SubjectKind.POLE, SubjectKind.COORDINATES, SubjectKind.INTERSECTION})
"""Where something is without a customer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`text` is what was typed; `key` is what is looked up: digits, an upper-case meter, folded words, the
    words of a place. `forced` says that a sigil decided the kind; `open` that the last word may go on."""

    kind: SubjectKind
    text: str = ""
    key: str = ""
    forced: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """A verb and the words after it, as typed."""

    verb: Verb
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A whole line. `unknown` are words between a complete identifier and the first verb."""

    text: str
    subject: Subject
    acts: tuple[Act, ...] = ()
    insist: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def verb(self) -> Verb | None:
        return self.acts[0].verb if self.acts else None

    @property
    def args(self) -> tuple[str, ...]:
        return self.acts[0].args if self.acts else ()

    @property
    def remembered(self) -> str:
        """The line as history may keep it: the answers of a caller are left out."""
        if not any(act.verb.secret and act.args for act in self.acts):
            return self.text
        parts = [self.subject.text]
        for act in self.acts:
            parts += [act.verb.code, *(() if act.verb.secret else act.args)]
        return " ".join(part for part in parts if part)


_SIGIL = re.compile(r"([apndmt]):(.*)", re.IGNORECASE | re.DOTALL)
_SIGIL_KINDS = {
    "a": SubjectKind.ACCOUNT,
    "p": SubjectKind.PHONE,
    "n": SubjectKind.NAME,
    "d": SubjectKind.ADDRESS,
    "m": SubjectKind.METER,
    "t": SubjectKind.TICKET,
}
_NUMERIC = re.compile(r"[0-9()+./-]*[0-9][0-9()+./-]*|[()+.-]+")
_PREMISE = re.compile(r"P[0-9]{7}", re.IGNORECASE)
_METER = re.compile(r"[A-Z]{1,3}-?[0-9]{5,10}", re.IGNORECASE)
_POLE_WORDS = frozenset({"pole", "poste"})
_COORDINATE = r"[+-]?[0-9]{1,3}\.[0-9]+"
_COORDINATES = re.compile(rf"({_COORDINATE})\s*[,;]\s*({_COORDINATE})(?:\s+|$)")
_CROSSING = re.compile(r"\s*(?:&|\bat\b|@|/|\band\b|\by\b)\s*", re.IGNORECASE)
_HOUSE = re.compile(r"[0-9]{1,6}[a-z]?", re.IGNORECASE)


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def _number_kind(digits: str) -> SubjectKind:
    if is_account_number(digits):
        return SubjectKind.ACCOUNT
    if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1"):
        return SubjectKind.PHONE
    return SubjectKind.LOCAL_PHONE if len(digits) == 7 else SubjectKind.NUMBER


def _number_subject(text: str) -> Subject:
    digits = digits_of(text)
    kind = _number_kind(digits)
    key = digits[-10:] if kind is SubjectKind.PHONE else digits
    return Subject(kind, text, key, open=kind in (SubjectKind.NUMBER, SubjectKind.LOCAL_PHONE))


def _numeric_run(tokens: Sequence[str]) -> int:
    """How many leading tokens make up one number: `(850) 555 0142` is three, `1204 12` is none."""
    run = 0
    while run < min(len(tokens), 5) and _NUMERIC.fullmatch(tokens[run]):
        run += 1
    for length in range(run, 0, -1):
        digits = digits_of(" ".join(tokens[:length]))
        if digits and (length == 1 or _number_kind(digits) is not SubjectKind.NUMBER):
            return length if length > 1 or run == 1 or _number_kind(digits) is not SubjectKind.NUMBER else 0
    return 0


def _sign_subject(tokens: Sequence[str], _text: str) -> tuple[Subject, int] | None:
    if tokens[0] == ".":
        return Subject(SubjectKind.HERE, "."), 1
    ticket = re.fullmatch(r"#([0-9]{1,12})", tokens[0])
    return (Subject(SubjectKind.TICKET, tokens[0], ticket[1]), 1) if ticket else None


def _coordinates_subject(_tokens: Sequence[str], text: str) -> tuple[Subject, int] | None:
    place = _COORDINATES.match(text)
    if place is None or abs(float(place[1])) > 90 or abs(float(place[2])) > 180:
        return None
    key = f"{place[1].lstrip('+')},{place[2].lstrip('+')}"
    return Subject(SubjectKind.COORDINATES, place[0].strip(), key), len(place[0].split())


def _pole_subject(tokens: Sequence[str], _text: str) -> tuple[Subject, int] | None:
    if fold(tokens[0]) not in _POLE_WORDS or len(tokens) < 2 or not re.search("[0-9]", tokens[1]):
        return None
    number = tokens[1].strip("#.,").upper()
    return Subject(SubjectKind.POLE, " ".join(tokens[:2]), f"pole {number}"), 2


def _lettered_subject(tokens: Sequence[str], _text: str) -> tuple[Subject, int] | None:
    """A premise or a meter: letters, then digits."""
    first = tokens[0]
    if _PREMISE.fullmatch(first):
        return Subject(SubjectKind.PREMISE, first, first.upper()), 1
    if _METER.fullmatch(first):
        return Subject(SubjectKind.METER, first, first.replace("-", "").upper()), 1
    return None


def _numeric_subject(tokens: Sequence[str], _text: str) -> tuple[Subject, int] | None:
    run = _numeric_run(tokens)
    if not run:
        return None
    subject = _number_subject(" ".join(tokens[:run]))
    return (subject, run) if run == len(tokens) or subject.kind is not SubjectKind.NUMBER else None


_FIXED = (_sign_subject, _coordinates_subject, _pole_subject, _lettered_subject, _numeric_subject)


def _fixed_subject(tokens: Sequence[str], text: str) -> tuple[Subject, int] | None:
    """A subject that says itself where it ends, and its number of tokens."""
    return next((found for recognise in _FIXED if (found := recognise(tokens, text))), None)


def _verb_at(tokens: Sequence[str], position: int, before: SubjectKind | None) -> Verb | None:
    """The verb a token stands for, given what stands before it; None where the word is one of a name.

    `before` is None while the subject is still words: then a verb of one letter is not believed, `out` only
    with words that can follow it, and what takes no subject not at all.
    """
    verb = find_verb(tokens[position])
    if verb is None:
        return None
    rest = tokens[position + 1 :]
    if verb.needs == "never":
        believed = position == 0 and (verb.takes != "nothing" or not rest)
    elif before is not None and before in IDENTIFIERS | PLACES:
        believed = True
    elif len(tokens[position]) == 1 and position:
        believed = False
    else:
        fits = not rest or is_outage_word(rest[0]) or find_verb(rest[0]) is not None
        believed = verb.takes != "outage" or fits
    return verb if believed else None


def _args(verb: Verb, tokens: Sequence[str]) -> int:
    """How many tokens after a verb belong to it."""
    if verb.takes == "text" or verb.needs == "never":
        return len(tokens)
    count = 0
    if verb.takes == "outage":
        while count < min(2, len(tokens)) and is_outage_word(tokens[count]):
            count += 1
    while count < len(tokens):
        following = find_verb(tokens[count])
        if following is not None and following.needs != "never" and len(tokens[count]) > 1:
            break
        count += 1
    return count


def _acts(tokens: Sequence[str]) -> tuple[Act, ...]:
    """The acts of tokens that begin with a verb."""
    acts = []
    position = 0
    while position < len(tokens):
        verb = find_verb(tokens[position])
        if verb is None:
            raise ValueError("an act begins with a verb")
        taken = _args(verb, tokens[position + 1 :])
        acts.append(Act(verb, tuple(tokens[position + 1 : position + 1 + taken])))
        position += 1 + taken
    return tuple(acts)


def crossing(text: str) -> tuple[str, str] | None:
    """The two streets of an intersection, folded (`Oak & 12th`, `oak and 12th`, `oak / 12th`, `oak at 12th`);
    None for what is none: an address with its house number is not."""
    sides = [side.strip() for side in _CROSSING.split(text)]
    if len(sides) != 2 or not all(fold(side) for side in sides):
        return None
    if _HOUSE.fullmatch(sides[0].split()[0]) and len(sides[0].split()) > 1:
        return None
    return fold(sides[0]), fold(sides[1])


def _wordy_subject(text: str, *, ended: bool) -> Subject:
    """The subject of free words: an intersection, an address or a name."""
    key = fold(text)
    if not key:
        return Subject(SubjectKind.NONE, text)
    if sides := crossing(text):
        return Subject(SubjectKind.INTERSECTION, text, " & ".join(sides), open=not ended)
    tokens = key.split()
    house = _HOUSE.fullmatch(tokens[0]) and len(tokens) > 1
    backwards = len(tokens) > 1 and any(token.isdecimal() for token in tokens[1:])
    kind = SubjectKind.ADDRESS if house or backwards else SubjectKind.NAME
    return Subject(kind, text, key, open=not ended)


def _sigil_subject(kind: SubjectKind, text: str, *, ended: bool) -> Subject:
    if kind in (SubjectKind.ACCOUNT, SubjectKind.PHONE, SubjectKind.TICKET):
        digits = digits_of(text)
        if kind is SubjectKind.PHONE and len(digits) == 11 and digits[0] == "1":
            digits = digits[1:]
        return Subject(kind, text, digits, forced=True, open=True)
    if kind is SubjectKind.METER:
        return Subject(kind, text, re.sub(r"[\W_]", "", text).upper(), forced=True, open=True)
    return Subject(kind, text, fold(text), forced=True, open=not ended)


def _first_verb(tokens: Sequence[str], start: int, before: SubjectKind | None) -> int:
    for position in range(start, len(tokens)):
        if _verb_at(tokens, position, before):
            return position
    return len(tokens)


def _parse(text: str, tokens: list[str], *, ended: bool) -> tuple[Subject, tuple[Act, ...], tuple[str, ...]]:
    if not tokens:
        return Subject(SubjectKind.NONE), (), ()
    if sigil := _SIGIL.fullmatch(tokens[0]):
        body = [part for part in (sigil[2], *tokens[1:]) if part]
        kind = _SIGIL_KINDS[sigil[1].lower()]
        wordy = kind in (SubjectKind.NAME, SubjectKind.ADDRESS)
        end = _first_verb(body, 1, None if wordy else kind) if body else 0
        subject = _sigil_subject(kind, " ".join(body[:end]), ended=ended or end < len(body))
        return subject, _acts(body[end:]), ()
    fixed = _fixed_subject(tokens, text)
    if fixed is not None:
        subject, used = fixed
        end = _first_verb(tokens, used, subject.kind)
        if end == used or subject.kind not in (
            SubjectKind.NUMBER,
            SubjectKind.LOCAL_PHONE,
            SubjectKind.METER,
        ):
            return subject, _acts(tokens[end:]), tuple(tokens[used:end])
    end = _first_verb(tokens, 0, None)
    if end == 0:
        return Subject(SubjectKind.NONE), _acts(tokens), ()
    words_text = " ".join(tokens[:end])
    if _numeric_run(tokens[:end]) == end:
        return _number_subject(words_text), _acts(tokens[end:]), ()
    return _wordy_subject(words_text, ended=ended or end < len(tokens)), _acts(tokens[end:]), ()


def parse_line(typed: str) -> ParsedLine:
    """The meaning of a line; never raises. At most `MAX_LINE` characters are read.

    The last `!` insists, except where the line ends in free text, to which it belongs.
    """
    text = clean_line(typed, limit=MAX_LINE)
    ended = typed[-1:].isspace()
    bare = text.rstrip("! ")
    if bare != text and "!" in text[len(bare) :]:
        subject, acts, unknown = _parse(bare, bare.split(), ended=True)
        if not (acts and acts[-1].verb.takes == "text" and acts[-1].args):
            return ParsedLine(text, subject, acts, insist=True, unknown=unknown)
    subject, acts, unknown = _parse(text, text.split(), ended=ended)
    return ParsedLine(text, subject, acts, unknown=unknown)
