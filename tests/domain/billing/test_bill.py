"""A bill in the ledger, a corrected bill against the one it replaces, and a high bill taken apart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.tariff.books import shipped

from csr_console.domain.billing.bill import Bill, differences, entry_of
from csr_console.domain.billing.high_bill import decompose
from csr_console.domain.billing.rated import Rated
from csr_console.domain.ledger.entry import merged, reversal
from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod

ACCOUNT = "100482771"
NOW = datetime(2015, 6, 2, 12, 0, tzinfo=UTC)


def electric(usage: Decimal | int, first: date = date(2015, 4, 29), days: int = 31) -> Rated:
    return Rated(
        shipped("gru"),
        "E-RES",
        ServicePeriod(first, first + timedelta(days=days)),
        Determinants(usage=Decimal(usage)),
        as_of=first + timedelta(days=days + 2),
        premise={"location": "inside"},
    )


def bill(case: Rated, bill_id: str = "b1", replaces: str | None = None) -> Bill:
    return Bill(bill_id, ACCOUNT, 7, date(2015, 6, 2), date(2015, 6, 23), (case.segment(),), replaces)


def test_a_bill_is_owed_by_service_earned_by_group_and_its_taxes_are_owed_on() -> None:
    entry = entry_of(bill(electric(903)), NOW)
    assert {posting.ledger.name: posting.cents for posting in entry.postings} == {
        "receivable:electric:100482771": 13374,
        "revenue:electric.customer": -1275,
        "revenue:electric.energy": -4160,
        "revenue:electric.fuel": -7043,
        "tax:E-GRT": -320,
        "tax:E-PST": -576,
    }
    assert entry.postings[0].due_on == date(2015, 6, 23)
    back = reversal(entry, "r1", NOW, "Wrong read")
    assert merged((*entry.postings, *back.postings)) == ()


def test_a_corrected_bill_shows_the_lines_that_changed() -> None:
    before, after = bill(electric(903)), bill(electric(703), "b2", replaces="b1")
    found = {(line.component, line.part): line.change_cents for line in differences(before, after)}
    assert sum(found.values()) == after.total_cents - before.total_cents
    gone = [line for line in differences(before, after) if line.after_cents is None]
    assert [line.label for line in gone] == ["Energy use, over 750 kWh"]
    assert differences(before, before) == ()


def test_a_high_bill_is_days_use_rate_fuel_and_taxes() -> None:
    """34 days of 30 kWh after 30 days of 25 kWh, all at one price."""
    parts = decompose(electric(750, days=30), electric(1020, first=date(2015, 5, 29), days=34))
    assert (parts.rate_cents, parts.fuel_cents) == (0, 0)
    # 750 -> 850 kWh: 100 x (0.084 + 0.078); 850 -> 1020 kWh: 170 x (0.084 + 0.078)
    assert (parts.days_cents, parts.use_cents) == (1620, 2754)
    first, last = electric(750, days=30).segment(), electric(1020, first=date(2015, 5, 29), days=34).segment()
    assert parts.total_cents == last.total_cents - first.total_cents


def test_new_prices_stand_apart_from_use() -> None:
    """The same 903 kWh over 31 days before and after the prices of October 1, 2014."""
    before, now = electric(903, first=date(2014, 5, 1)), electric(903)
    parts = decompose(before, now)
    assert (parts.days_cents, parts.use_cents) == (0, 0)
    changed = now.segment().cents_by_group()
    earlier = before.segment().cents_by_group()
    assert parts.fuel_cents == changed["fuel"] - earlier["fuel"]
    assert parts.rate_cents == sum(
        changed[name] - earlier[name] for name in changed if name not in ("fuel", "tax")
    )
    assert parts.rate_cents != 0


@given(
    st.decimals(0, 5000, places=1), st.decimals(0, 5000, places=1), st.integers(5, 45), st.integers(5, 45),
    st.integers(0, 700),
)  # fmt: skip
def test_the_causes_sum_to_the_difference_exactly(
    usage: Decimal, later: Decimal, days: int, later_days: int, gap: int
) -> None:
    first = date(2013, 9, 3)
    before = electric(usage, first, days)
    now = electric(later, first + timedelta(days=days + gap), later_days)
    assert decompose(before, now).total_cents == now.segment().total_cents - before.segment().total_cents


def test_hours_are_moved_to_the_days_they_are_compared_on() -> None:
    """A time-of-use segment decomposes on its intervals, hour for hour."""

    def hourly(first: date, days: int, kwh: str) -> Rated:
        start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=1)
        hours = tuple(IntervalUse(start + timedelta(hours=hour), Decimal(kwh)) for hour in range(24 * days))
        book = shipped("tallahassee")
        period = ServicePeriod(first, first + timedelta(days=days))
        as_of = period.last_day + timedelta(days=2)
        return Rated(
            book, "E-NW", period, Determinants(intervals=hours), as_of, {"location": "inside", "phase": "1"}
        )

    before, now = hourly(date(2026, 2, 1), 28, "1.5"), hourly(date(2026, 3, 1), 31, "2.25")
    parts = decompose(before, now)
    assert parts.total_cents == now.segment().total_cents - before.segment().total_cents
    assert parts.days_cents > 0
    assert parts.use_cents > 0
