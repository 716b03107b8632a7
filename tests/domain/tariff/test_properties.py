"""What holds for every tariff, period and use; each with a tariff it does not hold for, as a control."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.tariff.books import (
    CITED,
    HEAD,
    attribute,
    component,
    rated,
    readable,
    schedule,
    shipped,
    use,
)

from csr_console.domain.money import cents_of
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.segment import RatedSegment

STARTS = date(2020, 3, 31)
PRICES = st.integers(0, 500).map(lambda value: f"{value / 1000:.3f}")
WIDTHS = st.lists(st.integers(1, 900), min_size=0, max_size=4)
QUANTITIES = st.decimals(0, 5000, places=1)


def tiers_text(widths: list[int], prices: list[str]) -> str:
    bounds = [sum(widths[:index]) for index in range(len(widths) + 1)]
    rows = [
        f'{{ over = "{over}", up_to = "{up_to}", price = "{price}" }}'
        for over, up_to, price in zip(bounds, bounds[1:], prices, strict=False)
    ]
    rows.append(f'{{ over = "{bounds[-1]}", price = "{prices[len(widths)]}" }}')
    return f"tier = [{', '.join(rows)}]"


TAX = (
    '\n[[tax]]\nid = "GRT"\nlabel = "Gross receipts"\njurisdiction = "Nowhere"\nservices = ["electric"]\n'
    f'\n[[tax.version]]\nfrom = 2000-01-01\nmethod = "gross-up"\nrate = "2.5"\n{CITED}'
)


def tariff(widths: list[int], prices: list[str], changes_on: date | None, proration: str = "") -> TariffBook:
    """A customer charge and tiers under gross receipts tax; with the same figures again from `changes_on`."""
    fixed, tiers = 'price = "7.77"', tiers_text(widths, prices)

    def both(version: str) -> str:
        return f"\n[[component.version]]\nfrom = {changes_on}\n{version}\n{CITED}" if changes_on else ""

    text = component("fixed", fixed, name="CUST", more=both(fixed))
    text += component("block", tiers, name="ENERGY", table='unit = "kWh"', more=both(tiers))
    table = 'proration = "P"' if proration else ""
    return readable(HEAD + proration + text + schedule("CUST", "ENERGY", table=table) + TAX)


def by_line(segment: RatedSegment) -> dict[tuple[str, str], int]:
    amounts: dict[tuple[str, str], int] = {}
    for line in segment.lines:
        if line.kind == "charge":
            key = line.component, line.part
            amounts[key] = amounts.get(key, 0) + line.amount_cents
    return amounts


def furthest_apart(whole: RatedSegment, parts: RatedSegment) -> int:
    one, other = by_line(whole), by_line(parts)
    return max(abs(one.get(key, 0) - other.get(key, 0)) for key in one.keys() | other.keys())


PRICE_LISTS = st.lists(PRICES, min_size=5, max_size=5)


@given(WIDTHS, PRICE_LISTS, QUANTITIES, st.integers(15, 65), st.data())
def test_a_change_to_the_same_rates_changes_no_line_by_more_than_a_cent(
    widths: list[int], prices: list[str], quantity: Decimal, days: int, data: st.DataObject
) -> None:
    period = ServicePeriod(STARTS, STARTS + timedelta(days=days))
    changes_on = STARTS + timedelta(days=data.draw(st.integers(2, days)))
    whole = rated(tariff(widths, prices, None), use(quantity), period=period)
    parts = rated(tariff(widths, prices, changes_on), use(quantity), period=period)
    assert furthest_apart(whole, parts) <= 1
    exact = [sum(line.exact for line in item.lines if line.kind == "charge") for item in (whole, parts)]
    assert abs(exact[0] - exact[1]) < Decimal("1e-20")


def test_widths_by_the_days_of_each_part_do_differ() -> None:
    """The control: with `on_change = "days"` a change inside 45 days widens the tiers by half."""
    proration = f'\n[[proration]]\nid = "P"\nfixed = "full"\ntiers = "full"\non_change = "days"\n{CITED}'
    period = ServicePeriod(STARTS, STARTS + timedelta(days=45))
    books = [tariff([300], ["0.100", "0.300"], day, proration) for day in (None, STARTS + timedelta(days=20))]
    whole, parts = (rated(book, use(2000), period=period) for book in books)
    assert furthest_apart(whole, parts) > 100


@given(WIDTHS, PRICE_LISTS.map(sorted), QUANTITIES, QUANTITIES)
def test_more_use_never_costs_less(
    widths: list[int], prices: list[str], one: Decimal, other: Decimal
) -> None:
    book = tariff(widths, prices, None)
    less, more = sorted((one, other))
    assert rated(book, use(less)).total_cents <= rated(book, use(more)).total_cents


def test_a_minimum_that_ends_makes_more_use_cost_less() -> None:
    """The control: West Carrollton's minimum ends at 10,000 gallons."""
    minimum = 'of = ["USE"]\nprice = "67.93"\nunder = "10000"\nper = "cycle"'
    flat = component("flat", 'price = "1"', name="USE", table='unit = "kgal"')
    service = schedule("USE", "MIN", service="water", unit="gal")
    book = readable(HEAD + flat + component("minimum", minimum, name="MIN") + service)
    totals = [rated(book, use(gallons)).total_cents for gallons in (9999, 10_000)]
    assert totals[0] > totals[1]


@given(WIDTHS, PRICE_LISTS, QUANTITIES)
def test_every_line_is_its_exact_amount_rounded_and_they_sum_to_the_total(
    widths: list[int], prices: list[str], quantity: Decimal
) -> None:
    segment = rated(tariff(widths, prices, None), use(quantity))
    assert all(line.amount_cents == cents_of(line.exact) for line in segment.lines)
    assert segment.total_cents == segment.charges_cents + segment.taxes_cents
    assert segment.total_cents == sum(segment.cents_by_component().values())
    assert segment.total_cents == sum(segment.cents_by_group().values())
    tiers = sum(line.quantity or 0 for line in segment.lines if line.component == "ENERGY")
    assert tiers == quantity


@given(st.integers(1, 30), QUANTITIES)
def test_units_on_one_meter_pay_the_same_either_way_when_use_is_even(units: int, each: Decimal) -> None:
    """With every unit using the same, averaging and wider tiers come within half a cent a unit and tier."""
    version = f'{tiers_text([100, 400], ["0.100", "0.150", "0.300"])}\nunit_count = "units"\nunits = '
    totals = []
    for method in ("unit-averaged", "widths-times-units"):
        block = component("block", f'{version}"{method}"', table='unit = "kWh"')
        book = readable(HEAD + attribute("units") + block + schedule("C"))
        totals.append(rated(book, use(each * units), premise={"units": units}).total_cents)
    assert abs(totals[0] - totals[1]) <= 3 * (units + 1)


@given(st.integers(0, 20_000), st.integers(20, 40))
def test_the_gross_receipts_tax_is_two_and_a_half_percent_of_everything_received(kwh: int, days: int) -> None:
    period = ServicePeriod(date(2015, 4, 29), date(2015, 4, 29) + timedelta(days=days))
    segment = rated(
        shipped("gru"), use(kwh), schedule_id="E-RES", period=period, premise={"location": "inside"}
    )
    receipts = segment.charges_cents + segment.cents_by_component()["E-GRT"]
    assert abs(segment.cents_by_component()["E-GRT"] - Decimal(receipts) / 40) <= Decimal("0.52")


@given(st.sampled_from(sorted(shipped("gru").schedules)), st.integers(0, 100_000), st.integers(1, 70))
def test_rating_again_gives_the_same_cents_and_the_same_words(name: str, quantity: int, days: int) -> None:
    premise: dict[str, str | int | Decimal] = {
        "location": "outside", "premise_type": "single_family", "dwelling_units": 2, "impervious_sqft": 3000,
        "fire_zone": "1", "fire_category": "government", "building_sqft": 9999,
        "cans": "2", "dumpster_yd3": 4, "pickups_per_week": 2,
    }  # fmt: skip
    book = shipped("gru")
    determinants = Determinants(usage=Decimal(quantity), demand_kw=Decimal(80), winter_average=Decimal(5000))
    period = ServicePeriod(date(2021, 1, 12), date(2021, 1, 12) + timedelta(days=days))
    first = rated(book, determinants, schedule_id=name, period=period, premise=premise)
    assert first == rated(book, determinants, schedule_id=name, period=period, premise=premise)
    assert all(line.why.citation and line.why.arithmetic and line.why.rule for line in first.lines)
