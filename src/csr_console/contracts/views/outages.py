"""Outages as they are read: reports, hazards, planned outages."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


HazardWord = Literal["none", "wire_down", "pole_down", "sparks", "gas", "carbon_monoxide"]


class ReportView(_View):
    """An outage report. `place` is the address or the location in words; `priority` is 1 (life) to 5;
    `counted` are the last commands that counted a call on it, so that none is counted twice on a desk."""

    id: UUID
    number: int
    state: Literal["open", "closed"]
    account: InertLine | None
    premise: InertLine | None
    place: InertLine
    name: InertLine
    scope: Literal["all", "part", "flicker"]
    hazard: HazardWord
    critical: Literal["", "MED", "CRIT"]
    priority: int
    device: InertLine | None
    callback: InertLine
    calls: int
    counted: list[UUID] = []
    remarks: list[InertText]
    opened_at: AwareDatetime
    last_call_at: AwareDatetime
    version: int


class HazardView(_View):
    """A danger to life; open until its source is verified as controlled."""

    id: UUID
    hazard: HazardWord
    state: Literal["open", "closed"]
    account: InertLine | None
    premise: InertLine | None
    place: InertLine
    phone: InertLine = ""
    where: InertLine = ""
    people_inside: InertLine = ""
    access: InertLine = ""
    remarks: list[InertText] = []
    dispatcher: InertLine = ""
    expected_at: AwareDatetime | None = None
    acknowledged_at: AwareDatetime | None = None
    opened_at: AwareDatetime
    opened_by: InertLine
    station: InertLine
    version: int


class PlannedView(_View):
    """A planned outage of everything below `device`; `devices` are the transformers below it."""

    id: UUID
    device: InertLine
    devices: list[InertLine]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: InertLine
    version: int


class ReportList(_View):
    """A page of reports in work-list order; `next` is an opaque cursor or None."""

    items: list[ReportView]
    next: str | None


class HazardList(_View):
    """Every open hazard, the oldest first; there is never a second page of dangers."""

    items: list[HazardView]


class PlannedList(_View):
    items: list[PlannedView]
