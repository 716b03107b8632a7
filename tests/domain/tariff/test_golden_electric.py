"""Printed electric bills and rate examples, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from tests.domain.tariff.books import HEAD, cents, component, rated, readable, schedule, shipped, use

from csr_console.domain.money import dollars_text
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

MAY_2015 = ServicePeriod(date(2015, 4, 29), date(2015, 5, 30))


def test_gainesville_903_kwh() -> None:
    """Every line of the example that Gainesville Regional Utilities prints (expydoc.com/doc/4135883)."""
    segment = rated(
        shipped("gru"), use(903), schedule_id="E-RES", period=MAY_2015, premise={"location": "inside"}
    )
    assert segment.days == 31
    assert [(line.label, dollars_text(line.amount_cents)) for line in segment.lines] == [
        ("Electric customer charge", "12.75"),
        ("Energy use, first 250 kWh", "7.75"),
        ("Energy use, over 250 to 750 kWh", "21.00"),
        ("Energy use, over 750 kWh", "12.85"),
        ("Electric fuel adjustment", "70.43"),
        ("Florida gross receipts tax", "3.20"),
        ("Gainesville electric utility tax", "5.76"),
    ]
    assert (segment.charges_cents, segment.taxes_cents, segment.total_cents) == (12478, 896, 13374)
    assert not segment.unverified


def test_gainesville_says_why_its_taxes_are_what_they_are() -> None:
    """The base of each tax is spelled out: gross receipts tax on everything, utility tax without fuel."""
    segment = rated(
        shipped("gru"), use(903), schedule_id="E-RES", period=MAY_2015, premise={"location": "inside"}
    )
    receipts, utility = segment.lines[-2:]
    assert receipts.why.arithmetic == (
        "(12.75 + 7.75 + 21.00 + 12.85 + 70.43) × 2.5/(100 - 2.5) = 3.199487… → 3.20"
    )
    assert utility.why.arithmetic == "(12.75 + 7.75 + 21.00 + 12.85 + 3.20) × 10 % = 5.755 → 5.76"
    assert utility.why.rule == "gru/E-PST@2006-01-01"
    assert utility.why.policy == "TAX-02"
    assert "expydoc.com/doc/4135883" in utility.why.citation


def test_gainesville_2009_fact_sheet() -> None:
    """The steps of the fact sheet of October 1, 2009: 8.45, 7.00, 33.50 and 153 kWh x 0.102 = 15.61
    (docstoc.com/docs/41107774)."""
    period = ServicePeriod(date(2010, 3, 1), date(2010, 4, 1))
    segment = rated(
        shipped("gru"), use(903), schedule_id="E-RES", period=period, premise={"location": "inside"}
    )
    assert cents(segment)[:4] == [845, 700, 3350, 1561]


def test_seymour_rounds_half_a_cent_up() -> None:
    """550 kWh x 0.0475 = 26.125 is printed as 26.13 (Seymour, Indiana, bill comparison); half-even and a
    binary float both give 26.12."""
    book = readable(HEAD + component("flat", 'price = "0.0475"', table='unit = "kWh"') + schedule("C"))
    line = rated(book, use(550)).lines[0]
    assert line.exact == Decimal("26.125")
    assert line.amount_cents == 2613


def test_tallahassee_nights_and_weekends_by_component() -> None:
    """800 kWh off-peak and 200 on-peak are 95.04 by component; by the printed sums they would be 95.03."""
    by_period = Determinants(usage_by_period={"on": Decimal(200), "off": Decimal(800)})
    period = ServicePeriod(date(2024, 5, 1), date(2024, 5, 31))
    segment = rated(
        shipped("tallahassee"),
        by_period,
        schedule_id="E-NW",
        period=period,
        premise={"phase": "1", "location": "inside"},
    )
    charges = [line.amount_cents for line in segment.lines if line.kind == "charge"]
    assert charges == [777, 3531, 2421, 729, 2046]
    assert segment.charges_cents == 9504


@pytest.mark.parametrize(("phase", "customer"), [("1", 777), ("3", 2720)])
def test_tallahassee_customer_charge_by_phase(phase: str, customer: int) -> None:
    """$7.77 single-phase and $27.20 three-phase; 1,000 kWh are 71.91 and 29.39 of fuel."""
    period = ServicePeriod(date(2024, 5, 1), date(2024, 5, 31))
    segment = rated(
        shipped("tallahassee"),
        use(1000),
        schedule_id="E-RES",
        period=period,
        premise={"phase": phase, "location": "inside"},
    )
    assert cents(segment)[:3] == [customer, 7191, 2939]


DOVER = """price = "10.00"
ratchet_percent = "60"
ratchet_months = 6
floor = "5"
"""


@pytest.mark.parametrize(
    ("measured", "past", "billed"),
    [
        ("100", ("90", "80"), "100"),
        ("40", ("90", "80", "70", "60", "50", "40"), "54"),
        ("40", ("30", "30", "30", "30", "30", "30", "300"), "40"),
        ("2", ("3",), "5"),
    ],
)
def test_dover_billed_demand(measured: str, past: tuple[str, ...], billed: str) -> None:
    """The greatest of the month's demand, 60 % of the highest of the last six months, and 5 kW
    (doverohio.com/Compare-Rates); the seventh month back no longer counts."""
    book = readable(HEAD + component("demand", DOVER) + schedule("C"))
    determinants = Determinants(
        usage=Decimal(0), demand_kw=Decimal(measured), past_demand_kw=tuple(Decimal(item) for item in past)
    )
    line = rated(book, determinants).lines[0]
    assert line.quantity == Decimal(billed)
    assert line.amount_cents == int(Decimal(billed) * 1000)


def test_power_factor_raises_measured_demand() -> None:
    """kW x (1 + (0.95 - power factor)): 200 kW at 0.85 is 220 kW; at 0.97 it stays 200
    (abcdocz.com/doc/280191)."""
    book = readable(
        HEAD + component("demand", 'price = "8.00"\npower_factor_target = "0.95"') + schedule("C")
    )
    for factor, billed in (("0.85", "220"), ("0.97", "200")):
        determinants = Determinants(demand_kw=Decimal(200), power_factor=Decimal(factor))
        assert rated(book, determinants).lines[0].quantity == Decimal(billed)


def test_reactive_demand_over_its_allowance() -> None:
    """The allowance is 0.4 x 986.40 kW = 394.56 kVAr (extensionpubs.unl.edu g2312)."""
    book = readable(HEAD + component("reactive", 'price = "0.50"\nallowance_per_kw = "0.4"') + schedule("C"))
    determinants = Determinants(demand_kw=Decimal("986.40"), reactive_kvar=Decimal(500))
    line = rated(book, determinants).lines[0]
    assert line.quantity == Decimal("105.44")
    assert ("allowance", "0.4 × 986.4 kW = 394.56 kVAr") in line.why.inputs
    assert line.amount_cents == 5272


def test_contract_minimum_demand() -> None:
    book = readable(HEAD + component("demand", 'price = "9.25"\ncontract = true') + schedule("C"))
    determinants = Determinants(demand_kw=Decimal(31), contract_kw=Decimal(50))
    assert rated(book, determinants).lines[0].quantity == 50
