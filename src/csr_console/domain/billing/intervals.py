"""Use by the hour: blocks of intervals of a meter, whether they are whole, and whether the reads agree.

A read of a day stands at the midnight that ends it, so that the intervals of a service period are those of
its service days. Every interval carries the wall clock of the utility with its offset: the day on which the
clocks go back has 25 hours, the one on which they go forward 23, and none is lost or counted twice.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Register
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.calendars import Calendar
from csr_console.domain.tariff.components import Demand, DemandVersion, TimeOfUse, UseVersion
from csr_console.domain.tariff.determinants import IntervalUse, ServicePeriod, by_period, peak_kw

LENGTHS = (5, 10, 15, 20, 30, 60)
"""Minutes an interval can have: so many of them fill an hour."""
GAP_LIMIT = timedelta(hours=1)
"""A gap this long is bridged by a straight line between its neighbours, a longer one is not (point-to-point
estimation of the California ISO's revenue metering, July 2012)."""
GAPS_LIMIT = timedelta(hours=24)
"""So much of a bill may be bridged in all; ours."""
REGISTER_UNITS = 2
"""How many units of the register hours and reads may differ by: either read is cut off to whole units. The
check is the sum check of validation, editing and estimation (VEE)."""
_RANGES_SAID = 5
_NOTHING = timedelta(0)


class HoursMissing(Exception):
    """Intervals of a period are not there; `sentence` says of which days."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class IntervalBlock:
    """Intervals of one length without a gap at one offset of the clock, in the unit of the service.

    `estimated` are the positions of those that nobody measured.
    """

    starts_at: datetime
    minutes: int
    values: tuple[Decimal, ...]
    estimated: frozenset[int] = frozenset()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes * len(self.values))

    def intervals(self) -> Iterator[IntervalUse]:
        for position, value in enumerate(self.values):
            starts_at = self.starts_at + timedelta(minutes=self.minutes * position)
            yield IntervalUse(starts_at, value, self.minutes)


@dataclass(frozen=True, slots=True)
class Hours:
    """The intervals of a whole period, and whether any is estimated."""

    intervals: tuple[IntervalUse, ...]
    estimated: bool

    @property
    def total(self) -> Decimal:
        return sum((item.quantity for item in self.intervals), Decimal(0))


def by_the_clock(moment: datetime, zone: tzinfo | None) -> datetime:
    """A moment by the clock of a zone, the machine's when None, with its offset as it was then: the hour that
    comes twice when clocks go back is two."""
    local = moment.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or _NOTHING), fold=0)


def blocks_of(
    intervals: Iterable[IntervalUse], estimated: Collection[datetime] = ()
) -> tuple[IntervalBlock, ...]:
    """Intervals in their order as few blocks: a new one after a gap, another length or another offset.
    `estimated` are the beginnings of those that nobody measured."""
    runs: list[list[IntervalUse]] = []
    for item in intervals:
        last = runs[-1][-1] if runs else None
        if last is not None and _goes_on(last, item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return tuple(
        IntervalBlock(
            run[0].starts_at,
            run[0].minutes,
            tuple(item.quantity for item in run),
            frozenset(place for place, item in enumerate(run) if item.starts_at in estimated),
        )
        for run in runs
    )


def _goes_on(last: IntervalUse, item: IntervalUse) -> bool:
    return (
        item.minutes == last.minutes
        and item.starts_at - last.starts_at == timedelta(minutes=last.minutes)
        and item.starts_at.utcoffset() == last.starts_at.utcoffset()
    )


def hours_of(meter: str, period: ServicePeriod, blocks: Sequence[IntervalBlock]) -> Hours:
    """Every interval of the service days, short gaps bridged.

    Raises `HoursMissing` with the days when more is missing than may be bridged.
    """
    within = [block for block in blocks if period.first_day <= block.starts_at.date() <= period.last_day]
    if not within:
        raise HoursMissing(_sentence(meter, [(period.first_day, period.last_day)]))
    missing: list[tuple[date, date]] = []
    bridged = _NOTHING
    found = list(within[:1])
    if (midnight := _midnight(period.first_day, within[0])) < within[0].starts_at:
        missing.append(_days(midnight, within[0].starts_at))
    for before, after in pairwise(within):
        gap = after.starts_at - before.ends_at
        bridge = _bridge(before, after, gap)
        if gap > _NOTHING and bridge is None:
            missing.append(_days(before.ends_at, after.starts_at))
        elif bridge is not None:
            bridged += gap
            found.append(bridge)
        found.append(after)
    end = _midnight(period.last_day + timedelta(days=1), within[-1])
    if within[-1].ends_at < end:
        missing.append(_days(within[-1].ends_at, end))
    if missing:
        raise HoursMissing(_sentence(meter, missing))
    if bridged > GAPS_LIMIT:
        raise HoursMissing(
            f"{bridged // timedelta(hours=1)} hours of meter {meter} are missing one by one: more than"
            f" {GAPS_LIMIT // timedelta(hours=1)} are not estimated. Import its intervals."
        )
    return Hours(
        tuple(item for block in found for item in block.intervals()),
        any(block.estimated for block in found),
    )


def _midnight(day: date, beside: IntervalBlock) -> datetime:
    """The beginning of a day by the clock of a block beside it."""
    return datetime.combine(day, time(), beside.starts_at.tzinfo)


def _days(starts_at: datetime, ends_at: datetime) -> tuple[date, date]:
    return starts_at.date(), (ends_at - timedelta(microseconds=1)).date()


def _bridge(before: IntervalBlock, after: IntervalBlock, gap: timedelta) -> IntervalBlock | None:
    """A short gap on a straight line between its neighbours, to as many places as they have."""
    length = timedelta(minutes=before.minutes)
    if not _NOTHING < gap <= GAP_LIMIT or before.minutes != after.minutes or gap % length:
        return None
    count = gap // length
    first, last = before.values[-1], after.values[0]
    places = Decimal(1).scaleb(min(_exponent(first), _exponent(last)))
    values = tuple(
        (first + (last - first) * number / (count + 1)).quantize(places, ROUND_HALF_UP)
        for number in range(1, count + 1)
    )
    return IntervalBlock(before.ends_at, before.minutes, values, frozenset(range(count)))


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _sentence(meter: str, ranges: Iterable[tuple[date, date]]) -> str:
    """Which days lack intervals, days that touch said as one range."""
    joined: list[tuple[date, date]] = []
    for first, last in ranges:
        if joined and (first - joined[-1][1]).days <= 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    said = [f"{first}" if first == last else f"{first} to {last}" for first, last in joined]
    more = f" and {len(said) - _RANGES_SAID} more times" if len(said) > _RANGES_SAID else ""
    return (
        f"Hours of meter {meter} are missing: {', '.join(said[:_RANGES_SAID])}{more}. Import its intervals."
    )


def in_totals(rated: Rated) -> Rated:
    """The same use with its hours summed by period and its demand as a figure, so that it can be rated on
    other days: the hours of one month fall on other weekdays of another."""
    given = rated.determinants
    if not given.intervals:
        return rated
    components = [rated.book.components[name] for name in rated.book.get_schedule(rated.schedule).components]
    last_day = rated.period.last_day
    use = _calendar(rated.book, (one.version for one in components if isinstance(one, TimeOfUse)), last_day)
    demand = _calendar(rated.book, (one.version for one in components if isinstance(one, Demand)), last_day)
    totals = replace(given, intervals=(), demand_kw=given.peak_kw())
    if use is not None:
        parted = by_period(use, given.intervals).items()
        sums = {name: sum((item.quantity for item in items), Decimal(0)) for name, items in parted}
        totals = replace(totals, usage=None, usage_by_period=sums)
    if demand is not None:
        peaks = {name: peak_kw(items) for name, items in by_period(demand, given.intervals).items()}
        totals = replace(totals, demand_by_period=peaks)
    return replace(rated, determinants=totals)


def _calendar(
    book: TariffBook, of_components: Iterable[Sequence[UseVersion | DemandVersion]], day: date
) -> Calendar | None:
    """The calendar that the first of the components goes by on a day."""
    for versions in of_components:
        held = [version for version in versions if version.first_day <= day and version.calendar]
        if held:
            return book.calendars[held[-1].calendar or ""]
    return None


def refuse_if_reads_differ(meter: str, hours: Hours, usage: Decimal, register: Register) -> None:
    """The sum check. Raises `Refusal` read-refused when the hours do not come to the use of the reads."""
    allowed = REGISTER_UNITS * register.multiplier * register.calc_factor
    if abs(hours.total - usage) > allowed:
        raise Refusal(
            "read-refused",
            f"The hours of meter {meter} come to {hours.total:f}, its reads to {usage:f}: they differ by more"
            f" than {allowed:f}.",
            rule=f"sum check: hours within {REGISTER_UNITS} units of the register",
        )
