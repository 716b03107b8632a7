"""Open outage reports, live: the most harm first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutagesChanged
from csr_console.domain.outages.commands import AddToReport, CorrectReport
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import age, hhmm, moment_on, phone, words
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.form import Form
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import PlannedView, ReportView

PRIORITIES = {1: "1 life", 2: "2 hazard", 3: "3 critical", 4: "4 med", 5: "5"}
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
            await self.app.push_screen(ReportScreen(self._reports[event.index]))


def _summary(reports: int, hazards: int, planned: list[PlannedView], now: datetime) -> str:
    under_way = [item for item in planned if item.starts_at <= now < item.ends_at]
    parts = [f"{reports} open reports", f"{hazards} open hazards", f"{len(under_way)} planned outages now"]
    return " · ".join(parts)


class ReportScreen(ConsoleScreen):
    """One report: what is known, and what can be added or corrected."""

    DEFAULT_CSS = """
    ReportScreen #facts { height: auto; max-height: 12; padding: 0 1; }
    ReportScreen Form { height: 1fr; display: none; }
    ReportScreen.-form Form { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "add", "Add a call or remark", key_display="+"),
        Binding("e", "correct", "Correct"),
        Binding("enter", "customer", "Customer"),
    ]

    def __init__(self, report: ReportView) -> None:
        super().__init__()
        self._report = report
        self._entry: RosterEntry | None = None

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        facts = Static(Content("\n".join(report_lines(self._report, self.console.now()))), id="facts")
        facts.can_focus = True
        yield facts

    def work_widget(self) -> Widget:
        return self.query_one("#facts")

    def on_mount(self) -> None:
        if self._report.account:
            begin(self, partial(self._find_customer, self._report.account), group="load")

    async def _find_customer(self, account: str) -> None:
        self._entry = await asyncio.to_thread(self.console.desk.entry, account)

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged):
            begin(self, self._reload, group="load", exclusive=True)

    async def _reload(self) -> None:
        reports = await asyncio.to_thread(self.console.desk.reports)
        newest = next((item for item in reports if item.id == self._report.id), None)
        if newest is not None:
            self._report = newest
            self.query_one("#facts", Static).update(
                Content("\n".join(report_lines(newest, self.console.now())))
            )

    async def action_customer(self) -> None:
        if self._entry is not None:
            await self.console.open_customer(self._entry)

    async def action_add(self) -> None:
        await self._ask_for(
            AddToReport,
            ["remark"],
            {},
            {"report": self._report.id, "place": self._place, "called_again": True},
        )

    async def action_correct(self) -> None:
        current: dict[str, object] = {
            "scope": self._report.scope,
            "hazard": self._report.hazard,
            "callback": self._report.callback,
        }
        await self._ask_for(
            CorrectReport,
            ["scope", "hazard", "callback", "withdrawn"],
            current,
            {"report": self._report.id, "place": self._place},
        )

    @property
    def _place(self) -> str:
        return self._report.premise or self._report.place

    async def _ask_for(
        self, kind: Any, fields: list[str], initial: dict[str, object], fixed: dict[str, object]
    ) -> None:
        await self.query(Form).remove()
        form = Form(kind, fields=fields, initial=initial, fixed=fixed, title=kind.title)
        await self.query_one("#body").mount(form)
        self.add_class("-form")
        self._sending = Sending(self.console, self._report.account)
        form.focus_first()

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        begin(self, partial(self._send, event.command), group="send")

    async def _send(self, command: Any) -> None:
        async with self.console.gate.hold("sending"):
            expects = None
            if isinstance(command, CorrectReport):
                command = only_changes(command, self._report)
                expects = {f"report:{self._report.id}": self._report.version}
            if await self._sending.send(command, expects=expects):
                await self._close_form()

    @on(Form.Cancelled)
    async def _cancel(self, event: Form.Cancelled) -> None:
        event.stop()
        await self._close_form()

    async def _close_form(self) -> None:
        self.set_focus(self.work_widget())
        self.remove_class("-form")
        await self.query(Form).remove()


def only_changes(command: CorrectReport, report: ReportView) -> CorrectReport:
    """The correction without the fields that stand in the report already."""
    same = {"scope": report.scope, "hazard": report.hazard, "callback": report.callback, "withdrawn": False}
    kept = {name: None for name, value in command.values.items() if same.get(name) == value}
    return command.model_copy(update=kept)


def report_lines(report: ReportView, now: datetime) -> list[str]:
    """The whole report in words."""
    number = f"Report #{report.number}" if report.number else "Report waiting to be sent"
    lines = [
        f"{number} · {report.state} · priority {PRIORITIES[report.priority]}",
        f"{clean_line(report.place)}  {clean_line(report.name)}",
        f"Out: {report.scope}   Hazard: {words(report.hazard)}   Calls: {report.calls}",
        f"Opened {moment_on(report.opened_at, now)} ({age(now - report.opened_at)})",
        f"Last call {hhmm(report.last_call_at)}",
        f"Transformer {clean_line(report.device or 'not known')}",
        f"Call back {phone(report.callback)}" if report.callback else "No callback asked",
    ]
    lines += [f"· {clean_line(remark)}" for remark in report.remarks]
    return lines
