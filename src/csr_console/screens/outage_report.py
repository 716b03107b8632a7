"""An outage report: one line when everything is said, a form of four fields when not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError
from textual.content import Content
from textual.widgets import Static

from csr_console.contracts.registry import field_errors
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.text import clean_line
from csr_console.domain.verbs import outage_args
from csr_console.screens.format import hhmm, phone
from csr_console.screens.forms import FormScreen
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import PlannedView, ReportView
    from csr_console.desk.model import Draft


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
        await app.show_screen(OutageReportScreen(entry, location, initial, insist=insist))
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
        await warn_of_hazard(app, sending)


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    entry = await asyncio.to_thread(app.desk.entry, draft.account) if draft.account else None
    await app.show_screen(OutageReportScreen(entry, draft=draft))


def place_of(entry: RosterEntry | None, location: str | None, *, insist: bool) -> dict[str, object]:
    """The fields of the place, as the command takes them."""
    if entry is not None:
        return {"account": entry.account, "premise": entry.premise, "insist": insist}
    return {"location": location, "insist": insist} if location else {"insist": insist}


def place_line(entry: RosterEntry | None, location: str | None) -> str:
    if entry is None:
        return clean_line(location or "A call without a customer")
    return f"Outage at {clean_line(entry.service_address)} · {clean_line(entry.name)}"


async def warn_of_hazard(app: ConsoleApp, sending: Sending) -> None:
    """With a hazard in the report its own screen comes at once, with the words and the telephone on it."""
    done = next((done for done in app.call.done if done.id == sending.id), None)
    if done is not None and isinstance(done.command, ReportOutage) and done.command.urgent:
        from csr_console.screens.hazard import HazardScreen

        await app.show_screen(HazardScreen(sending.id, done.command.hazard, done.at))


class OutageReportScreen(FormScreen):
    """Who and where are known; scope, hazard and callback are asked, the hazard without a default."""

    DEFAULT_CSS = """
    OutageReportScreen #heading { height: auto; max-height: 9; }
    """
    form_name = "outage"
    command_class = ReportOutage

    def __init__(
        self,
        entry: RosterEntry | None,
        location: str | None = None,
        initial: Mapping[str, object] | None = None,
        *,
        insist: bool = False,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(entry, draft)
        self._location = location
        self._insist = insist
        self._initial = dict(initial or {})
        self.heading = place_line(entry, location)

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

    def on_mount(self) -> None:
        if self.entry is not None:
            begin(self, partial(self._show_known, self.entry), group="known")

    async def _show_known(self, entry: RosterEntry) -> None:
        """What the caller can be told before the form is filled in."""
        desk = self.console.desk
        reports = await asyncio.to_thread(desk.reports)
        planned = await asyncio.to_thread(desk.planned)
        lines = [self.heading, *known_lines(entry, reports, planned, self.console.now())]
        self.query_one("#heading", Static).update(Content("\n".join(lines)))

    async def close_sent(self) -> None:
        await super().close_sent()
        await warn_of_hazard(self.console, self.sending)


def known_lines(
    entry: RosterEntry, reports: Iterable[ReportView], planned: Iterable[PlannedView], now: datetime
) -> list[str]:
    """Disconnection, planned outage, the open report here and the neighbors on the same transformer."""
    lines = []
    if entry.electric_state in ("nonpay", "disconnected"):
        why = "for non-payment" if entry.electric_state == "nonpay" else "on request"
        lines.append(f"✂ Electric service is disconnected {why}: it is no outage.")
    lines += [
        f"◷ Planned outage until {hhmm(item.ends_at)}: {clean_line(item.reason)}."
        for item in planned
        if entry.device in item.devices and item.starts_at <= now < item.ends_at
    ]
    near = [item for item in reports if item.state == "open" and entry.device and item.device == entry.device]
    for item in near:
        if item.premise == entry.premise:
            number = f"#{item.number}" if item.number else "waiting to be sent"
            lines.append(f"◆ Already on report {number} since {hhmm(item.opened_at)}, {item.calls} calls.")
    others = sum(item.premise != entry.premise for item in near)
    if others:
        lines.append(f"◆ {others} more reports on transformer {clean_line(entry.device or '')}.")
    if entry.critical:
        lines.append("✚ Priority M: ask for battery hours and a back-up plan; promise no time.")
    if entry.phones:
        lines.append(f"Phone on file {phone(entry.phones[0])}.")
    return lines
