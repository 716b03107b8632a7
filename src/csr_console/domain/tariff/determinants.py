"""What a service is rated on: the period, the quantities and the premise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.calendars import Calendar

_NO_USE: Mapping[str, Decimal] = {}
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """From one read to the next. Service days are those after the first read day, the last one included:
    4/29 to 5/30 is 31 days, as on the bill of Gainesville Regional Utilities."""

    from_read_on: date
    to_read_on: date

    @property
    def days(self) -> int:
        return (self.to_read_on - self.from_read_on).days

    @property
    def first_day(self) -> date:
        return self.from_read_on + timedelta(days=1)

    @property
    def last_day(self) -> date:
        return self.to_read_on


@dataclass(frozen=True, slots=True)
class IntervalUse:
    """Use in one interval: `starts_at` carries the wall clock of the utility."""

    starts_at: datetime
    quantity: Decimal
    minutes: int = 60

    @property
    def kw(self) -> Decimal:
        """Average power of an interval of kWh."""
        return self.quantity * 60 / self.minutes


@dataclass(frozen=True, slots=True)
class Determinants:
    """Quantities of one service over one period.

    `usage` in the unit of the schedule, `usage_by_period` by period of its calendar, `intervals` in the same
    unit (what is not given elsewhere is summed from them). `demand_kw` is the measured peak,
    `past_demand_kw` the peaks of the months before, the latest first, `contract_kw` the contract's minimum.
    `winter_average` of a month in the unit of the schedule, None for a new customer. `estimated` marks the
    segment, it changes no figure.
    """

    usage: Decimal | None = None
    usage_by_period: Mapping[str, Decimal] = field(default_factory=lambda: _NO_USE)
    intervals: tuple[IntervalUse, ...] = ()
    demand_kw: Decimal | None = None
    demand_by_period: Mapping[str, Decimal] = field(default_factory=lambda: _NO_USE)
    past_demand_kw: tuple[Decimal, ...] = ()
    contract_kw: Decimal | None = None
    power_factor: Decimal | None = None
    reactive_kvar: Decimal | None = None
    winter_average: Decimal | None = None
    estimated: bool = False

    def total(self) -> Decimal | None:
        """Use of the period; None when nothing tells it."""
        if self.usage is not None:
            return self.usage
        if self.usage_by_period:
            return sum(self.usage_by_period.values(), Decimal(0))
        if self.intervals:
            return sum((interval.quantity for interval in self.intervals), Decimal(0))
        return None

    def within(self, first_day: date, last_day: date) -> tuple[IntervalUse, ...]:
        return tuple(item for item in self.intervals if first_day <= item.starts_at.date() <= last_day)

    def peak_kw(self) -> Decimal | None:
        if self.demand_kw is not None or not self.intervals:
            return self.demand_kw
        return peak_kw(self.intervals)


def peak_kw(intervals: Iterable[IntervalUse]) -> Decimal:
    """The highest average power of any interval of kWh."""
    highest = peak_interval(intervals)
    return highest.kw if highest else _NOTHING


def peak_interval(intervals: Iterable[IntervalUse]) -> IntervalUse | None:
    """The interval of the highest average power, the first of equal ones; None when nothing was used."""
    highest: dict[int, IntervalUse] = {}
    quantities: dict[int, Decimal] = {}
    for item in intervals:
        if item.quantity > quantities.get(item.minutes, _NOTHING):
            highest[item.minutes] = item
            quantities[item.minutes] = item.quantity
    return max(highest.values(), key=lambda item: item.kw, default=None)


def by_period(calendar: Calendar, intervals: Iterable[IntervalUse]) -> dict[str, list[IntervalUse]]:
    """The intervals of each period of a calendar, in the order of its periods."""
    parted: dict[str, list[IntervalUse]] = {period.id: [] for period in calendar.period}
    for day, items in groupby(intervals, key=lambda item: item.starts_at.date()):
        windows = calendar.windows_on(day)
        for item in items:
            minute = item.starts_at.hour * 60 + item.starts_at.minute
            for starts, ends, period in windows:
                if starts <= minute < ends:
                    parted[period].append(item)
                    break
            else:
                parted[calendar.otherwise].append(item)
    return parted


def moved(given: Determinants, days: int) -> Determinants:
    """The quantities with their intervals moved by whole days, hour for hour."""
    by = timedelta(days=days)
    intervals = tuple(replace(item, starts_at=item.starts_at + by) for item in given.intervals)
    return replace(given, intervals=intervals)


def refuse_impossible(period: ServicePeriod, determinants: Determinants) -> None:
    """Raises `Refusal` not-rated for a period without days or a quantity below zero."""
    if period.days < 1:
        raise Refusal(
            "not-rated",
            f"The period from {period.from_read_on} to {period.to_read_on} has no service day.",
            rule="service days = end read - start read",
        )
    first, last = period.first_day, period.last_day
    if any(not first <= item.starts_at.date() <= last for item in determinants.intervals):
        raise Refusal(
            "not-rated",
            f"An interval lies outside the service days {first} to {last}.",
            rule="service days = end read - start read",
        )
    given = (
        determinants.usage,
        determinants.demand_kw,
        determinants.reactive_kvar,
        *determinants.past_demand_kw,
    )
    parts = (*determinants.usage_by_period.values(), *determinants.demand_by_period.values())
    hours = (item.quantity for item in determinants.intervals)
    if any(value is not None and value < 0 for value in (*given, *parts, *hours)):
        raise Refusal(
            "not-rated",
            "A quantity is below zero: a correction is a reversal and a replacement, never negative use.",
            rule="rebill by reversal",
        )
