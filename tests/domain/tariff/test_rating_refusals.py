"""What cannot be rated is refused with what is missing."""

from datetime import date
from decimal import Decimal

import pytest
from tests.domain.tariff.books import rated, shipped, use

from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import refuse_if_not_offered
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

INSIDE = {"location": "inside"}
MID = Determinants(usage_by_period={"mid": Decimal(1)})
DUMPSTER = {"dumpster_yd3": "many", "pickups_per_week": 1}
BUILDING = {"fire_category": "commercial", "fire_zone": "1", "building_sqft": 0}
TOO_EARLY = ServicePeriod(date(2009, 9, 20), date(2009, 10, 20))
NO_DAYS = ServicePeriod(date(2020, 1, 1), date(2020, 1, 1))
MAY = ServicePeriod(date(2024, 4, 30), date(2024, 5, 31))


def refused(determinants: Determinants, schedule_id: str, **known: object) -> Refusal:
    arguments = {"period": MAY, "premise": INSIDE, **known}
    book = shipped("tallahassee" if schedule_id in {"E-NW", "F-COM"} else "gru")
    with pytest.raises(Refusal) as answer:
        rated(book, determinants, schedule_id=schedule_id, **arguments)  # type: ignore[arg-type]
    return answer.value


@pytest.mark.parametrize(
    ("determinants", "schedule_id", "known", "sentence"),
    [
        (Determinants(), "E-RES", {}, "Use in kWh is not known"),
        (use(100), "E-RES", {"premise": {}}, "Location (location) is not known"),
        (use(100), "E-RES", {"premise": {"location": "nearby"}}, "is nearby, not inside or outside"),
        (use(-1), "E-RES", {}, "below zero"),
        (use(100), "E-GSD", {}, "needs the measured demand"),
        (use(100), "E-NW", {"premise": {"phase": "1", **INSIDE}}, "Use by period (on, off) is not known"),
        (MID, "E-NW", {"premise": {"phase": "1", **INSIDE}}, "given for mid"),
        (Determinants(), "T-DUMPSTER", {"premise": DUMPSTER}, "not a number"),
        (Determinants(), "F-COM", {"premise": BUILDING}, "No row"),
        (use(100), "E-RES", {"period": TOO_EARLY}, "holds from 2009-10-01"),
        (use(100), "E-RES", {"period": NO_DAYS}, "has no service day"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_is_missing(
    determinants: Determinants, schedule_id: str, known: dict[str, object], sentence: str
) -> None:
    answer = refused(determinants, schedule_id, **known)
    assert answer.code == "not-rated"
    assert sentence in answer.sentence
    assert answer.rule


def test_use_by_period_has_to_sum_to_the_use() -> None:
    given = Determinants(usage=Decimal(1000), usage_by_period={"on": Decimal(200), "off": Decimal(799)})
    assert "does not sum" in refused(given, "E-NW", premise={"phase": "1", **INSIDE}).sentence


def test_an_unknown_schedule() -> None:
    answer = refused(use(1), "E-NONE")
    assert answer.code == "not-found"
    assert "E-NONE" in answer.sentence


def test_a_closed_schedule_takes_no_new_agreement() -> None:
    """Small interruptible gas is closed to new customers after April 1, 2013."""
    schedule = shipped("tallahassee").get_schedule("G-SMALL-INT")
    refuse_if_not_offered(schedule, date(2013, 4, 1))
    with pytest.raises(Refusal, match="closed since 2013-04-01") as answer:
        refuse_if_not_offered(schedule, date(2013, 4, 2))
    assert answer.value.code == "not-eligible"


@pytest.mark.parametrize(
    ("schedule_id", "annual", "offered"),
    [
        ("G-SMALL-INT", "50000", True), ("G-SMALL-INT", "50001", False), ("G-INT", "50000", False),
        ("G-INT", "50001", True), ("G-INT", "100001", False), ("G-LARGE-INT", "100001", True),
    ],
)  # fmt: skip
def test_who_a_schedule_is_for_in_figures(schedule_id: str, annual: str, offered: bool) -> None:
    schedule = shipped("tallahassee").get_schedule(schedule_id)
    since = date(2010, 1, 1)
    if offered:
        refuse_if_not_offered(schedule, since, annual_use=Decimal(annual))
    else:
        with pytest.raises(Refusal, match="Mcf in twelve months"):
            refuse_if_not_offered(schedule, since, annual_use=Decimal(annual))


def test_demand_limits() -> None:
    schedule = shipped("gru").get_schedule("E-GSD")
    refuse_if_not_offered(schedule, date(2020, 1, 1), highest_kw=Decimal(51))
    with pytest.raises(Refusal, match="kW of demand"):
        refuse_if_not_offered(schedule, date(2020, 1, 1), highest_kw=Decimal(50))
