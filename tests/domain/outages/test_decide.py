"""Decisions on outages, each with its refusals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.outages.commands import (
    AddToReport,
    CallbackWhen,
    CorrectReport,
    PlanOutage,
    ReportOutage,
    RequestCallback,
)
from csr_console.domain.outages.decide import (
    CallbackRequested,
    CallCounted,
    OutagePlanned,
    PlaceFacts,
    PlannedFacts,
    ReportCorrected,
    ReportFacts,
    ReportOpened,
    decide_add_to_report,
    decide_correct_report,
    decide_plan_outage,
    decide_report_outage,
    decide_request_callback,
    ordinal,
)
from csr_console.domain.outages.hazards import HazardOpened
from csr_console.domain.outages.kinds import Criticality, Hazard, Scope
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal

NOON = datetime(2026, 8, 30, 12, tzinfo=UTC)
MARTA = Actor("m.reyes", "Marta Reyes", Role.CLERK, "tallahassee")
NOW = Context(MARTA, NOON, "0198f2b4-0000-7000-8000-000000000009", "C07")
REPORT_ID = "0198f2b4-0000-7000-8000-000000000001"
REPORT = ReportOutage.example()
PLANNED = PlannedFacts("demo:TR12", NOON - timedelta(hours=1), NOON + timedelta(hours=1), "Pole replacement")
OPEN = ReportFacts(
    REPORT_ID, 812, 2, True, "100482771", "P0001204", None, {"scope": "all", "hazard": "none", "callback": ""}
)  # fmt: skip


def reporting(**changes: object) -> ReportOutage:
    return ReportOutage.model_validate({**REPORT.model_dump(), **changes})


def kinds(plan: Plan) -> list[type[Change]]:
    return [type(change) for change in plan.changes]


def test_a_report_opens_under_the_id_of_its_command() -> None:
    place = PlaceFacts("100482771", device="demo:TR12", critical=Criticality.MED)
    plan = decide_report_outage(REPORT, place, NOW)
    assert kinds(plan) == [ReportOpened, EntryAdded]
    opened = plan.changes[0]
    assert isinstance(opened, ReportOpened)
    assert (opened.report_id, opened.device, opened.critical, opened.opened_at) == (
        NOW.command_id,
        "demo:TR12",
        "MED",
        NOON,
    )


def test_a_call_without_a_customer_is_evidence_all_the_same() -> None:
    report = ReportOutage(location="Oak & 12th", scope=Scope.ALL, hazard=Hazard.NONE)
    plan = decide_report_outage(report, PlaceFacts(electric_state=None), NOW)
    assert kinds(plan) == [ReportOpened]


@pytest.mark.parametrize("state", ["nonpay", "disconnected"])
def test_a_disconnected_service_is_no_outage(state: str) -> None:
    with pytest.raises(Refusal) as refused:
        decide_report_outage(REPORT, PlaceFacts(electric_state=state), NOW)
    assert refused.value.code == "not-connected"


def test_a_planned_outage_is_told_with_its_end() -> None:
    with pytest.raises(Refusal) as refused:
        decide_report_outage(REPORT, PlaceFacts(planned=PLANNED), NOW)
    assert (refused.value.code, refused.value.facts["ends_at"]) == (
        "planned-outage",
        PLANNED.ends_at.isoformat(),
    )


@pytest.mark.parametrize(
    ("starts", "ends", "refused"),
    [(0, 60, True), (-60, 1, True), (-60, 0, False), (1, 60, False)],
)
def test_a_planned_outage_counts_from_its_start_until_its_end(starts: int, ends: int, refused: bool) -> None:
    planned = replace(
        PLANNED, starts_at=NOON + timedelta(minutes=starts), ends_at=NOON + timedelta(minutes=ends)
    )
    if refused:
        with pytest.raises(Refusal):
            decide_report_outage(REPORT, PlaceFacts(planned=planned), NOW)
    else:
        assert decide_report_outage(REPORT, PlaceFacts(planned=planned), NOW).changes


@pytest.mark.parametrize("place", [PlaceFacts(electric_state="nonpay"), PlaceFacts(planned=PLANNED)])
def test_the_caller_may_insist(place: PlaceFacts) -> None:
    assert decide_report_outage(reporting(insist=True), place, NOW).answer == "Outage reported."


@given(
    hazard=st.sampled_from([hazard for hazard in Hazard if hazard is not Hazard.NONE]),
    state=st.sampled_from(["connected", "nonpay", "disconnected", None]),
    planned=st.sampled_from([None, PLANNED]),
    report=st.sampled_from([None, OPEN]),
)
def test_a_hazard_is_never_refused_and_never_absorbed(
    hazard: Hazard, state: str | None, planned: PlannedFacts | None, report: ReportFacts | None
) -> None:
    place = PlaceFacts(electric_state=state, planned=planned, open_report=report)
    plan = decide_report_outage(reporting(hazard=hazard), place, NOW)
    opened = [change for change in plan.changes if isinstance(change, HazardOpened)]
    assert [(change.hazard_id, change.hazard) for change in opened] == [(NOW.command_id, hazard)]


def test_a_second_call_counts_on_the_open_report() -> None:
    plan = decide_report_outage(REPORT, PlaceFacts(open_report=OPEN), NOW)
    assert plan.answer == "Already on report #812: 3rd call."
    assert plan.changes[0] == CallCounted(REPORT_ID, 3, "", NOON)
    assert ReportOpened not in kinds(plan)


@pytest.mark.parametrize(
    ("known", "brought", "rises"),
    [
        ("none", Hazard.NONE, None),
        ("none", Hazard.WIRE_DOWN, Hazard.WIRE_DOWN),
        ("wire_down", Hazard.GAS, Hazard.GAS),
        ("wire_down", Hazard.SPARKS, None),
        ("wire_down", Hazard.NONE, None),
        ("gas", Hazard.WIRE_DOWN, None),
        ("gas", Hazard.CARBON_MONOXIDE, None),
    ],
)
def test_a_graver_hazard_of_a_second_call_lifts_the_report(
    known: str, brought: Hazard, rises: Hazard | None
) -> None:
    report = replace(OPEN, values={**OPEN.values, "hazard": known})
    plan = decide_report_outage(reporting(hazard=brought), PlaceFacts(open_report=report), NOW)
    (counted,) = (change for change in plan.changes if isinstance(change, CallCounted))
    assert counted.hazard == rises


def test_a_report_that_waits_to_be_sent_has_no_number_yet() -> None:
    plan = decide_report_outage(REPORT, PlaceFacts(open_report=replace(OPEN, number=None, calls=1)), NOW)
    assert plan.answer == "Already on the report waiting to be sent: 2nd call."


@pytest.mark.parametrize(("again", "calls"), [(True, 3), (False, 2)])
def test_more_from_a_caller(again: bool, calls: int) -> None:
    command = AddToReport.example().model_copy(update={"called_again": again})
    plan = decide_add_to_report(command, OPEN, NOW)
    assert plan.changes == (CallCounted(REPORT_ID, calls, "Neighbors are out too.", NOON),)


def test_a_correction_changes_only_what_differs() -> None:
    command = CorrectReport.example().model_copy(update={"hazard": Hazard.NONE})
    plan = decide_correct_report(command, OPEN, NOW)
    assert plan.changes == (ReportCorrected(REPORT_ID, {"scope": "part"}),)


def test_a_corrected_hazard_opens_a_record_of_its_own() -> None:
    command = CorrectReport.example().model_copy(update={"hazard": Hazard.WIRE_DOWN})
    plan = decide_correct_report(command, OPEN, NOW)
    assert kinds(plan) == [ReportCorrected, HazardOpened]


def test_a_hazard_that_is_known_is_not_opened_twice() -> None:
    known = replace(OPEN, values={**OPEN.values, "hazard": "wire_down"})
    command = CorrectReport.example().model_copy(update={"hazard": Hazard.WIRE_DOWN})
    assert kinds(decide_correct_report(command, known, NOW)) == [ReportCorrected]


def test_a_correction_of_nothing_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        decide_correct_report(CorrectReport.example(), replace(OPEN, values={"scope": "part"}), NOW)
    assert refused.value.code == "nothing-changed"


def test_a_closed_report_takes_nothing_more() -> None:
    closed = replace(OPEN, open=False)
    with pytest.raises(Refusal, match=r"^Report #812 is closed") as refused:
        decide_add_to_report(AddToReport.example(), closed, NOW)
    assert refused.value.code == "report-closed"
    with pytest.raises(Refusal):
        decide_correct_report(CorrectReport.example(), closed, NOW)


def test_a_planned_outage_names_a_device_of_the_network() -> None:
    (planned,) = decide_plan_outage(PlanOutage.example(), True, NOW).changes
    assert isinstance(planned, OutagePlanned)
    assert (planned.planned_id, planned.device) == (NOW.command_id, "demo:TR12")
    with pytest.raises(Refusal) as refused:
        decide_plan_outage(PlanOutage.example(), False, NOW)
    assert refused.value.code == "not-found"


def test_a_callback_is_promised_on_the_timeline_of_the_customer() -> None:
    assert kinds(decide_request_callback(RequestCallback.example(), None, NOW)) == [
        CallbackRequested,
        EntryAdded,
    ]
    stranger = RequestCallback(phone="8505550142", when=CallbackWhen.SOON)
    assert kinds(decide_request_callback(stranger, None, NOW)) == [CallbackRequested]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (111, "111th"), (112, "112th"), (122, "122nd")],
)  # fmt: skip
def test_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words
