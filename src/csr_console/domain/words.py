"""Words as they are compared: no case, accents or punctuation, and addresses in postal abbreviations."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = re.compile("['’ʼ`´]")
_APART = re.compile(r"[\W_]+")

STREET_TYPES = {
    "alley": "aly", "avenue": "ave", "av": "ave", "avenida": "ave", "bend": "bnd", "boulevard": "blvd",
    "branch": "br", "bridge": "brg", "causeway": "cswy", "center": "ctr", "circle": "cir", "court": "ct",
    "cove": "cv", "creek": "crk", "crescent": "cres", "crossing": "xing", "drive": "dr", "estates": "ests",
    "expressway": "expy", "extension": "ext", "garden": "gdn", "gardens": "gdns", "glen": "gln",
    "grove": "grv",
    "harbor": "hbr", "heights": "hts", "highway": "hwy", "hill": "hl", "hills": "hls", "hollow": "holw",
    "island": "is", "junction": "jct", "lake": "lk", "landing": "lndg", "lane": "ln", "manor": "mnr",
    "meadow": "mdw", "meadows": "mdws", "mountain": "mtn", "parkway": "pkwy", "place": "pl", "plaza": "plz",
    "point": "pt", "ridge": "rdg", "road": "rd", "route": "rte", "spring": "spg", "springs": "spgs",
    "square": "sq", "station": "sta", "street": "st", "str": "st", "terrace": "ter", "trace": "trce",
    "track": "trak", "trail": "trl", "turnpike": "tpke", "valley": "vly", "view": "vw", "village": "vlg",
    "vista": "vis",
}  # fmt: skip
"""Street suffixes, spelled out -> standard abbreviation (USPS Publication 28, appendix C1)."""

_PLAIN_TYPES = frozenset({"loop", "park", "pass", "path", "pike", "row", "run", "walk", "way"})
DIRECTIONS = {
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw",
}  # fmt: skip
"""USPS Publication 28, section 233."""
SHORT = STREET_TYPES | DIRECTIONS
LONG: dict[str, tuple[str, ...]] = {}
for _long, _short in SHORT.items():
    LONG[_short] = (*LONG.get(_short, ()), _long)
_DIRECTED = frozenset(DIRECTIONS.values())
_WEAK = frozenset(SHORT.values()) | _PLAIN_TYPES
UNITS = frozenset(
    {
        "apt", "apartment", "bldg", "building", "fl", "floor", "lot", "ofc", "office", "rm", "room", "slip",
        "spc", "space", "ste", "suite", "trlr", "trailer", "unit",
    }
)  # fmt: skip
"""Secondary unit designators (USPS Publication 28, appendix C2)."""

_PARTICLES = frozenset(
    {
        "da", "de", "del", "della", "der", "di", "do", "dos", "du", "la", "las", "le", "los", "mac", "mc",
        "o", "saint", "san", "santa", "st", "van", "von",
    }
)  # fmt: skip
_HOUSE = re.compile(
    r"\s*(?P<number>[0-9]{1,9})(?P<suffix>[a-zA-Z])?(?:\s+(?P<part>[0-9]/[0-9]))?(?=[\s,#]|$)"
)


def fold(text: str) -> str:
    """The text in lower case, accents off, apostrophes gone, any other punctuation a single blank."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _APART.sub(" ", _APOSTROPHES.sub("", text).casefold()).strip()


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return fold(text).split()


def name_tokens(name: str) -> tuple[list[str], list[str]]:
    """The words a name is found by, initials last, and the other spellings of them.

    `O'Brien` is also `brien`, `McDonald` also `donald`, `de la Cruz` also `delacruz`, so that a blank more or
    less makes no difference.
    """
    plain = words(name)
    mains = [word for word in plain if len(word) > 1]
    initials = [word for word in plain if len(word) == 1]
    also = [word[2:] for word in mains if word.startswith("mc") and len(word) > 5]
    also += [
        piece
        for part in name.split()
        for piece in words(_APOSTROPHES.sub(" ", part))[1:]
        if "'" in part or "’" in part
    ]
    joined = ""
    for word in plain:
        if word in _PARTICLES:
            joined += word
        else:
            if joined:
                also.append(joined + word)
            joined = ""
    known = set(plain)
    return mains + initials, [word for word in dict.fromkeys(also) if len(word) > 1 and word not in known]


@dataclass(frozen=True, slots=True)
class Address:
    """A service address taken apart. `number` is 0 when there is none; `street` is folded and abbreviated."""

    number: int
    street: str
    unit: str


def shortened(tokens: Iterable[str]) -> list[str]:
    """Street types and directions as the post abbreviates them; other words as they are."""
    return [SHORT.get(token, token) for token in tokens]


def street_key(street: str) -> str:
    """What a street is found by: its name without its type and its directions, as long as a word is left;
    `NW Oak Street` is `oak`, `Park Ave` is `park`, `North Ave` is `n`, `Oak Hill Rd` is `oak hl`."""
    tokens = shortened(words(street))
    while len(tokens) > 1 and tokens[-1] in _DIRECTED:
        tokens.pop()
    if len(tokens) > 1 and tokens[-1] in _WEAK:
        tokens.pop()
    return " ".join(_undirected(tokens))


def street_keys(said: str) -> tuple[str, str]:
    """The keys a street may have that somebody names, with its type or without: `oak hill` may be `Oak Hill
    Rd` (`oak hl`) or a hill called Oak (`oak`)."""
    return street_key(said), " ".join(_undirected(shortened(words(said))))


def _undirected(tokens: list[str]) -> list[str]:
    while len(tokens) > 1 and tokens[0] in _DIRECTED:
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1] in _DIRECTED:
        tokens = tokens[:-1]
    return tokens


def _unit_and_street(tokens: list[str]) -> tuple[list[str], list[str]]:
    for position, token in enumerate(tokens):
        if position and token in UNITS:
            return tokens[:position], tokens[position + 1 :]
    return tokens, []


def parse_address(text: str) -> Address:
    """A stored address: `1204 NW Oak Street, Apt 3` is 1204, `nw oak st`, `3`; a city after a
    comma is left out."""
    house = _HOUSE.match(text)
    number = int(house["number"]) if house else 0
    halves = [part for part in (house["suffix"], house["part"]) if part] if house else []
    parts = text[house.end() if house else 0 :].replace("#", " unit ").split(",")
    street, unit = _unit_and_street(words(parts[0]))
    for part in parts[1:]:
        tokens = words(part)
        if tokens and tokens[0] in UNITS:
            unit += tokens[1:]
    return Address(number, " ".join(shortened(street)), " ".join([*(words("".join(halves))), *unit]))


@dataclass(frozen=True, slots=True)
class AddressQuery:
    """An address as far as it is typed: `number` as digits (a prefix when `number_open`), words of the
    street, words of the unit. `street_open` says that the last street word may go on."""

    number: str
    street: tuple[str, ...]
    unit: tuple[str, ...]
    number_open: bool = False
    street_open: bool = True


def address_query(text: str) -> AddressQuery:
    """What an address line asks for: `1204 oa`, `oak 1204`, `1204 oak st apt 3`, `1204 oak #3`."""
    tokens = words(text.replace("#", " unit "))
    ended = text.endswith(" ")
    if not tokens:
        return AddressQuery("", (), ())
    number, open_number = "", False
    lead = re.fullmatch(r"([0-9]{1,9})([a-z]?)", tokens[0])
    if lead and len(tokens) > 1:
        number = lead[1]
        tokens = tokens[1:]
        units = (lead[2],) if lead[2] else ()
    else:
        units = ()
        for position in range(len(tokens) - 1, 0, -1):
            if tokens[position].isdecimal() and tokens[position - 1] not in UNITS:
                number, open_number = tokens[position], position == len(tokens) - 1 and not ended
                tokens = tokens[:position] + tokens[position + 1 :]
                break
    street, unit = _unit_and_street(tokens)
    if number and not open_number and not unit and len(street) > 1 and street[-1].isdecimal():
        street, unit = street[:-1], street[-1:]
    return AddressQuery(
        number, tuple(street), (*units, *unit), number_open=open_number, street_open=not unit and not ended
    )


def weak(word: str) -> bool:
    """Whether a street word says little by itself: a type or a direction."""
    return SHORT.get(word, word) in _WEAK


def same_street_word(typed: str, stored: str, *, open_end: bool) -> bool:
    """Whether a typed word stands for a stored one; `open_end` lets the typed word be its beginning."""
    if SHORT.get(typed, typed) == stored:
        return True
    spelled = (stored, *LONG.get(stored, ()))
    return open_end and any(form.startswith(typed) for form in spelled)
