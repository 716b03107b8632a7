"""Fictional people: more than 60,000 surnames made by rule, met as often as surnames are met in life."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random

from csr_console.demo.city import morphemes as m
from csr_console.demo.city.chance import stream

ZIPF_OFFSET = 22.0
"""Flattens the head of the Zipf-Mandelbrot law until the first surname has about 0.5 % of the people."""

_WORDS = m.words("""amber anchor cedar copper dune ember gull harbor heron indigo juniper lantern maple""")
_FOLD = str.maketrans("áéíóúñüèÁÉÍÓÚÑ", "aeiounueAEIOUN")


@dataclass(frozen=True, slots=True)
class Person:
    """One customer: the name as billed and what a caller would answer to prove who they are."""

    name: str
    language: str
    phone_1: str
    phone_2: str
    email: str
    ssn4: str
    born: str
    license4: str
    passphrase: str


def _joined(stems: tuple[str, ...], ends: tuple[str, ...]) -> Iterator[str]:
    """Stem and ending, without tripled letters."""
    for stem, end in product(stems, ends):
        if stem[-1] == end[0] and stem[-2:-1] == stem[-1]:
            continue
        yield stem + end


def _single_surnames() -> Iterator[tuple[str, str]]:
    """Surnames of one word and the tradition of given names they go with."""
    families = (
        ("en", m.ENGLISH, m.ENGLISH_ENDS), ("en", m.GERMAN, m.GERMAN_ENDS), ("en", m.ITALIAN, m.ITALIAN_ENDS),
        ("en", m.FRENCH, m.FRENCH_ENDS), ("en", m.NORDIC, m.NORDIC_ENDS), ("en", m.SLAVIC, m.SLAVIC_ENDS),
        ("af", m.AFRICAN, m.AFRICAN_ENDS), ("in", m.INDIAN, m.INDIAN_ENDS),
        ("es", m.SPANISH_STEMS, m.SPANISH_ENDS),
    )  # fmt: skip
    for tradition, stems, ends in families:
        yield from ((surname, tradition) for surname in _joined(stems, ends))
    for prefix in ("Mc", "Mac"):
        yield from ((prefix + stem, "en") for stem in m.GAELIC)
    yield from (("O'" + stem, "en") for stem in m.IRISH)
    yield from ((stem, "es") for stem in m.SPANISH)
    yield from ((stem, "ht") for stem in m.HAITIAN)
    yield from ((stem, "as") for stem in m.ASIAN)


def _compound_surnames() -> Iterator[tuple[str, str]]:
    """Spanish double surnames, Haitian and married hyphenated ones."""
    yield from ((f"{a} {b}", "es") for a, b in product(m.SPANISH, m.SPANISH) if a != b)
    yield from ((f"{a}-{b}", "ht") for a, b in product(m.HAITIAN, m.HAITIAN) if a != b)
    yield from ((f"{a}-{b}", "en") for a, b in product(m.COMMON_SURNAMES[:60], m.COMMON_SURNAMES) if a != b)


@lru_cache(maxsize=1)
def surnames() -> tuple[tuple[str, str], ...]:
    """Every surname with its tradition, the most common first; the order is the same in every process."""
    spanish, haitian, asian = set(m.SPANISH), set(m.HAITIAN), set(m.ASIAN)
    head: dict[str, str] = {}
    for surname in m.COMMON_SURNAMES:
        tradition = "es" if surname in spanish else "ht" if surname in haitian else "en"
        head[surname] = {"Patel": "in", "Singh": "in", "Nguyen": "as", "Tran": "as", "Le": "as"}.get(
            surname, "as" if surname in asian else tradition
        )
    order = stream("surnames")
    singles = list(dict(_single_surnames()).items())
    order.shuffle(singles)
    compounds = list(_compound_surnames())
    order.shuffle(compounds)
    for surname, tradition in singles[:12_000]:
        head.setdefault(surname, tradition)
    rest = singles[12_000:] + compounds
    order.shuffle(rest)
    for surname, tradition in rest:
        head.setdefault(surname, tradition)
    return tuple(head.items())


def _rank(random: Random, count: int) -> int:
    """A rank from 0, by the Zipf-Mandelbrot law with exponent 1."""
    top = count + ZIPF_OFFSET
    return min(count - 1, int(ZIPF_OFFSET * (top / ZIPF_OFFSET) ** random.random() - ZIPF_OFFSET))


def _given(random: Random, tradition: str) -> str:
    pool = m.GIVEN[tradition if random.random() < 0.75 else "en"]
    return pool[int(len(pool) * random.random() ** 1.6)]


def full_name(random: Random) -> tuple[str, str]:
    """A name as billed and the language its bearer prefers, `en` or `es`."""
    known = surnames()
    surname, tradition = known[_rank(random, len(known))]
    given = _given(random, tradition)
    chance = random.random()
    if chance < 0.24:
        given += f" {'ABCDEFGHJKLMNPRSTVW'[random.randrange(19)]}."
    elif chance < 0.255:
        surname += " Jr"
    language = "es" if tradition == "es" and random.random() < 0.42 else "en"
    return f"{given} {surname}", language


def _mailbox(random: Random, name: str) -> str:
    plain = name.translate(_FOLD).lower().replace("'", "").replace(".", "")
    parts = plain.split()
    host = ("example.com", "example.net", "example.org")[random.randrange(3)]
    return f"{parts[0]}.{parts[-1]}{random.randrange(100)}@{host}"


def person(random: Random, name: str, language: str, phones: tuple[str, str], born_before: int) -> Person:
    """An adult of that name, born before the year `born_before`, with most answers on file."""
    born = (
        f"{born_before - int(60 * random.random())}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    )
    chance = random.random
    passphrase = f"{_WORDS[random.randrange(13)]} {_WORDS[random.randrange(13)]}" if chance() < 0.15 else ""
    return Person(
        name=name,
        language=language,
        phone_1=phones[0],
        phone_2=phones[1],
        email=_mailbox(random, name) if chance() < 0.62 else "",
        ssn4=f"{random.randrange(10_000):04}" if chance() < 0.8 else "",
        born=born if chance() < 0.78 else "",
        license4=f"{random.randrange(10_000):04}" if chance() < 0.4 else "",
        passphrase=passphrase,
    )
