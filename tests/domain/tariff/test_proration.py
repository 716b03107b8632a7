"""Short, long and split periods: each named method, and prices that change inside a period."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.domain.tariff.books import CITED, HEAD, cents, component, rated, readable, schedule, use

from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod
from csr_console.domain.tariff.proration import Proration


def method(fixed: str = "full", tiers: str = "full", more: str = "") -> str:
    return f'\n[[proration]]\nid = "P"\nfixed = "{fixed}"\ntiers = "{tiers}"\n{more}\n{CITED}'


def period(days: int) -> ServicePeriod:
    return ServicePeriod(date(2020, 3, 31), date(2020, 3, 31) + timedelta(days=days))


P = schedule("C", table='proration = "P"')


@pytest.mark.parametrize(
    ("fixed", "days", "charged"),
    [
        ("full", 19, 3000),
        ("full", 45, 3000),
        ("days", 19, 1900),  # $30 x 19/30 = 19.00 (current.helpscoutdocs.com/article/145)
        ("days", 31, 3100),
        ("days-if-short", 14, 1400),  # F.A.C. 25-30.335(3): below half a cycle by days
        ("days-if-short", 15, 3000),
        ("days-if-short", 34, 3000),
        ("half-if-short", 14, 1500),  # F.A.C. 25-10.097, older text
        ("half-if-short", 15, 3000),
        ("days-if-unusual", 27, 2700),
        ("days-if-unusual", 28, 3000),
        ("days-if-unusual", 33, 3000),
        ("days-if-unusual", 34, 3400),
    ],
)
def test_a_fixed_charge_of_30_dollars(fixed: str, days: int, charged: int) -> None:
    book = readable(HEAD + method(fixed) + component("fixed", 'price = "30"') + P)
    assert rated(book, use(0), period=period(days)).total_cents == charged


@pytest.mark.parametrize(("days", "width"), [(34, "1.13"), (27, "0.9"), (28, "1"), (33, "1")])
def test_syabas_tier_widths(days: int, width: str) -> None:
    """34 days x 1.13, 27 days x 0.9, 28 to 33 days count as one month (syabas.com.my)."""
    proration = Proration.model_validate(
        {
            "id": "P",
            "fixed": "full",
            "tiers": "days-if-unusual",
            "factor_decimals": 2,
            "citation": "SYABAS",
            "status": "verified",
        }
    )
    upper, lower = proration.tier_ratio(days)
    assert upper / lower == Decimal(width)


QUARTERLY = """fixed = "full"\ntiers = "full"\ncycle_days = 91\ncycle_months = 3\n"""


@pytest.mark.parametrize(
    ("per", "charged"), [("month", 3600), ("quarter", 1200), ("year", 300), ("cycle", 1200)]
)
def test_a_quarterly_cycle(per: str, charged: int) -> None:
    book = readable(
        HEAD
        + f'\n[[proration]]\nid = "P"\n{QUARTERLY}{CITED}'
        + component("fixed", f'price = "12"\nper = "{per}"')
        + P
    )
    assert rated(book, use(0), period=period(91)).total_cents == charged


def test_a_charge_by_the_day() -> None:
    book = readable(HEAD + component("fixed", 'price = "0.25"\nper = "day"') + schedule("C"))
    assert rated(book, use(0), period=period(31)).total_cents == 775


def changed(before: str, after: str, kind: str = "flat", table: str = 'unit = "kWh"') -> str:
    """A component whose version changes on April 11: ten days of a thirty-day period are before."""
    second = f"\n[[component.version]]\nfrom = 2020-04-11\n{after}\n{CITED}"
    return component(kind, before, table=table, more=second)


def test_use_is_split_by_days_when_the_price_changes() -> None:
    book = readable(HEAD + changed('price = "0.10"', 'price = "0.20"') + schedule("C"))
    segment = rated(book, use(900))
    assert cents(segment) == [3000, 12_000]
    assert segment.lines[0].last_day == date(2020, 4, 10)
    assert segment.lines[1].why.rule == "test/C@2020-04-11"
    assert ("days", "2020-04-11 to 2020-04-30, 20 of 30") in segment.lines[1].why.inputs


def test_use_is_split_by_intervals_where_there_are_any() -> None:
    book = readable(HEAD + changed('price = "0.10"', 'price = "0.20"') + schedule("C"))
    day = datetime.fromisoformat("2020-04-05T10:00:00-04:00")
    intervals = (IntervalUse(day, Decimal(100)), IntervalUse(day + timedelta(days=10), Decimal(20)))
    assert cents(rated(book, Determinants(intervals=intervals))) == [1000, 400]


def test_a_fixed_charge_is_split_by_days_when_it_changes() -> None:
    book = readable(HEAD + changed('price = "12"', 'price = "15"', "fixed", "") + schedule("C"))
    assert cents(rated(book, use(0))) == [400, 1000]


TIERS = 'tier = [{ over = "0", up_to = "300", price = "0.10" }, { over = "300", price = "0.30" }]'


@pytest.mark.parametrize(
    ("days", "on_change", "first_tiers"),
    [
        (30, "share", (100, 200)),
        (30, "days", (100, 200)),
        (31, "days", (100, 210)),
        (31, "share", (None, None)),
    ],
)
def test_tiers_of_the_parts(days: int, on_change: str, first_tiers: tuple[int | None, int | None]) -> None:
    """Each part has its share of the widths, or its own days / 30 (Oracle, service quantity proration)."""
    book = readable(HEAD + method(more=f'on_change = "{on_change}"') + changed(TIERS, TIERS, "block") + P)
    segment = rated(book, use(9000), period=period(days))
    widths = [line.quantity for line in segment.lines if line.part == "tier 1"]
    if first_tiers == (None, None):
        assert [width and width.quantize(Decimal("0.01")) for width in widths] == [
            Decimal("96.77"),
            Decimal("203.23"),
        ]
    else:
        assert widths == list(first_tiers)


def test_a_day_s_width_follows_the_days_of_each_part() -> None:
    tiers = 'tier = [{ over = "0", up_to = "10", price = "0.10" }, { over = "10", price = "0.30" }]'
    daily = f'width_per = "day"\n{tiers}'
    book = readable(HEAD + changed(daily, daily, "block") + schedule("C"))
    widths = [line.quantity for line in rated(book, use(9000)).lines if line.part == "tier 1"]
    assert widths == [100, 200]


def test_a_seasonal_component_counts_on_the_days_of_its_months() -> None:
    summer = component("flat", 'price = "0.05"', name="SUMMER", table='unit = "kWh"\nmonths = [6, 7, 8, 9]')
    base = component("fixed", 'price = "1"')
    book = readable(HEAD + base + summer + schedule("C", "SUMMER"))
    segment = rated(book, use(300), period=ServicePeriod(date(2020, 5, 16), date(2020, 6, 15)))
    assert cents(segment) == [100, 750]
    assert segment.lines[1].first_day == date(2020, 6, 1)


def test_a_rider_holds_on_its_own_days_only() -> None:
    rider = component("flat", 'price = "0.01"\nto = 2020-04-10', name="R", table='unit = "kWh"\nrider = true')
    book = readable(HEAD + component("fixed", 'price = "1"') + rider + schedule("C", "R"))
    assert cents(rated(book, use(900))) == [100, 300]
    later = ServicePeriod(date(2020, 4, 30), date(2020, 5, 31))
    assert cents(rated(book, use(900), period=later)) == [100]


def test_a_half_cent_survives_proration() -> None:
    """30.015 x 10 / 30 is 10.005 exactly: dividing first would lose the half cent."""
    book = readable(HEAD + method("days") + component("fixed", 'price = "30.015"') + P)
    assert rated(book, use(0), period=period(10)).total_cents == 1001
