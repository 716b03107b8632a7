"""Outages as they are read: reports in work-list order, hazards, planned outages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, tuple_

from csr_console.central.reads import cursors
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow, from_json, to_text
from csr_console.central.tables.outages import hazard, planned, report
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportList, ReportView

MAX_REPORTS = 200

_REPORTS = select(report).where(
    report.c.office == bindparam("office"), report.c.report_id.in_(bindparam("ids", expanding=True))
)
_HAZARDS = select(hazard).where(
    hazard.c.office == bindparam("office"), hazard.c.hazard_id.in_(bindparam("ids", expanding=True))
)
_PLANNED = select(planned).where(
    planned.c.office == bindparam("office"), planned.c.planned_id.in_(bindparam("ids", expanding=True))
)
_WORK_LIST = (
    select(report)
    .where(report.c.office == bindparam("office"), report.c.state == bindparam("state"))
    .order_by(report.c.priority, report.c.opened_at, report.c.report_id)
    .limit(bindparam("limit"))
)
_AFTER = tuple_(report.c.priority, report.c.opened_at, report.c.report_id) > tuple_(
    bindparam("priority"), bindparam("opened_at"), bindparam("report_id")
)
_OPEN_HAZARDS = Statement(
    select(hazard)
    .where(hazard.c.office == bindparam("office"), hazard.c.state == "open")
    .order_by(hazard.c.opened_at, hazard.c.hazard_id)
)
_COMING = Statement(
    select(planned)
    .where(planned.c.office == bindparam("office"), planned.c.ends_at > bindparam("now"))
    .order_by(planned.c.starts_at, planned.c.planned_id)
)


def report_view(row: AnyRow) -> ReportView:
    values = dict(row._mapping)
    return ReportView.model_validate(
        {
            **values,
            "id": row.report_id,
            "counted": from_json(row.counted),
            "remarks": from_json(row.remarks),
            "name": row.name or row.caller,
        }
    )


def hazard_view(row: AnyRow) -> HazardView:
    values = dict(row._mapping)
    return HazardView.model_validate(
        {**values, "id": row.hazard_id, "where": row.strongest, "remarks": from_json(row.remarks)}
    )


def planned_view(row: AnyRow) -> PlannedView:
    values = dict(row._mapping)
    return PlannedView.model_validate({**values, "id": row.planned_id, "devices": from_json(row.devices)})


def report_views(connection: Connection, office: str, ids: Sequence[str]) -> dict[str, ReportView]:
    """Reports by id, closed ones too."""
    rows = connection.execute(_REPORTS, {"office": office, "ids": ids})
    return {row.report_id: report_view(row) for row in rows}


def hazard_views(connection: Connection, office: str, ids: Sequence[str]) -> dict[str, HazardView]:
    """Hazards by id, closed ones too."""
    rows = connection.execute(_HAZARDS, {"office": office, "ids": ids})
    return {row.hazard_id: hazard_view(row) for row in rows}


def planned_views(connection: Connection, office: str, ids: Sequence[str]) -> dict[str, PlannedView]:
    rows = connection.execute(_PLANNED, {"office": office, "ids": ids})
    return {row.planned_id: planned_view(row) for row in rows}


def list_reports(
    connection: Connection, office: str, *, cursor: str | None = None, limit: int = 50, state: str = "open"
) -> ReportList:
    """A page of reports in work-list order: priority, then the oldest first. Raises `Refusal` invalid."""
    limit = max(1, min(limit, MAX_REPORTS))
    statement = _WORK_LIST
    values: dict[str, Any] = {"office": office, "state": state, "limit": limit + 1}
    if cursor is not None:
        priority, opened_at, report_id = cursors.decode(cursor, int, str, str)
        statement = statement.where(_AFTER)
        values |= {"priority": priority, "opened_at": opened_at, "report_id": report_id}
    rows = connection.execute(statement, values).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return ReportList(
        items=[report_view(row) for row in rows[:limit]],
        next=cursors.encode([last.priority, last.opened_at, last.report_id]) if last else None,
    )


def list_hazards(connection: Connection, office: str) -> list[HazardView]:
    """Every open hazard, the oldest first; there is never a page of dangers."""
    return [hazard_view(row) for row in connection.execute(_OPEN_HAZARDS, {"office": office})]


def list_planned(connection: Connection, office: str, now: datetime) -> list[PlannedView]:
    """The planned outages that have not ended."""
    rows = connection.execute(_COMING, {"office": office, "now": to_text(now)})
    return [planned_view(row) for row in rows]
