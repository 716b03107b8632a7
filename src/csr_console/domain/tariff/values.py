"""The kinds of value a tariff book is written in, and the base of its tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from csr_console.domain.tariff.units import UNITS

_FIGURE = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?")
Status = Literal["verified", "unverified"]
"""Whether the figure was seen in its source, or stands in for one that could not be found."""
AttributeValue = str | int | Decimal


def _figure(value: object) -> Decimal:
    """An exact number from its text; a TOML float has lost its last digits before anyone can read it."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, str):
        raise PydanticCustomError(
            "figure_not_text", 'write figures in quotes, for example "0.031": a bare number is not exact'
        )
    if not _FIGURE.fullmatch(value):
        raise PydanticCustomError(
            "figure_form", 'write digits and a point only, for example "1250.75", without $, % or commas'
        )
    return Decimal(value)


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise PydanticCustomError("day_form", "write a date without quotes, for example 2014-10-01")
    if not 1900 <= value.year < 2200:
        raise PydanticCustomError("day_range", "write a day from 1900 to 2199")
    return value


def _unit(value: str) -> str:
    if value not in UNITS:
        raise PydanticCustomError(
            "unknown_unit", "is no unit known here: write one of {units}", {"units": ", ".join(UNITS)}
        )
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("not_positive", "must be more than zero")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("negative", "must not be negative")
    return value


Figure = Annotated[Decimal, BeforeValidator(_figure)]
"""An exact number, written as text: a price in dollars, a quantity, a percentage."""
Positive = Annotated[Figure, AfterValidator(_positive)]
NotNegative = Annotated[Figure, AfterValidator(_not_negative)]
Day = Annotated[date, BeforeValidator(_day)]
Count = Annotated[int, Field(strict=True, ge=0)]
UnitName = Annotated[str, AfterValidator(_unit)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Sentence = Annotated[str, Field(min_length=3, max_length=1000)]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]


class Table(BaseModel):
    """A table of a tariff book: frozen, unknown keys forbidden, keys as the book writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Version(Table):
    """What holds from a day on: `from` the first service day, `to` the last; without `to` until the next
    version begins, or for good."""

    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(default=None, alias="to")
    citation: Sentence
    status: Status

    @cached_property
    def since(self) -> str:
        """The first day as text: the name of the version in a reason."""
        return self.first_day.isoformat()


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute that has to be one of some values, or a number over one bound and up to another."""

    attribute: str
    values: tuple[str, ...] = ()
    over: Decimal | None = None
    up_to: Decimal | None = None

    @property
    def numeric(self) -> bool:
        return not self.values

    def holds(self, value: AttributeValue) -> bool:
        if self.values:
            return str(value) in self.values
        number = Decimal(value)
        return (self.over is None or number > self.over) and (self.up_to is None or number <= self.up_to)

    def __str__(self) -> str:
        if self.values:
            return f"{self.attribute} {' or '.join(self.values)}"
        if self.up_to is None:
            return f"{self.attribute} over {self.over}"
        return f"{self.attribute} over {self.over or 0} up to {self.up_to}"


def _condition(attribute: str, value: object) -> Condition:
    if isinstance(value, str):
        return Condition(attribute, (value,))
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return Condition(attribute, tuple(value))
    if isinstance(value, Mapping) and value and value.keys() <= {"over", "up_to"}:
        bounds = {name: _figure(bound) for name, bound in value.items()}
        if len(bounds) == 2 and bounds["over"] >= bounds["up_to"]:
            raise PydanticCustomError("condition_empty", "over must be less than up_to")
        return Condition(attribute, (), bounds.get("over"), bounds.get("up_to"))
    raise PydanticCustomError(
        "condition_form",
        'write {attribute} = "value", a list of values, or a range such as { over = "0", up_to = "1999" }',
        {"attribute": attribute},
    )


def _conditions(value: object) -> tuple[Condition, ...]:
    if isinstance(value, tuple) and all(isinstance(item, Condition) for item in value):
        return value
    if not isinstance(value, Mapping):
        raise PydanticCustomError("conditions_form", 'write a table such as { location = "outside" }')
    return tuple(_condition(str(attribute), wanted) for attribute, wanted in value.items())


Conditions = Annotated[tuple[Condition, ...], BeforeValidator(_conditions)]
"""Attributes of the premise that must hold together."""
