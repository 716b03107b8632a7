"""Use by the hour: nothing is lost or counted twice, gaps are said by their days, the reads have to agree."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.tariff.books import shipped

from csr_console.domain.billing.high_bill import decompose
from csr_console.domain.billing.intervals import (
    LENGTHS,
    Hours,
    HoursMissing,
    IntervalBlock,
    blocks_of,
    by_the_clock,
    hours_of,
    in_totals,
    refuse_if_reads_differ,
)
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Register
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.determinants import (
    Determinants,
    IntervalUse,
    ServicePeriod,
    by_period,
    peak_kw,
)

ZONE = ZoneInfo("America/New_York")
INSIDE = {"location": "inside", "phase": "1"}


def moments(first: date, last: date, minutes: int = 60) -> Iterator[datetime]:
    """Every beginning of an interval of some days by the clock of the city."""
    moment = datetime(first.year, first.month, first.day, tzinfo=ZONE).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)
    while moment < end:
        yield by_the_clock(moment, ZONE)
        moment += timedelta(minutes=minutes)


def hours(first: date, last: date, minutes: int = 60) -> list[IntervalUse]:
    """Intervals that are told apart by their use."""
    return [
        IntervalUse(moment, Decimal(place % 97) / 8, minutes)
        for place, moment in enumerate(moments(first, last, minutes))
    ]


@pytest.mark.parametrize(
    ("day", "count"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)]
)
@pytest.mark.parametrize("minutes", [15, 60])
def test_a_day_has_the_hours_its_clock_shows(day: date, count: int, minutes: int) -> None:
    found = hours(day, day, minutes)
    period = ServicePeriod(day - timedelta(days=1), day)
    assert len(found) == count * 60 // minutes
    assert hours_of("E1", period, blocks_of(found)) == Hours(tuple(found), estimated=False)


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 70), st.sampled_from(LENGTHS), st.data()
)
def test_periods_sum_to_the_intervals_on_any_days(
    first: date, days: int, minutes: int, data: st.DataObject
) -> None:
    period = ServicePeriod(first - timedelta(days=1), first + timedelta(days=min(days, minutes) - 1))
    given_use = hours(period.first_day, period.last_day, minutes)
    step = data.draw(st.integers(1, 1500))
    pieces = [given_use[place : place + step] for place in range(0, len(given_use), step)]
    blocks = [block for piece in pieces for block in blocks_of(piece)]
    whole = hours_of("E1", period, blocks)
    assert whole.intervals == tuple(given_use)
    assert not whole.estimated
    calendar = shipped("tallahassee").calendars["NIGHTS-WEEKENDS"]
    parted = by_period(calendar, whole.intervals)
    assert sum(sum(item.quantity for item in items) for items in parted.values()) == whole.total
    assert sum(map(len, parted.values())) == len(given_use)
    assert whole.total == sum(item.quantity for item in given_use)


@settings(max_examples=40)
@given(st.data())
def test_no_interval_goes_missing_unsaid(data: st.DataObject) -> None:
    """Whichever intervals are taken out: the bill waits and says their days, or they are estimated."""
    first = data.draw(st.sampled_from([date(2026, 3, 1), date(2026, 10, 25), date(2026, 6, 1)]))
    period = ServicePeriod(first - timedelta(days=1), first + timedelta(days=13))
    given_use = hours(period.first_day, period.last_day)
    start = data.draw(st.integers(0, len(given_use) - 1))
    count = data.draw(st.integers(1, 60))
    gone = given_use[start : start + count]
    left = given_use[:start] + given_use[start + count :]
    at_the_edge = start == 0 or start + count >= len(given_use)
    if len(gone) > 1 or at_the_edge:
        with pytest.raises(HoursMissing) as missing:
            hours_of("E1", period, blocks_of(left))
        assert str(gone[0].starts_at.date()) in missing.value.sentence
        assert str(gone[-1].starts_at.date()) in missing.value.sentence
        return
    found = hours_of("E1", period, blocks_of(left))
    assert found.estimated
    assert [item.starts_at for item in found.intervals] == [item.starts_at for item in given_use]
    beside = sorted((given_use[start - 1].quantity, given_use[start + 1].quantity))
    assert beside[0] <= found.intervals[start].quantity <= beside[1]


def test_days_that_touch_are_said_as_one_range() -> None:
    period = ServicePeriod(date(2026, 8, 31), date(2026, 9, 30))
    gone = {date(2026, 9, 4), *(date(2026, 9, 10) + timedelta(days=place) for place in range(3))}
    left = [one for one in hours(period.first_day, period.last_day) if one.starts_at.date() not in gone]
    with pytest.raises(HoursMissing, match=r"E1 are missing: 2026-09-04, 2026-09-10 to 2026-09-12\. "):
        hours_of("E1", period, blocks_of(left))
    with pytest.raises(HoursMissing, match="missing: 2026-09-01 to 2026-09-30"):
        hours_of("E1", period, ())


def test_a_bill_is_not_pieced_together_from_single_hours() -> None:
    period = ServicePeriod(date(2026, 8, 31), date(2026, 9, 30))
    every = hours(period.first_day, period.last_day)
    left = [one for place, one in enumerate(every) if place % 20 != 10]
    with pytest.raises(HoursMissing, match="36 hours of meter E1 are missing one by one"):
        hours_of("E1", period, blocks_of(left))


def test_the_hours_come_to_what_was_read() -> None:
    """Within two units of the register, as either read is cut off to whole ones."""
    found = Hours((IntervalUse(datetime(2026, 9, 1, tzinfo=UTC), Decimal("901.5")),), estimated=False)
    refuse_if_reads_differ("E1", found, Decimal(903), Register(5))
    refuse_if_reads_differ("E1", found, Decimal(1050), Register(5, Decimal(80)))
    for read in (904, 899):
        with pytest.raises(Refusal, match=r"come to 901\.5, its reads to") as refused:
            refuse_if_reads_differ("E1", found, Decimal(read), Register(5))
        assert refused.value.rule.startswith("sum check")


def rated(schedule: str, first: date, days: int, evening: str, day: str = "0.5") -> Rated:
    """A bill of Nights & Weekends whose hours from 17 to 19 are `evening`."""
    period = ServicePeriod(first, first + timedelta(days=days))
    intervals = tuple(
        IntervalUse(moment, Decimal(evening if moment.hour in (17, 18) else day))
        for moment in moments(period.first_day, period.last_day)
    )
    total = sum((item.quantity for item in intervals), Decimal(0))
    given_use = Determinants(usage=total, intervals=intervals if schedule == "E-NW" else ())
    return Rated(shipped("tallahassee"), schedule, period, given_use, period.last_day, INSIDE)


def test_other_weekdays_are_no_change_of_price() -> None:
    """The hours of one month lie on other weekdays of another: that is use, and the rate has not changed."""
    before, now = rated("E-NW", date(2026, 2, 1), 28, "4"), rated("E-NW", date(2026, 3, 1), 31, "4.5")
    parts = decompose(before, now)
    assert parts.total_cents == now.segment().total_cents - before.segment().total_cents
    assert (parts.rate_cents, parts.fuel_cents) == (0, 0)
    assert parts.use_cents > 0
    assert parts.days_cents > 0


@pytest.mark.parametrize(("then", "later"), [("E-RES", "E-NW"), ("E-NW", "E-RES"), ("E-NW", "E-NW")])
def test_a_bill_is_compared_across_a_change_of_schedule(then: str, later: str) -> None:
    before, now = rated(then, date(2026, 6, 1), 30, "4"), rated(later, date(2026, 7, 1), 33, "5")
    parts = decompose(before, now)
    assert parts.total_cents == now.segment().total_cents - before.segment().total_cents
    assert parts.use_cents > 0
    assert (parts.rate_cents == 0) == (then == later)


def test_totals_rate_to_the_cents_of_their_hours() -> None:
    case = rated("E-NW", date(2026, 7, 1), 31, "4.25")
    totals = in_totals(case)
    assert not totals.determinants.intervals
    assert totals.determinants.demand_kw == peak_kw(case.determinants.intervals)
    assert [line.amount_cents for line in totals.segment().lines] == [
        line.amount_cents for line in case.segment().lines
    ]


def test_the_reason_of_a_line_says_in_how_many_hours() -> None:
    lines = {line.part: line for line in rated("E-NW", date(2026, 6, 30), 31, "4").segment().lines}
    (name, used), *_ = lines["on"].why.inputs
    # July 2026 has 23 weekdays; the 3rd is kept for Independence Day, which is a Saturday
    assert (name, used) == ("on-peak", "286 kWh in 264 hours")


def test_a_block_knows_which_of_its_intervals_are_estimated() -> None:
    start = by_the_clock(datetime(2026, 9, 1, 4, tzinfo=UTC), ZONE)
    items = [IntervalUse(start + timedelta(hours=place), Decimal(place)) for place in range(4)]
    (block,) = blocks_of(items, {items[2].starts_at})
    assert block == IntervalBlock(start, 60, tuple(map(Decimal, range(4))), frozenset({2}))
    assert block.ends_at == start + timedelta(hours=4)
