"""degree-days.csv: heating and cooling degree days of a station, a day a row; or its temperatures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from csr_console.contracts.imports.cells import NeededDay
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, excerpt, from_errors
from csr_console.domain.billing.weather import BASE_F, DegreeDays, degree_days

DEGREE_DAY_COLUMNS = ("date", "hdd", "cdd")
TEMPERATURE_COLUMNS = ("date", "tmin", "tmax")
_COLDEST_F, _HOTTEST_F = -80, 140
"""Beyond what was ever measured in the United States."""
_HEAD = 1024


def _figure(value: str) -> Decimal:
    """A number with at most one decimal. Raises `ValueError` with what to write."""
    if not value or value in ("M", "NA", "-9999"):
        raise ValueError("is missing: leave the row out, the bills of that day then say nothing of weather")
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9])?", value):
        raise ValueError(f"is {excerpt(value)}: write a number with at most one decimal, 12 or 12.5")
    return Decimal(value)


def _of_a_day(value: Decimal) -> Decimal:
    most = max(BASE_F - _COLDEST_F, _HOTTEST_F - BASE_F)
    if not 0 <= value <= most:
        raise ValueError(f"is {value}: degree days of a day are 0 to {most}; is it a sum of more days?")
    return value


def _in_fahrenheit(value: Decimal) -> Decimal:
    if not _COLDEST_F <= value <= _HOTTEST_F:
        raise ValueError(f"is {value}: a temperature is {_COLDEST_F} to {_HOTTEST_F} °F")
    return value


_DegreeDay = Annotated[Decimal, BeforeValidator(_figure), AfterValidator(_of_a_day)]
_Fahrenheit = Annotated[Decimal, BeforeValidator(_figure), AfterValidator(_in_fahrenheit)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    day: NeededDay = Field(alias="date")


class _DegreeDays(_Row):
    hdd: _DegreeDay
    cdd: _DegreeDay

    @model_validator(mode="after")
    def _heats_or_cools(self) -> Self:
        if self.hdd and self.cdd:
            raise ValueError("heats and cools: the mean of one day is below 65 °F or above it, not both")
        return self

    def weather(self) -> DegreeDays:
        return DegreeDays(self.hdd, self.cdd)


class _Temperatures(_Row):
    tmin: _Fahrenheit
    tmax: _Fahrenheit

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.tmin > self.tmax:
            raise ValueError(f"tmin {self.tmin} is above tmax {self.tmax}: are the columns exchanged?")
        return self

    def weather(self) -> DegreeDays:
        return degree_days(self.tmin, self.tmax)


@dataclass(frozen=True, slots=True)
class DegreeDayEntry:
    """The degree days of a day, base 65 °F, in tenths. `row` is where it stood in the file."""

    row: int
    day: date
    heating_tenths: int
    cooling_tenths: int


def read_degree_days(path: Path, today: date) -> Iterator[DegreeDayEntry | Refused]:
    """The days of the file in order, each as a `DegreeDayEntry` or as a `Refused` for each wrong field.

    The columns are date, hdd and cdd, or date, tmin and tmax in °F. Never raises for any content of the file.
    A day that stands twice is taken once; one after `today` is refused.
    """
    columns, kind = _form(path)
    first_row: dict[date, int] = {}
    for record in read_records(path, columns):
        if isinstance(record, Refused):
            yield record
            continue
        try:
            row = kind.model_validate(record.values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, columns, columns[2])
            continue
        earlier = first_row.setdefault(row.day, record.row)
        if earlier != record.row:
            reason = f"stands in row {earlier} and again in row {record.row}: keep one of them"
            yield Refused(record.row, "date", reason, path.name)
        elif row.day > today:
            yield Refused(record.row, "date", "is in the future: only weather that was is taken", path.name)
        else:
            weather = row.weather()
            yield DegreeDayEntry(record.row, row.day, _tenths(weather.heating), _tenths(weather.cooling))


def _form(path: Path) -> tuple[tuple[str, ...], type[_DegreeDays] | type[_Temperatures]]:
    """Which columns the file has, by its first line; what is wrong with the file is found when it is read."""
    try:
        with path.open("rb") as stream:
            head = stream.readline(_HEAD).lower()
    except OSError:
        head = b""
    if b"tmin" in head or b"tmax" in head:
        return TEMPERATURE_COLUMNS, _Temperatures
    return DEGREE_DAY_COLUMNS, _DegreeDays


def _tenths(value: Decimal) -> int:
    return int((value * 10).to_integral_value(ROUND_HALF_UP))
