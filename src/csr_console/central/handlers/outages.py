"""Outage reports, planned outages and promised callbacks."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from csr_console.central import versions
from csr_console.central.applying import Applying
from csr_console.central.handlers.accounts import ask_account, get_account, live_alerts
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.handlers.places import (
    ask_place,
    device_exists,
    find_device_at,
    list_devices_below,
    occupants_of,
    place_in_words,
    premise_of,
)
from csr_console.central.reads.accounts import criticality
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow, from_json, from_text, to_json, to_text
from csr_console.central.tables.outages import callback, planned, planned_device, report
from csr_console.domain.outages.commands import (
    AddToReport,
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
)
from csr_console.domain.outages.kinds import Criticality, Hazard
from csr_console.domain.outages.priority import priority_of
from csr_console.domain.refusals import Refusal

_REPORT = Statement(
    select(report).where(report.c.office == bindparam("office"), report.c.report_id == bindparam("report_id"))
)
_OPEN = select(report).where(report.c.office == bindparam("office"), report.c.state == "open")
_OLDEST = (report.c.opened_at, report.c.report_id)
_OPEN_AT_PREMISE = Statement(
    _OPEN.where(report.c.premise == bindparam("premise")).order_by(*_OLDEST).limit(1)
)
_OPEN_AT_LOCATION = Statement(
    _OPEN.where(report.c.location_key == bindparam("location_key")).order_by(*_OLDEST).limit(1)
)
_PLANNED_FOR = Statement(
    select(planned.c.device, planned.c.starts_at, planned.c.ends_at, planned.c.reason)
    .join(
        planned_device,
        (planned_device.c.office == planned.c.office) & (planned_device.c.planned_id == planned.c.planned_id),
    )
    .where(planned_device.c.office == bindparam("office"), planned_device.c.device == bindparam("device"))
)
_SET_REPORT = Statement(
    update(report)
    .where(report.c.office == bindparam("in_office"), report.c.report_id == bindparam("of_report"))
    .values(
        {name: bindparam(name) for name in ("scope", "hazard", "callback", "state", "priority", "version")}
    )
)
_COUNT_CALL = Statement(
    update(report)
    .where(report.c.office == bindparam("in_office"), report.c.report_id == bindparam("of_report"))
    .values(
        {
            name: bindparam(name)
            for name in ("calls", "counted", "remarks", "last_call_at", "hazard", "priority")
        }
    )
)
COUNTED = 20
"""Commands that a report names as counted: more than any station has on the wire for one report."""
_NEW_REPORT = Statement(report.insert())
_NEW_PLANNED = Statement(planned.insert())
_NEW_PLANNED_DEVICE = Statement(planned_device.insert())
_NEW_CALLBACK = Statement(callback.insert())


def _facts_of(row: AnyRow) -> ReportFacts:
    return ReportFacts(
        report_id=row.report_id,
        number=row.number,
        calls=row.calls,
        open=row.state == "open",
        account=row.account,
        premise=row.premise,
        location=row.location,
        values={
            "scope": row.scope,
            "hazard": row.hazard,
            "callback": row.callback,
            "withdrawn": row.state == "closed",
        },
    )


def _planned_for(applying: Applying, device: str | None, moment: datetime) -> PlannedFacts | None:
    if device is None:
        return None
    values, now = {"office": applying.office, "device": device}, to_text(moment)
    rows = applying.connection.execute(_PLANNED_FOR, values)
    covering = (row for row in rows if row.starts_at <= now < row.ends_at)
    row: AnyRow = max(covering, key=lambda row: row.ends_at, default=None)
    return (
        PlannedFacts(row.device, from_text(row.starts_at), from_text(row.ends_at), row.reason)
        if row
        else None
    )


def _place_facts(applying: Applying, command: ReportOutage) -> PlaceFacts:
    """Raises `Refusal` not-found or other-office for a premise or an account that is not there."""
    alerts: list[str] = []
    if command.premise:
        ask_place(applying, command.premise)
        applying.ask(_OPEN_AT_PREMISE, premise=command.premise)
    if command.account:
        ask_account(applying, command.account)
        get_account(applying, command.account)
        alerts = live_alerts(applying, command.account, applying.context.now.date())
    if command.premise is None:
        return _location_facts(applying, command, alerts)
    found = premise_of(applying, command.premise)
    if found is None:
        raise Refusal("not-found", f"There is no premise {command.premise}.")
    occupants = occupants_of(applying, command.premise)
    taking = next(
        (row for row in occupants if row.account == command.account),
        next((row for row in occupants if row.status == "active"), None),
    )
    if command.account is None and taking is not None:
        alerts = live_alerts(applying, taking.account, applying.context.now.date())
    row = next(iter(applying.ask(_OPEN_AT_PREMISE, premise=command.premise)()), None)
    return PlaceFacts(
        account=command.account,
        electric_state=taking.state if taking is not None else None,
        device=found.device,
        critical=criticality(found.critical, alerts),
        planned=_planned_for(applying, found.device, applying.context.happened_at),
        open_report=_known_facts(applying, row) if row else None,
    )


def _location_facts(applying: Applying, command: ReportOutage, alerts: list[str]) -> PlaceFacts:
    location = command.location or ""
    device = find_device_at(applying.connection, applying.office, location)
    key = {"office": applying.office, "location_key": location.casefold()}
    row = applying.connection.execute(_OPEN_AT_LOCATION, key).one_or_none()
    return PlaceFacts(
        account=command.account,
        device=device,
        critical=criticality(None, alerts),
        planned=_planned_for(applying, device, applying.context.happened_at),
        open_report=_known_facts(applying, row) if row else None,
    )


def _report_facts(applying: Applying, command: AddToReport | CorrectReport) -> ReportFacts:
    return _facts_of(_get_report(applying, str(command.report)))


def _known_facts(applying: Applying, row: AnyRow) -> ReportFacts:
    applying.known["report", row.report_id] = row
    return _facts_of(row)


def _get_report(applying: Applying, report_id: str) -> AnyRow:
    key = {"office": applying.office, "report_id": report_id}
    row = applying.recall(
        "report", report_id, lambda: applying.connection.execute(_REPORT, key).one_or_none()
    )
    if row is None:
        raise Refusal("not-found", "There is no such outage report.")
    return row


def _device_facts(applying: Applying, command: PlanOutage) -> bool:
    return device_exists(applying.connection, applying.office, command.device)


def _callback_facts(applying: Applying, command: RequestCallback) -> None:
    if command.account:
        get_account(applying, command.account)
    if command.report:
        _get_report(applying, str(command.report))


def _touch_premise(applying: Applying, premise: str | None) -> None:
    """Every account at the premise shows whether an outage is reported there."""
    if premise:
        for row in occupants_of(applying, premise):
            applying.touch("account", row.account)


def _name_of(applying: Applying, change: ReportOpened) -> str:
    if change.account is None or change.premise is None:
        return change.caller
    occupants = occupants_of(applying, change.premise)
    return next((row.name for row in occupants if row.account == change.account), change.caller)


def _write_report(applying: Applying, change: ReportOpened) -> None:
    number = applying.head.next_report_number
    applying.head.next_report_number += 1
    location = change.location
    applying.connection.execute(
        _NEW_REPORT,
        {
            "office": applying.office,
            "report_id": change.report_id,
            "number": number,
            "state": "open",
            "account": change.account,
            "premise": change.premise,
            "location": location,
            "location_key": location.casefold() if location else None,
            "place": place_in_words(applying, change.premise, location),
            "name": _name_of(applying, change),
            "caller": change.caller,
            "scope": str(change.scope),
            "hazard": str(change.hazard),
            "critical": str(change.critical),
            "priority": priority_of(Hazard(change.hazard), Criticality(change.critical)),
            "device": change.device,
            "callback": change.callback,
            "calls": 1,
            "remarks": to_json([change.remark] if change.remark else []),
            "opened_at": to_text(change.opened_at),
            "opened_by": applying.context.actor.login,
            "station": applying.context.station,
            "last_call_at": to_text(change.opened_at),
            "version": 0,
        },
    )
    applying.result |= {"report": change.report_id, "number": number, "calls": 1}
    applying.answer = f"Outage reported: report #{number}."
    applying.touch("report", change.report_id)
    _touch_premise(applying, change.premise)


def _write_call(applying: Applying, change: CallCounted) -> None:
    row = _get_report(applying, change.report_id)
    remarks = from_json(row.remarks)
    hazard = change.hazard or Hazard(row.hazard)
    applying.connection.execute(
        _COUNT_CALL,
        {
            "in_office": applying.office,
            "of_report": change.report_id,
            "calls": change.calls,
            "counted": to_json([*from_json(row.counted), applying.context.command_id][-COUNTED:]),
            "remarks": to_json([*remarks, change.remark]) if change.remark else row.remarks,
            "last_call_at": max(row.last_call_at, to_text(change.at)),
            "hazard": str(hazard),
            "priority": priority_of(hazard, Criticality(row.critical)),
        },
    )
    applying.result |= {"report": change.report_id, "number": row.number, "calls": change.calls}
    applying.touch("report", change.report_id)
    _touch_premise(applying, row.premise)


def _write_correction(applying: Applying, change: ReportCorrected) -> None:
    row = _get_report(applying, change.report_id)
    values = {"scope": row.scope, "hazard": row.hazard, "callback": row.callback}
    values |= {name: str(value) for name, value in change.values.items() if name in values}
    state = "closed" if change.values.get("withdrawn") else row.state
    priority = priority_of(Hazard(values["hazard"]), Criticality(row.critical))
    resource = f"report:{change.report_id}"
    version = versions.bump(
        applying.connection,
        applying.office,
        resource,
        change.values.keys(),
        actor=applying.context.actor.login,
        at=to_text(applying.context.now),
    )
    applying.connection.execute(
        _SET_REPORT,
        {
            **values,
            "in_office": applying.office,
            "of_report": change.report_id,
            "state": state,
            "priority": priority,
            "version": version,
        },
    )
    applying.result |= {
        "report": change.report_id,
        "number": row.number,
        "versions": {resource: version},
    }
    applying.touch("report", change.report_id)
    _touch_premise(applying, row.premise)


def _write_planned(applying: Applying, change: OutagePlanned) -> None:
    below = list_devices_below(applying.connection, applying.office, change.device)
    transformers = [identifier for identifier, kind in below if kind == "transformer"]
    applying.connection.execute(
        _NEW_PLANNED,
        {
            "office": applying.office,
            "planned_id": change.planned_id,
            "device": change.device,
            "devices": to_json(transformers),
            "starts_at": to_text(change.starts_at),
            "ends_at": to_text(change.ends_at),
            "reason": change.reason,
            "version": 0,
        },
    )
    applying.connection.execute(
        _NEW_PLANNED_DEVICE,
        [
            {"office": applying.office, "device": identifier, "planned_id": change.planned_id}
            for identifier, _ in below
        ],
    )
    applying.result |= {"planned": change.planned_id, "transformers": len(transformers)}
    plural = "" if len(transformers) == 1 else "s"
    applying.answer = f"Outage planned for {len(transformers)} transformer{plural}."
    applying.touch("planned", change.planned_id)


def _write_callback(applying: Applying, change: CallbackRequested) -> None:
    applying.connection.execute(
        _NEW_CALLBACK,
        {
            "office": applying.office,
            "callback_id": change.callback_id,
            "account": change.account,
            "report_id": change.report_id,
            "phone": change.phone,
            "due": str(change.when),
            "due_at": to_text(change.at) if change.at else None,
            "about": change.about,
            "requested_at": to_text(applying.context.happened_at),
            "requested_by": applying.context.actor.login,
        },
    )
    applying.result["callback"] = change.callback_id


HANDLERS: Handlers = {
    "outage.report": Handler(_place_facts, decide_report_outage),
    "outage.add": Handler(_report_facts, decide_add_to_report),
    "outage.correct": Handler(_report_facts, decide_correct_report, values=lambda facts: facts.values),
    "outage.plan": Handler(_device_facts, decide_plan_outage),
    "callback.request": Handler(_callback_facts, decide_request_callback),
}
WRITES: Writes = {
    ReportOpened: _write_report,
    CallCounted: _write_call,
    ReportCorrected: _write_correction,
    OutagePlanned: _write_planned,
    CallbackRequested: _write_callback,
}
