"""A screen with one form: journaled while it is filled in, sent once, left open on a no."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.command import Command
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.drafts import Journal
from csr_console.screens.format import hhmm
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


class FormScreen(ConsoleScreen):
    """A form about a customer. The id of its command is made when it opens; Esc keeps the draft."""

    DEFAULT_CSS = """
    FormScreen #heading { height: 2; padding: 0 2; text-style: bold; }
    FormScreen Form { height: 1fr; padding: 0 1; }
    """
    form_name: ClassVar[str]
    command_class: ClassVar[type[Command]]
    fields: ClassVar[tuple[str, ...]] = ()
    heading: str = ""

    def __init__(self, entry: RosterEntry | None, draft: Draft | None = None) -> None:
        super().__init__()
        self.entry = entry
        self._draft = draft
        self._done = False

    @property
    def here(self) -> RosterEntry | None:
        return self.entry

    @property
    def account(self) -> str | None:
        return self.entry.account if self.entry else None

    def asked(self) -> tuple[str, ...]:
        """The fields of the form, in order."""
        return self.fields

    def initial(self) -> Mapping[str, object]:
        """What the fields show at first."""
        return {}

    def fixed(self) -> Mapping[str, object]:
        """What the form does not ask."""
        return {"account": self.account}

    def remembered(self) -> Mapping[str, str]:
        """What a draft needs besides its fields to be opened again."""
        return {}

    def compose_body(self) -> ComposeResult:
        yield Static(Content(self.heading), id="heading")
        yield Form(self.command_class, fields=self.asked(), initial=self.initial(), fixed=self.fixed())

    def work_widget(self) -> Widget:
        return self.form

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        self._first = self.form.texts()
        self.sending = Sending(self.console, self.account)
        self.journal = Journal(
            self, self.form_name, self.command_class.title.lower(), self.account, draft=self._draft
        )
        if self._draft is not None:
            self.form.restore(self._draft.values)
            self.notify_line("info", f"As you left it at {hhmm(self._draft.saved_at)}.")
        self.focus_start()

    def focus_start(self) -> None:
        """Where typing begins."""
        self.form.focus_first()

    @on(Form.Changed)
    def _journal(self, event: Form.Changed) -> None:
        event.stop()
        # Only what was typed: what others change meanwhile in the other fields must not be put back.
        typed = {name: text for name, text in event.values.items() if text != self._first[name]}
        self.journal.note({**typed, **self.remembered()} if typed else {})

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._send, event), group="submit")

    async def _send(self, event: Form.Submitted) -> None:
        async with self.console.gate.hold("sending"):
            if await self.send(event):
                await self.close_sent()

    async def send(self, event: Form.Submitted) -> bool:
        """Send what the form came to; false keeps it open."""
        return await self.sending.send(event.command)

    async def close_sent(self) -> None:
        """Back to where the form was opened, with the answer on the alert line there."""
        await self.journal.drop()
        if self.account is not None:
            await self.console.reread(self.account)
        self._done = True
        await self._go()

    async def _go(self) -> None:
        """Off the screen, if nothing was opened over the form and it was not left while it was sent."""
        if self.app.screen is self:
            severity, text = self.said
            await self.app.pop_screen()
            self.console.notify_line(severity, text)

    def on_screen_resume(self) -> None:
        if self._done:
            begin(self.app, self._go, group="submit")

    async def leave(self) -> None:
        """One step back; what was typed stays as a draft."""
        await self.journal.save()
        await super().leave()
