"""The Florida tax stack and what other cities do: bases, order, exemptions, certificates."""

from dataclasses import replace
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

from csr_console.domain.tariff.determinants import ServicePeriod
from csr_console.domain.tariff.taxes import Certificate


def tax(name: str, version: str, table: str = "", *, more: str = "") -> str:
    return (
        f'\n[[tax]]\nid = "{name}"\nlabel = "Tax {name}"\njurisdiction = "Nowhere"\nservices = ["electric"]\n'
        f"{table}\n\n[[tax.version]]\nfrom = 2000-01-01\n{version}\n{CITED}{more}"
    )


PERCENT_10 = 'method = "percent"\nrate = "10"'
GRT = tax("GRT", 'method = "gross-up"\nrate = "2.5"')
FIXED_100 = component("fixed", 'price = "100"')
CHARGES = FIXED_100 + schedule("C")


def test_gross_up_is_a_tax_on_receipts_with_the_tax_in_them() -> None:
    """2.5 % of receipts is 2.5641 % of charges: 100.00 pays 2.56, and 2.5 % of 102.56 is 2.56."""
    assert cents(rated(readable(HEAD + CHARGES + GRT), use(0))) == [10_000, 256]


@pytest.mark.parametrize(
    ("table", "amount"),
    [
        ('base = ["CUST", "ENERGY"]\nincluding_taxes = ["GRT"]', 576),  # as Gainesville prints it
        ('base = "all"', 1248),  # everything with fuel, without gross receipts tax
        ('base = "all"\nexcluding = ["FUEL"]', 544),  # without fuel, without gross receipts tax
    ],
)
def test_only_one_base_gives_the_printed_utility_tax(table: str, amount: int) -> None:
    """On the Gainesville bill 5.76 is printed; two other readings of the ordinance give 12.48, 5.44."""
    charges = (
        component("fixed", 'price = "12.75"', name="CUST")
        + component("fixed", 'price = "41.60"', name="ENERGY")
        + component("fixed", 'price = "70.43"', name="FUEL")
        + schedule("CUST", "ENERGY", "FUEL")
    )
    segment = rated(readable(HEAD + charges + tax("PST", PERCENT_10, table) + GRT), use(0))
    assert segment.cents_by_component()["PST"] == amount


def test_taxes_are_levied_in_the_order_of_their_bases_not_of_the_file() -> None:
    pst = tax("PST", PERCENT_10, 'including_taxes = ["GRT"]')
    segment = rated(readable(HEAD + CHARGES + pst + GRT), use(0))
    assert [line.component for line in segment.lines] == ["C", "GRT", "PST"]
    assert cents(segment) == [10_000, 256, 1026]


COMMERCIAL = ServicePeriod(date(2024, 4, 30), date(2024, 5, 31))
CHURCH = Certificate("church", "85-8012345678C-1", date(2026, 12, 31), date(2024, 1, 15))


def commercial_taxes(
    *certificates: Certificate, as_of: date = date(2024, 6, 3)
) -> tuple[dict[str, int], tuple[str, ...]]:
    segment = rated(
        shipped("gru"), use(1000), schedule_id="E-GSN", period=COMMERCIAL, premise={"location": "inside"},
        as_of=as_of, certificates=certificates,
    )  # fmt: skip
    return segment.cents_by_component(), segment.notices


def test_sales_tax_on_commercial_electricity() -> None:
    """6.95 % of charges with the 2.5 % tax in the base (F.S. 203.0011, 212.05011): 26.00 + 80.00 + 78.00."""
    amounts, notices = commercial_taxes()
    assert amounts["E-GRT"] == 472
    assert amounts["E-SALES"] == 1312  # 188.72 x 6.95 % = 13.11604
    assert amounts["E-PST"] == 1107  # (106.00 + 4.72) x 10 %
    assert not notices


def test_residential_electricity_pays_no_sales_tax() -> None:
    segment = rated(
        shipped("gru"), use(903), schedule_id="E-RES", period=COMMERCIAL, premise={"location": "inside"}
    )
    assert "E-SALES" not in segment.cents_by_component()


def test_a_certificate_exempts_from_the_taxes_it_is_for() -> None:
    amounts, notices = commercial_taxes(CHURCH)
    assert "E-SALES" not in amounts
    assert "E-PST" in amounts
    assert any("85-8012345678C-1" in notice for notice in notices)


@pytest.mark.parametrize(
    "certificate",
    [
        replace(CHURCH, expires_on=date(2024, 5, 30)),
        replace(CHURCH, number=""),
        replace(CHURCH, holder="club"),
        replace(CHURCH, taxes=("E-PST",)),
        replace(CHURCH, received_on=date(2024, 6, 4)),
    ],
    ids=["expired", "without a number", "another holder", "another tax", "received after the bill"],
)
def test_a_certificate_that_does_not_hold_exempts_nobody(certificate: Certificate) -> None:
    amounts, notices = commercial_taxes(certificate)
    assert amounts["E-SALES"] == 1312
    told = certificate.expires_on < date(2024, 5, 31) or not certificate.number
    assert bool(notices) == told


def test_an_old_bill_keeps_its_cents_when_a_certificate_arrives_later() -> None:
    late = replace(CHURCH, received_on=date(2024, 6, 4))
    assert commercial_taxes(late)[0] == commercial_taxes()[0]
    assert "E-SALES" not in commercial_taxes(late, as_of=date(2024, 6, 4))[0]


WINTER_GARDEN = 'exempt_quantity = "50"\nexempt_unit = "kWh"\nexempt_per = "units"'


@pytest.mark.parametrize(
    ("units", "kwh", "amount"), [(1, 100, 200), (3, 100, 100), (1, 50, 100), (1, 0, 100)]
)
def test_winter_garden_exempts_the_first_50_kwh_of_each_unit(units: int, kwh: int, amount: int) -> None:
    """The first 50 kWh, for each unit even on a master meter (Winter Garden, Florida, code 66-28): of 100 kWh
    at 0.20 and a customer charge of 10.00."""
    charges = (
        component("fixed", 'price = "10"', name="CUST")
        + component("flat", 'price = "0.20"', name="ENERGY", table='unit = "kWh"')
        + schedule("CUST", "ENERGY")
    )
    book = readable(HEAD + attribute("units") + charges + tax("PST", PERCENT_10, WINTER_GARDEN))
    assert rated(book, use(kwh), premise={"units": units}).taxes_cents == amount


HALVED = f'\n[[tax.version]]\nfrom = 2020-04-16\nmethod = "percent"\nrate = "5"\n{CITED}'


@pytest.mark.parametrize(("on_change", "amounts"), [("last-day", [500]), ("days", [500, 250])])
def test_a_rate_that_changes_inside_the_period(on_change: str, amounts: list[int]) -> None:
    book = readable(HEAD + CHARGES + tax("T", PERCENT_10, f'on_change = "{on_change}"', more=HALVED))
    assert cents(rated(book, use(0)))[1:] == amounts


def test_a_tax_by_jurisdiction_and_by_class() -> None:
    inside = attribute("location", '"inside", "outside"')
    taxed = tax("CITY", PERCENT_10, 'when = { location = "inside" }')
    book = readable(HEAD + inside + CHARGES + taxed)
    assert rated(book, use(0), premise={"location": "inside"}).taxes_cents == 1000
    assert rated(book, use(0), premise={"location": "outside"}).taxes_cents == 0


def test_gainesville_outside_the_city_pays_surcharge_and_county_tax() -> None:
    """10 % electric surcharge and 10 % county tax instead of the city's (expydoc.com/doc/4135883)."""
    segment = rated(
        shipped("gru"), use(903), schedule_id="E-RES", period=COMMERCIAL, premise={"location": "outside"}
    )
    amounts = segment.cents_by_component()
    assert amounts["E-OUTSIDE"] == 544  # (12.75 + 7.75 + 21.00 + 12.85) x 10 % = 5.435
    assert "E-PST" not in amounts
    assert amounts["E-PST-COUNTY"] > amounts["E-OUTSIDE"]


def test_an_outside_factor_rounds_the_price_itself_where_the_table_is_printed_so() -> None:
    """Cocoa Beach: 23.47 x 1.25 is printed 29.34, 6.57 x 1.25 is printed 8.21."""
    factor = 'price_factor = [{ where = { location = "outside" }, factor = "1.25", price_decimals = 2 }]'
    flat = component("flat", f'price = "6.57"\n{factor}', table='unit = "kgal"')
    inside = attribute("location", '"inside", "outside"')
    book = readable(HEAD + inside + flat + schedule("C", service="sewer", unit="gal"))
    assert rated(book, use(2000), premise={"location": "outside"}).total_cents == 1642
    assert rated(book, use(2000), premise={"location": "inside"}).total_cents == 1314
    assert rated(book, use(Decimal(1000)), premise={"location": "outside"}).lines[0].price == Decimal("8.21")
