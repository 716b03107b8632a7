"""The console: what all its screens share - customers, the call, questions, the lines at the bottom."""

from __future__ import annotations

import asyncio
import os
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

os.environ.setdefault("TEXTUAL_FPS", "120")

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from csr_console.domain.refusals import Answer
from csr_console.screens import acts
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.customers import CallRecord, Customer, Customers
from csr_console.screens.host import HostApp, OpenDesk
from csr_console.screens.options import ConsoleOptions
from csr_console.screens.question import Question
from csr_console.screens.runs import Order
from csr_console.screens.work import again_after
from csr_console.widgets.status_line import Call

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.model import DeskStatus, QueueItem
    from csr_console.desk.omnibox import Resolution
    from csr_console.screens.workspace import WorkspaceScreen

__all__ = ["ConsoleApp", "ConsoleOptions"]
LINES_KEPT = 200
SIGN_IN_SENDS = "What waits here goes out when somebody signs in with a password: signin."


class ConsoleApp(HostApp):
    """The desk of a clerk."""

    TITLE = "csr-console"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "gas", "Gas", priority=True, id="gas"),
        Binding("ctrl+c", "interrupt", "Leave", priority=True, show=False),
    ]

    def __init__(self, open_desk: OpenDesk, options: ConsoleOptions | None = None) -> None:
        super().__init__(open_desk, options)
        self.customers = Customers()
        self.call = CallRecord()
        self.clock: Call | None = None
        self.lines: list[str] = []
        self.question: Question | None = None
        self._weather = 0
        self._held, self._working = 0, ""

    async def desk_is_open(self) -> None:
        """Whoever is not signed in signs in; a draft that was left is offered."""
        if self.desk.locked:
            await acts.lock(self)
        elif self.desk.actor is None:
            await acts.run_verb(self, "signin", Order())
        else:
            from csr_console.screens.drafts import ask_about_draft

            await ask_about_draft(self)

    async def idle_too_long(self) -> None:
        if self.desk.actor is not None and not self.desk.locked:
            await acts.lock(self)

    # Customers.

    async def open_customer(self, entry: RosterEntry) -> None:
        """Show a customer: what is known here at once, with its age; the newest comes in behind."""
        customer = self.customers.open(entry, self.now())
        customer.viewed = await self.desk_call(self.desk.account, entry.account, doing="opening")
        await self._show_current()

    async def other_customer(self) -> None:
        """F9: back to the customer on the desk, from a customer to the one before."""
        at_customer = self.console_screens[-1].here is not None
        if self.customers.current is None:
            self.notify_line("info", "No customer is open.")
        elif at_customer and self.customers.toggle() is None:
            self.notify_line("info", "Only one customer is open.")
        else:
            await self._show_current()

    async def pick_customer(self, number: int) -> None:
        if self.customers.pick(number) is not None:
            await self._show_current()

    async def reread(self, account: str) -> None:
        """Bring an open customer up to what this desk knows now, what waits in its queue included."""
        customer = self.customers.find(account)
        if customer is not None:
            viewed = await self.desk_call(self.desk.account, account, doing="reading")
            customer.viewed = viewed or customer.viewed
            if self.is_screen_installed("workspace"):
                self._workspace().repaint(customer)

    async def fetch(self, customer: Customer) -> float | None:
        """Read a customer from central; what stands against it is kept with the customer. Gives the seconds
        until it may be tried again, None once central gave its answer."""
        if self.leaving:
            return None
        try:
            customer.viewed = await asyncio.to_thread(self.desk.refresh_account, customer.account)
            customer.refreshed = ""
        except Answer as answer:
            unreachable = answer.code == "unavailable"
            customer.refreshed = "central not reached" if unreachable else answer.problem.title.lower()
            return again_after(answer)
        finally:
            customer.reading = False
        return None

    async def _show_current(self) -> None:
        workspace = self._workspace()
        await self._bring_up(workspace)
        workspace.show_current()

    def _workspace(self) -> WorkspaceScreen:
        """One workspace for all customers, made once."""
        from csr_console.screens.workspace import WorkspaceScreen

        if not self.is_screen_installed("workspace"):
            self.install_screen(WorkspaceScreen(), "workspace")
        return self.get_screen("workspace", WorkspaceScreen)

    # Screens and lines.

    async def show_kept(self, kind: type[ConsoleScreen]) -> None:
        """Show the one screen of a kind, made when it is first asked for: a new one each time would take
        three times as long to appear."""
        if not self.is_screen_installed(kind.__name__):
            self.install_screen(kind(), kind.__name__)
        await self._bring_up(self.get_screen(kind.__name__, kind))

    async def _bring_up(self, screen: ConsoleScreen) -> None:
        """To the front: back to where it stands already, or over what is there."""
        if screen in self.screen_stack:
            while self.screen is not screen:
                await self.pop_screen()
        else:
            await self.push_screen(screen)

    async def show_screen(self, screen: Screen[Any]) -> None:
        """Open a screen over the one in front, its focus set before the next key is delivered."""
        await self.push_screen(screen)

    async def go_home(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    def remember_line(self, resolution: Resolution) -> None:
        """Keep a line for Up, without the answers of a caller."""
        kept = resolution.line.remembered
        if kept and self.lines[-1:] != [kept]:
            self.lines = [*self.lines, kept][-LINES_KEPT:]

    def ask(self, question: Question) -> None:
        """Put a question on the alert line; it opens nothing by itself."""
        self.question = question
        self.notify_line(question.severity, question.text)

    async def answer_question(self, *, yes: bool) -> None:
        """Answer the question on the alert line."""
        question, self.question = self.question, None
        if question is not None:
            self.console_screens[-1].hush()
            await (question.yes() if yes else question.no())

    async def action_gas(self) -> None:
        """Gas leak, CO, wire down: one key from any screen, a modal one too. Where nobody may enter anything
        the words are said all the same."""
        front = self.console_screens[-1]
        if front.GUARDED or not self.is_open:
            from csr_console.screens.hazard import say_leave_now

            say_leave_now(self)
        else:
            await acts.run_verb(self, "gas", Order(front.here))

    async def action_interrupt(self) -> None:
        """Ctrl+C leaves where nobody is signed in; elsewhere a slip of the finger must not."""
        if self.console_screens[-1].GUARDED:
            await self.action_quit()
        else:
            self.notify_line("info", "To leave the console type quit.")

    # The call.

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

    @on(HostApp.DeskChanged)
    def _tell_all(self) -> None:
        for event in self.brought_over():
            if self.is_running and not self.leaving:
                self._tell(event)

    def _tell(self, event: DeskEvent) -> None:
        from csr_console.desk.events import HazardAlarm, OutcomeArrived, SignedOut, StatusChanged

        if isinstance(event, StatusChanged):
            before, self.desk_status = self.desk_status, event.status
            self._show_status_everywhere()
            if before is None or before.roster_count != event.status.roster_count:
                self.console_screens[-1].omnibox.read_again()
            self._say_who_sends(before)
            self._say_trouble(before)
        elif isinstance(event, HazardAlarm):
            self.bell()
            self.notify_line("danger", self._alarm(event.sentence))
        elif isinstance(event, SignedOut):
            self.call.shown.clear()
            self.notify_line("warn", "Signed out by central: nothing queued is lost. Type signin.")
        elif isinstance(event, OutcomeArrived):
            self._tell_outcome(event.item)
        for screen in self.console_screens:
            screen.desk_event(event)

    def _say_who_sends(self, before: DeskStatus | None) -> None:
        """Once, when the network is back under a clerk whom only the PIN let in: they would wait for ever."""
        now = self.desk_status
        away = ("offline", "manual offline")
        if before is None or now is None or before.network not in away or now.network in away:
            return
        waits = now.queued + now.unconfirmed
        if (
            waits
            and not now.signed_in
            and self.desk.actor is not None
            and not self.console_screens[-1].GUARDED
        ):
            self.notify_line("warn", f"The network is back. {SIGN_IN_SENDS}")

    def _say_trouble(self, before: DeskStatus | None) -> None:
        """Once, behind what was said before, when something is the matter with this machine; home goes on
        saying it."""
        trouble = self.desk_status.trouble if self.desk_status else ""
        if trouble and (before is None or before.trouble != trouble):
            severity, said = self.console_screens[-1].said
            if trouble not in said:
                self.notify_line(severity if said else "warn", f"{said} {trouble}")

    def _alarm(self, sentence: str) -> str:
        """The sentence of an alarm; without the place where customers are hidden."""
        if not self.console_screens[-1].GUARDED:
            return sentence
        path = self.desk.dispatch_phone or "the dispatcher"
        return f"A danger that was reported here has no dispatcher yet. Telephone {path} now."

    def _tell_outcome(self, item: QueueItem) -> None:
        """What central refused is said once, and waits in the queue; not on a screen that hides customers."""
        stopped = item.state in ("conflict", "refused", "expired", "declined")
        if stopped and not self.console_screens[-1].GUARDED:
            self.notify_line("error", f"{item.title}: {item.sentence} It waits in the queue (q).")

    @property
    def offline(self) -> bool:
        return self.desk_status is not None and self.desk_status.network in ("offline", "manual offline")

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
        for screen in self.console_screens:
            if screen.is_mounted:
                self.show_status(screen)

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
        self.set_weather(self.options.weathers[(self._weather + 1) % len(self.options.weathers)])

    def set_weather(self, name: str) -> None:
        if self.options.set_weather is not None and name in self.options.weathers:
            self._weather = self.options.weathers.index(name)
            self.options.set_weather(name)
            self.notify_line("info", f"The network of the demo is now: {name}.")
