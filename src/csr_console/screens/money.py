"""What the screens of an account's money share: read from this desk at once, from central behind it."""

from __future__ import annotations

import asyncio
from itertools import takewhile
from typing import TYPE_CHECKING
from uuid import UUID

from textual.binding import Binding, BindingType

from csr_console.desk.events import AccountChanged, DeskEvent
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import as_of
from csr_console.screens.work import again_after, begin, until_answered

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.bills import BillingView, BillLine, BillView
    from csr_console.desk.model import Viewed


TURNING: tuple[BindingType, ...] = (
    Binding("f7,left_square_bracket", "turn_bill(1)", "Earlier bill", show=False, key_display="["),
    Binding("f8,right_square_bracket", "turn_bill(-1)", "Later bill", show=False, key_display="]"),
)


class MoneyScreen(ConsoleScreen):
    """A screen on what an account was billed and paid. A subclass shows `viewed` in `show_money`."""

    def __init__(self, entry: RosterEntry, viewed: Viewed[BillingView] | None = None) -> None:
        """`viewed` is what another screen has read just now: then central is not asked again."""
        super().__init__()
        self.entry = entry
        self.viewed = viewed
        self._fresh = viewed is not None
        self._reading = False
        self._trouble = ""

    @property
    def here(self) -> RosterEntry:
        return self.entry

    @property
    def view(self) -> BillingView | None:
        return self.viewed.view if self.viewed else None

    async def show_money(self) -> None:
        """Show what is known now; the focus and the cursor stay where they are."""

    async def read_first(self) -> None:
        """Show what is on this desk while the keys wait, then ask central behind it."""
        async with self.console.gate.hold("reading the bills"):
            if self.viewed is None:
                self.viewed = await asyncio.to_thread(self.console.desk.bills.of, self.entry.account)
            self._reading = not (self._fresh or self.console.offline)
            await self.show_money()
        if not self._fresh:
            begin(self, self._until_answered, group="ask", exclusive=True)

    async def _until_answered(self) -> None:
        await until_answered(self.console, self._ask)

    async def _ask(self) -> float | None:
        """Gives the seconds until central may be asked again, None once it gave its answer."""
        again: float | None = None
        self._reading = True
        try:
            self.viewed = await asyncio.to_thread(self.console.desk.bills.refresh, self.entry.account)
            self._trouble = ""
        except Answer as answer:
            unreachable = answer.code == "unavailable"
            self._trouble = "central not reached" if unreachable else clean_line(answer.sentence)
            again = again_after(answer)
        finally:
            self._reading = False
        await self.show_money()
        return again

    async def refresh_now(self) -> None:
        async with self.console.gate.hold("refreshing"):
            await self._ask()
            self.notify_line("info", f"Not refreshed: {self._trouble}." if self._trouble else "Refreshed.")

    def desk_event(self, event: DeskEvent) -> None:
        changed = isinstance(event, AccountChanged) and event.account == self.entry.account
        if changed and not self._reading:
            begin(self, self._reread, group="ask", exclusive=True)

    async def _reread(self) -> None:
        self.viewed = await asyncio.to_thread(self.console.desk.bills.of, self.entry.account) or self.viewed
        await self.show_money()
        if self.viewed is None or self.viewed.stale:
            await self._until_answered()

    @property
    def heading(self) -> str:
        """Whose money it is, and how old what is shown."""
        return f"{clean_line(self.entry.name)} · {self.entry.account} · {self._age}"

    @property
    def _age(self) -> str:
        if self.viewed is None:
            return "reading from central …" if self._reading else "not on this desk"
        said = as_of(self.viewed.as_of, self.console.now())
        if self._trouble:
            return f"{said} · {self._trouble}"
        if self.console.offline:
            return f"{said} · offline"
        return f"{said} · newer at central" if self.viewed.stale and not self._reading else said

    @property
    def nothing(self) -> str:
        """Why no bill is shown, in a sentence."""
        if self.viewed is not None:
            return "No bill was written for this account yet."
        if self._reading:
            return "Reading the bills from central …"
        if self._trouble and self._trouble != "central not reached":
            return self._trouble
        return "These bills were never read on this desk, and central is not reached. F5 asks at once."


class BillReading(MoneyScreen):
    """A screen on one bill: the newest, or the one asked for. Its bindings are `TURNING` and its own."""

    def __init__(
        self, entry: RosterEntry, viewed: Viewed[BillingView] | None = None, bill: UUID | None = None
    ) -> None:
        super().__init__(entry, viewed)
        self._which = bill
        self.bill: BillView | None = None
        self._missing = ""

    def show_bill(self) -> None:
        """Show `bill`, or `nothing` where there is none."""

    async def show_money(self) -> None:
        await self._find_bill()
        self.show_bill()

    async def _find_bill(self) -> None:
        newest = self.view.newest if self.view else None
        wanted = self._which or (newest.bill.bill_id if newest else None)
        self._missing = ""
        if newest is not None and newest.bill.bill_id == wanted:
            self.bill = newest
        elif wanted is not None and (self.bill is None or self.bill.bill.bill_id != wanted):
            self.bill = None
            try:
                desk = self.console.desk
                self.bill = await asyncio.to_thread(desk.bills.bill, self.entry.account, wanted)
            except Answer as answer:
                self._missing = f"This bill is not on this desk: {clean_line(answer.sentence)}"

    @property
    def nothing(self) -> str:
        return self._missing or super().nothing

    @property
    def line(self) -> BillLine | None:
        """The bill as the newest list has it: whether it was cancelled since is known there."""
        if self.bill is None:
            return None
        lines = self.view.bills if self.view else []
        return next((one for one in lines if one.bill_id == self.bill.bill.bill_id), self.bill.bill)

    async def turn_to(self, bill: UUID) -> None:
        """Show another bill of the account on this screen."""
        async with self.console.gate.hold("opening the bill"):
            self._which = bill
            await self.show_money()

    async def action_turn_bill(self, step: int) -> None:
        bills = self.view.bills if self.view else []
        at = next(
            (place for place, one in enumerate(bills) if self.bill and one.bill_id == self.bill.bill.bill_id),
            None,
        )
        if at is None or not 0 <= at + step < len(bills):
            self.notify_line("info", "No bill further that way.")
        else:
            self.hush()
            await self.turn_to(bills[at + step].bill_id)


async def show_money(app: ConsoleApp, screen: MoneyScreen) -> None:
    """Open a screen over the one in front. Of the money screens in front, one of the same kind is closed
    first with what stands over it: going to and fro between a bill and its why leaves no heap to go back
    through."""
    in_front = takewhile(lambda one: isinstance(one, MoneyScreen), reversed(app.screen_stack))
    below = next((one for one in in_front if type(one) is type(screen)), None)
    if below is not None:
        while app.screen is not below:
            await app.pop_screen()
        await app.pop_screen()
    await app.show_screen(screen)
    await screen.read_first()
