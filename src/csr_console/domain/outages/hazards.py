"""Dangers to life: records of their own that nothing absorbs, groups or closes by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.outages.commands import AcknowledgeHazard, CloseHazard, DetailHazard, OpenHazard
from csr_console.domain.refusals import Refusal

ALARM_AFTER = timedelta(seconds=60)
"""A hazard nobody has acknowledged for this long alarms again, and again."""


@dataclass(frozen=True, slots=True)
class HazardFacts:
    hazard_id: str
    open: bool
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class HazardOpened(Change):
    hazard_id: str
    hazard: str
    account: str | None
    premise: str | None
    location: str | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class HazardDetailed(Change):
    """What became known; None leaves a field as it is."""

    hazard_id: str
    premise: str | None
    location: str | None
    phone: str | None
    where: str | None
    people_inside: str | None
    access: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class HazardAcknowledged(Change):
    hazard_id: str
    dispatcher: str
    expected_at: datetime
    acknowledged_at: datetime


@dataclass(frozen=True, slots=True)
class HazardClosed(Change):
    hazard_id: str
    verified_by: str
    closed_at: datetime


def _require_open(facts: HazardFacts) -> None:
    if not facts.open:
        raise Refusal("hazard-closed", "This hazard was closed as controlled.")


def decide_open_hazard(command: OpenHazard, _facts: None, context: Context) -> Plan:
    """Always taken: never refused for a missing place, never merged with another."""
    change = HazardOpened(
        hazard_id=str(command.hazard_id),
        hazard=command.hazard,
        account=command.account,
        premise=command.premise,
        location=None,
        opened_at=command.opened_at,
    )
    return Plan(f"Hazard recorded: {command.hazard.label}.", (change,))


def decide_detail_hazard(command: DetailHazard, facts: HazardFacts, _context: Context) -> Plan:
    """Raises `Refusal` hazard-closed."""
    _require_open(facts)
    change = HazardDetailed(
        hazard_id=facts.hazard_id,
        premise=command.premise,
        location=command.location,
        phone=command.phone,
        where=command.where,
        people_inside=command.people_inside,
        access=command.access,
        remark=command.remark,
    )
    return Plan("Details added.", (change,))


def decide_acknowledge_hazard(command: AcknowledgeHazard, facts: HazardFacts, context: Context) -> Plan:
    """Raises `Refusal` hazard-closed. A later acknowledgement replaces the earlier promise."""
    _require_open(facts)
    expected_at = context.happened_at + timedelta(minutes=command.eta_minutes)
    change = HazardAcknowledged(facts.hazard_id, command.dispatcher, expected_at, context.happened_at)
    return Plan(f"{command.dispatcher} has it; {command.eta_minutes} min.", (change,))


def decide_close_hazard(command: CloseHazard, facts: HazardFacts, context: Context) -> Plan:
    """Raises `Refusal` hazard-closed, or access-blocked: nobody has seen the source."""
    _require_open(facts)
    if command.access_blocked:
        raise Refusal(
            "access-blocked",
            "Access is blocked, so the source is not verified: the hazard stays open.",
            rule="NTSB/PAR-19/01",
        )
    return Plan("Hazard closed.", (HazardClosed(facts.hazard_id, command.verified_by, context.happened_at),))
