"""The workspace of a customer: everything a caller may ask for, on one screen, with its age."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.screens import panels, timeline
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.customers import Customer
from csr_console.screens.work import begin, until_answered
from csr_console.widgets.result_list import ResultList
from csr_console.widgets.ribbon import Ribbon

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry, TimelineEntry
    from csr_console.desk.events import DeskEvent

WIDE_FROM = 112


class WorkspaceScreen(ConsoleScreen):
    """The customer in front, one screen for all of them: turning to another changes what it shows."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_FROM, "-wide")]  # noqa: RUF012  Textual declares it so
    DEFAULT_CSS = """
    WorkspaceScreen #alerts { height: 2; }
    WorkspaceScreen #facts { height: 6; }
    WorkspaceScreen #facts Static { height: 100%; }
    WorkspaceScreen #who { width: 1fr; padding: 0 1; }
    WorkspaceScreen #balance { width: 38; padding: 0 1; }
    WorkspaceScreen #services-beside { display: none; width: 1fr; padding: 0 1; }
    WorkspaceScreen #services-below { height: 4; padding: 0 1; }
    WorkspaceScreen #premise { height: 1; padding: 0 1; }
    WorkspaceScreen #turn { height: 1; padding: 0 1; color: $tone-dim; }
    WorkspaceScreen #timeline { height: 1fr; }
    WorkspaceScreen.-wide #facts { height: 11; }
    WorkspaceScreen.-wide #services-beside { display: block; }
    WorkspaceScreen.-wide #services-below { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *verb_bindings(),
        Binding("f7,left_square_bracket", "neighbor(-1)", "Next door", show=False, key_display="["),
        Binding("f8,right_square_bracket", "neighbor(1)", "Next door", show=False, key_display="]"),
        Binding("z", "undo", "Undo", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[TimelineEntry] = []

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="alerts"):
            yield Ribbon()
        with Horizontal(id="facts"):
            yield Static(id="who")
            yield Static(id="services-beside")
            yield Static(id="balance")
        yield Static(id="services-below")
        yield Static(id="premise")
        yield Static(id="turn")
        yield timeline.Timeline()

    @property
    def customer(self) -> Customer | None:
        return self.console.customers.current

    @property
    def here(self) -> RosterEntry | None:
        return self.customer.entry if self.customer else None

    def work_widget(self) -> Widget:
        return self.query_one("#timeline")

    # Showing.

    def show_current(self) -> None:
        """Show the customer in front from what is known here, in WORK; the newest comes in behind."""
        customer = self.customer
        if customer is None:
            return
        self.hush()
        self.omnibox.wipe()
        customer.reading = not self.console.offline
        self._paint(customer)
        self.set_focus(self.work_widget())
        begin(self, partial(self._refresh_behind, customer), group="refresh", exclusive=True)

    def repaint(self, customer: Customer) -> None:
        """Show what became known of a customer, when it is the one in front; nothing moves."""
        if customer is self.customer and self.is_mounted:
            self._paint(customer, keep=True)

    def _paint(self, customer: Customer, *, keep: bool = False) -> None:
        now = self.console.now()
        wide = self.has_class("-wide")
        self.query_one(Ribbon).set_items(panels.alerts(customer, now, owners=wide))
        self._put("#who", panels.block(panels.identity(customer, now, tall=wide), 11 if wide else 6))
        self._put("#balance", panels.block(panels.balance(customer, now), 6))
        self._put("#services-beside", panels.block(panels.services(customer, 1, 36), 10))
        self._put("#services-below", panels.block(panels.services(customer, 2, 78), 4))
        self._put("#premise", panels.premise(customer, now))
        self._paint_timeline(customer, keep=keep)

    def _put(self, selector: str, content: Content) -> None:
        self.query_one(selector, Static).update(content, layout=False)

    def _paint_timeline(self, customer: Customer, *, keep: bool) -> None:
        entries = customer.view.timeline if customer.view else []
        self._entries = timeline.filtered(entries, customer.timeline_filter)
        shown = (
            f"{len(self._entries)} of {len(entries)}"
            if len(self._entries) != len(entries)
            else f"{len(entries)}"
        )
        others = customer.view.others if customer.view else []
        also = (
            f" · also account {others[0].account}" + (f" +{len(others) - 1}" if len(others) > 1 else "")
            if others
            else ""
        )
        self._put("#turn", Content(f"── Timeline: {customer.timeline_filter} ({shown}) · i turns it{also}"))
        self.query_one("#timeline", ResultList).set_rows(
            timeline.rows(self._entries, self.console.now()), keep=keep
        )

    def on_resize(self, event: events.Resize) -> None:
        if self.customer is not None:
            self.call_after_refresh(self._paint, self.customer, keep=True)

    # What changes behind.

    async def _refresh_behind(self, customer: Customer) -> None:
        """Read the customer from central, when the network is back if it has to be; the focus and the cells
        stay where they are."""
        if not customer.reading:
            customer.refreshed = "offline"
            self.repaint(customer)
        await until_answered(self.console, partial(self._fetch, customer))

    async def _fetch(self, customer: Customer) -> float | None:
        if self.console.customers.find(customer.account) is not customer:
            return None
        again = await self.console.fetch(customer)
        self.repaint(customer)
        return again

    async def refresh_now(self) -> None:
        customer = self.customer
        if customer is not None:
            async with self.console.gate.hold("refreshing"):
                await self.console.fetch(customer)
                self._paint(customer, keep=True)
                self.notify_line(
                    "info",
                    "Refreshed." if not customer.refreshed else f"Not refreshed: {customer.refreshed}.",
                )

    def desk_event(self, event: DeskEvent) -> None:
        from csr_console.desk.events import AccountChanged

        if isinstance(event, AccountChanged):
            customer = self.console.customers.find(event.account)
            if customer is not None:
                begin(self, partial(self._reread, customer), group=f"reread-{event.account}", exclusive=True)

    async def _reread(self, customer: Customer) -> None:
        customer.viewed = (
            await asyncio.to_thread(self.console.desk.account, customer.account) or customer.viewed
        )
        self.repaint(customer)
        if customer.viewed is not None and customer.viewed.stale:
            await until_answered(self.console, partial(self._fetch, customer))

    # Keys.

    def turn_timeline(self) -> None:
        """Show the next kind of entries."""
        if self.customer is not None:
            self.customer.timeline_filter = timeline.next_filter(self.customer.timeline_filter)
            self._paint_timeline(self.customer, keep=False)

    @on(ResultList.Chosen, "#timeline")
    def _read_entry(self, event: ResultList.Chosen) -> None:
        event.stop()
        if self.here is not None:
            self.app.push_screen(timeline.EntryScreen(self._entries[event.index], self.here))

    async def action_neighbor(self, step: int) -> None:
        """The premise next door."""
        if self.here is None:
            return
        desk = self.console.desk
        entry = await self.console.desk_call(desk.neighbor, self.here.account, step, doing="next door")
        if entry is None:
            self.notify_line("info", "No premise further on this street.")
        else:
            await self.console.open_customer(entry)

    async def leave(self) -> None:
        """Back home; the customer stays open."""
        await self.console.go_home()
