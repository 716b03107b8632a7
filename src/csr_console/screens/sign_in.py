"""Signing in; without the network the PIN of the last sign-in opens the desk."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from csr_console.domain.refusals import Answer
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.drafts import ask_about_draft
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.line_input import LineInput


class _Gate(ConsoleScreen):
    """A screen one cannot leave but by saying who one is; nothing of a customer is on it."""

    GUARDED = True

    DEFAULT_CSS = """
    _Gate { align: center middle; }
    _Gate #line, _Gate #chip { display: none; }
    _Gate #body { align: center middle; }
    _Gate .entry { width: 46; height: auto; padding: 1 2; border: round $line-focus; background: $surface; }
    _Gate LineInput, _Gate LineInput:focus { height: 1; border: none; padding: 0; background: $panel; }
    _Gate LineInput { margin-bottom: 1; }
    """

    async def leave(self) -> None:
        self.notify_line("info", "Sign in first; Ctrl+C leaves the console, nothing queued is lost.")

    async def action_help(self) -> None:
        self.notify_line(
            "info", "Type your login and password. What is queued here keeps draining meanwhile."
        )

    async def go_on(self) -> None:
        """Off the screen, to where the clerk was, with the question about a draft that was left."""
        app = self.console
        await app.pop_screen()
        await ask_about_draft(app)


class SignInScreen(_Gate):
    """Login and password, checked by central."""

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="entry"):
            yield Static(Content("Sign in"))
            yield Label("Login")
            yield LineInput(id="login")
            yield Label("Password")
            yield LineInput(password=True, id="password")

    def work_widget(self) -> Widget:
        return self.query_one("#login", LineInput)

    @on(Input.Submitted, "#login")
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_focus(self.query_one("#password", LineInput))

    @on(Input.Submitted, "#password")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        login = self.query_one("#login", LineInput).value.strip().casefold()
        begin(self.app, partial(self._sign_in, login, event.value), group="send")

    async def _sign_in(self, login: str, password: str) -> None:
        app = self.console
        try:
            await app.desk_call(app.desk.sign_in, login, password, doing="signing in")
        except Answer as answer:
            self.query_one("#password", LineInput).value = ""
            refuse(app, answer)
            return
        await self.go_on()


class LockScreen(_Gate):
    """Personal data is hidden, drafts are kept, the queue drains on."""

    def compose_body(self) -> ComposeResult:
        name = self.console.desk.actor.name if self.console.desk.actor else ""
        with Vertical(classes="entry"):
            yield Static(Content(f"Locked. {name}"))
            yield Label("PIN or password")
            yield LineInput(password=True, id="secret")

    def work_widget(self) -> Widget:
        return self.query_one("#secret", LineInput)

    @on(Input.Submitted, "#secret")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._unlock, event.value), group="send")

    async def _unlock(self, secret: str) -> None:
        app = self.console
        self.query_one("#secret", LineInput).value = ""
        try:
            await app.desk_call(app.desk.unlock, secret, doing="unlocking")
        except Answer as answer:
            refuse(app, answer)
            return
        await self.go_on()
