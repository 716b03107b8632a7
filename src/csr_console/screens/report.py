"""One outage report: what is known of it, and what can be added or corrected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutagesChanged
from csr_console.domain.outages.commands import AddToReport, CorrectReport
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.format import age, counted, hhmm, moment_on, phone, words
from csr_console.screens.forms import FormScreen
from csr_console.screens.work import begin, keep_up
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import ReportView
    from csr_console.desk.model import Draft

PRIORITIES = {1: "1 life", 2: "2 hazard", 3: "3 critical", 4: "4 M", 5: "5"}
"""The words of the work list; `M` and nothing more for medically essential service."""


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left, on the report as it is now."""
    reports = await asyncio.to_thread(app.desk.reports)
    report = next((report for report in reports if str(report.id) == draft.values.get("report")), None)
    if report is None:
        app.notify_line("warn", "That report is closed; the draft is kept.")
    elif draft.form == AddScreen.form_name:
        await app.show_screen(AddScreen(report, None, draft))
    else:
        await app.show_screen(CorrectScreen(report, None, draft))


class ReportScreen(ConsoleScreen):
    """The whole report; it follows what central says of it."""

    DEFAULT_CSS = """
    ReportScreen VerticalScroll { padding: 0 2; }
    ReportScreen #facts { height: auto; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "add", "Add a call or remark", key_display="+"),
        Binding("e", "correct", "Correct"),
        Binding("enter", "customer", "Customer"),
        *verb_bindings(),
    ]

    def __init__(self, report: ReportView) -> None:
        super().__init__()
        self._report = report
        self._entry: RosterEntry | None = None

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="reading"):
            yield Static(report_text(self._report, self.console.now()), id="facts")

    def work_widget(self) -> Widget:
        return self.query_one("#reading")

    def on_mount(self) -> None:
        if self._report.account:
            begin(self, partial(self._find_customer, self._report.account), group="customer")

    async def _find_customer(self, account: str) -> None:
        self._entry = await asyncio.to_thread(self.console.desk.entry, account)

    def on_screen_resume(self) -> None:
        keep_up(self, self._reload, group="load")

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged):
            keep_up(self, self._reload, group="load")

    async def refresh_now(self) -> None:
        await self._reload()

    async def _reload(self) -> None:
        reports = await asyncio.to_thread(self.console.desk.reports)
        newest = next((item for item in reports if item.id == self._report.id), None)
        # What is closed is no longer on the desk; what was known of it stays to be read.
        self._report = newest or self._report.model_copy(update={"state": "closed"})
        self.query_one("#facts", Static).update(report_text(self._report, self.console.now()))

    async def action_customer(self) -> None:
        if self._entry is None:
            self.notify_line("info", "This report came without a customer.")
        else:
            await self.console.open_customer(self._entry)

    async def action_add(self) -> None:
        await self.console.show_screen(AddScreen(self._report, self._entry))

    async def action_correct(self) -> None:
        await self.console.show_screen(CorrectScreen(self._report, self._entry))


class _OnReport(FormScreen):
    """A form about a report."""

    def __init__(self, report: ReportView, entry: RosterEntry | None, draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._report = report
        number = f"report #{report.number}" if report.number else "the report waiting to be sent"
        self.heading = f"{self.command_class.title}: {number}, {clean_line(report.place)}"

    def fixed(self) -> Mapping[str, object]:
        return {"report": self._report.id, "place": self._report.premise or self._report.place}

    def remembered(self) -> Mapping[str, str]:
        return {"report": str(self._report.id)}


class AddScreen(_OnReport):
    """Another call, with or without a remark."""

    form_name = "report-add"
    command_class = AddToReport
    fields = ("remark",)


class CorrectScreen(_OnReport):
    """What the report says now, to be put right; only what differs is sent."""

    form_name = "report-correct"
    command_class = CorrectReport
    fields = ("scope", "hazard", "callback", "withdrawn")

    def initial(self) -> Mapping[str, object]:
        report = self._report
        return {"scope": report.scope, "hazard": report.hazard, "callback": report.callback}

    async def send(self, event: Form.Submitted) -> bool:
        expects = {f"report:{self._report.id}": self._report.version}
        return await self.sending.send(only_changes(event.command, self._report), expects=expects)


def only_changes(command: CorrectReport, report: ReportView) -> CorrectReport:
    """The correction without the fields that stand in the report already."""
    same = {"scope": report.scope, "hazard": report.hazard, "callback": report.callback, "withdrawn": False}
    kept = {name: None for name, value in command.values.items() if same.get(name) == value}
    return command.model_copy(update=kept)


def report_text(report: ReportView, now: datetime) -> Content:
    """The whole report in words."""
    number = f"Report #{report.number}" if report.number else "Report waiting to be sent"
    head = f"{number} · {report.state} · priority {PRIORITIES[report.priority]}"
    callback = phone(report.callback) if report.callback else "not asked for"
    facts = (
        ("Place", report.place),
        ("Name", report.name),
        ("Out", report.scope),
        ("Hazard", words(report.hazard)),
        ("Calls", f"{counted(report.calls, 'call')}, the last at {hhmm(report.last_call_at)}"),
        ("Opened", f"{moment_on(report.opened_at, now)} ({age(now - report.opened_at)})"),
        ("Transformer", report.device or "not known"),
        ("Callback", callback),
        *(("Remark", remark) for remark in report.remarks),
    )
    lines = [
        Content.assemble((f"{label:<12}", "$tone-dim"), clean_line(text, limit=300))
        for label, text in facts
        if text
    ]
    return Content("\n").join([Content.styled(head, "bold"), Content(""), *lines])
