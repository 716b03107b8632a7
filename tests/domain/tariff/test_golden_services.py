"""Published examples of gas, water, sewer, solid waste, stormwater and fire charges, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from tests.domain.tariff.books import (
    CITED,
    HEAD,
    attribute,
    cents,
    component,
    rated,
    readable,
    schedule,
    shipped,
    use,
)

from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

MAY_2024 = ServicePeriod(date(2024, 4, 30), date(2024, 5, 31))


def test_gainesville_gas_18_therms() -> None:
    """The gas bill of 5/19/2017: 17 CCF x 1.017 x 1.020 = 17.635 are 18 therms; 29.37 in all
    (paperzz.com/doc/7712276)."""
    segment = rated(
        shipped("gru"),
        use(Decimal(17) * Decimal("1.017")),
        schedule_id="G-RES",
        period=ServicePeriod(date(2017, 4, 18), date(2017, 5, 19)),
        premise={"location": "inside"},
    )
    assert cents(segment) == [975, 1134, 100, 414, 85, 229]
    assert segment.total_cents == 2937
    assert segment.lines[1].quantity == 18


@pytest.mark.parametrize(
    ("ccf", "factor", "decimals", "therms"), [("37", "1.085", 0, "40"), ("78", "1.0043", 2, "78.34")]
)
def test_billing_factor_turns_ccf_into_therms(ccf: str, factor: str, decimals: int, therms: str) -> None:
    """37 CCF x 1.085 = 40 therms (energyknowledgebase.com); 78 x 1.0043 = 78.34 (kyfrontiergas.com)."""
    text = (
        f'\n[[billing_factor]]\nid = "B"\nlabel = "BTU factor"\nfrom_unit = "CCF"\nto_unit = "therm"\n'
        f"decimals = {decimals}\n\n[[billing_factor.version]]\nfrom = 2000-01-01\n"
        f'factor = "{factor}"\n{CITED}'
    )
    flat = component("flat", 'price = "1"\nbilling_factor = "B"', table='unit = "therm"')
    book = readable(HEAD + text + flat + schedule("C", service="gas", unit="CCF"))
    assert rated(book, use(ccf)).lines[0].quantity == Decimal(therms)


LAKE_WALES = """
2 28.15 56.29 112.58 168.87 225.16 281.45
3 42.22 84.44 168.87 253.31 337.74 422.18
4 56.29 112.58 225.16 337.74 450.32 562.90
6 84.44 168.87 337.74 506.61 675.48 844.35
8 112.58 225.16 450.32 675.48 900.64 1125.80
"""
"""Schedule B of Lake Wales code 17-54: cubic yards; every second week, then one to five times a week."""
PICKUPS = ("0.5", "1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("yards", "pickups", "printed"),
    [
        (yards, pickups, price)
        for yards, *prices in (row.split() for row in LAKE_WALES.strip().splitlines())
        for pickups, price in zip(PICKUPS, prices, strict=True)
    ],
)
def test_lake_wales_dumpsters(yards: str, pickups: str, printed: str) -> None:
    """All 30 cells of the printed table, as yards x pick-ups x 4.33 x $6.50."""
    segment = rated(
        shipped("gru"),
        Determinants(),
        schedule_id="T-DUMPSTER",
        period=MAY_2024,
        premise={"dumpster_yd3": Decimal(yards), "pickups_per_week": Decimal(pickups)},
    )
    assert segment.total_cents == int(Decimal(printed) * 100)


def test_half_even_rounding_would_miss_two_cells_of_the_table() -> None:
    """The control: 28.145 and 253.305 are printed 28.15 and 253.31; half-even gives 28.14 and 253.30."""
    missed = 0
    for yards, *prices in (row.split() for row in LAKE_WALES.strip().splitlines()):
        for pickups, printed in zip(PICKUPS, prices, strict=True):
            exact = Decimal(yards) * Decimal(pickups) * Decimal("4.33") * Decimal("6.50")
            missed += round(exact, 2) != Decimal(printed)
    assert missed >= 2


@pytest.mark.parametrize(
    ("location", "gallons", "printed"),
    [
        ("inside", 2000, "23.47"),
        ("inside", 3000, "23.47"),
        ("inside", 5000, "36.61"),
        ("inside", 10_000, "75.26"),
        ("outside", 3000, "29.34"),
        ("outside", 5000, "45.76"),
        ("outside", 10_000, "93.96"),
    ],
)
def test_cocoa_beach_sewer(location: str, gallons: int, printed: str) -> None:
    """First 3,000 gallons 23.47, to 5,000 at 6.57, then 7.73 a thousand; outside 29.34, 8.21, 9.64
    (cityofcocoabeach.com/178)."""
    segment = rated(
        shipped("tallahassee"),
        use(gallons),
        schedule_id="S-RES",
        period=MAY_2024,
        premise={"location": location},
    )
    assert segment.total_cents == int(Decimal(printed) * 100)


@pytest.mark.parametrize(
    ("sqft", "printed"),
    [(1500, "7.07"), (2166, "7.07"), (2167, "10.10"), (3000, "14.14"), (25_320, "101.00")],
)
def test_maitland_stormwater_classes(sqft: int, printed: str) -> None:
    """$10.10 an ERU of 2,532 sq ft: homes to 2,166 sq ft count 0.7, to 2,994 one, to 4,499 1.4; others by
    area without rounding (maitlandpd.org/237)."""
    kind = "single_family" if sqft < 4500 else "non_residential"
    segment = rated(
        shipped("gru"), Determinants(), schedule_id="D-RES", period=MAY_2024,
        premise={"premise_type": kind, "impervious_sqft": sqft},
    )  # fmt: skip
    assert segment.total_cents == int(Decimal(printed) * 100)


@pytest.mark.parametrize(
    ("rule", "area", "units"),
    [
        (
            'rounding = "half-up"\nfirst_cut_decimals = 1\nleast = "1"\nmost = "29"',
            "1480",
            "1",
        ),  # New Haven, IN
        ('rounding = "half-up"\nfirst_cut_decimals = 1\nleast = "1"\nmost = "29"', "1590", "2"),
        ('rounding = "half-up"\nfirst_cut_decimals = 1\nleast = "1"\nmost = "29"', "1549", "2"),
        ('rounding = "half-up"\nfirst_cut_decimals = 1\nleast = "1"\nmost = "29"', "1499", "1"),
        ('rounding = "half-up"\nfirst_cut_decimals = 1\nleast = "1"\nmost = "29"', "90000", "29"),
        ('rounding = "half-up"', "1499", "1"),  # Berkeley, SC: the nearest whole
        ('rounding = "half-up"', "1500", "2"),
        ('rounding = "up"', "1001", "2"),  # Charlottesville, VA
        ('rounding = "none"', "1250", "1.25"),  # Maitland, FL
    ],
)
def test_eru_rounding_is_a_local_rule(rule: str, area: str, units: str) -> None:
    version = f'price = "10"\narea = "area"\nunit_area = "1000"\n{rule}'
    book = readable(
        HEAD + attribute("area") + component("eru", version) + schedule("C", service="stormwater")
    )
    line = rated(book, Determinants(), premise={"area": Decimal(area)}).lines[0]
    assert line.quantity == Decimal(units)
    assert line.amount_cents == int(Decimal(units) * 1000)


@pytest.mark.parametrize(
    ("zone", "units", "printed"), [("1", 1, "16.75"), ("2", 1, "15.42"), ("1", 3, "50.25")]
)
def test_fire_fee_is_a_twelfth_of_the_year_for_each_dwelling(zone: str, units: int, printed: str) -> None:
    """$201 and $185 a year by zone (Tallahassee, 2015 study): 16.75 and 15.4166... a month."""
    segment = rated(
        shipped("tallahassee"), Determinants(), schedule_id="F-RES", period=MAY_2024,
        premise={"fire_zone": zone, "dwelling_units": units},
    )  # fmt: skip
    assert segment.total_cents == int(Decimal(printed) * 100)


def test_fire_fee_by_category_zone_and_size() -> None:
    premise = {"fire_category": "commercial", "fire_zone": "2", "building_sqft": 5000}
    segment = rated(
        shipped("tallahassee"), Determinants(), schedule_id="F-COM", period=MAY_2024, premise=premise
    )
    assert segment.lines[0].price == 2200
    assert segment.lines[0].why.inputs == (
        ("price row", "fire_category commercial, fire_zone 2, building_sqft over 1999 up to 9999"),
    )
    assert segment.total_cents == 18333
    assert segment.unverified


NEW_MEXICO_WATER = (
    component("fixed", 'price = "30.86"', name="BASE")
    + component("flat", 'price = "6.71"\nbasis = "winter-average"', name="USE", table='unit = "kgal"')
    + component("flat", 'price = "-0.174"\nbasis = "winter-average"', name="CREDIT", table='unit = "kgal"')
)


def test_new_mexico_water_sewer_by_winter_average() -> None:
    """30.86 + 6.71 x 4.3 - 0.174 x 4.3 = 58.96, whatever is used (newmexicowater.com)."""
    book = readable(HEAD + NEW_MEXICO_WATER + schedule("BASE", "USE", "CREDIT", service="sewer", unit="gal"))
    determinants = Determinants(usage=Decimal(9000), winter_average=Decimal(4300))
    segment = rated(book, determinants)
    assert cents(segment) == [3086, 2885, -75]
    assert segment.total_cents == 5896


@pytest.mark.parametrize(
    ("winter", "gallons", "billed"),
    [("4", 9000, "4"), ("4", 3000, "3"), (None, 9000, "5"), (None, 3000, "3"), ("12", 20_000, "10")],
)
def test_rio_rancho_sewer_quantity(winter: str | None, gallons: int, billed: str) -> None:
    """The lesser of use and winter average; a new customer the lesser of use and the class average of 5
    thousand gallons (ci.rio-rancho.nm.us NID=175); here with a cap of 10."""
    version = 'price = "1"\nbasis = "lesser-of-both"\nclass_average = "5"\ncap = "10"'
    book = readable(
        HEAD + component("flat", version, table='unit = "kgal"') + schedule("C", service="sewer", unit="gal")
    )
    determinants = Determinants(
        usage=Decimal(gallons), winter_average=Decimal(winter) * 1000 if winter else None
    )
    assert rated(book, determinants).lines[0].quantity == Decimal(billed)


@pytest.mark.parametrize(("winter", "billed"), [("4.4", 4), ("4.5", 5)])
def test_gainesville_sewer_rounds_to_the_thousand(winter: str, billed: int) -> None:
    """$6.50 and $5.29 for each thousand gallons of the winter maximum, rounded to the nearest thousand
    (gainesville.com, 2010-11-30)."""
    determinants = Determinants(usage=Decimal(12_345), winter_average=Decimal(winter) * 1000)
    segment = rated(
        shipped("gru"), determinants, schedule_id="S-RES", period=MAY_2024, premise={"location": "inside"}
    )
    assert segment.total_cents == 650 + 529 * billed
