"""Reports, hazards and planned outages as this workstation sees them: cached, with the queue laid over."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.domain.command import Change
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.outages.decide import (
    CallCounted,
    OutagePlanned,
    PlaceFacts,
    PlannedFacts,
    ReportCorrected,
    ReportFacts,
    ReportOpened,
)
from csr_console.domain.outages.hazards import (
    HazardAcknowledged,
    HazardClosed,
    HazardDetailed,
    HazardFacts,
    HazardOpened,
)
from csr_console.domain.outages.kinds import Criticality, Hazard
from csr_console.domain.outages.priority import WorkOrderKey, priority_of
from csr_console.domain.refusals import Refusal

FindEntry = Callable[[str | None, str | None], RosterEntry | None]
"""The roster entry of an account, or of whoever is at a premise."""


class Board:
    """A mutable fold: start from what is cached, `apply` changes in order, read the lists."""

    def __init__(
        self,
        reports: Sequence[ReportView],
        hazards: Sequence[HazardView],
        planned: Sequence[PlannedView],
        find_entry: FindEntry,
    ) -> None:
        self._find_entry = find_entry
        self._reports: dict[UUID, ReportView] = {}
        self._hazards: dict[UUID, HazardView] = {}
        self._planned: dict[UUID, PlannedView] = {}
        self._at: dict[tuple[bool, str], tuple[UUID, ...]] = {}
        for lines in (reports, hazards, planned):
            for line in lines:
                self.put(line)

    def put(self, view: ReportView | HazardView | PlannedView) -> None:
        """Take in one line as central told it."""
        match view:
            case ReportView():
                place = _place(view.premise, view.place)
                self._reports[view.id] = view
                self._at[place] = (*self._at.get(place, ()), view.id)
            case HazardView():
                self._hazards[view.id] = view
            case PlannedView():
                self._planned[view.id] = view

    def drop(self, identifiers: Iterable[UUID]) -> None:
        """Forget the lines of these ids, if they are here."""
        for identifier in identifiers:
            self._hazards.pop(identifier, None)
            self._planned.pop(identifier, None)
            if (report := self._reports.pop(identifier, None)) is not None:
                place = _place(report.premise, report.place)
                self._at[place] = tuple(one for one in self._at[place] if one != identifier)

    def copy(self, find_entry: FindEntry) -> Self:
        """One that stays as this is now; its lines are shared, since a line never changes."""
        other = copy(self)
        other._find_entry = find_entry
        other._reports, other._hazards = dict(self._reports), dict(self._hazards)
        other._planned, other._at = dict(self._planned), dict(self._at)
        return other

    def reports(self) -> list[ReportView]:
        """Open reports in work-list order; one still in the queue has number 0."""
        found = [report for report in self._reports.values() if report.state == "open"]
        return sorted(found, key=lambda report: WorkOrderKey(report.priority, report.opened_at, report.id))

    def counts(self) -> tuple[int, int]:
        """Open reports and open hazards."""
        return (
            sum(report.state == "open" for report in self._reports.values()),
            sum(hazard.state == "open" for hazard in self._hazards.values()),
        )

    def hazards(self) -> list[HazardView]:
        """Open hazards: those nobody has taken first, then life before the rest, then the oldest."""
        found = [hazard for hazard in self._hazards.values() if hazard.state == "open"]
        return sorted(
            found,
            key=lambda hazard: (
                hazard.acknowledged_at is not None,
                priority_of(Hazard(hazard.hazard), Criticality.ORDINARY),
                hazard.opened_at,
                hazard.id,
            ),
        )

    def planned(self, now: datetime) -> list[PlannedView]:
        """Planned outages that have not ended, the next one first."""
        found = [outage for outage in self._planned.values() if outage.ends_at > now]
        return sorted(found, key=lambda outage: (outage.starts_at, outage.id))

    def knows(self, identifier: UUID) -> bool:
        return identifier in self._reports or identifier in self._hazards or identifier in self._planned

    def open_report(self, premise: str | None, location: str | None) -> ReportView | None:
        """The oldest open report at a premise, or at a location in the same words."""
        at = (self._reports[one] for one in self._at.get(_place(premise, location), ()))
        found = [report for report in at if report.state == "open"]
        return min(found, key=lambda report: (report.opened_at, report.id), default=None)

    def report_facts(self, report_id: UUID) -> ReportFacts:
        report = self._reports.get(report_id)
        if report is None:
            raise Refusal("not-found", "That outage report is not known here: it may be closed.")
        return _facts(report)

    def hazard_facts(self, hazard_id: UUID) -> HazardFacts:
        hazard = self._hazards.get(hazard_id)
        if hazard is None:
            raise Refusal("not-found", "That hazard is not known here: it may be closed.")
        return HazardFacts(str(hazard.id), hazard.state == "open", hazard.acknowledged_at is not None)

    def place_facts(self, command: ReportOutage, moment: datetime) -> PlaceFacts:
        """What is known of the place of a report at `moment`. Raises `Refusal` not-found."""
        report = self.open_report(command.premise, command.location)
        if command.premise is None:
            return PlaceFacts(account=command.account, open_report=_facts(report) if report else None)
        entry = self._find_entry(command.account, command.premise)
        if entry is None:
            raise Refusal("not-found", f"The premise {command.premise} is not known on this workstation.")
        return PlaceFacts(
            account=command.account,
            electric_state=entry.electric_state,
            device=entry.device,
            critical=Criticality(entry.critical),
            planned=self._planned_at(entry.device, moment),
            open_report=_facts(report) if report else None,
        )

    def _planned_at(self, device: str | None, moment: datetime) -> PlannedFacts | None:
        """The first of the planned outages above a transformer at a moment."""
        found = [
            outage
            for outage in self._planned.values()
            if device
            and (device in outage.devices or device == outage.device)
            and outage.starts_at <= moment < outage.ends_at
        ]
        first = min(found, key=lambda outage: (outage.starts_at, outage.id), default=None)
        return PlannedFacts(first.device, first.starts_at, first.ends_at, first.reason) if first else None

    def apply(
        self,
        change: Change,
        command_id: UUID,
        *,
        number: int = 0,
        actor: str = "",
        station: str = "",
    ) -> None:
        """Lay one change of a command over the lists, unless the feed has told it sooner than its outcome;
        `number` is the report's, once central has given it."""
        match change:
            case ReportOpened():
                self._open_report(change, number)
            case CallCounted():
                self._count_call(change, command_id)
            case ReportCorrected():
                self._correct(change)
            case HazardOpened():
                self._open_hazard(change, actor, station)
            case HazardDetailed() | HazardAcknowledged() | HazardClosed():
                self._change_hazard(change)
            case OutagePlanned():
                planned = PlannedView(
                    id=UUID(change.planned_id),
                    device=change.device,
                    devices=[],
                    starts_at=change.starts_at,
                    ends_at=change.ends_at,
                    reason=change.reason,
                    version=0,
                )
                self._planned.setdefault(planned.id, planned)

    def _open_report(self, change: ReportOpened, number: int) -> None:
        entry = self._find_entry(change.account, change.premise) if change.premise else None
        hazard, critical = Hazard(change.hazard), Criticality(change.critical)
        report = ReportView.model_validate(
            {
                "id": change.report_id,
                "number": number,
                "state": "open",
                "account": change.account,
                "premise": change.premise,
                "place": entry.service_address if entry else change.location or change.premise or "",
                "name": entry.name if entry and change.account else change.caller,
                "scope": change.scope,
                "hazard": hazard.value,
                "critical": critical.value,
                "priority": priority_of(hazard, critical),
                "device": change.device,
                "callback": change.callback,
                "calls": 1,
                "remarks": [change.remark] if change.remark else [],
                "opened_at": change.opened_at,
                "last_call_at": change.opened_at,
                "version": 0,
            }
        )
        if report.id not in self._reports:
            self.put(report)

    def _count_call(self, change: CallCounted, command_id: UUID) -> None:
        report = self._reports.get(UUID(change.report_id))
        if report is not None and command_id not in report.counted:
            remarks = [*report.remarks, change.remark] if change.remark else report.remarks
            hazard = change.hazard or Hazard(report.hazard)
            self._reports[report.id] = report.model_copy(
                update={
                    "calls": change.calls,
                    "remarks": remarks,
                    "last_call_at": change.at,
                    "hazard": hazard.value,
                    "priority": priority_of(hazard, Criticality(report.critical)),
                }
            )

    def _correct(self, change: ReportCorrected) -> None:
        report = self._reports.get(UUID(change.report_id))
        if report is None:
            return
        values: dict[str, Any] = {
            name: str(value) for name, value in change.values.items() if name != "withdrawn"
        }
        if change.values.get("withdrawn"):
            values["state"] = "closed"
        hazard = Hazard(values.get("hazard", report.hazard))
        values["priority"] = priority_of(hazard, Criticality(report.critical))
        self._reports[report.id] = report.model_copy(update=values)

    def _open_hazard(self, change: HazardOpened, actor: str, station: str) -> None:
        entry = self._find_entry(change.account, change.premise) if change.premise else None
        hazard = HazardView.model_validate(
            {
                "id": change.hazard_id,
                "hazard": str(change.hazard),
                "state": "open",
                "account": change.account,
                "premise": change.premise,
                "place": entry.service_address if entry else change.location or change.premise or "",
                "opened_at": change.opened_at,
                "opened_by": actor,
                "station": station,
                "version": 0,
            }
        )
        self._hazards.setdefault(hazard.id, hazard)

    def _change_hazard(self, change: HazardDetailed | HazardAcknowledged | HazardClosed) -> None:
        hazard = self._hazards.get(UUID(change.hazard_id))
        if hazard is None:
            return
        values: dict[str, Any]
        match change:
            case HazardDetailed():
                names = ("premise", "phone", "where", "people_inside", "access")
                values = {name: value for name in names if (value := getattr(change, name)) is not None}
                if change.remark and change.remark not in hazard.remarks:
                    values["remarks"] = [*hazard.remarks, change.remark]
                entry = self._find_entry(None, change.premise) if change.premise else None
                if place := (entry.service_address if entry else change.location):
                    values["place"] = place
            case HazardAcknowledged():
                values = {
                    "dispatcher": change.dispatcher,
                    "expected_at": change.expected_at,
                    "acknowledged_at": change.acknowledged_at,
                }
            case HazardClosed():
                values = {"state": "closed"}
        self._hazards[hazard.id] = hazard.model_copy(update=values)


def _place(premise: str | None, words: str | None) -> tuple[bool, str]:
    """By what a report is found again: the premise, or the location in the same words."""
    return (True, premise) if premise else (False, (words or "").casefold())


def _facts(report: ReportView) -> ReportFacts:
    return ReportFacts(
        report_id=str(report.id),
        number=report.number or None,
        calls=report.calls,
        open=report.state == "open",
        account=report.account,
        premise=report.premise,
        location=None if report.premise else report.place,
        values={
            "scope": report.scope,
            "hazard": report.hazard,
            "callback": report.callback,
            "withdrawn": report.state == "closed",
        },
    )
