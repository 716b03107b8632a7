"""The weather of the demo city, like that of north Florida: hot and damp from May to September, with a few
cold weeks. A day's weather is the same whoever asks and whenever."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from math import cos, pi
from types import MappingProxyType

from csr_console.demo.city.chance import stream
from csr_console.domain.billing.weather import DegreeDays, degree_days

STATION = "KHBR"
"""No real station has this name."""
_MEAN_F, _SWING_F = 68.0, 14.5
_HOTTEST_DAY = 205
"""July 24, as at Tallahassee (climate normals of 1991 to 2020: 52 °F in January, 83 °F in July)."""
_RANGE_F = 20
_SPELL_DAYS = 5
"""Weather comes in spells: the days between two are between them."""
USE: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"electric": (21.0, 0.62, 1.2), "gas": (26.0, 18.5, 0.0)}
)
"""Of a home: kWh, or hundredths of a CCF, a day, and for each degree day of heating and of cooling."""


def temperatures(day: date) -> tuple[int, int]:
    """The lowest and highest temperature of a day, whole °F as a station reports them."""
    warmth = cos(2 * pi * (day.timetuple().tm_yday - _HOTTEST_DAY) / 365.25)
    unrest = 4.5 - 3 * warmth
    at, part = divmod(day.toordinal(), _SPELL_DAYS)
    spell = _spell(at) * (1 - part / _SPELL_DAYS) + _spell(at + 1) * part / _SPELL_DAYS
    month = stream("month", f"{day:%Y-%m}").uniform(-2.0, 2.0)
    mean = _MEAN_F + _SWING_F * warmth + unrest * spell + month
    half = (_RANGE_F + stream("range", day.isoformat()).uniform(-5, 5)) / 2
    return round(mean - half), round(mean + half)


def _spell(number: int) -> float:
    return stream("spell", str(number)).uniform(-2.0, 2.0)


def weather(day: date) -> DegreeDays:
    """The degree days of a day."""
    low, high = temperatures(day)
    return degree_days(Decimal(low), Decimal(high))


@cache
def over(after: date, until: date) -> DegreeDays:
    """The degree days of the days after one up to another."""
    days = [weather(day) for day in days_between(after, until)]
    return DegreeDays(
        sum((day.heating for day in days), Decimal(0)), sum((day.cooling for day in days), Decimal(0))
    )


def use_a_day(service: str, after: date, until: date) -> float:
    """What a home uses a day for heating, cooling and everything else, in the unit of `USE`."""
    base, heating, cooling = USE[service]
    found = over(after, until)
    days = (until - after).days
    return base + (heating * float(found.heating) + cooling * float(found.cooling)) / days


def days_between(after: date, until: date) -> Iterator[date]:
    """The days after one up to another."""
    for number in range(1, (until - after).days + 1):
        yield after + timedelta(days=number)
