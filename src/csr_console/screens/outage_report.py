"""An outage report: one line when everything is said, a form of four fields when not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.outages.kinds import Hazard
from csr_console.domain.text import clean_line
from csr_console.domain.verbs import outage_args
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import hhmm, phone
from csr_console.screens.submit import Sending
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import PlannedView, ReportView


async def report(
    app: ConsoleApp,
    entry: RosterEntry | None,
    args: tuple[str, ...],
    insist: bool,
    location: str | None = None,
) -> None:
    """Report at once when the line says scope and hazard; otherwise ask for what is missing."""
    said = outage_args(args)
    fixed = _fixed(entry, location, insist=insist)
    initial: dict[str, object] = {"remark": said.remark} if said.remark else {}
    if entry and entry.phones:
        initial["callback"] = entry.phones[0]
    if said.scope:
        initial["scope"] = said.scope
    if said.hazard:
        initial["hazard"] = said.hazard
    if said.scope and said.hazard and (entry or location):
        command = ReportOutage.model_validate({**initial, **fixed})
        await send_report(app, Sending(app, entry.account if entry else None), command)
        return
    await app.push_screen(OutageReportScreen(entry, location, fixed, initial))


def _fixed(entry: RosterEntry | None, location: str | None, *, insist: bool) -> dict[str, object]:
    place: dict[str, object] = {"insist": insist}
    if entry:
        place |= {"account": entry.account, "premise": entry.premise}
    elif location:
        place |= {"location": location}
    return place


async def send_report(app: ConsoleApp, sending: Sending, command: ReportOutage) -> bool:
    """Send it; with a hazard the screen of the hazard comes at once, with the phone path on it."""
    sent = await sending.send(command)
    if sent and command.hazard is not Hazard.NONE:
        from csr_console.screens.hazard import HazardScreen

        await app.push_screen(HazardScreen.of_report(sending.id, command))
    return sent


class OutageReportScreen(ConsoleScreen):
    """Who and where are known; scope, hazard and callback are asked, the hazard without a default."""

    DEFAULT_CSS = """
    OutageReportScreen #known { height: auto; max-height: 8; padding: 0 1; }
    OutageReportScreen Form { height: 1fr; }
    """

    def __init__(
        self,
        entry: RosterEntry | None,
        location: str | None,
        fixed: dict[str, object],
        initial: dict[str, object],
    ) -> None:
        super().__init__()
        self._entry = entry
        self._location = location
        self._fixed = fixed
        self._initial = initial

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        yield Static(Content(self._place()), id="known")
        asked = ["scope", "hazard", "callback", "remark"]
        if self._entry is None:
            asked.insert(3, "caller")
            if self._location is None:
                asked.insert(0, "location")
        yield Form(
            ReportOutage, fields=asked, initial=self._initial, fixed=self._fixed, title="Report an outage"
        )

    def work_widget(self) -> Widget:
        return self.query_one(Form)

    def on_mount(self) -> None:
        super().on_mount()
        self._sending = Sending(self.console, self._entry.account if self._entry else None)
        self.query_one(Form).focus_first()
        self.run_worker(self._show_known(), group="known")

    def _place(self) -> str:
        if self._entry is None:
            return clean_line(self._location or "A call without a customer")
        return f"{clean_line(self._entry.name)} · {clean_line(self._entry.service_address)}"

    async def _show_known(self) -> None:
        """What the caller can be told before the form is filled in."""
        desk = self.console.desk
        if self._entry is None:
            return
        reports = await self.console.quietly(desk.reports)
        planned = await self.console.quietly(desk.planned)
        lines = [self._place(), *known_lines(self._entry, reports, planned, self.console.now())]
        self.query_one("#known", Static).update(Content("\n".join(lines)))

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        self.run_worker(self._send(event.command), group="send")

    async def _send(self, command: Any) -> None:
        async with self.console.gate.hold("sending"):
            await self.console.finish_form(self, await send_report(self.console, self._sending, command))

    @on(Form.Cancelled)
    async def _cancel(self, event: Form.Cancelled) -> None:
        event.stop()
        await self.leave()


def known_lines(
    entry: RosterEntry, reports: Iterable[ReportView], planned: Iterable[PlannedView], now: Any
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
