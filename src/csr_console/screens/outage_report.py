"""An outage report: one line when everything is said, a form of four fields when not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from csr_console.contracts.registry import field_errors
from csr_console.domain.outages.commands import AddToReport, ReportOutage
from csr_console.domain.outages.decide import ordinal
from csr_console.domain.text import clean_line
from csr_console.domain.verbs import outage_args
from csr_console.screens.drafts import find_draft
from csr_console.screens.format import counted, hhmm, moment_on
from csr_console.screens.forms import FormScreen
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.editors import ChoiceEditor
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import PlannedView, ReportView
    from csr_console.desk.model import Draft


INSISTED = frozenset({"not-connected", "planned-outage"})
"""What `!` overrules, once the caller was told."""


async def report(
    app: ConsoleApp,
    entry: RosterEntry | None,
    args: tuple[str, ...],
    insist: bool,
    location: str | None = None,
) -> None:
    """Report at once when the line says scope and hazard; otherwise ask for what is missing."""
    said = outage_args(args)
    initial: dict[str, object] = {"remark": said.remark} if said.remark else {}
    if entry and entry.phones:
        initial["callback"] = entry.phones[0]
    if said.scope:
        initial["scope"] = said.scope
    if said.hazard:
        initial["hazard"] = said.hazard
    if said.scope is None or said.hazard is None or not (entry or location):
        draft = (
            await find_draft(app, OutageReportScreen.form_name, entry.account) if entry and not args else None
        )
        known = await app.desk_call(known_of, app, entry, location, doing="reading the reports")
        await app.show_screen(OutageReportScreen(entry, location, initial, known, insist=insist, draft=draft))
        return
    try:
        command = ReportOutage.model_validate({**initial, **place_of(entry, location, insist=insist)})
    except ValidationError as error:
        app.gate.clear()
        app.notify_line("error", field_errors(error)[0]["message"])
        return
    sending = Sending(app, entry.account if entry else None)
    if await sending.send(command):
        if entry is not None:
            await app.reread(entry.account)
        await warn_of_hazard(app, sending, command)


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left, with what is known now."""
    entry = await asyncio.to_thread(app.desk.entry, draft.account) if draft.account else None
    location = draft.values.get("place") or None
    known = await app.desk_call(known_of, app, entry, location, doing="reading the reports")
    await app.show_screen(OutageReportScreen(entry, location, None, known, draft=draft))


def place_of(entry: RosterEntry | None, location: str | None, *, insist: bool) -> dict[str, object]:
    """The fields of the place, as the command takes them."""
    if entry is not None:
        return {"account": entry.account, "premise": entry.premise, "insist": insist}
    return {"location": location, "insist": insist} if location else {"insist": insist}


def place_line(entry: RosterEntry | None, location: str | None) -> str:
    if entry is None:
        return f"Outage at {clean_line(location)}" if location else "Outage: a call without a customer"
    return f"Outage at {clean_line(entry.service_address)} · {clean_line(entry.name)}"


async def warn_of_hazard(app: ConsoleApp, sending: Sending, command: ReportOutage) -> None:
    """With a hazard in the report its own screen comes at once, with the words and the telephone on it."""
    if not command.urgent:
        return
    from csr_console.screens.hazard import HazardScreen, say_if_unsent

    severity, text = app.console_screens[-1].said
    entry = await asyncio.to_thread(app.desk.entry, command.account) if command.account else None
    opened_at = next((done.at for done in app.call.done if done.id == sending.id), app.now())
    await app.show_screen(HazardScreen(sending.id, command.hazard, opened_at, entry))
    app.notify_line(severity, text)
    await say_if_unsent(app, sending.id)


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller can be told before a form is filled in, and the report that is open at the place."""

    lines: tuple[str, ...] = ()
    here: ReportView | None = None


def known_of(app: ConsoleApp, entry: RosterEntry | None, location: str | None) -> Known:
    """Read from what this desk has; it asks nobody."""
    desk = app.desk
    reports = desk.reports()
    here = report_at(reports, entry, location)
    if entry is None:
        return Known(tuple(repeat_lines(here)), here)
    return Known(tuple(known_lines(entry, reports, desk.planned(), app.now())), here)


class OutageReportScreen(FormScreen):
    """Who and where are known; scope, hazard and callback are asked, the hazard without a default."""

    DEFAULT_CSS = """
    OutageReportScreen #heading { height: auto; max-height: 8; padding: 0 2 1 2; text-style: none; }
    """
    form_name = "outage"
    command_class = ReportOutage
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "again", "Count the call", key_display="+", priority=True),
        Binding("exclamation_mark", "insist", "Report anyway", key_display="!", priority=True),
    ]

    def __init__(
        self,
        entry: RosterEntry | None,
        location: str | None = None,
        initial: Mapping[str, object] | None = None,
        known: Known | None = None,
        *,
        insist: bool = False,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(entry, draft)
        self._location = location
        self._insist = insist
        self._initial = dict(initial or {})
        self._known = known or Known()
        self._told = False
        self._sent: ReportOutage | None = None

    def asked(self) -> tuple[str, ...]:
        """The fields: a call without a customer gives a name, and a place where none was said."""
        if self.entry is not None:
            return ("scope", "hazard", "callback", "remark")
        place = () if self._location else ("location",)
        return (*place, "scope", "hazard", "callback", "caller", "remark")

    def initial(self) -> Mapping[str, object]:
        return self._initial

    def fixed(self) -> Mapping[str, object]:
        return place_of(self.entry, self._location, insist=self._insist)

    def remembered(self) -> Mapping[str, str]:
        return {"place": self._location} if self._location else {}

    def on_mount(self) -> None:
        lines = [
            Content.styled(place_line(self.entry, self._location), "bold"),
            *map(Content, self._known.lines),
        ]
        self.query_one("#heading", Static).update(Content("\n").join(lines))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # In a line of text both keys are letters.
        if action == "again":
            return self._known.here is not None and isinstance(self.focused, ChoiceEditor)
        if action == "insist":
            return self._told and isinstance(self.focused, ChoiceEditor)
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """One key for a caller who is on a report already."""
        begin(self.app, self._count_call, group="submit")

    async def _count_call(self) -> None:
        known = self._known.here
        if known is None:
            return
        async with self.console.gate.hold("sending"):
            again = AddToReport(report=known.id, place=known.premise or known.place)
            if await self.sending.send(again):
                await self.close_sent()

    def action_insist(self) -> None:
        """`!`: the caller was told and reports anyway."""
        self._insist = True
        self.form.commit()

    async def send(self, event: Form.Submitted) -> bool:
        command: ReportOutage = event.command
        self._sent = insisted(command) if self._told else command
        if self._insist:
            self._sent = self._sent.model_copy(update={"insist": True})
        done = await self.sending.send(self._sent)
        refusal = self.sending.refusal
        self._told = refusal is not None and refusal.code in INSISTED
        self.refresh_bindings()
        return done

    async def close_sent(self) -> None:
        await super().close_sent()
        if self._sent is not None:
            await warn_of_hazard(self.console, self.sending, self._sent)


def insisted(command: ReportOutage) -> ReportOutage:
    """The report, with the `!` at the end of its remark taken for what it means on a line."""
    remark = command.remark or ""
    if not remark.endswith("!"):
        return command
    return command.model_copy(update={"insist": True, "remark": remark.rstrip("! ") or None})


def report_at(
    reports: Iterable[ReportView], entry: RosterEntry | None, location: str | None
) -> ReportView | None:
    """The oldest open report at the premise, or at the location in the same words."""
    if entry is not None:
        found = [item for item in reports if item.premise == entry.premise]
    else:
        words = (location or "").casefold()
        found = [item for item in reports if words and not item.premise and item.place.casefold() == words]
    return min(found, key=lambda item: item.opened_at, default=None)


def repeat_lines(here: ReportView | None) -> list[str]:
    """That the place is on a report already, and the key that counts the call."""
    if here is None:
        return []
    number = f"report #{here.number}" if here.number else "the report waiting to be sent"
    calls = f"{counted(here.calls, 'call')} since {hhmm(here.opened_at)}"
    return [f"◆ Already on {number}: {calls}. + counts this one: {ordinal(here.calls + 1)} call."]


def known_lines(
    entry: RosterEntry, reports: Iterable[ReportView], planned: Iterable[PlannedView], now: datetime
) -> list[str]:
    """Disconnection, planned outage, the open report here and the neighbors on the same transformer."""
    reports = list(reports)
    lines = []
    if entry.electric_state in ("nonpay", "disconnected"):
        why = "for non-payment" if entry.electric_state == "nonpay" else "on request"
        lines.append(f"✂ Electric service is disconnected {why}: it is no outage.")
    lines += [
        f"◷ Planned outage until {moment_on(item.ends_at, now)}: {clean_line(item.reason)}"
        for item in planned
        if entry.device in (*item.devices, item.device) and item.starts_at <= now < item.ends_at
    ]
    lines += repeat_lines(report_at(reports, entry, None))
    others = sum(
        item.premise != entry.premise for item in reports if entry.device and item.device == entry.device
    )
    if others:
        lines.append(f"◆ {counted(others, 'more report')} on transformer {clean_line(entry.device or '')}.")
    if entry.critical == "CRIT":
        lines.append("✚ Critical place: it goes before the other reports.")
    elif entry.critical:
        lines.append("✚ Priority M: ask for battery hours and a back-up plan; promise no time.")
    return lines
