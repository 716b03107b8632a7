"""What a schedule needs is all it needs, and nothing of it can be left out."""

from datetime import date
from decimal import Decimal

import pytest
from tests.domain.tariff.books import HEAD, attribute, component, rated, readable, schedule, shipped

from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.needs import Needs, needs_of

PERIOD = ServicePeriod(date(2021, 3, 9), date(2021, 4, 8))
ALL = [(name, item.id) for name in ("gru", "tallahassee") for item in shipped(name).schedule]


def enough(book: TariffBook, needs: Needs) -> tuple[Determinants, dict[str, str | int | Decimal]]:
    """Figures for what is needed, and for nothing else."""
    determinants = Determinants(
        usage=Decimal(100) if needs.use and not needs.use_periods else None,
        usage_by_period={name: Decimal(50) for name in needs.use_periods},
        demand_kw=Decimal(60) if needs.demand else None,
        demand_by_period={name: Decimal(60) for name in needs.demand_periods},
        contract_kw=Decimal(10) if needs.contract_kw else None,
        power_factor=Decimal("0.9") if needs.power_factor else None,
        reactive_kvar=Decimal(5) if needs.reactive_kvar else None,
    )
    premise: dict[str, str | int | Decimal] = {}
    for name in needs.attributes:
        values = book.attributes[name].values
        premise[name] = values[0] if values else 3
    return determinants, premise


@pytest.mark.parametrize(("book_name", "schedule_id"), ALL)
def test_a_schedule_is_rated_with_what_it_needs_alone(book_name: str, schedule_id: str) -> None:
    book = shipped(book_name)
    determinants, premise = enough(book, needs_of(book, schedule_id))
    assert rated(book, determinants, schedule_id=schedule_id, period=PERIOD, premise=premise).lines


PHASED = {"attributes": ("phase", "location")}


@pytest.mark.parametrize(
    ("book_name", "schedule_id", "needs"),
    [
        ("gru", "E-RES", {"attributes": ("location",), "use": True}),
        ("gru", "E-GSD", {"attributes": ("location",), "use": True, "demand": True}),
        ("gru", "S-RES", {"attributes": ("location",), "use": True, "winter_average": True}),
        ("gru", "T-DUMPSTER", {"attributes": ("dumpster_yd3", "pickups_per_week")}),
        ("tallahassee", "E-NW", {**PHASED, "use": True, "use_periods": ("on", "off")}),
        ("tallahassee", "F-COM", {"attributes": ("fire_category", "fire_zone", "building_sqft")}),
    ],
)  # fmt: skip
def test_needs_of_schedules_that_ship(book_name: str, schedule_id: str, needs: dict[str, object]) -> None:
    nothing: dict[str, object] = {
        "attributes": (), "use": False, "use_periods": (), "demand": False, "demand_periods": (),
        "contract_kw": False, "power_factor": False, "reactive_kvar": False, "winter_average": False,
    }  # fmt: skip
    assert needs_of(shipped(book_name), schedule_id) == Needs(**{**nothing, **needs})  # type: ignore[arg-type]


EVERYTHING = (
    attribute("units")
    + component("demand", 'price = "1"\ncontract = true\npower_factor_target = "0.95"', name="D")
    + component("reactive", 'price = "1"\nallowance_per_kw = "0.4"', name="R")
    + component(
        "block",
        'tier = [{ over = "0", price = "1" }]\nunits = "unit-averaged"\nunit_count = "units"',
        name="B",
        table='unit = "kWh"',
    )
)


@pytest.mark.parametrize(
    "left_out", ["usage", "demand_kw", "contract_kw", "power_factor", "reactive_kvar", "units"]
)
def test_nothing_that_is_needed_can_be_left_out(left_out: str) -> None:
    book = readable(HEAD + EVERYTHING + schedule("D", "R", "B"))
    needs = needs_of(book, "S")
    assert needs.contract_kw
    assert needs.power_factor
    assert needs.reactive_kvar
    assert needs.attributes == ("units",)
    determinants, premise = enough(book, needs)
    assert rated(book, determinants, premise=premise).lines
    figures = {
        name: None if name == left_out else getattr(determinants, name)
        for name in ("usage", "demand_kw", "contract_kw", "power_factor", "reactive_kvar")
    }
    known = {name: value for name, value in premise.items() if name != left_out}
    with pytest.raises(Refusal):
        rated(book, Determinants(**figures), premise=known)
