"""Reading a tariff book: every mistake at once, each with its line; only a book without any is used."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from csr_console.contracts.imports.report import excerpt
from csr_console.contracts.tariff import checks
from csr_console.contracts.tariff.lines import Path, locate
from csr_console.contracts.tariff.mistakes import (
    BookMistake,
    WrittenFloat,
    from_errors,
    line_of,
    place_of,
)
from csr_console.contracts.tariff.parts import SECTIONS, Parts
from csr_console.contracts.tariff.repair import repaired
from csr_console.domain.ids import fingerprint
from csr_console.domain.tariff import book as tables
from csr_console.domain.tariff import calendars, components, proration, taxes
from csr_console.domain.tariff.book import Heading, TariffBook

BOOK_LIMIT = 4_000_000
"""Characters; the largest published books are far smaller."""
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$|\(at end of document\)$")
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    "book": TypeAdapter(Heading),
    "attribute": TypeAdapter(tables.Attribute),
    "proration": TypeAdapter(proration.Proration),
    "calendar": TypeAdapter(calendars.Calendar),
    "billing_factor": TypeAdapter(tables.BillingFactor),
    "component": TypeAdapter(components.Component),
    "schedule": TypeAdapter(tables.Schedule),
    "tax": TypeAdapter(taxes.Tax),
}
_NEEDED = ("book", "proration", "component", "schedule")


@dataclass(frozen=True, slots=True)
class BookReading:
    """What came of reading a text: the book, or its mistakes in the order of their lines."""

    book: TariffBook | None
    mistakes: tuple[BookMistake, ...]


def read_book(text: str) -> BookReading:
    """The tariff book a TOML text holds, marked with the SHA-256 of its UTF-8 bytes.

    Nothing is raised: a book with any mistake is None, and all mistakes are told, unless the text is no TOML
    at all.
    """
    if len(text) > BOOK_LIMIT:
        return _refused([BookMistake(0, "the book", f"is longer than {BOOK_LIMIT:,} characters")])
    try:
        document = tomllib.loads(text, parse_float=WrittenFloat)
    except tomllib.TOMLDecodeError as error:
        return _refused([_syntax(str(error), text)])
    except RecursionError:
        return _refused([BookMistake(0, "the book", "nests its lists too deep")])
    parts, found = _parts(document)
    found += checks.check(parts)
    if found:
        lines = locate(text)
        return _refused(
            BookMistake(line_of(lines, path), place_of(document, path), sentence) for path, sentence in found
        )
    return BookReading(_book(parts).bearing(fingerprint(text.encode())), ())


def _refused(mistakes: Iterable[BookMistake]) -> BookReading:
    return BookReading(None, tuple(sorted(mistakes, key=lambda mistake: mistake.line)))


def _syntax(message: str, text: str) -> BookMistake:
    match = _AT_LINE.search(message)
    line = int(match[1]) if match and match[1] else text.count("\n") + 1
    reason = _AT_LINE.sub("", message)
    return BookMistake(line, "the book", f"is not TOML here: {reason[:1].lower()}{reason[1:]}")


def _parts(document: Mapping[str, Any]) -> tuple[Parts, list[tuple[Path, str]]]:
    """Every table that reads well by itself, and what is wrong with the others."""
    found: list[tuple[Path, str]] = [
        ((name,), f"is no table of a tariff book: it has {', '.join(_ADAPTERS)}")
        for name in document
        if name not in _ADAPTERS
    ]
    found += [
        ((), f"has no [{name}]" if name == "book" else f"has no [[{name}]]")
        for name in _NEEDED
        if name not in document
    ]
    parts = Parts(document)
    for name, adapter in _ADAPTERS.items():
        for path in _paths(document, name, found):
            value = document[name] if len(path) == 1 else document[name][path[1]]
            try:
                parts.add(name, path, adapter.validate_python(value))
            except ValidationError as error:
                errors = error.errors(include_url=False)
                found += from_errors(errors, document, path, KEYS)
                with suppress(ValidationError):
                    parts.add(name, path, adapter.validate_python(repaired(value, errors)))
    return parts, found


def _paths(document: Mapping[str, Any], name: str, found: list[tuple[Path, str]]) -> Iterator[Path]:
    if name not in document:
        return
    value = document[name]
    if name == "book":
        if isinstance(value, Mapping):
            yield (name,)
        else:
            found.append(((name,), "is one table: write [book]"))
    elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        yield from ((name, index) for index in range(len(value)))
    else:
        found.append(((name,), f"is a list of tables: write [[{name}]]"))


def _book(parts: Parts) -> TariffBook:
    sections: dict[str, Any] = {name: tuple(item for _, item in parts.of(name)) for name in SECTIONS}
    return TariffBook(book=parts.heading, **sections)


def _keys() -> dict[str, list[str]]:
    """The keys of each table, by the key that leads to it, for the spelling of unknown ones."""
    known: dict[str, list[str]] = {}
    roots: dict[str, Iterable[type[BaseModel]]] = {
        "book": [Heading],
        "attribute": [tables.Attribute],
        "proration": [proration.Proration],
        "calendar": [calendars.Calendar],
        "billing_factor": [tables.BillingFactor],
        "component": get_args(get_args(components.Component)[0]),
        "schedule": [tables.Schedule],
        "tax": [taxes.Tax],
    }
    pending = [(name, model) for name, models in roots.items() for model in models]
    while pending:
        name, model = pending.pop()
        for field_name, field in model.model_fields.items():
            key = field.alias or field_name
            known.setdefault(name, []).append(key)
            pending += [
                (key, inner)
                for inner in (field.annotation, *get_args(field.annotation))
                if isinstance(inner, type) and issubclass(inner, BaseModel)
            ]
    return known


KEYS = _keys()


def refusal_text(mistakes: Iterable[BookMistake], file: str) -> str:
    """The mistakes as lines a rate analyst can go through: `gru.toml line 41, component E-ENERGY: ...`."""
    return "\n".join(f"{excerpt(file)[1:-1]} {mistake}" for mistake in mistakes)
