"""Open outage reports, live: the most harm first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutagesChanged, StatusChanged
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.following import follow
from csr_console.screens.format import age, as_of, counted, moment_on, words
from csr_console.screens.report import PRIORITIES, ReportScreen
from csr_console.screens.work import keep_up
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.outages import PlannedView, ReportView

WIDE = 110
"""From this many columns on there is room for the hazard and the transformer."""
NARROW_COLUMNS = (
    Column("Report", 7, right=True),
    Column("Priority", 10),
    Column("Place", 0),
    Column("Out", 7),
    Column("Calls", 5, right=True),
    Column("Near", 4, right=True),
    Column("Age", 6, right=True),
)
WIDE_COLUMNS = (*NARROW_COLUMNS, Column("Hazard", 15), Column("Transformer", 18))


def report_row(report: ReportView, neighbors: int, now: datetime) -> tuple[Cell, ...]:
    """A row of the work list; a report that is still queued has no number. The last two cells are for wide
    screens."""
    word = PRIORITIES[report.priority]
    priority: Cell = word
    if report.priority <= 2:
        priority = Toned(word, "danger")
    elif report.priority <= 4:
        priority = Toned(word, "warn")
    return (
        f"#{report.number}" if report.number else Toned("queued", "warn"),
        priority,
        clean_line(report.place),
        report.scope,
        str(report.calls),
        str(neighbors),
        age(now - report.opened_at),
        "" if report.hazard == "none" else Toned(words(report.hazard), "danger"),
        clean_line(report.device or ""),
    )


def near_counts(reports: Sequence[ReportView]) -> list[int]:
    """For each report how many open reports stand on its transformer, itself included."""
    on_device: dict[str, int] = {}
    for report in reports:
        if report.device:
            on_device[report.device] = on_device.get(report.device, 0) + 1
    return [on_device.get(report.device or "", 1) for report in reports]


def planned_line(planned: Sequence[PlannedView], now: datetime) -> str:
    """The planned outage that goes on, else the next one, and how many more there are; empty for none."""
    if not planned:
        return ""
    first = next((item for item in planned if item.starts_at <= now), planned[0])
    when = f"until {moment_on(first.ends_at, now)}"
    if first.starts_at > now:
        when = f"{moment_on(first.starts_at, now)} {when}"
    more = f" · {len(planned) - 1} more" if len(planned) > 1 else ""
    return f"◷ Planned {when}: {clean_line(first.device)}, {clean_line(first.reason)}{more}"


class OutagesScreen(ConsoleScreen):
    """The work list of outage reports; it follows central's stream and says how old it is without it."""

    DEFAULT_CSS = """
    OutagesScreen #summary { height: 2; padding: 0 1; color: $tone-dim; }
    OutagesScreen #reports { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*verb_bindings()]

    def __init__(self) -> None:
        super().__init__()
        self._reports: list[ReportView] = []

    def compose_body(self) -> ComposeResult:
        yield Static(id="summary")
        columns = WIDE_COLUMNS if self.app.size.width >= WIDE else NARROW_COLUMNS
        yield ResultList(columns, empty="No open outage reports", id="reports")

    def work_widget(self) -> Widget:
        return self.query_one("#reports", ResultList)

    def on_screen_resume(self) -> None:
        # What was known stands there first; what is read now comes in behind.
        self.call_after_refresh(self._load)

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged | StatusChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        keep_up(self, self._show, group="load")

    async def _show(self) -> None:
        desk = self.console.desk
        was = [report.id for report in self._reports]
        reports, hazards, planned, status = await asyncio.to_thread(
            lambda: (desk.reports(), desk.hazards(), desk.planned(), desk.status())
        )
        self._reports, now = reports, self.console.now()
        near = near_counts(reports)
        cells = [report_row(report, count, now) for report, count in zip(reports, near, strict=True)]
        follow(self.query_one("#reports", ResultList), was, cells, [report.id for report in reports])
        parts = [counted(len(reports), "open report"), counted(len(hazards), "open hazard")]
        if self.console.offline:
            known = f" {as_of(status.as_of, now)}" if status.as_of else ""
            parts.append(f"central is not reached:{known or ' this desk alone'}")
        summary = f"{' · '.join(parts)}\n{planned_line(planned, now)}"
        self.query_one("#summary", Static).update(Content(summary))

    @on(ResultList.Chosen, "#reports")
    async def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._reports):
            await self.console.show_screen(ReportScreen(self._reports[event.index]))
