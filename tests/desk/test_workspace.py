"""What the clerk sees: the queue laid over the cache, refusals before any network, the age of everything."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.desk.opened import OpenDesk, Opened
from tests.desk.parts import note
from tests.desk.test_puller import REPORT

from csr_console.contracts.registry import COMMANDS
from csr_console.desk.decisions import decided_kinds
from csr_console.desk.desk import Desk
from csr_console.domain.accounts.commands import UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.outages.commands import (
    AcknowledgeHazard,
    AddToReport,
    CorrectReport,
    DetailHazard,
    OpenHazard,
    PlanOutage,
    ReportOutage,
)
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Refusal


@pytest.fixture
def desk(signed_in: Opened) -> Desk:
    """A clerk who works offline, with account 5 in the cache."""
    signed_in.desk.refresh_account(number(5))
    signed_in.desk.work_offline(True)
    return signed_in.desk


def outage(position: int, **values: Any) -> ReportOutage:
    document = {"account": number(position), "premise": f"P{position:07d}", "scope": "all", "hazard": "none"}
    return ReportOutage.model_validate({**document, **values})


def enter(desk: Desk, command: Any) -> UUID:
    command_id = desk.new_id()
    assert desk.submit(command, id=command_id).state == "queued"
    return command_id


def test_every_command_there_is_can_be_decided_here() -> None:
    assert decided_kinds() == frozenset(COMMANDS)


def test_a_queued_note_stands_first_on_the_timeline_and_counts_as_pending(desk: Desk) -> None:
    enter(desk, note(5, "Call back after six."))
    viewed = desk.account(number(5))
    assert viewed is not None
    assert viewed.view.timeline[0].text == "Call back after six."
    assert viewed.pending == 1


def test_queued_contact_details_show_with_the_fields_that_wait(desk: Desk) -> None:
    enter(desk, VerifyCaller(account=number(5), factors=(Factor.PHOTO_ID,)))
    viewed = desk.account(number(5))
    assert viewed is not None
    assert viewed.view.verified_level == 2
    change = UpdateContact(account=number(5), phone_1="8505550199", email="maria@example.org")
    assert desk.preview(change).answer == "Changed phone 1, email."
    enter(desk, change)
    viewed = desk.account(number(5))
    assert viewed is not None
    assert (viewed.view.contact.phone_1, viewed.view.contact.email) == ("8505550199", "maria@example.org")
    assert viewed.pending_fields == {"phone_1", "email"}
    with pytest.raises(Refusal, match="already on file"):
        desk.preview(change)


def test_an_unverified_caller_is_refused_before_any_network(desk: Desk) -> None:
    with pytest.raises(Refusal, match="two correct answers") as caught:
        desk.preview(UpdateContact(account=number(5), phone_1="8505550199"))
    assert caught.value.code == "not-verified"


def test_a_secret_factor_without_proof_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match="not checked by central"):
        desk.preview(VerifyCaller(account=number(5), factors=(Factor.SSN4,)))
    proven = VerifyCaller(account=number(5), factors=(Factor.SSN4, Factor.BIRTH_DATE), proof="signed")
    assert desk.preview(proven).answer == "Caller verified at L2."


def test_a_colleagues_verification_does_not_count_for_the_next_clerk(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    central.views[number(5)] = account_view(
        entry(5), verified_level=2, verified_at="2026-08-30T14:00:00Z", version=2
    )
    assert desk.refresh_account(number(5)).view.verified_level == 2
    desk.sign_in("jdoe", "battery")
    viewed = desk.account(number(5))
    assert viewed is not None
    assert viewed.view.verified_level == 0
    assert viewed.view.verified_at is None


def test_a_queued_report_is_open_without_a_number(desk: Desk) -> None:
    report = enter(desk, outage(5))
    viewed = desk.account(number(5))
    assert viewed is not None
    assert viewed.view.open_report is not None
    assert (viewed.view.open_report.id, viewed.view.open_report.number) == (report, None)
    (shown,) = desk.reports()
    assert (shown.id, shown.number, shown.place, shown.calls) == (report, 0, "105 Oak St", 1)
    assert desk.preview(outage(5)).answer == "Already on the report waiting to be sent: 2nd call."
    enter(desk, outage(5, remark="Neighbors too."))
    (shown,) = desk.reports()
    assert (shown.calls, shown.remarks) == (2, ["Neighbors too."])


def test_a_hazard_of_a_second_call_lifts_the_report_on_the_work_list(desk: Desk) -> None:
    older, report = enter(desk, outage(6)), enter(desk, outage(5))
    assert [shown.id for shown in desk.reports()] == [older, report]
    hazard = enter(desk, outage(5, hazard="wire_down"))
    first, _older = desk.reports()
    assert (first.id, first.hazard, first.priority, first.calls) == (report, "wire_down", 2, 2)
    assert [shown.id for shown in desk.hazards()] == [hazard]
    enter(desk, outage(5))
    assert (desk.reports()[0].hazard, desk.reports()[0].calls) == ("wire_down", 3)


def test_a_report_in_the_queue_is_added_to_corrected_and_withdrawn(desk: Desk) -> None:
    report = enter(desk, outage(6))
    enter(desk, AddToReport(report=report, place="P0000006", remark="Sparks earlier."))
    enter(desk, CorrectReport.model_validate({"report": report, "place": "P0000006", "scope": "part"}))
    (shown,) = desk.reports()
    assert (shown.calls, shown.scope, shown.remarks) == (2, "part", ["Sparks earlier."])
    enter(desk, CorrectReport(report=report, place="P0000006", withdrawn=True))
    assert desk.reports() == []
    with pytest.raises(Refusal, match="closed"):
        desk.preview(AddToReport(report=report, place="P0000006"))


def test_the_work_list_puts_life_first_then_critical_places_then_age(
    desk: Desk, central: FakeCentral
) -> None:
    ordinary = enter(desk, outage(7))
    fallen = enter(desk, outage(8, hazard="wire_down"))
    corner = enter(
        desk, ReportOutage.model_validate({"location": "Oak & 12th", "scope": "all", "hazard": "gas"})
    )
    assert [report.id for report in desk.reports()] == [corner, fallen, ordinary]
    assert [hazard.id for hazard in desk.hazards()] == [corner, fallen]
    assert desk.hazards()[0].place == "Oak & 12th"
    assert central.applied == []


def test_disconnected_service_is_refused_unless_the_clerk_insists_or_life_is_in_danger(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    central.put_entry(entry(5, version=2, electric_state="nonpay"))
    signed_in.events.until(lambda: desk.entry(number(5)).electric_state == "nonpay")  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="non-payment"):
        desk.preview(outage(5))
    assert desk.preview(outage(5, insist=True)).answer == "Outage reported."
    assert desk.preview(outage(5, hazard="sparks")).answer == "Outage reported."


def test_a_planned_outage_above_the_transformer_is_told_first(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    now = desk.new_id()
    plan = {
        "id": str(now),
        "device": "demo:REC1",
        "devices": ["demo:TR1"],
        "starts_at": "2020-01-01T00:00:00Z",
        "ends_at": "2999-01-01T00:00:00Z",
        "reason": "Pole replacement",
        "version": 1,
    }
    central.tell("planned", str(now), plan)
    signed_in.events.until(lambda: len(desk.planned()) == 1)
    with pytest.raises(Refusal, match="Pole replacement"):
        desk.preview(outage(5))
    assert desk.preview(outage(9)).answer == "Outage reported."


def test_hazards_are_detailed_and_taken_in_the_queue(desk: Desk) -> None:
    hazard = desk.new_id()
    opened = OpenHazard.model_validate(
        {"hazard_id": hazard, "hazard": "gas", "opened_at": "2026-08-30T14:02:00Z"}
    )
    enter(desk, opened)
    enter(desk, DetailHazard(hazard_id=hazard, premise="P0000005", where="Kitchen", remark="Strong."))
    enter(desk, AcknowledgeHazard(hazard_id=hazard, dispatcher="R. Boone", eta_minutes=20))
    (shown,) = desk.hazards()
    assert (shown.place, shown.where, shown.remarks) == ("105 Oak St", "Kitchen", ["Strong."])
    assert (shown.dispatcher, shown.station) == ("R. Boone", "C07")
    assert shown.acknowledged_at is not None
    assert shown.expected_at == shown.acknowledged_at + timedelta(minutes=20)
    with pytest.raises(Refusal, match="not known here"):
        desk.preview(DetailHazard(hazard_id=desk.new_id(), where="Attic"))


def test_a_queued_plan_is_listed(desk: Desk) -> None:
    plan = PlanOutage.model_validate(
        {
            "device": "demo:TR1",
            "starts_at": "2998-01-01T00:00:00Z",
            "ends_at": "2999-01-01T00:00:00Z",
            "reason": "Pole replacement",
        }
    )
    enter(desk, plan)
    assert [planned.reason for planned in desk.planned()] == ["Pole replacement"]


def test_what_was_applied_stays_visible_until_the_feed_brings_it(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk

    async def no_feed(_method: str, path: str) -> tuple[int, dict[str, str], bytes] | None:
        return (502, {"content-type": "text/plain"}, b"") if path == "/v1/changes" else None

    central.hook = no_feed
    desk.refresh_account(number(5))
    receipt = desk.submit(outage(5), id=desk.new_id(), wait_s=15)
    assert receipt.state == "applied"
    (shown,) = desk.reports()
    assert shown.number == receipt.outcome.result["number"]  # type: ignore[union-attr]
    viewed = desk.account(number(5))
    assert viewed is not None
    assert (viewed.pending, viewed.stale) == (0, True)
    assert viewed.view.open_report is not None
    central.tell("report", str(receipt.id), {**REPORT, "id": str(receipt.id), "number": 7})
    central.hook = None
    signed_in.events.until(lambda: [report.number for report in desk.reports()] == [7])
    central.tell("report", str(receipt.id), None)
    signed_in.events.until(lambda: desk.reports() == [])


def test_a_call_that_the_feed_tells_before_its_own_outcome_is_counted_once(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    first = desk.submit(outage(5), id=desk.new_id(), wait_s=15)
    central.tell("report", str(first.id), {**REPORT, "id": str(first.id), "premise": "P0000005"})
    signed_in.events.until(lambda: [report.place for report in desk.reports()] == ["Oak & 12th"])

    async def no_outcome(_method: str, path: str) -> tuple[int, dict[str, str], bytes] | None:
        return (502, {"content-type": "text/plain"}, b"") if path.startswith("/v1/commands") else None

    central.hook = no_outcome
    second = desk.new_id()
    desk.submit(outage(5, remark="Neighbors too."), id=second)
    assert [(report.calls, report.remarks) for report in desk.reports()] == [(2, ["Neighbors too."])]
    told = {"calls": 2, "counted": [str(second)], "remarks": ["Neighbors too."], "number": 8}
    central.tell("report", str(first.id), {**REPORT, "id": str(first.id), "premise": "P0000005", **told})
    signed_in.events.until(lambda: [report.number for report in desk.reports()] == [8])
    assert [(report.calls, report.remarks) for report in desk.reports()] == [(2, ["Neighbors too."])]


def test_a_fraud_hold_tells_that_a_second_person_decides(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    view = account_view(
        entry(5),
        alerts=[{"code": "fraud_hold", "expires_on": None}],
        verified_level=2,
        verified_at=desk.status().since.isoformat(),  # type: ignore[union-attr]
        version=2,
    )
    central.views[number(5)] = view
    desk.refresh_account(number(5))
    plan = desk.preview(UpdateContact(account=number(5), phone_1="8505550199"))
    assert "a lead has to approve" in plan.answer
    assert plan.changes == ()


def test_the_role_is_asked_first(open_desk: OpenDesk, central: FakeCentral) -> None:
    central.roles["jdoe"] = Role.AUDITOR
    opened = open_desk()
    opened.desk.sign_in("jdoe", "battery")
    with pytest.raises(Refusal, match="does not include"):
        opened.desk.preview(note(5))
    with pytest.raises(Refusal, match="does not include"):
        opened.desk.submit(note(5), id=opened.desk.new_id())
    assert opened.desk.queue() == []


def test_an_approval_is_never_entered_offline(desk: Desk) -> None:
    approval = DecideApproval.model_validate(
        {"held": desk.new_id(), "digest": "0" * 64, "approve": True, "reason": "Called the customer"}
    )
    for act in (lambda: desk.preview(approval), lambda: desk.submit(approval, id=desk.new_id())):
        with pytest.raises(Refusal, match="wait for the network"):
            act()
    assert desk.queue() == []


def test_an_unknown_account_or_premise_is_said_to_be_unknown(desk: Desk) -> None:
    with pytest.raises(Refusal, match="not known on this workstation"):
        desk.preview(note(9_999))
    with pytest.raises(Refusal, match="P0009999 is not known"):
        desk.preview(outage(9_999))
