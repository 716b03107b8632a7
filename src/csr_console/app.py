"""The console: a shell that paints first, opens the desk behind it and holds what all screens share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

os.environ.setdefault("TEXTUAL_FPS", "120")

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import NoActiveWorker, get_current_worker

from csr_console.screens import acts, crash
from csr_console.screens.base import ConsoleScreen, Severity
from csr_console.screens.customers import CallRecord, Customer, Customers
from csr_console.screens.home import HomeScreen
from csr_console.screens.question import Question
from csr_console.screens.runs import Order
from csr_console.widgets import themes
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.status_line import Call

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.desk import Desk
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.model import DeskStatus, QueueItem
    from csr_console.desk.omnibox import Resolution

Result = TypeVar("Result")
OpenDesk = Callable[[Callable[["DeskEvent"], None]], "Desk"]
LINES_KEPT = 200


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """How the console looks and what surrounds it.

    `marker` stands on every screen of the demo and of training; `keys` gives verbs other keys;
    `weathers` and `set_weather` are the demo's network switch; `log_folder` takes crash reports.
    """

    theme: str = "dark"
    thin: bool = False
    marker: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    lock_after_minutes: int = 10
    weathers: tuple[str, ...] = ()
    set_weather: Callable[[str], None] | None = None
    log_folder: Path | None = None


class ConsoleApp(GatedApp[None]):
    """The desk. `open_desk(on_event)` is called in a thread after the first paint; it may raise an `Answer`,
    which is shown."""

    TITLE = "csr-console"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+g", "gas", "Gas", priority=True, id="gas")]

    class DeskChanged(Message):
        """An event of the desk, brought over from its thread."""

        def __init__(self, event: DeskEvent) -> None:
            super().__init__()
            self.event = event

    def __init__(self, open_desk: OpenDesk, options: ConsoleOptions | None = None) -> None:
        super().__init__()
        self.options = options or ConsoleOptions()
        self.customers = Customers()
        self.call = CallRecord()
        self.clock: Call | None = None
        self.lines: list[str] = []
        self.desk_status: DeskStatus | None = None
        self.question: Question | None = None
        self._open_desk = open_desk
        self._desk: Desk | None = None
        self._opened = asyncio.Event()
        self._last_key = monotonic()
        self._weather = 0
        self._held, self._working = 0, ""

    # Start and end.

    def on_mount(self) -> None:
        themes.install(self, self.options.theme)
        self.set_keymap({f"verb.{code}": key for code, key in self.options.keys.items()})
        self.push_screen(HomeScreen())
        self.call_after_refresh(self.run_worker, self._open, group="opening")
        self.set_interval(15, self._lock_when_idle)

    async def _open(self) -> None:
        from csr_console.domain.refusals import Answer

        try:
            self._desk = await asyncio.to_thread(self._open_in_thread)
        except Answer as answer:
            self.notify_line("danger", f"{answer.sentence} {answer.problem.next_step}")
            return
        self.desk_status = await asyncio.to_thread(self._desk.status)
        self._opened.set()
        for screen in self.screen_stack:
            if isinstance(screen, ConsoleScreen):
                screen.desk_opened()
        await self._sign_in_or_ask()

    def _open_in_thread(self) -> Desk:
        """Import what the first paint did not need, then open the stores."""

        return self._open_desk(self._bring_over)

    async def _sign_in_or_ask(self) -> None:
        if self.desk.actor is None:
            from csr_console.screens.sign_in import SignInScreen

            await self.push_screen(SignInScreen())
            return
        from csr_console.screens.drafts import ask_about_draft

        await ask_about_draft(self)

    @property
    def is_open(self) -> bool:
        return self._desk is not None

    @property
    def desk(self) -> Desk:
        """The open desk; screens that need it are reached only after `opened`."""
        if self._desk is None:
            raise RuntimeError("the desk is not open yet")
        return self._desk

    async def opened(self) -> None:
        """Wait until the desk is open."""
        await self._opened.wait()

    async def desk_call(self, call: Callable[..., Result], *args: Any, doing: str = "working") -> Result:
        """Run a blocking method of the desk in a thread while the keys wait. What it raises is raised, and
        drops the keys typed ahead."""
        with self.gate.hold(doing):
            return await asyncio.to_thread(call, *args)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def action_gas(self) -> None:
        """Gas leak, CO, wire down: one key from any screen, a modal one too."""
        here = self.screen.here if isinstance(self.screen, ConsoleScreen) else None
        await acts.run_verb(self, "gas", Order(here))

    async def action_quit(self) -> None:
        """Leave; the queue stays on disk and goes on from there."""
        await self.leave_desk()
        self.exit()

    async def leave_desk(self) -> None:
        """Close the stores; what waits in the queue goes on at the next start."""
        try:
            own = get_current_worker()
        except NoActiveWorker:
            own = None
        for worker in list(self.workers):
            if worker is not own:
                worker.cancel()
        if self._desk is not None:
            await asyncio.to_thread(self._desk.close)

    # Customers and the call.

    async def open_customer(self, entry: RosterEntry) -> None:
        """Show a customer: what is known here at once, with its age; the newest comes in behind."""
        customer = self.customers.open(entry, self.now())
        customer.viewed = await self.desk_call(self.desk.account, entry.account, doing="opening")
        await self._show_current()

    async def other_customer(self) -> None:
        """F9: back to the customer on the desk, from a customer to the one before."""
        screen = self.screen
        at_customer = isinstance(screen, ConsoleScreen) and screen.here is not None
        if self.customers.current is None:
            self.notify_line("info", "No customer is open.")
        elif at_customer and self.customers.toggle() is None:
            self.notify_line("info", "Only one customer is open.")
        else:
            await self._show_current()

    async def pick_customer(self, number: int) -> None:
        if self.customers.pick(number) is not None:
            await self._show_current()

    async def close_customer(self, customer: Customer) -> None:
        """After the wrap-up: home, with the line ready for the next caller."""
        self.customers.close(customer)
        await self.go_home()

    async def go_home(self) -> None:
        while len(self.screen_stack) > 2:
            await self.pop_screen()

    async def show_screen(self, screen: Screen[Any]) -> None:
        """Open a screen over the one in front, its focus set before the next key is delivered."""
        await self.push_screen(screen)

    async def reread(self, account: str) -> None:
        """Bring an open customer up to what this desk knows now, what waits in its queue included."""
        customer = self.customers.find(account)
        if customer is not None:
            viewed = await self.desk_call(self.desk.account, account, doing="reading")
            customer.viewed = viewed or customer.viewed
            self._repaint(customer)

    async def fetch(self, customer: Customer) -> None:
        """Read a customer from central; what stands against it is kept with the customer."""
        from csr_console.desk.model import Unreachable
        from csr_console.domain.refusals import Answer

        try:
            customer.viewed = await asyncio.to_thread(self.desk.refresh_account, customer.account)
            customer.refreshed = ""
        except Unreachable:
            customer.refreshed = "central not reached"
        except Answer as answer:
            customer.refreshed = answer.problem.title.lower()

    def _repaint(self, customer: Customer) -> None:
        from csr_console.screens.workspace import WorkspaceScreen

        if self.is_screen_installed("workspace"):
            self.get_screen("workspace", WorkspaceScreen).repaint(customer)

    async def _show_current(self) -> None:
        from csr_console.screens.workspace import WorkspaceScreen

        if not self.is_screen_installed("workspace"):
            self.install_screen(WorkspaceScreen(), "workspace")
        workspace = self.get_screen("workspace", WorkspaceScreen)
        if workspace in self.screen_stack:
            while self.screen is not workspace:
                await self.pop_screen()
        else:
            await self.push_screen(workspace)
        workspace.show_current()

    def remember_line(self, resolution: Resolution) -> None:
        """Keep a line for Up, without the answers of a caller."""
        kept = resolution.line.remembered
        if kept and self.lines[-1:] != [kept]:
            self.lines = [*self.lines, kept][-LINES_KEPT:]

    def turn_call(self) -> None:
        """F2: start the call, hold it, go on."""
        if self.clock is None:
            self.call.started_at = self.now()
            self.clock = Call(monotonic())
        elif self.clock.held_since is None:
            self.clock = Call(self.clock.started_at, monotonic())
        else:
            self.clock = Call(self.clock.started_at)
        self._show_status_everywhere()

    def end_call(self, account: str | None) -> None:
        """The call is wrapped up."""
        self.call.close(account)
        self.clock = None
        self._show_status_everywhere()

    # What the desk and the gate say.

    def _bring_over(self, event: DeskEvent) -> None:
        self.post_message(self.DeskChanged(event))

    def on_console_app_desk_changed(self, message: DeskChanged) -> None:
        from csr_console.desk.events import HazardAlarm, OutcomeArrived, SignedOut, StatusChanged

        event = message.event
        if isinstance(event, StatusChanged):
            self.desk_status = event.status
            self._show_status_everywhere()
        elif isinstance(event, HazardAlarm):
            self.bell()
            self.notify_line("danger", event.sentence)
        elif isinstance(event, SignedOut):
            self.notify_line("warn", "Signed out by central: nothing queued is lost. Type `sign in`.")
        elif isinstance(event, OutcomeArrived):
            self._tell_outcome(event.item)
        for screen in self.screen_stack:
            if isinstance(screen, ConsoleScreen):
                screen.desk_event(event)

    def notify_line(self, severity: Severity, text: str) -> None:
        """One sentence on the alert line of the screen in front."""
        if isinstance(screen := self.screen, ConsoleScreen):
            screen.notify_line(severity, text)

    def _tell_outcome(self, item: QueueItem) -> None:
        """What became of a queued command is said once, and waits in the queue."""
        if item.state in ("conflict", "refused", "expired", "declined"):
            self.notify_line("error", f"{item.title}: {item.sentence} Press q in WORK for the queue.")

    def show_status(self, screen: ConsoleScreen) -> None:
        """Bring the status line of a screen up to date."""
        line, status = screen.status, self.desk_status
        line.mode = screen.mode
        line.marker = self.options.marker
        line.call = self.clock
        line.held, line.working = self._held, self._working
        if status is not None:
            line.network = "offline" if status.network == "manual offline" else status.network
            line.since = status.since
            line.queued = status.queued + status.unconfirmed

    def _show_status_everywhere(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ConsoleScreen) and screen.is_mounted:
                self.show_status(screen)

    @property
    def offline(self) -> bool:
        return self.desk_status is not None and self.desk_status.network in ("offline", "manual offline")

    def keys_held(self, count: int) -> None:
        self._held = count
        self._show_status_everywhere()

    def gate_busy(self, reason: str) -> None:
        self._working = reason
        self._show_status_everywhere()

    def gate_stuck(self, reason: str, dropped: int) -> None:
        lost = f" {dropped} keys were dropped: look before you type on." if dropped else ""
        self.notify_line("warn", f"Still {reason or 'working'}; the keyboard is yours again.{lost}")

    def enter_unread(self) -> None:
        self.notify_line("info", "That Enter came before the card was on the screen: read it, then Enter.")

    def next_weather(self) -> None:
        """The demo's network switch: good, slow, lossy, down."""
        self._weather = (self._weather + 1) % len(self.options.weathers)
        self.set_weather(self.options.weathers[self._weather])

    def set_weather(self, name: str) -> None:
        if self.options.set_weather is not None and name in self.options.weathers:
            self._weather = self.options.weathers.index(name)
            self.options.set_weather(name)
            self.notify_line("info", f"The network of the demo is now: {name}.")

    # Questions, locking, crashing.

    def ask(self, question: Question) -> None:
        self.question = question
        self.notify_line(question.severity, question.text)

    async def answer_question(self, *, yes: bool) -> None:
        """Answer the question on the alert line."""
        question, self.question = self.question, None
        if question is not None and isinstance(screen := self.screen, ConsoleScreen):
            screen.hush()
            await (question.yes() if yes else question.no())

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key):
            self._last_key = monotonic()
        return super().post_message(message)

    async def _lock_when_idle(self) -> None:
        idle_s = monotonic() - self._last_key
        if self._desk is not None and self._desk.actor and idle_s > self.options.lock_after_minutes * 60:
            self._last_key = monotonic()
            await acts.lock(self)

    def _handle_exception(self, error: Exception) -> None:
        """A crash says one sentence and leaves a report without personal data; the queue is on disk."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            folder = self.options.log_folder
            path = crash.write_report(folder, error, self.now()) if folder else None
            where = f" What support needs is in {path}." if path else ""
            self._exit_renderables.append(Text(f"csr-console stopped. Nothing entered was lost.{where}"))
            self._exception_event.set()
        self._close_messages_no_wait()
