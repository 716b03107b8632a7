"""Several dwellings on one meter: each published way of charging them."""

from decimal import Decimal

import pytest
from tests.domain.tariff.books import HEAD, attribute, cents, component, rated, readable, schedule, use

TIERS = """tier = [{ over = "0", up_to = "15000", price = "0.001" }, { over = "15000", price = "0.002" }]"""


def block(units: str, extra: str = "") -> str:
    version = f'{TIERS}\nunits = "{units}"\nunit_count = "units"\n{extra}'
    return HEAD + attribute("units") + component("block", version, table='unit = "gal"') + WATER


WATER = schedule("C", service="water", unit="gal")


def test_grove_city_rates_the_average_unit_and_charges_it_for_each() -> None:
    """Total use / units, one unit's charge, x units (Grove City, Pennsylvania, code): 40,000 gallons for two
    units are 2 x (15.00 + 10.00)."""
    segment = rated(readable(block("unit-averaged")), use(40_000), premise={"units": 2})
    assert cents(segment) == [3000, 2000]
    assert segment.lines[1].why.arithmetic == "2 units × round(5000 gal × 0.002) = 20.00"


def test_unit_averaging_rounds_the_charge_of_one_unit() -> None:
    """10,001 gallons for three units: 3.333666... a unit is 3.33, and three of them 9.99, not 10.00."""
    assert cents(rated(readable(block("unit-averaged")), use(10_001), premise={"units": 3})) == [999]


def test_hdwd_multiplies_the_widths() -> None:
    """Every tier is as wide as the units together (Hi-Desert Water District, California)."""
    assert cents(rated(readable(block("widths-times-units")), use(40_000), premise={"units": 2})) == [
        3000,
        2000,
    ]


@pytest.mark.parametrize(("units", "first"), [(1, 1500), (2, 2000), (4, 3000)])
def test_ofallon_adds_an_allotment_for_each_extra_unit(units: int, first: int) -> None:
    """First block 15,000 gallons and 5,000 more for each unit after the first (O'Fallon, Illinois)."""
    segment = rated(
        readable(block("extra-allotment", 'extra = "5000"')), use(40_000), premise={"units": units}
    )
    assert cents(segment)[0] == first
    assert cents(segment)[1] == 2 * (4000 - first)


def test_portland_charges_a_base_for_each_unit() -> None:
    """$24.88 a unit for water whether it is lived in or not (Portland, Texas)."""
    fixed = component("fixed", 'price = "24.88"\ntimes = ["units"]')
    book = readable(HEAD + attribute("units") + fixed + schedule("C", service="water"))
    assert rated(book, use(0), premise={"units": 6}).total_cents == 14928


WEST_CARROLLTON = """of = ["USE"]
price = "67.93"
per = "cycle"
times = ["units"]
under = "10000"
under_units = "units"
"""


@pytest.mark.parametrize(
    ("gallons", "total"), [(12_000, 13586), (19_999, 13586), (20_000, 2000), (60_000, 6000)]
)
def test_west_carrollton_minimum_for_each_unit(gallons: int, total: int) -> None:
    """$67.93 a living unit and quarter, while use is under 10,000 gallons a unit (West Carrollton, Ohio)."""
    flat = component("flat", 'price = "1"', name="USE", table='unit = "kgal"')
    minimum = component("minimum", WEST_CARROLLTON, name="MIN")
    book = readable(
        HEAD + attribute("units") + flat + minimum + schedule("USE", "MIN", service="water", unit="gal")
    )
    segment = rated(book, use(gallons), premise={"units": 2})
    assert segment.total_cents == total
    if len(segment.lines) == 2:
        assert ("minimum", "67.93 × 2 = 135.86") in segment.lines[1].why.inputs


def test_a_tier_by_units_refuses_a_building_without_units() -> None:
    with pytest.raises(Exception, match="at least one unit"):
        rated(readable(block("unit-averaged")), use(Decimal(5)), premise={"units": 0})
