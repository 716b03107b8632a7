"""Rates of the OpenEI utility rate database: as books, and in figures beside NREL's own reckoning of them."""

import json
import math
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from PySAM import Utilityrate5, UtilityRateTools

from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.urdb import import_urdb
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod
from csr_console.domain.tariff.rate import rate
from csr_console.domain.tariff.segment import RatedSegment

YEAR = 2018
"""Begins on a Monday and has 365 days, as every year of Utilityrate5 does."""
PEER_TOLERANCE = 0.005


def matrix(row: Any) -> list[list[int]]:
    return [[row(month, hour) for hour in range(24)] for month in range(12)]


DAY = matrix(lambda _, hour: 1 if 7 <= hour < 19 else 0)
NIGHT = matrix(lambda _, _hour: 0)
SEASONS = matrix(lambda month, hour: (2 if 5 <= month <= 8 else 0) + (1 if 12 <= hour < 18 else 0))
SEASON_ENDS = matrix(lambda month, _: 2 if 5 <= month <= 8 else 0)
BASE: dict[str, Any] = {
    "label": "a", "utility": "Test Power", "name": "Rate", "sector": "Residential", "approved": True,
    "fixedchargefirstmeter": 9.87, "fixedchargeunits": "$/month",
    "energyweekdayschedule": NIGHT, "energyweekendschedule": NIGHT,
}  # fmt: skip
RATES: dict[str, dict[str, Any]] = {
    "flat": {"energyratestructure": [[{"rate": 0.0719, "adj": 0.02939}]]},
    "tiered": {
        "energyratestructure": [[{"max": 250, "rate": 0.031}, {"max": 750, "rate": 0.042}, {"rate": 0.084}]]
    },
    "time of use": {
        "energyratestructure": [[{"rate": 0.03026}], [{"rate": 0.17657}]], "energyweekdayschedule": DAY,
    },
    "time of use by season": {
        "energyratestructure": [[{"rate": 0.05}], [{"rate": 0.11}], [{"rate": 0.07}], [{"rate": 0.29}]],
        "energyweekdayschedule": SEASONS, "energyweekendschedule": SEASON_ENDS,
    },
    "time of use in tiers": {
        "energyratestructure": [
            [{"max": 400, "rate": 0.05}, {"max": 900, "rate": 0.08}, {"rate": 0.12}],
            [{"max": 400, "rate": 0.15}, {"max": 900, "rate": 0.2}, {"rate": 0.31}],
        ],
        "energyweekdayschedule": DAY,
    },
    "tiers by the day": {
        "energyratestructure": [
            [{"max": 20, "rate": 0.05, "unit": "kWh daily"}, {"rate": 0.2, "unit": "kWh daily"}]
        ],
    },
    "hours use of demand": {
        "energyratestructure": [
            [{"max": 200, "rate": 0.11, "unit": "kWh/kW"}, {"rate": 0.05, "unit": "kWh/kW"}]
        ],
    },
    "flat demand": {
        "energyratestructure": [[{"rate": 0.051}]],
        "flatdemandstructure": [[{"rate": 9.25}]], "flatdemandmonths": [0] * 12,
    },
    "flat demand by month in tiers": {
        "energyratestructure": [[{"rate": 0.051}]],
        "flatdemandstructure": [[{"rate": 7.5}], [{"max": 2, "rate": 4}, {"rate": 11.125, "adj": 0.5}]],
        "flatdemandmonths": [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0],
    },
    "demand by time of use": {
        "energyratestructure": [[{"rate": 0.051}]],
        "demandratestructure": [[{"rate": 2.5}], [{"rate": 14.75}]],
        "demandweekdayschedule": DAY, "demandweekendschedule": NIGHT,
    },
    "both demands and time of use": {
        "energyratestructure": [[{"rate": 0.03}], [{"rate": 0.17}]], "energyweekdayschedule": DAY,
        "demandratestructure": [
            [{"max": 1.5, "rate": 0.5}, {"rate": 0}], [{"max": 1.5, "rate": 3}, {"rate": 14.75}]
        ],
        "demandweekdayschedule": DAY, "demandweekendschedule": NIGHT,
        "flatdemandstructure": [[{"rate": 5}]], "flatdemandmonths": [0] * 12,
    },
    "minimum": {
        "energyratestructure": [[{"rate": 0.02}]], "mincharge": 40.5, "minchargeunits": "$/month",
    },
}  # fmt: skip


@cache
def load() -> tuple[Decimal, ...]:
    """A year of hours in kWh with a daily and a yearly shape, to the watt-hour."""
    random = Random(7)
    return tuple(
        Decimal(
            str(
                round(
                    1.7
                    + 0.9 * math.sin((hour % 24 - 8) / 24 * 2 * math.pi)
                    + 0.6 * math.cos(hour / 8760 * 4 * math.pi)
                    + random.uniform(0, 0.8),
                    3,
                )
            )
        )
        for hour in range(8760)
    )


def item(name: str) -> dict[str, Any]:
    """A copy that shares no list with another: the peer's reader counts periods up in place."""
    copied: dict[str, Any] = json.loads(json.dumps({**BASE, **RATES[name]}))
    return copied


def imported(urdb: Mapping[str, Any]) -> TariffBook:
    found = import_urdb(json.dumps({"items": [urdb]}))
    assert found.text is not None, found.mistakes
    reading = read_book(found.text)
    assert reading.book, "\n".join(map(str, reading.mistakes))
    return reading.book


def months_rated(book: TariffBook) -> list[RatedSegment]:
    """Each calendar month of the year from its hours."""
    segments = []
    for month in range(1, 13):
        days = monthrange(YEAR, month)[1]
        first = datetime(YEAR, month, 1, tzinfo=UTC)
        begin = (first.date() - date(YEAR, 1, 1)).days * 24
        hours = tuple(
            IntervalUse(first + timedelta(hours=hour), load()[begin + hour]) for hour in range(days * 24)
        )
        period = ServicePeriod(first.date() - timedelta(days=1), date(YEAR, month, days))
        segments.append(
            rate(book, "URDB", period, Determinants(intervals=hours), {}, as_of=date(YEAR + 1, 1, 1))
        )
    return segments


def peer_months(urdb: dict[str, Any]) -> list[float]:
    """The bills without a system of NREL's Utilityrate5."""
    model = Utilityrate5.new()
    rates = UtilityRateTools.URDBv8_to_ElectricityRates(urdb)
    model.ElectricityRates.assign(rates)
    model.ElectricityRates.rate_escalation = [0]
    model.Load.load = [float(value) for value in load()]
    model.Load.load_escalation = [0]
    model.Lifetime.analysis_period = 1
    model.Lifetime.system_use_lifetime_output = 0
    model.Lifetime.inflation_rate = 0
    model.SystemOutput.gen = [0] * 8760
    model.SystemOutput.degradation = [0]
    model.execute(0)
    return list(model.Outputs.utility_bill_wo_sys_ym[1])


def furthest(ours: list[RatedSegment], peer: list[float]) -> float:
    exact = [float(sum(line.exact for line in segment.lines)) for segment in ours]
    return max(abs(one - other) for one, other in zip(exact, peer, strict=True))


@pytest.mark.parametrize("name", RATES)
def test_every_month_is_what_the_peer_reckons(name: str) -> None:
    """Before rounding within 0.005 a month; each line is then within half a cent of it."""
    ours = months_rated(imported(item(name)))
    peer = peer_months(item(name))
    assert furthest(ours, peer) <= PEER_TOLERANCE
    for segment, bill in zip(ours, peer, strict=True):
        assert abs(segment.total_cents - 100 * bill) <= 0.5 * len(segment.lines) + 0.01


def test_the_minimum_of_the_comparison_is_reached_in_some_months_only() -> None:
    raised = [segment.lines[-1].component == "MINIMUM" for segment in months_rated(imported(item("minimum")))]
    assert any(raised)
    assert not all(raised)


def test_the_comparison_sees_a_tenth_of_a_mill() -> None:
    """The control: a ten-thousandth of a dollar a kWh dearer is further from the peer than allowed."""
    dearer = item("flat")
    dearer["energyratestructure"][0][0]["rate"] += 0.0001
    assert furthest(months_rated(imported(dearer)), peer_months(item("flat"))) > PEER_TOLERANCE


def test_a_ratchet_looks_back() -> None:
    book = imported({**item("flat demand"), "lookbackpercent": 0.6, "lookbackrange": 6})
    version = book.components["DEMAND"].version[0]
    assert (version.ratchet_percent, version.ratchet_months) == (60, 6)  # type: ignore[union-attr]


def test_monthly_fuel_adjustments_become_riders() -> None:
    book = imported({**item("flat"), "fueladjustmentsmonthly": [0.01] * 6 + [0.012] * 6})
    january, *_, december = months_rated(book)
    assert [line.component for line in january.lines] == ["FIXED", "ENERGY", "FUEL-1"]
    assert december.lines[-1].price == Decimal("0.012")


@pytest.mark.parametrize(("unit", "cents"), [("$/month", 1000), ("$/day", 31_000), ("$/year", 83)])
def test_a_fixed_charge_by_month_day_or_year(unit: str, cents: int) -> None:
    book = imported({**item("flat"), "fixedchargefirstmeter": 10, "fixedchargeunits": unit})
    assert months_rated(book)[0].lines[0].amount_cents == cents


def test_a_book_says_where_a_rate_comes_from_and_since_when() -> None:
    described = {"startdate": 1412121600, "enddate": 1443571200, "source": "https://example.org/rates.pdf"}
    book = imported({**item("tiered"), **described})
    schedule = book.schedule[0]
    assert (schedule.first_day, schedule.last_day) == (date(2014, 10, 1), date(2015, 9, 30))
    assert "Test Power" in book.component[0].version[0].citation
    assert book.component[0].version[0].status == "verified"
    assert imported({**item("flat"), "approved": False}).component[0].version[0].status == "unverified"


TWO = {"energyratestructure": [[{"rate": 1}], [{"rate": 2}]]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"coincidentratestructure": [[{"rate": 1}]]}, "coincidentratestructure"),
        ({"demandratchetpercentage": [0.8] * 12}, "demandratchetpercentage"),
        ({"flatdemandstructure": [[{"rate": 1, "unit": "kVA"}]]}, "not in kW"),
        ({"energyratestructure": [[{"max": 5, "unit": "kWh"}, {"unit": "kWh daily"}]]}, "several units"),
        ({**TWO, "energyweekdayschedule": [[0] * 24]}, "twelve rows"),
        ({**TWO, "energyweekdayschedule": [[7] * 24] * 12}, "no rate"),
        ({"fixedchargeunits": "$/kW"}, "$/kW"),
        ({"energyratestructure": [], "fixedchargefirstmeter": 0}, "charges for nothing"),
        ({"annualmincharge": 120}, "annualmincharge"),
        ({"lookbackmonths": [True] * 11 + [False]}, "lookbackmonths"),
        ({"energyratestructure": [3]}, "not as version 7 describes it"),
    ],
)  # fmt: skip
def test_what_a_book_cannot_say_is_refused(change: dict[str, Any], words: str) -> None:
    found = import_urdb(json.dumps({"items": [{**item("flat"), **change}]}))
    assert found.text is None
    assert any(words in mistake for mistake in found.mistakes), found.mistakes


def test_limits_and_older_names_of_charges() -> None:
    older = {"minmonthlycharge": 40, "peakkwcapacitymin": 20, "peakkwcapacitymax": 500}
    book = imported({**item("flat"), **older})
    limits = book.schedule[0].limits
    assert limits
    assert (limits.demand_over, limits.demand_up_to) == (20, 500)
    assert book.schedule[0].components[-1] == "MINIMUM"
    del (monthly := item("flat"))["fixedchargefirstmeter"]
    assert imported({**monthly, "fixedmonthlycharge": 7}).component[0].version[0].price == 7  # type: ignore[union-attr]


def test_what_is_left_out_or_supposed_is_noted() -> None:
    sold = import_urdb(json.dumps({**item("flat"), "energyratestructure": [[{"rate": 0.1, "sell": 0.05}]]}))
    assert len(sold.notes) == 2
    assert any("sold back" in note for note in sold.notes)


@pytest.mark.parametrize("text", ["", "[", "[]", "3", '{"items": []}', '{"items": 3}', "null"])
def test_what_is_no_response_is_refused(text: str) -> None:
    found = import_urdb(text)
    assert found.text is None
    assert found.mistakes


def test_one_of_several_rates_is_named_by_its_label() -> None:
    response = json.dumps({"items": [{**item("flat"), "label": name} for name in ("a", "b")]})
    assert "a, b" in import_urdb(response).mistakes[0]
    assert import_urdb(response, "b").text


def test_figures_are_taken_digit_by_digit() -> None:
    text = json.dumps(item("flat")).replace("0.0719", "0.071900000001")
    found = import_urdb(text.replace('"adj": 0.02939', '"adj": 0'))
    assert found.text is not None
    assert 'price = "0.071900000001"' in found.text
