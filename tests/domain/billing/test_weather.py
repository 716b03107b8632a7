"""Use against degree days: the fit, what it claims and refuses, and its part in why a bill is high."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import correlation, linear_regression

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.billing.test_bill import electric
from tests.domain.tariff.books import shipped

from csr_console.domain.billing.high_bill import decompose
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.weather import (
    DegreeDays,
    MeteredPeriod,
    Response,
    Unexplained,
    degree_days,
    response,
)
from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod

TALLAHASSEE = (
    (390, 15), (275, 20), (160, 50), (50, 110), (3, 310), (0, 460),
    (0, 520), (0, 520), (0, 430), (35, 190), (165, 45), (325, 20),
)  # fmt: skip
"""Heating and cooling degree days of each month, in round figures."""
UNREST = (3, -7, 5, 0, -4, 6, -2, 8, -5, 1, -3, -2)


def months(
    base: str, heating: str, cooling: str, *, count: int = 24, unrest: int = 0, days: int = 30
) -> list[MeteredPeriod]:
    """Bills of a premise that follows the weather, off by `unrest` times a few tenths of a unit a day."""
    found = []
    for number in range(count):
        heat, cool = (Decimal(one) for one in TALLAHASSEE[number % 12])
        usage = Decimal(base) * days + Decimal(heating) * heat + Decimal(cooling) * cool
        off = Decimal(unrest * UNREST[(number * 5) % 12] * days) / 10
        found.append(MeteredPeriod(days, usage + off, DegreeDays(heat, cool)))
    return found


def fitted(service: str, periods: list[MeteredPeriod]) -> Response:
    found = response(service, periods)
    assert isinstance(found, Response), found
    return found


@pytest.mark.parametrize(
    ("low", "high", "heating", "cooling"),
    [("65", "75", "0", "5"), ("66", "90", "0", "13"), ("20", "33", "38.5", "0"), ("60", "70", "0", "0")],
)
def test_a_degree_day_is_how_far_the_mean_is_off_65(low: str, high: str, heating: str, cooling: str) -> None:
    """75 and 65 is the example of the National Weather Service."""
    assert degree_days(Decimal(low), Decimal(high)) == DegreeDays(Decimal(heating), Decimal(cooling))


def test_a_premise_that_follows_the_weather_exactly_is_learnt_exactly() -> None:
    found = fitted("electric", months("22", "0.5", "1.25"))
    assert [round(value, 12) for value in (found.base, found.heating, found.cooling, found.fit)] == [
        22, Decimal("0.5"), Decimal("1.25"), 1,
    ]  # fmt: skip
    assert (found.bills, round(found.scatter, 12)) == (24, 0)
    assert found.said("kWh") == (
        "22.00 kWh a day and 0.50 kWh a heating degree day and 1.25 kWh a cooling degree day, by 24 bills"
        " (CalTRACK 2.0, R² 1.00, CV(RMSE) 0 %)"
    )


def test_the_fit_is_the_line_of_least_squares() -> None:
    """Against the standard library, where bills are equally long and there is one kind of degree day."""
    periods = months("20", "3", "0", unrest=4)
    found = fitted("gas", periods)
    a_day = [float(one.usage / one.days) for one in periods]
    heat = [float(one.weather.heating / one.days) for one in periods]
    slope, intercept = linear_regression(heat, a_day)
    assert float(found.heating) == pytest.approx(slope, rel=1e-12)
    assert float(found.base) == pytest.approx(intercept, rel=1e-12)
    squared = correlation(heat, a_day) ** 2
    assert float(found.fit) == pytest.approx(1 - (1 - squared) * 23 / 22, rel=1e-12)


def test_a_longer_bill_weighs_as_many_days_as_it_has() -> None:
    """What is left over sums to nothing day by day, which bill by bill it does not."""
    once = [*months("20", "1", "0", unrest=2), *months("26", "1", "0", count=12, days=35)]
    found = fitted("electric", once)
    weighted = sum(
        one.days * (one.usage / one.days - found.base - found.heating * one.weather.heating / one.days)
        for one in once
    )
    assert abs(weighted) < Decimal("1e-20")
    unweighted = sum(
        one.usage / one.days - found.base - found.heating * one.weather.heating / one.days for one in once
    )
    assert abs(unweighted) > Decimal("0.1")


def test_the_candidate_that_fits_best_is_taken_and_gas_never_cools() -> None:
    assert fitted("electric", months("20", "-0.1", "1.5", unrest=2)).heating == 0
    assert fitted("electric", months("20", "1.5", "-0.1", unrest=2)).cooling == 0
    assert isinstance(response("gas", months("20", "0", "1.5")), Unexplained)


@pytest.mark.parametrize(
    ("service", "periods", "reason"),
    [
        ("water", months("20", "1", "1"), "electric and gas"),
        ("electric", months("20", "1", "1", count=11), "11 bills of full months before it, 12 are needed"),
        ("electric", months("20", "1", "1", days=24), "0 bills of full months"),
        ("electric", months("20", "1", "1", days=36), "0 bills of full months"),
        ("electric", months("20", "0", "0"), "not follow it closely"),
        ("electric", months("20", "0", "0", unrest=12), "not follow it closely"),
        ("electric", months("25", "-0.5", "-1"), "not follow it closely"),
        ("electric", [*months("0", "0", "0")], "0 bills of full months"),
        ("gas", months("0", "0", "0"), "not follow it closely"),
        ("electric", [MeteredPeriod(30, Decimal(900), DegreeDays(Decimal(0), Decimal(0)))] * 24, "closely"),
    ],
)
def test_nothing_is_claimed_where_it_cannot_be_stood_for(
    service: str, periods: list[MeteredPeriod], reason: str
) -> None:
    found = response(service, periods)
    assert isinstance(found, Unexplained)
    assert reason in found.reason


def test_a_fit_that_scatters_too_much_claims_nothing() -> None:
    """The control: the same premise with less unrest does."""
    assert isinstance(response("electric", months("12", "0.6", "0.7", unrest=14)), Unexplained)
    assert isinstance(response("electric", months("12", "0.6", "0.7", unrest=2)), Response)


def test_the_change_is_reckoned_a_day_so_that_a_longer_month_is_no_weather() -> None:
    found = fitted("electric", months("22", "0.5", "1.25"))
    before = MeteredPeriod(30, Decimal(900), DegreeDays(Decimal(30), Decimal(240)))
    longer = MeteredPeriod(34, Decimal(1020), DegreeDays(Decimal(34), Decimal(272)))
    assert found.change(before, longer) == DegreeDays(Decimal(0), Decimal(0))
    hotter = MeteredPeriod(30, Decimal(990), DegreeDays(Decimal(0), Decimal(312)))
    assert found.change(before, hotter) == DegreeDays(Decimal("-15.000"), Decimal("90.000"))


def test_a_high_bill_has_a_part_of_the_weather() -> None:
    """750 kWh in 30 days, then 1020 in 34, of which 100 for the weather, all at 0.084 + 0.078 a kWh."""
    before, now = electric(750, days=30), electric(1020, first=date(2015, 5, 29), days=34)
    parts = decompose(before, now, Decimal(100))
    assert (parts.days_cents, parts.weather_cents, parts.use_cents) == (1620, 1620, 1134)
    without = decompose(before, now)
    assert (without.weather_cents, without.use_cents) == (None, 2754)
    assert parts.total_cents == without.total_cents


def test_weather_takes_no_more_than_there_was_and_makes_nothing_of_nothing() -> None:
    before, now = electric(750, days=30), electric(100, first=date(2015, 5, 29), days=30)
    parts = decompose(before, now, Decimal(-5000))
    none_left = decompose(before, electric(0, first=date(2015, 5, 29), days=30))
    assert parts.weather_cents == none_left.use_cents
    assert decompose(electric(0, days=30), now, Decimal(50)).weather_cents is None


@given(
    st.decimals(0, 5000, places=1), st.decimals(0, 5000, places=1), st.integers(5, 45), st.integers(5, 45),
    st.integers(0, 700), st.none() | st.decimals(-3000, 3000, places=3),
)  # fmt: skip
def test_all_parts_sum_to_the_difference_exactly(
    usage: Decimal, later: Decimal, days: int, later_days: int, gap: int, weather_use: Decimal | None
) -> None:
    first = date(2013, 9, 3)
    before = electric(usage, first, days)
    now = electric(later, first + timedelta(days=days + gap), later_days)
    parts = decompose(before, now, weather_use)
    assert parts.total_cents == now.segment().total_cents - before.segment().total_cents
    assert (parts.weather_cents is None) is (weather_use is None or usage == 0)


def test_use_by_the_hour_has_its_part_in_the_shares_of_its_periods() -> None:
    """Time of use at 1.5 and then 2.25 kWh an hour: a tenth more for the weather is one of each period."""

    def hourly(first: date, days: int, kwh: str) -> Rated:
        start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=1)
        hours = tuple(IntervalUse(start + timedelta(hours=hour), Decimal(kwh)) for hour in range(24 * days))
        period = ServicePeriod(first, first + timedelta(days=days))
        premise = {"location": "inside", "phase": "1"}
        determinants = Determinants(intervals=hours)
        return Rated(shipped("tallahassee"), "E-NW", period, determinants, period.last_day, premise)

    before, now = hourly(date(2026, 2, 1), 28, "1.5"), hourly(date(2026, 3, 1), 28, "2.25")
    tenth = Decimal("1.5") * 24 * 28 / 10
    parts = decompose(before, now, tenth)
    assert parts.total_cents == now.segment().total_cents - before.segment().total_cents
    assert parts.weather_cents is not None
    # half as much again was used in all: the weather's tenth is a fifth of it
    together = parts.weather_cents + parts.use_cents
    assert abs(5 * parts.weather_cents - together) <= 5


def test_the_control_parts_without_the_weather_do_not_sum_up() -> None:
    missed = 0
    for kwh in range(100, 1100, 100):
        before, now = electric(kwh, days=30), electric(1020, first=date(2015, 5, 29), days=34)
        parts = decompose(before, now, Decimal(40))
        known = parts.days_cents + parts.use_cents + parts.rate_cents + parts.fuel_cents + parts.taxes_cents
        missed += known != now.segment().total_cents - before.segment().total_cents
    assert missed == 10


PERIODS = st.builds(
    MeteredPeriod,
    st.integers(25, 35),
    st.decimals(0, 9000, places=2),
    st.builds(DegreeDays, st.decimals(0, 900, places=1), st.decimals(0, 900, places=1)),
)


@given(st.lists(PERIODS, max_size=26), st.sampled_from(["electric", "gas"]))
def test_whatever_the_bills_are_a_claim_has_a_base_and_only_adds(
    periods: list[MeteredPeriod], service: str
) -> None:
    found = response(service, periods)
    if isinstance(found, Response):
        assert found.base > 0
        assert found.heating + found.cooling > 0
        assert min(found.heating, found.cooling) >= 0
        assert Decimal("0.7") <= found.fit <= 1
        assert found.scatter <= Decimal("0.2")
