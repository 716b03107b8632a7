"""What one edition of a tariff book changes in another: what a second person reads before a rate load."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from csr_console.domain.tariff.book import TariffBook

_SECTIONS = ("attribute", "proration", "calendar", "billing_factor", "component", "schedule", "tax")


@dataclass(frozen=True, slots=True)
class BookChange:
    """One difference: where it is in words, the value before and after; empty for what is new or gone."""

    place: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"{self.place}: new, {self.after}"
        if not self.after:
            return f"{self.place}: gone, {self.before}"
        return f"{self.place}: {self.before} → {self.after}"


def changes_between(old: TariffBook, new: TariffBook) -> tuple[BookChange, ...]:
    """Every figure, date, name and rule that differs, in the order of the new book; what is gone comes last.

    Tables are told apart by their id and versions by their first day, so moving a table changes nothing.
    """
    before = dict(_leaves(old.book, "book"))
    after = dict(_leaves(new.book, "book"))
    for section in _SECTIONS:
        before |= _section(old, section)
        after |= _section(new, section)
    changed = [
        BookChange(place, before.get(place, ""), value)
        for place, value in after.items()
        if before.get(place) != value
    ]
    gone = [BookChange(place, value, "") for place, value in before.items() if place not in after]
    return (*changed, *gone)


def _section(book: TariffBook, section: str) -> Mapping[str, str]:
    name = section.replace("_", " ")
    return {
        place: value for item in getattr(book, section) for place, value in _leaves(item, f"{name} {item.id}")
    }


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """(place, text) of every value in a table; what holds anyway is left out."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if name != "id" and inner != field.default:
                yield from _leaves(inner, f"{place}, {field.alias or name}")
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for number, item in enumerate(value, 1):
            yield from _leaves(item, f"{place} {_name(item, number)}")
    else:
        yield place, _text(value)


def _name(item: BaseModel, number: int) -> str:
    """A version by its first day, a table by its id, anything else by its position."""
    first_day = getattr(item, "first_day", None)
    return first_day.isoformat() if isinstance(first_day, date) else str(getattr(item, "id", number))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_text(item) for item in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
