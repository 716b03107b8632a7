"""Decisions on outages: pure, the same at central and on the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.outages.commands import (
    AddToReport,
    CorrectReport,
    PlanOutage,
    ReportOutage,
    RequestCallback,
)
from csr_console.domain.outages.hazards import HazardOpened
from csr_console.domain.outages.kinds import Criticality, Hazard
from csr_console.domain.outages.priority import priority_of
from csr_console.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PlannedFacts:
    """A planned outage that covers the premise now."""

    device: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """An outage report: `number` is None while central has not numbered it; `calls` counts all calls."""

    report_id: str
    number: int | None
    calls: int
    open: bool
    account: str | None
    premise: str | None
    location: str | None
    values: Mapping[str, str | bool]
    """scope, hazard, callback, withdrawn as they stand."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is known of the place of a report. `electric_state` is connected, nonpay, disconnected or None
    when the premise has no electric service; `device` is its transformer or None."""

    account: str | None = None
    electric_state: str | None = "connected"
    device: str | None = None
    critical: Criticality = Criticality.ORDINARY
    planned: PlannedFacts | None = None
    open_report: ReportFacts | None = None


@dataclass(frozen=True, slots=True)
class ReportOpened(Change):
    """A new outage report; central gives it the next number of the office."""

    report_id: str
    account: str | None
    premise: str | None
    location: str | None
    scope: str
    hazard: str
    callback: str
    caller: str
    remark: str
    device: str | None
    critical: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class CallCounted(Change):
    """Another call or a remark on an open report; a call may bring a graver hazard than the report has."""

    report_id: str
    calls: int
    remark: str
    at: datetime
    hazard: Hazard | None = None
    """What the report's hazard rises to, with its priority; None when it stays. It never falls by a call."""


@dataclass(frozen=True, slots=True)
class ReportCorrected(Change):
    """New values of a report; `withdrawn` true closes it."""

    report_id: str
    values: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class OutagePlanned(Change):
    planned_id: str
    device: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CallbackRequested(Change):
    callback_id: str
    account: str | None
    report_id: str | None
    phone: str
    when: str
    at: datetime | None
    about: str


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 112th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _name(report: ReportFacts) -> str:
    return f"report #{report.number}" if report.number is not None else "the report waiting to be sent"


def _refuse_what_is_no_outage(command: ReportOutage, facts: PlaceFacts, now: datetime) -> None:
    """Disconnected service and planned outages come first: both are frequent and need no crew."""
    if command.insist or command.urgent:
        return
    if facts.electric_state in ("nonpay", "disconnected"):
        why = "for non-payment" if facts.electric_state == "nonpay" else "on request"
        raise Refusal("not-connected", f"Electric service here is disconnected {why}: no outage to report.")
    planned = facts.planned
    if planned and planned.starts_at <= now < planned.ends_at:
        raise Refusal(
            "planned-outage",
            f"A planned outage: {planned.reason}.",
            facts={"ends_at": planned.ends_at.isoformat(), "device": planned.device},
        )


def decide_report_outage(command: ReportOutage, facts: PlaceFacts, context: Context) -> Plan:
    """A new report, or one more call on the report that is open at the premise.

    A hazard is a record of its own beside the report and is never absorbed by it. Raises `Refusal`
    not-connected or planned-outage, unless the caller insists or there is a hazard.
    """
    _refuse_what_is_no_outage(command, facts, context.happened_at)
    changes: list[Change] = []
    if facts.open_report:
        changes.append(_count(facts.open_report, command, context))
        answer = f"Already on {_name(facts.open_report)}: {ordinal(facts.open_report.calls + 1)} call."
    else:
        changes.append(
            ReportOpened(
                report_id=context.command_id,
                account=command.account,
                premise=command.premise,
                location=command.location,
                scope=command.scope,
                hazard=command.hazard,
                callback=command.callback or "",
                caller=command.caller or "",
                remark=command.remark or "",
                device=facts.device,
                critical=facts.critical,
                opened_at=context.happened_at,
            )
        )
        answer = "Outage reported."
    if command.hazard is not Hazard.NONE:
        changes.append(
            HazardOpened(
                hazard_id=context.command_id,
                hazard=command.hazard,
                account=command.account,
                premise=command.premise,
                location=command.location,
                opened_at=context.happened_at,
            )
        )
    if command.account:
        text = f"Outage, {command.scope.label}; hazard: {command.hazard.label}. {answer}"
        changes.append(
            EntryAdded(
                command.account,
                context.command_id,
                "outage",
                context.happened_at,
                context.actor.login,
                text,
            )
        )
    return Plan(answer, tuple(changes))


def _count(report: ReportFacts, command: ReportOutage, context: Context) -> CallCounted:
    """One more call; a graver hazard becomes the report's, so that the work list shows it in its place."""
    known = Hazard(str(report.values["hazard"]))
    rises = priority_of(command.hazard, Criticality.ORDINARY) < priority_of(known, Criticality.ORDINARY)
    return CallCounted(
        report.report_id,
        report.calls + 1,
        command.remark or "",
        context.happened_at,
        command.hazard if rises else None,
    )


def _open(report: ReportFacts) -> None:
    if not report.open:
        raise Refusal("report-closed", f"{_name(report).capitalize()} is closed.")


def decide_add_to_report(command: AddToReport, facts: ReportFacts, context: Context) -> Plan:
    """Raises `Refusal` report-closed."""
    _open(facts)
    calls = facts.calls + (1 if command.called_again else 0)
    change = CallCounted(facts.report_id, calls, command.remark or "", context.happened_at)
    return Plan(f"Added to {_name(facts)}: {ordinal(calls)} call.", (change,))


def decide_correct_report(command: CorrectReport, facts: ReportFacts, context: Context) -> Plan:
    """Raises `Refusal` report-closed or nothing-changed. A new hazard opens a record of its own."""
    _open(facts)
    changed = {name: value for name, value in command.values.items() if facts.values.get(name) != value}
    if not changed:
        raise Refusal("nothing-changed", "The report already says so.")
    changes: list[Change] = [ReportCorrected(facts.report_id, changed)]
    if command.hazard and command.hazard is not Hazard.NONE and "hazard" in changed:
        changes.append(
            HazardOpened(
                hazard_id=context.command_id,
                hazard=command.hazard,
                account=facts.account,
                premise=facts.premise,
                location=facts.location,
                opened_at=context.happened_at,
            )
        )
    names = ", ".join(changed)
    return Plan(f"Corrected {_name(facts)}: {names}.", tuple(changes))


def decide_plan_outage(command: PlanOutage, device_exists: bool, context: Context) -> Plan:
    """Raises `Refusal` not-found for a device that the network model does not have."""
    if not device_exists:
        raise Refusal("not-found", f"No device {command.device} in the network model.")
    change = OutagePlanned(
        context.command_id, command.device, command.starts_at, command.ends_at, command.reason
    )
    return Plan("Outage planned.", (change,))


def decide_request_callback(command: RequestCallback, _facts: None, context: Context) -> Plan:
    """A promise is always taken; it lands on the callback list and on the customer's timeline."""
    changes: list[Change] = [
        CallbackRequested(
            callback_id=context.command_id,
            account=command.account,
            report_id=str(command.report) if command.report else None,
            phone=command.phone,
            when=command.when,
            at=command.at,
            about=command.about or "",
        )
    ]
    if command.account:
        text = f"Callback requested: {command.when.label}. {command.about or ''}".strip()
        changes.append(
            EntryAdded(
                command.account,
                context.command_id,
                "callback",
                context.happened_at,
                context.actor.login,
                text,
            )
        )
    return Plan("Callback promised.", tuple(changes))
