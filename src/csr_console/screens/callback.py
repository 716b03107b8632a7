"""A promise to call back, and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from csr_console.domain.outages.commands import CallbackWhen, RequestCallback
from csr_console.domain.times import time_of_day
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.submit import Sending
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry


async def request(app: ConsoleApp, entry: RosterEntry | None, args: tuple[str, ...]) -> None:
    """Ask for what the line did not say: `cb` the whole, `cb 15:30` the number only."""
    said_at = next((found for word in args if (found := time_of_day(word, app.now().astimezone()))), None)
    await app.push_screen(CallbackScreen(entry, said_at))


class CallbackScreen(ConsoleScreen):
    def __init__(self, entry: RosterEntry | None, said_at: datetime | None) -> None:
        super().__init__()
        self._entry = entry
        self._said_at = said_at

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        initial: dict[str, object] = {"when": CallbackWhen.RESTORED}
        if self._entry and self._entry.phones:
            initial["phone"] = self._entry.phones[0]
        fixed: dict[str, object] = {}
        if self._entry:
            fixed["account"] = self._entry.account
        asked = ["phone", "when", "about"]
        if self._said_at is not None:
            asked = ["phone", "about"]
            fixed |= {"when": CallbackWhen.AT, "at": self._said_at}
        yield Form(RequestCallback, fields=asked, initial=initial, fixed=fixed, title="Call back")

    def work_widget(self) -> Widget:
        return self.query_one(Form)

    def on_mount(self) -> None:
        super().on_mount()
        self._sending = Sending(self.console, self._entry.account if self._entry else None)
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        self.run_worker(self._send(event.command), group="send")

    async def _send(self, command: Any) -> None:
        async with self.console.gate.hold("sending"):
            await self.console.finish_form(self, await self._sending.send(command))

    @on(Form.Cancelled)
    async def _cancel(self, event: Form.Cancelled) -> None:
        event.stop()
        await self.leave()
