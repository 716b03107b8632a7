"""What the demo city's customers are billed for, and what their meters showed for two years."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from types import MappingProxyType

from csr_console.central.agreements import Agreed
from csr_console.contracts.imports import CustomerRow
from csr_console.demo.city.chance import stream
from csr_console.demo.city.climate import use_a_day
from csr_console.domain.billing.reads import Read

BOOK = "tallahassee"
MONTHS = 24
CYCLE_DAYS = (3, 10, 17, 24)
"""The days of the month on which meters are read: an account has one of them."""
_SCHEDULES: Mapping[str, str] = MappingProxyType(
    {
        "electric": "E",
        "water": "W",
        "gas": "G",
        "sewer": "S",
        "solid_waste": "T",
        "stormwater": "D",
        "fire_fee": "F",
    }
)
_HOURLY: Mapping[str, str] = MappingProxyType({"RES": "E-NW", "COM": "E-GSD"})
# gallons a day of a home by month, January first: gardens in summer
_WATER = (130, 130, 140, 160, 185, 200, 200, 195, 175, 155, 140, 130)
_UNITS: Mapping[str, int] = MappingProxyType({"electric": 1, "water": 100, "gas": 100})
"""How many units of use a register counts as one: hundreds of gallons, CCF of hundredths."""
_HIGH_SHARE = 0.05


def cycle_of(account: str) -> int:
    """The day of the month on which an account is read and billed."""
    return CYCLE_DAYS[int(account[:8]) % len(CYCLE_DAYS)]


def read_days(account: str, as_of: date) -> list[date]:
    """The days of reading, the oldest first: one more than there are bills."""
    days: list[date] = []
    day = as_of.replace(day=cycle_of(account))
    while len(days) <= MONTHS:
        if day <= as_of:
            days.append(day)
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=cycle_of(account))
    return days[::-1]


def agreements(row: CustomerRow, as_of: date, *, hourly: bool = False) -> Iterator[Agreed]:
    """The services an account is billed for. A customer whose bill has just been high is one in twenty; one
    who is billed by the `hourly` use of its meter is on Nights & Weekends, or on demand as a business."""
    chance = stream("billing", row.account_number)
    kind = "RES" if row.kind == "residential" else "COM"
    premise = _premise(row, chance)
    days = read_days(row.account_number, as_of)
    scale = chance.uniform(0.6, 1.5) * (1 if kind == "RES" else chance.uniform(3, 12))
    high = row.account_number == "100482771" or chance.random() < _HIGH_SHARE
    seen: set[str] = set()
    for entry in row.services:
        if entry.service in seen or (
            entry.service == "sewer" and not any(one.service == "water" for one in row.services)
        ):
            continue
        seen.add(entry.service)
        reads = _reads(entry.service, days, scale, chance, high=high) if entry.meter else ()
        yield Agreed(
            row.account_number,
            entry.service,
            days[0],
            BOOK,
            _HOURLY[kind]
            if hourly and entry.service == "electric"
            else f"{_SCHEDULES[entry.service]}-{kind}",
            premise,
            entry.meter,
            multiplier=Decimal(100 if entry.service == "water" else 1),
            reads=reads,
        )


def _premise(row: CustomerRow, chance: Random) -> dict[str, str]:
    commercial = row.kind == "commercial"
    return {
        "location": "outside" if chance.random() < 0.15 else "inside",
        "phase": "3" if commercial and chance.random() < 0.5 else "1",
        "dwelling_units": "1",
        "impervious_sqft": str(chance.randrange(2_000, 60_000, 10)),
        "building_sqft": str(chance.randrange(1_500, 40_000, 10)),
        "fire_zone": chance.choice("12"),
        "fire_category": "commercial",
        "dumpster_yd3": chance.choice("246"),
        "pickups_per_week": chance.choice("123"),
    }


def _reads(service: str, days: list[date], scale: float, chance: Random, *, high: bool) -> tuple[Read, ...]:
    """A register that counts on from day to day; a high bill is more than half as much again."""
    value = chance.randrange(1_000, 60_000)
    reads = [Read(days[0], Decimal(value))]
    for before, day in pairwise(days):
        home = _WATER[day.month - 1] if service == "water" else use_a_day(service, before, day)
        daily = home * scale * chance.uniform(0.92, 1.08)
        if high and day == days[-1]:
            daily *= 1.6
        value += max(1, round(daily * (day - before).days / _UNITS[service]))
        reads.append(Read(day, Decimal(value)))
    return tuple(reads)
