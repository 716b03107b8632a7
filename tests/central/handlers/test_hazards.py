"""Dangers to life: a record of their own, beside any report, open until verified as controlled."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from csr_console.central.reads.outages import hazard_views, list_hazards
from csr_console.domain.outages.commands import (
    AcknowledgeHazard,
    CloseHazard,
    CorrectReport,
    DetailHazard,
    OpenHazard,
    ReportOutage,
)

MARIA = "100482771"
HAZARD = UUID("0198f2b4-0000-7000-8000-000000000002")


def opened(town: Any, **values: Any) -> Any:
    values = {"hazard_id": HAZARD, "hazard": "gas", "opened_at": town.clock.now, **values}
    return town.do(OpenHazard(**values))


def hazards(town: Any) -> list[Any]:
    with town.db.read() as connection:
        return list_hazards(connection, "main")


def test_a_hazard_in_a_report_is_written_beside_it_and_never_absorbed(town: Any) -> None:
    town.do(ReportOutage(premise="P0001204", scope="all", hazard="none"))
    second = town.do(
        ReportOutage(account=MARIA, premise="P0001204", scope="all", hazard="wire_down"), station="C03"
    )
    assert second.answer == "Already on report #1: 2nd call."
    (hazard,) = hazards(town)
    assert hazard.id == second.id
    assert (hazard.hazard, hazard.place, hazard.station) == ("wire_down", "1204 Oak St", "C03")
    assert second.result["hazard"] == str(second.id)
    third = town.do(ReportOutage(premise="P0001204", scope="all", hazard="wire_down"))
    assert [hazard.id for hazard in hazards(town)] == [second.id, third.id]


def test_a_correction_to_a_hazard_opens_a_record(town: Any) -> None:
    first = town.do(ReportOutage(location="Oak & 12th", scope="all", hazard="none"))
    correction = CorrectReport(report=first.id, place="Oak & 12th", hazard="sparks")
    outcome = town.do(correction, expects={f"report:{first.id}": 1})
    (hazard,) = hazards(town)
    assert (hazard.id, hazard.hazard, hazard.place) == (outcome.id, "sparks", "Oak & 12th")


def test_a_hazard_exists_from_the_first_key_and_fills_up(town: Any) -> None:
    assert opened(town, account=MARIA).answer == "Hazard recorded: gas."
    (hazard,) = hazards(town)
    assert (hazard.state, hazard.place, hazard.opened_by, hazard.version) == (
        "open",
        "1204 Oak St",
        "clara",
        1,
    )
    town.do(DetailHazard(hazard_id=HAZARD, premise="P0001210", where="Kitchen", remark="Hissing."))
    town.do(DetailHazard(hazard_id=HAZARD, people_inside="One upstairs", remark="Dog."), by="sam")
    (hazard,) = hazards(town)
    assert (hazard.place, hazard.where, hazard.people_inside) == (
        "1210 Oak St Apt 3",
        "Kitchen",
        "One upstairs",
    )
    assert (hazard.remarks, hazard.version) == (["Hissing.", "Dog."], 3)
    town.do(DetailHazard(hazard_id=HAZARD, location="Behind the school"))
    assert hazards(town)[0].place == "Behind the school"


def test_a_hazard_is_taken_without_a_place_or_a_known_account(town: Any) -> None:
    assert opened(town).state == "applied"
    other = opened(town, hazard_id=UUID(int=7), account="100482771", premise="P0009999")
    assert other.state == "applied"
    assert [hazard.place for hazard in hazards(town)] == ["", ""]


def test_the_same_hazard_opened_twice_is_one_record_that_says_so(town: Any) -> None:
    opened(town)
    assert opened(town, hazard="carbon_monoxide").state == "applied"
    (hazard,) = hazards(town)
    assert (hazard.hazard, hazard.remarks) == ("gas", ["Reported again: carbon monoxide"])
    town.do(CloseHazard(hazard_id=HAZARD, verified_by="J. Ortiz"), by="sue")
    opened(town)
    assert [hazard.state for hazard in hazards(town)] == ["open"]


def test_an_acknowledgement_names_who_comes_and_when(town: Any) -> None:
    opened(town)
    outcome = town.do(AcknowledgeHazard(hazard_id=HAZARD, dispatcher="R. Boone", eta_minutes=20))
    (hazard,) = hazards(town)
    assert hazard.dispatcher == "R. Boone"
    assert hazard.expected_at - hazard.acknowledged_at == timedelta(minutes=20)
    assert outcome.answer == "R. Boone has it; 20 min."


def test_only_a_verified_source_closes_it_and_blocked_access_never_does(town: Any) -> None:
    opened(town)
    close = CloseHazard(hazard_id=HAZARD, verified_by="J. Ortiz")
    assert town.do(close).problem.code == "not-permitted"
    blocked = CloseHazard(hazard_id=HAZARD, verified_by="J. Ortiz", access_blocked=True)
    refused = town.do(blocked, by="sue")
    assert (refused.state, refused.problem.code) == ("refused", "access-blocked")
    assert len(hazards(town)) == 1
    assert town.do(close, by="sue").state == "applied"
    assert hazards(town) == []
    with town.db.read() as connection:
        assert hazard_views(connection, "main", [str(HAZARD)])[str(HAZARD)].state == "closed"
    detail = DetailHazard(hazard_id=HAZARD, where="Kitchen")
    assert town.do(detail).problem.code == "hazard-closed"


def test_a_hazard_that_does_not_exist_is_refused(town: Any) -> None:
    assert town.do(DetailHazard(hazard_id=HAZARD, where="Kitchen")).problem.code == "not-found"
