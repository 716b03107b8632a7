"""Open outage reports, live: the most harm first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutagesChanged
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import age
from csr_console.screens.report import PRIORITIES, ReportScreen
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.outages import PlannedView, ReportView

COLUMNS = (
    Column("Report", 7, right=True),
    Column("Pri", 10),
    Column("Place", 0),
    Column("Out", 7),
    Column("Calls", 5, right=True),
    Column("Near", 4, right=True),
    Column("Age", 6, right=True),
)


def report_row(report: ReportView, neighbors: int, now: datetime) -> tuple[Cell, ...]:
    """A row of the work list; a report that is still queued has no number."""
    priority: Cell = PRIORITIES[report.priority]
    if report.priority <= 2:
        priority = Toned(PRIORITIES[report.priority], "danger")
    elif report.priority <= 4:
        priority = Toned(PRIORITIES[report.priority], "warn")
    return (
        f"#{report.number}" if report.number else Toned("queued", "warn"),
        priority,
        clean_line(report.place),
        report.scope,
        str(report.calls),
        str(neighbors),
        age(now - report.opened_at),
    )


class OutagesScreen(ConsoleScreen):
    """The work list of outage reports; it follows central's stream."""

    DEFAULT_CSS = """
    OutagesScreen #summary { height: 1; padding: 0 1; color: $tone-dim; }
    OutagesScreen #reports { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._reports: list[ReportView] = []

    def compose_body(self) -> ComposeResult:
        yield Static(Content("Outage reports"), id="summary")
        yield ResultList(COLUMNS, empty="No open outage reports", id="reports")

    def work_widget(self) -> Widget:
        return self.query_one("#reports", ResultList)

    def on_mount(self) -> None:
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        begin(self, self._show, group="load", exclusive=True)

    async def _show(self) -> None:
        desk = self.console.desk
        reports = await asyncio.to_thread(desk.reports)
        hazards = await asyncio.to_thread(desk.hazards)
        planned = await asyncio.to_thread(desk.planned)
        self._reports = [report for report in reports if report.state == "open"]
        now = self.console.now()
        near: dict[str, int] = {}
        for report in self._reports:
            if report.device:
                near[report.device] = near.get(report.device, 0) + 1
        rows = [report_row(report, near.get(report.device or "", 1), now) for report in self._reports]
        self.query_one("#reports", ResultList).set_rows(rows, keep=True)
        open_hazards = sum(hazard.state == "open" for hazard in hazards)
        self.query_one("#summary", Static).update(
            Content(_summary(len(self._reports), open_hazards, planned, now))
        )

    @on(ResultList.Chosen, "#reports")
    async def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._reports):
            await self.console.show_screen(ReportScreen(self._reports[event.index]))


def _summary(reports: int, hazards: int, planned: list[PlannedView], now: datetime) -> str:
    under_way = [item for item in planned if item.starts_at <= now < item.ends_at]
    parts = [f"{reports} open reports", f"{hazards} open hazards", f"{len(under_way)} planned outages now"]
    return " · ".join(parts)
