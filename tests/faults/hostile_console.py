"""Run as a program in a terminal: the console on a hostile central, told over two pipes which screen to open.

`python -m tests.faults.hostile_console FOLDER IN OUT CASES`: IN and OUT are descriptors of pipes with a JSON
document a line; CASES is `hostile`, `harmless` or `control`. The control turns the sanitiser off and adds a
screen that reads its text as markup, for whoever looks at the bytes to notice.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from tests.desk.fake_central import number
from tests.faults.corpus import CONTROL, CORPUS, HARMLESS
from tests.faults.hostile_central import CLASHING, HOSTILE_KEYS, HostileCentral, hostile_entry, id_of
from tests.widgets.keys import strips
from textual.screen import Screen
from textual.widgets import Static

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.contracts.signin import DeviceCode
from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, Draft, QueueItem
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.domain import text
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.accounts.verification import Level
from csr_console.screens import acts
from csr_console.screens.approvals import ApprovalsScreen
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.runs import Order
from csr_console.screens.wrapup import WrapUpScreen
from csr_console.widgets.result_list import Cell, ResultList, Toned

Opener = Callable[["HostileConsole", int], Awaitable[object]]


class Marked(ConsoleScreen):
    """The control: a screen that takes what it shows for markup."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self._shown = shown

    def compose_body(self) -> Any:
        yield Static(self._shown)


class HostileConsole(ConsoleApp):
    """The console with a task that opens what the pipe says."""

    def __init__(self, open_desk: Any, central: HostileCentral, pipes: tuple[int, int], folder: Path) -> None:
        super().__init__(open_desk, ConsoleOptions(log_folder=folder))
        self.central = central
        self._pipes = pipes
        self._tour: asyncio.Task[None] | None = None

    async def desk_is_open(self) -> None:
        self._tour = asyncio.create_task(self._follow())
        self._tour.add_done_callback(self._fail_with)

    async def _follow(self) -> None:
        orders, answers = (os.fdopen(fd, mode) for fd, mode in zip(self._pipes, "rw", strict=True))
        while line := await asyncio.to_thread(orders.readline):
            order = json.loads(line)
            await getattr(self, f"do_{order.pop('do')}")(**order)
            await self.gate.idle()
            await self._painted_all()
            print(json.dumps(self._state()), file=answers, flush=True)
        await self.action_quit()

    async def _painted_all(self) -> None:
        """Wait until what the last screen drew is with the terminal; a screen that goes meanwhile takes the
        callback with it."""
        for _ in range(2):
            done = asyncio.Event()
            self.call_after_refresh(done.set)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await done.wait()
        writer = getattr(self._driver, "_writer_thread", None)
        while writer is not None and writer._queue.qsize():
            await asyncio.sleep(0.002)

    def _state(self) -> dict[str, Any]:
        clicks = [
            segment.text
            for strip in strips(self)
            for segment in strip
            if segment.style is not None and (segment.style.link or "@click" in segment.style.meta)
        ]
        front = self.console_screens[-1]
        return {
            "screen": type(self.screen).__name__,
            "module": type(self.screen).__module__,
            "clicks": clicks,
            "said": front.said[1],
            "focused": getattr(self.focused, "text", None) or getattr(self.focused, "value", ""),
            "status": self.desk.status().sentence,
            "customers": self.desk.status().roster_count,
        }

    # What can be asked for.

    async def do_rest(self) -> None:
        """Only come to rest."""

    async def do_open(self, screen: str, position: int) -> None:
        await self.go_home()
        await OPENERS[screen](self, position)

    async def do_sign_in(self) -> None:
        """Sign in, wait for the roster, and enter what central will refuse in its own words."""
        await self.desk_call(self.desk.sign_in, "mlopez", "correct horse")
        await self.until(lambda: self.desk.status().roster_count >= len(self.central.roster))
        await asyncio.to_thread(self._enter_commands)
        await self.until(lambda: self.desk.status().attention == 2 * len(self.central.cases))
        self.desk.save_draft(self._draft(0))
        await self.go_home()

    async def do_say(self, position: int) -> None:
        """What central says on the alert line."""
        self.notify_line("danger", self.central.cases[position].text)

    async def do_press(self, key: str) -> None:
        await self.run_action(key) if key.startswith("app.") else self.simulate_key(key)

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(1200):
            if await asyncio.to_thread(holds):
                return
            await asyncio.sleep(0.025)
        raise AssertionError(f"it did not come to hold: {self.desk.status()}")

    def _enter_commands(self) -> None:
        for position, case in enumerate(self.central.cases):
            note = AddNote(account=number(position), text=case.text)
            self.desk.submit(note, id=self.desk.new_id(), wait_s=0)
            account = number(CLASHING + position)
            self.desk.submit(
                UpdateContact(account=account, mailing_street=case.text[:100], phone_1="8505550142"),
                id=self.desk.new_id(),
                expects={f"contact:{account}": 1},
                wait_s=0,
            )

    def _draft(self, position: int) -> Draft:
        shown = self.central.cases[position].text
        return Draft(
            self.desk.new_id(), "note", shown, number(position), {"text": shown, shown: shown}, self.now()
        )

    # Parts of the openers.

    def entry(self, position: int) -> RosterEntry:
        """The customer of a case as the desk has it; by its name where its key is hostile."""
        at = position if position < HOSTILE_KEYS else position - HOSTILE_KEYS
        sent = hostile_entry(position, self.central.cases[at].text)
        return self.desk.entry(text.clean_line(sent.account)) or self.desk.entry(sent.account) or sent

    async def customer(self, position: int, *, fetch: bool = True) -> RosterEntry:
        entry = self.entry(position)
        await self.open_customer(entry)
        customer = self.customers.current
        if customer is not None and fetch:
            await self.fetch(customer)
            self._workspace().repaint(customer)
        return entry

    def stopped(self, position: int, state: str) -> QueueItem:
        account = number(position + (CLASHING if state == "conflict" else 0))
        return next(
            item
            for item in self.desk.queue()
            if item.state == state and getattr(item.command, "account", None) == account
        )

    async def verb(self, code: str, position: int, *args: str) -> None:
        order = Order(await self.customer(position), args)
        await acts.run_verb(self, code, order)


async def _entry_of_timeline(app: HostileConsole, position: int) -> None:
    from csr_console.screens.timeline import EntryScreen

    entry = await app.customer(position)
    view = app.customers.current.view if app.customers.current else None
    if view is not None:
        await app.push_screen(EntryScreen(view.timeline[0], entry))


async def _report(app: HostileConsole, position: int, kind: str = "ReportScreen") -> None:
    from csr_console.screens import report

    reports = {view.id: view for view in await asyncio.to_thread(app.desk.reports)}
    view = reports[id_of("report", position)]
    if kind == "ReportScreen":
        await app.push_screen(report.ReportScreen(view))
    else:
        await app.push_screen(getattr(report, kind)(view, app.entry(position)))


async def _hazard(app: HostileConsole, position: int) -> None:
    from csr_console.screens.hazard import HazardScreen

    hazards = {view.id: view for view in await asyncio.to_thread(app.desk.hazards)}
    await app.push_screen(HazardScreen.of_view(hazards[id_of("hazard", position)]))


async def _fix(app: HostileConsole, position: int) -> None:
    from csr_console.screens.fix import FixScreen

    await app.push_screen(FixScreen(await asyncio.to_thread(app.stopped, position, "refused")))


async def _conflict(app: HostileConsole, position: int) -> None:
    from csr_console.screens.conflict import ConflictScreen

    await app.push_screen(ConflictScreen(await asyncio.to_thread(app.stopped, position, "conflict")))


async def _outage(app: HostileConsole, position: int) -> None:
    from csr_console.screens.outage_report import OutageReportScreen, known_of

    entry = await app.customer(position)
    known = await asyncio.to_thread(known_of, app, entry, None)
    await app.push_screen(OutageReportScreen(entry, None, None, known, insist=False))


async def _verify(app: HostileConsole, position: int) -> None:
    from csr_console.screens.verify import VerifyScreen

    await app.push_screen(VerifyScreen(await app.customer(position), Level.L2))


async def _wrap_up(app: HostileConsole, position: int) -> None:
    await app.verb("wrap", position)
    screen = app.screen
    assert isinstance(screen, WrapUpScreen)
    await screen._show_card(screen._codes[0])


async def _wrap_up_form(app: HostileConsole, position: int) -> None:
    await _wrap_up(app, position)
    screen = app.screen
    assert isinstance(screen, WrapUpScreen)
    await screen.action_edit()


async def _approvals(app: HostileConsole, position: int) -> None:
    await app.push_screen(ApprovalsScreen())
    await app.until(lambda: has_rows(app, "#held"))
    await app.gate.idle()
    await _page(app, "#held", position)


async def _ask(app: HostileConsole, position: int) -> None:
    await _approvals(app, position)
    screen = app.screen
    assert isinstance(screen, ApprovalsScreen)
    screen.action_decide(True)


async def _page(app: HostileConsole, selector: str, position: int) -> None:
    """Bring the row of a case into view, once it is listed: a list may begin with a part of what there is."""
    rows = app.screen.query_one(selector, ResultList)
    token, at = app.central.cases[position].token, None
    for _ in range(100):
        found = (at for at, row in enumerate(rows.rows) if any(token in words_of(cell) for cell in row))
        if (at := next(found, None)) is not None:
            break
        await asyncio.sleep(0.02)
    rows.action_go(at or 0)
    for _ in range(25):  # a reading that comes in meanwhile may scroll it away again
        await asyncio.sleep(0.02)
        rows.scroll_to(y=max(0, (at or 0) - 3), animate=False)


def words_of(cell: Cell) -> str:
    return cell.text if isinstance(cell, Toned) else cell


def has_rows(app: HostileConsole, selector: str) -> bool:
    return any(bool(found.rows) for found in app.screen.query(selector).results(ResultList))


def _listed(code: str, selector: str) -> Opener:
    async def open_list(app: HostileConsole, position: int) -> None:
        await acts.run_verb(app, code, Order())
        await app.until(lambda: has_rows(app, selector))
        await app.gate.idle()
        await _page(app, selector, position)

    return open_list


async def _home(app: HostileConsole, position: int) -> None:
    """Home with what central said, and the hits of a line."""
    app.notify_line("danger", app.central.cases[position].text)
    screen = app.console_screens[-1]
    screen.omnibox.value = app.central.cases[position].token
    await asyncio.sleep(0.05)


async def _drafts(app: HostileConsole, position: int) -> None:
    app.desk.save_draft(app._draft(position))
    await acts.run_verb(app, "drafts", Order())


async def _palette(app: HostileConsole, position: int) -> None:
    acts.show_palette(app.console_screens[-1], title=app.central.cases[position].text)


async def _picker(app: HostileConsole, position: int) -> None:
    from csr_console.widgets.cells import Column
    from csr_console.widgets.picker import Option, Picker

    shown = app.central.cases[position].text
    app.push_screen(Picker(shown, (Column(shown, 0),), [Option((shown,), shown)]))


async def _sign_in(app: HostileConsole, position: int) -> None:
    from csr_console.screens.sign_in import SignInScreen

    await app.push_screen(SignInScreen())
    app.notify_line("error", app.central.cases[position].text)


async def _lock(app: HostileConsole, position: int) -> None:
    from csr_console.screens.sign_in import LockScreen

    await app.push_screen(LockScreen())
    app.notify_line("error", app.central.cases[position].text)


async def _device(app: HostileConsole, position: int) -> None:
    from csr_console.screens.device_sign_in import DeviceScreen

    async def let_in(_screen: ConsoleScreen, _tokens: object) -> None:
        """Nobody ever is."""

    shown = app.central.cases[position].text
    code = DeviceCode(handle=shown, user_code=shown, verification_uri=shown, expires_in=900, interval=600)
    await app.push_screen(DeviceScreen(code, shown, let_in))


async def _bill(app: HostileConsole, position: int) -> None:
    from csr_console.screens.bill import BillScreen
    from csr_console.screens.billing import BillingScreen
    from csr_console.screens.money import show_money

    await app.verb("bills", position)
    screen = app.screen
    assert isinstance(screen, BillingScreen)
    await app.until(lambda: screen.view is not None)
    newest = screen.view.newest if screen.view else None
    assert newest is not None
    await show_money(app, BillScreen(screen.entry, screen.viewed, newest.bill.bill_id))


async def _marked(app: HostileConsole, position: int) -> None:
    await app.push_screen(Marked(app.central.cases[position].text))


async def _workspace(app: HostileConsole, position: int) -> None:
    await app.customer(position)


async def _reconcile(app: HostileConsole, position: int) -> None:
    await acts.run_verb(app, "shift", Order())
    app.notify_line("error", app.central.cases[position].text)


OPENERS: dict[str, Opener] = {
    "home.HomeScreen": _home,
    "workspace.WorkspaceScreen": _workspace,
    "timeline.EntryScreen": _entry_of_timeline,
    "note.NoteScreen": lambda app, position: app.verb("note", position),
    "contact.ContactScreen": lambda app, position: app.verb("con", position),
    "callback.CallbackScreen": lambda app, position: app.verb("cb", position),
    "billing.BillingScreen": lambda app, position: app.verb("bills", position),
    "bill.BillScreen": _bill,
    "why.WhyScreen": lambda app, position: app.verb("why", position),
    "arrangement.ArrangementScreen": lambda app, position: app.verb("pa", position),
    "budget.BudgetScreen": lambda app, position: app.verb("budget", position),
    "budget.LeaveBudgetScreen": lambda app, position: app.verb("unbudget", position),
    "returned_payment.ReturnedPaymentScreen": lambda app, position: app.verb("nsf", position),
    "correction.CorrectionScreen": lambda app, position: app.verb("rebill", position),
    "leak.LeakScreen": lambda app, position: app.verb("leak", position),
    "plan.PlanScreen": lambda app, position: app.verb("plan", position),
    "outage_report.OutageReportScreen": _outage,
    "verify.VerifyScreen": _verify,
    "wrapup.WrapUpScreen": _wrap_up,
    "wrapup.WrapUpForm": _wrap_up_form,
    "report.ReportScreen": _report,
    "report.AddScreen": lambda app, position: _report(app, position, "AddScreen"),
    "report.CorrectScreen": lambda app, position: _report(app, position, "CorrectScreen"),
    "hazard.HazardScreen": _hazard,
    "fix.FixScreen": _fix,
    "conflict.ConflictScreen": _conflict,
    "approvals.ApprovalsScreen": _approvals,
    "ask.AskScreen": _ask,
    "outages.OutagesScreen": _listed("outages", "#reports"),
    "hazards.HazardsScreen": _listed("hazards", "#hazards"),
    "queue.QueueScreen": _listed("queue", "#queue"),
    "drafts.DraftsScreen": _drafts,
    "reconcile.ReconcileScreen": _reconcile,
    "sign_in.SignInScreen": _sign_in,
    "sign_in.LockScreen": _lock,
    "device_sign_in.DeviceScreen": _device,
    "palette.Palette": _palette,
    "picker.Picker": _picker,
    "meter_read.MeterReadScreen": lambda app, position: app.verb("read", position),
    "exceptions.ExceptionsScreen": _listed("exceptions", "#exceptions"),
}
"""How each screen there is is opened with the data of a case; one that is missing fails the test."""


def main() -> None:
    folder, given, taken, cases = sys.argv[1:]
    if cases == "control":
        text._INERT = re.compile("(?!)")
        OPENERS["control.Marked"] = _marked
    central = HostileCentral({"hostile": CORPUS, "harmless": HARMLESS, "control": CONTROL}[cases])

    def open_desk(on_event: Callable[[DeskEvent], None]) -> Desk:
        gateway = Gateway(transport=httpx.ASGITransport(app=central))  # type: ignore[arg-type]
        settings = DeskSettings(Path(folder), "C07", dispatch_phone="850-555-0100")
        desk = Desk.open(settings, ThrowAwayKeys(Path(folder)), gateway=gateway, on_event=on_event)
        desk.start()
        return desk

    app = HostileConsole(open_desk, central, (int(given), int(taken)), Path(folder))
    assert issubclass(type(app.get_default_screen()), Screen)
    app.run()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
