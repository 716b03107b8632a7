"""Outage reports, planned outages and callbacks as central writes them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from csr_console.central.reads.outages import list_planned, list_reports, report_views
from csr_console.central.tables.accounts import account_alert, timeline
from csr_console.central.tables.outages import callback, report
from csr_console.contracts.views.outages import ReportView
from csr_console.domain.ids import damm_digit
from csr_console.domain.outages.commands import (
    AddToReport,
    CorrectReport,
    PlanOutage,
    ReportOutage,
    RequestCallback,
)

MARIA, NEIGHBOR, NONPAY, FRAUD, MEDICAL = (
    str(digits) + damm_digit(str(digits)) for digits in range(10048277, 10048282)
)
NOBODY = "10048299" + damm_digit("10048299")


def reported(town: Any, **values: Any) -> Any:
    values.setdefault("scope", "all")
    values.setdefault("hazard", "none")
    return town.do(ReportOutage(**values))


def view(town: Any, outcome: Any) -> ReportView:
    with town.db.read() as connection:
        return report_views(connection, "main", [outcome.result["report"]])[outcome.result["report"]]


def test_a_report_gets_the_next_number_its_transformer_and_its_place_in_words(town: Any) -> None:
    outcome = reported(
        town, account=MARIA, premise="P0001204", callback="850 555 0142", remark="Bang, then dark."
    )
    assert outcome.answer == "Outage reported: report #1."
    assert outcome.result == {"report": str(outcome.id), "number": 1, "calls": 1}
    shown = view(town, outcome)
    assert (shown.number, shown.state, shown.place, shown.name) == (1, "open", "1204 Oak St", "Person 0")
    assert (shown.device, shown.critical, shown.priority, shown.calls) == ("t:TR3", "", 5, 1)
    assert (shown.callback, shown.remarks, shown.version) == ("8505550142", ["Bang, then dark."], 1)
    assert reported(town, account=NEIGHBOR, premise="P0001206").result["number"] == 2


def test_the_third_call_is_counted_and_said(town: Any) -> None:
    first = reported(town, account=MARIA, premise="P0001204")
    assert reported(town, premise="P0001204").answer == "Already on report #1: 2nd call."
    third = reported(town, account=MARIA, premise="P0001204", remark="Still out.")
    assert third.answer == "Already on report #1: 3rd call."
    assert third.result == {"report": str(first.id), "number": 1, "calls": 3}
    more = town.do(AddToReport(report=first.id, place="P0001204", remark="Tree on the line."))
    assert more.answer == "Added to report #1: 4th call."
    only_remark = AddToReport(report=first.id, place="P0001204", remark="Gate is open.", called_again=False)
    assert town.do(only_remark).result["calls"] == 4
    shown = view(town, first)
    assert (shown.calls, shown.remarks) == (4, ["Still out.", "Tree on the line.", "Gate is open."])
    with town.db.read() as connection:
        assert len(connection.execute(select(report)).all()) == 1


def test_a_hazard_of_a_second_call_lifts_the_report_and_meets_no_version(town: Any) -> None:
    first = reported(town, premise="P0001206")
    seen = view(town, first)
    assert (seen.hazard, seen.priority) == ("none", 3)
    second = reported(town, premise="P0001206", hazard="wire_down")
    assert second.answer == "Already on report #1: 2nd call."
    shown = view(town, first)
    assert (shown.hazard, shown.priority, shown.calls) == ("wire_down", 2, 2)
    assert reported(town, premise="P0001206").state == "applied"
    assert (view(town, first).hazard, view(town, first).priority) == ("wire_down", 2)
    correction = CorrectReport(report=first.id, place="P0001206", scope="part")
    outcome = town.do(correction, expects={correction.resource: seen.version})
    assert outcome.state == "applied"
    assert (view(town, first).hazard, view(town, first).scope) == ("wire_down", "part")


def test_a_late_call_does_not_turn_the_time_of_the_last_call_back(town: Any) -> None:
    first = reported(town, premise="P0001204")
    now = view(town, first).last_call_at
    queued = town.submission(
        ReportOutage(premise="P0001204", scope="all", hazard="none"), issued_at=now - timedelta(hours=3)
    )
    assert town.send(queued).outcome.result["calls"] == 2
    assert view(town, first).last_call_at == now


def test_disconnected_service_and_planned_outages_come_first_unless_the_caller_insists(town: Any) -> None:
    assert reported(town, account=NONPAY, premise="P0001208").problem.code == "not-connected"
    assert reported(town, account=NONPAY, premise="P0001208", insist=True).state == "applied"
    plan(town, "t:TR3")
    refused = reported(town, account=MARIA, premise="P0001204")
    assert refused.problem.code == "planned-outage"
    assert refused.problem.facts["device"] == "t:TR3"
    assert reported(town, account=MARIA, premise="P0001204", hazard="sparks").state == "applied"


def plan(town: Any, device: str, *, by: str = "lea", **values: Any) -> Any:
    values.setdefault("starts_at", town.clock.now - timedelta(hours=1))
    values.setdefault("ends_at", town.clock.now + timedelta(hours=2))
    return town.do(PlanOutage(device=device, reason="Pole change", **values), by=by)


def test_a_planned_outage_covers_every_transformer_below_its_device(town: Any) -> None:
    outcome = plan(town, "t:BR1")
    assert outcome.answer == "Outage planned for 2 transformers."
    with town.db.read() as connection:
        (planned,) = list_planned(connection, "main", town.clock.now)
    assert (planned.device, planned.devices, planned.version) == ("t:BR1", ["t:TR3", "t:TR4"], 1)
    for premise in ("P0001204", "P0001206", "P0001210"):
        assert reported(town, premise=premise).problem.code == "planned-outage"
    assert reported(town, location="pole 10432").state == "applied"
    assert reported(town, location="Pole Pole10432").problem.code == "planned-outage"
    town.clock.now += timedelta(hours=3)
    assert reported(town, premise="P0001206").state == "applied"
    with town.db.read() as connection:
        assert list_planned(connection, "main", town.clock.now) == []


def test_a_planned_outage_is_judged_at_the_time_of_the_call(town: Any) -> None:
    plan(town, "t:TR3", starts_at=town.clock.now + timedelta(hours=1))
    assert reported(town, premise="P0001204").state == "applied"
    assert reported(town, premise="P0001206").state == "applied"


def test_a_device_that_is_not_in_the_network_cannot_be_planned(town: Any) -> None:
    assert plan(town, "t:XX").problem.code == "not-found"
    assert plan(town, "t:TR3", by="clara").problem.code == "not-permitted"


@pytest.mark.parametrize(
    ("values", "critical", "priority"),
    [
        ({"premise": "P0001204"}, "", 5),
        ({"premise": "P0001206"}, "CRIT", 3),
        ({"account": MEDICAL, "premise": "P0001210"}, "MED", 4),
        ({"account": FRAUD, "premise": "P0001210"}, "", 5),
        ({"account": MEDICAL, "location": "Oak & 12th"}, "MED", 4),
        ({"premise": "P0001206", "hazard": "wire_down"}, "CRIT", 2),
        ({"premise": "P0001204", "hazard": "gas"}, "", 1),
    ],
)
def test_critical_and_medical_customers_come_first(
    town: Any, values: dict[str, Any], critical: str, priority: int
) -> None:
    shown = view(town, reported(town, **values))
    assert (shown.critical, shown.priority) == (critical, priority)


def test_the_work_list_is_in_order_of_harm_and_age_over_its_pages(town: Any) -> None:
    reported(town, premise="P0001204")
    reported(town, premise="P0001206")
    reported(town, account=MEDICAL, premise="P0001210")
    reported(town, location="Oak & 12th", hazard="gas")
    reported(town, location="Oak & 13th")
    seen, cursor = [], None
    while True:
        with town.db.read() as connection:
            page = list_reports(connection, "main", cursor=cursor, limit=2)
        seen += [item.number for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [4, 2, 3, 1, 5]


def test_a_call_without_a_customer_counts_at_the_nearest_device(town: Any) -> None:
    pole = view(town, reported(town, location="pole Pole10432", caller="A driver"))
    assert (pole.place, pole.device, pole.name, pole.account) == ("pole Pole10432", "t:FU2", "A driver", None)
    near = view(town, reported(town, location="(30.4401, -84.27595)"))
    assert near.device == "t:TR3"
    assert view(town, reported(town, location="Oak & 12th")).device is None
    assert reported(town, location="OAK & 12TH").answer == "Already on report #3: 2nd call."


def test_a_withdrawn_report_is_closed_and_the_next_call_opens_another(town: Any) -> None:
    first = reported(town, premise="P0001204")
    correct = {"report": first.id, "place": "P0001204"}
    resource = f"report:{first.id}"
    changed = CorrectReport(**correct, hazard="wire_down", callback="8505550142")
    assert town.do(changed, expects={resource: 1}).answer == "Corrected report #1: hazard, callback."
    assert (view(town, first).priority, view(town, first).callback) == (2, "8505550142")
    assert town.do(CorrectReport(**correct, withdrawn=True), expects={resource: 2}).state == "applied"
    assert view(town, first).state == "closed"
    for command in (AddToReport(**correct), CorrectReport(**correct, scope="part")):
        assert town.do(command, expects={resource: 3}).problem.code == "report-closed"
    assert reported(town, premise="P0001204").result["number"] == 2


@pytest.mark.parametrize(
    "values",
    [
        {"premise": "P0009999"},
        {"account": NOBODY, "premise": "P0001204"},
        {"account": NOBODY, "location": "x"},
    ],
)
def test_a_place_or_account_that_does_not_exist_is_refused(town: Any, values: dict[str, Any]) -> None:
    assert reported(town, **values).problem.code == "not-found"


def test_a_report_that_does_not_exist_is_refused(town: Any) -> None:
    add = AddToReport.example()
    assert town.do(add).problem.code == "not-found"
    callback_on = RequestCallback(report=add.report, phone="8505550142", when="soon")
    assert town.do(callback_on).problem.code == "not-found"


def test_a_callback_is_kept_and_on_the_timeline(town: Any) -> None:
    at = town.clock.now + timedelta(hours=2)
    outcome = town.do(
        RequestCallback(account=MARIA, phone="8505550142", when="at", at=at, about="Restoration")
    )
    assert outcome.state == "applied"
    with town.db.read() as connection:
        row = connection.execute(select(callback)).one()
        entry = connection.execute(select(timeline)).one()
    assert (row.account, row.phone, row.due, row.requested_by) == (MARIA, "8505550142", "at", "clara")
    assert row.due_at == at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (entry.kind, entry.text) == ("callback", "Callback requested: at. Restoration")
    assert town.do(RequestCallback(account=NOBODY, phone="8505550142", when="soon")).state == "refused"
    assert town.do(RequestCallback(phone="8505550142", when="soon")).state == "applied"


def test_an_alert_that_ended_makes_nobody_medical(town: Any) -> None:
    with town.db.write() as connection:
        connection.execute(
            account_alert.update().where(account_alert.c.account == MEDICAL).values(expires_on="2026-08-29")
        )
    assert view(town, reported(town, account=MEDICAL, premise="P0001210")).critical == ""
