"""Signing in, the lock screen, and the desk handed from one clerk to the next."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from csr_console.desk.events import DeskEvent, StatusChanged
from csr_console.desk.model import Unreachable
from csr_console.domain.refusals import Answer, Fault, Refusal
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.customers import CallRecord, Customers
from csr_console.screens.drafts import ask_about_draft
from csr_console.screens.format import counted
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.line_input import LineInput

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.signin import SessionTokens

NEEDS_CENTRAL = "Central is not reached: a password needs the network, and {login} has no PIN here yet."
NEEDS_PIN = "Central is not reached: a password needs the network, the PIN of {login} does not."
NOT_THE_PIN = "Central is there, so it is the password that signs in: the PIN is for the lock."


async def start_over(app: ConsoleApp) -> None:
    """Home, with nothing of the clerk before: no customer open, no call, no lines to recall."""
    app.customers, app.call, app.clock, app.lines = Customers(), CallRecord(), None, []
    await app.go_home()


class EntryScreen(ConsoleScreen):
    """A screen one cannot leave but by saying who one is; nothing of a customer is on it.

    Both ways in ask for a login and a secret: whoever comes to a locked desk may be somebody else.
    """

    GUARDED = True
    DEFAULT_CSS = """
    EntryScreen #line, EntryScreen #chip { display: none; }
    EntryScreen #body { align: center middle; }
    EntryScreen .entry {
        width: 46; height: auto; padding: 1 2; border: round $line-focus; background: $surface;
    }
    EntryScreen #title { margin-bottom: 1; text-style: bold; }
    EntryScreen LineInput { background: $panel; margin-bottom: 1; }
    EntryScreen LineInput:focus { background: $cursor-row; }
    EntryScreen #other { display: none; color: $tone-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "device", "Sign in at the provider", priority=True, show=False)
    ]

    def __init__(self) -> None:
        super().__init__()
        self._provider: str | None = None
        """What central calls its identity provider, "" for none; None while it could not be asked."""

    def on_mount(self) -> None:
        super().on_mount()
        self._look_for_provider()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, StatusChanged) and event.status.network in ("online", "slow"):
            self._look_for_provider()

    def _look_for_provider(self) -> None:
        if self._provider is None and self.console.is_open:
            begin(self, self._ask_for_provider, group="provider", exclusive=True)

    async def _ask_for_provider(self) -> None:
        """Whether there is another way in; without an answer there is none for now."""
        try:
            found = await asyncio.to_thread(self.console.desk.online.identity_provider)
        except Unreachable:
            return
        except Answer:
            found = ""
        self._provider = clean_line(found, limit=60)
        if self._provider:
            other = self.query_one("#other", Static)
            other.update(Content(f"F4  without a password: {self._provider}"))
            other.display = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return True if action == "device" else super().check_action(action, parameters)

    async def action_device(self) -> None:
        """A code to enter at the identity provider, where central has one."""
        if self._provider:
            begin(self.app, self._start_device, group="send")
        elif self._provider is None:
            self.notify_line("warn", "Central is not reached: only a PIN opens this desk now.")
        else:
            self.notify_line("info", "Login and password: central has no other way in.")

    async def _start_device(self) -> None:
        from csr_console.screens.device_sign_in import DeviceScreen

        app = self.console
        async with app.gate.hold("asking for a code"):
            try:
                code = await app.desk_call(app.desk.online.start_device, doing="asking for a code")
            except Answer as answer:
                refuse(app, answer)
            else:
                await app.push_screen(DeviceScreen(code, self._provider or "", self._let_in))

    async def _let_in(self, waiting: ConsoleScreen, tokens: SessionTokens) -> None:
        """Who entered the code is here, unless the screen was left meanwhile."""
        app = self.console
        before = app.desk.last_login
        async with app.gate.hold("signing in"):
            if app.screen is waiting:
                await app.desk_call(app.desk.enter, tokens, doing="signing in")
                await app.pop_screen()
                await self._go_on(before)

    def title_line(self) -> str:
        """What the box says first."""
        return "Sign in"

    def secret_label(self) -> str:
        """What the secret is called."""
        return "Password"

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="entry"):
            yield Static(Content(self.title_line()), id="title")
            yield Label("Login")
            yield LineInput(self.known_login(), id="login")
            yield Label(self.secret_label())
            yield LineInput(password=True, id="secret")
            yield Static(id="other")

    def known_login(self) -> str:
        """The login that stands there; whoever it is not types another."""
        return ""

    def work_widget(self) -> Widget:
        return self.query_one("#secret" if self.known_login() else "#login", LineInput)

    @property
    def login(self) -> str:
        return self.query_one("#login", LineInput).value.strip().casefold()

    @on(Input.Submitted, "#login")
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_focus(self.query_one("#secret", LineInput))

    @on(Input.Submitted, "#secret")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        secret, event.input.value = event.value, ""
        if not self.login:
            self.set_focus(self.query_one("#login", LineInput))
            self.notify_line("info", "Who are you? The login first.")
        elif secret:
            begin(self.app, partial(self._enter, self.login, secret), group="send")

    async def _enter(self, login: str, secret: str) -> None:
        app = self.console
        before = app.desk.last_login
        async with app.gate.hold("signing in"):
            try:
                await self.admit(login, secret)
            except Unreachable:
                app.gate.clear()
                needs = NEEDS_PIN if app.desk.has_pin(login) else NEEDS_CENTRAL
                app.notify_line("error", needs.format(login=login))
            except Answer as answer:
                refuse(app, answer)
            else:
                await self._go_on(before)

    async def admit(self, login: str, secret: str) -> None:
        """Raises `Answer` for whoever it does not let in."""
        await self.console.desk_call(self.console.desk.sign_in, login, secret, doing="signing in")

    async def _go_on(self, before: str | None) -> None:
        """Off the screen, to where the clerk was; another clerk begins at home, with nothing of the one
        before. A draft that was left is offered, a queue that was left over is said."""
        app = self.console
        actor = app.desk.actor
        await app.pop_screen()
        if actor is not None and before not in (None, actor.login):
            await start_over(app)
        status = await app.desk_call(app.desk.status, doing="looking at the queue")
        left = status.queued + status.unconfirmed + status.attention
        if left and before != (actor.login if actor else None):
            later = "" if status.signed_in else " A password sends them, a PIN does not."
            app.notify_line(
                "warn", f"{counted(left, 'command')} left here in the queue: q shows them.{later}"
            )
        await ask_about_draft(app)

    async def leave(self) -> None:
        self.notify_line("info", "Sign in first; Ctrl+C leaves the console, nothing queued is lost.")

    async def action_help(self) -> None:
        """F1 says what is wanted here: the lists of what can be done lead past the screen."""
        self.notify_line(
            "info", f"Login and {self.secret_label()}, Enter. What is queued here goes on meanwhile."
        )


class SignInScreen(EntryScreen):
    """Login and password, checked by central; without it the PIN of an earlier sign-in here."""

    def secret_label(self) -> str:
        return "Password"

    async def admit(self, login: str, secret: str) -> None:
        """A password is never tried as a PIN: five such tries would erase the customers of this desk."""
        desk = self.console.desk
        may_be_pin = secret.isdigit() and desk.has_pin(login)
        if not may_be_pin or not self.console.offline:
            try:
                await super().admit(login, secret)
            except Refusal as answer:
                if may_be_pin and answer.code == "sign-in-failed":
                    raise Refusal(answer.code, NOT_THE_PIN) from None
                raise
            except Fault as answer:
                if not may_be_pin or answer.code == "too-many":
                    raise
            else:
                return
        await self.console.desk_call(desk.unlock, secret, login, doing="checking the PIN")


class LockScreen(EntryScreen):
    """Personal data is hidden, drafts are kept, the queue drains on."""

    def title_line(self) -> str:
        actor = self.console.desk.actor
        return f"Locked · {actor.name}" if actor else "Locked"

    def secret_label(self) -> str:
        return "PIN or password" if self.console.desk.has_pin() else "Password"

    def known_login(self) -> str:
        return self.console.desk.last_login or ""

    async def admit(self, login: str, secret: str) -> None:
        """The PIN where there is one, else the password; a password opens a desk whose PIN is forgotten."""
        desk = self.console.desk
        if secret.isdigit() and desk.has_pin(login):
            await self.console.desk_call(desk.unlock, secret, login, doing="unlocking")
        else:
            await super().admit(login, secret)
