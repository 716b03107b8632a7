"""The billing history of a customer: one timeline, and use beside the year before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.screens import budget_words, movements, usage
from csr_console.screens.base import verb_bindings
from csr_console.screens.format import day, money
from csr_console.screens.money import MoneyScreen, show_money
from csr_console.screens.panels import DIM, WARN
from csr_console.screens.work import begin
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.bills import BillingView

TALL = 34
"""From this many lines on the chart gets twice the height."""
MARGIN = 4
"""Cells beside the chart."""


async def show_bills(app: ConsoleApp, entry: RosterEntry) -> None:
    """`bills`: the billing history."""
    await show_money(app, BillingScreen(entry))


class BillingScreen(MoneyScreen):
    """Enter opens a bill or goes to what a line is linked with; `u` turns the chart into its table."""

    DEFAULT_CSS = """
    BillingScreen #whose { height: 1; padding: 0 1; }
    BillingScreen #owed { height: 1; padding: 0 1; }
    BillingScreen #legend { height: 1; padding: 0 1; color: $tone-dim; }
    BillingScreen #chart { height: 6; padding: 0 1; }
    BillingScreen #movements { height: 1fr; }
    BillingScreen #table { height: 1fr; display: none; }
    BillingScreen #said { height: 2; padding: 0 1; text-wrap: wrap; color: $tone-dim; }
    BillingScreen #chart.-tall { height: 11; }
    BillingScreen.-table #chart { display: none; }
    BillingScreen.-table #movements { display: none; }
    BillingScreen.-table #said { display: none; }
    BillingScreen.-table #table { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "why", "Why"),
        Binding("u", "turn_usage", "Use: chart or table"),
        Binding("s", "next_service", "Service"),
        *(one for one in verb_bindings() if isinstance(one, Binding) and one.key not in ("y", "b")),
    ]

    def __init__(self, entry: RosterEntry) -> None:
        super().__init__(entry)
        self._rows: list[movements.Row] = []
        self._service = ""

    def compose_body(self) -> ComposeResult:
        yield Static(id="whose")
        yield Static(id="owed")
        yield Static(id="legend")
        # By a class of the chart alone: a breakpoint would style the whole screen again when it opens.
        yield Static(id="chart", classes="-tall" if self.app.size.height >= TALL else "")
        yield ResultList(movements.COLUMNS, empty="", numbered=False, id="movements")
        yield ResultList(usage.TABLE, empty="No metered use is known", numbered=False, id="table")
        yield Static(id="said")

    def work_widget(self) -> Widget:
        return self.query_one("#table" if self.has_class("-table") else "#movements", ResultList)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#chart").set_class(event.size.height >= TALL, "-tall")
        self.call_after_refresh(self._show_usage)

    # Showing.

    async def show_money(self) -> None:
        view, listed = self.view, self.query_one("#movements", ResultList)
        at = listed.cursor
        kept = self._rows[at].id if at is not None and at < len(self._rows) else None
        self._rows = movements.rows_of(view, self.console.now()) if view else []
        self.query_one("#whose", Static).update(Content.styled(self.heading, "bold"))
        self.query_one("#owed", Static).update(owed(view) if view else Content(""))
        listed.set_rows([row.cells for row in self._rows], keep=True, empty=self.nothing)
        places = [row.id for row in self._rows]
        if kept is not None and kept in places:
            listed.cursor = places.index(kept)
        self._show_usage()
        self._say()

    def _show_usage(self) -> None:
        use = self.view.use if self.view else []
        services = usage.services_of(use)
        if self._service not in services:
            self._service = services[0] if services else ""
        shown = usage.months(use, self._service)
        chart = self.query_one("#chart", Static)
        legend = usage.legend(shown, self._service) if shown else ""
        self.query_one("#legend", Static).update(Content(legend))
        height = max(2, chart.size.height or 6)
        lines = usage.chart(shown, self.size.width - MARGIN, height) if shown else []
        chart.update(Content("\n").join(lines))
        self.query_one("#table", ResultList).set_rows(usage.table_rows(shown), keep=True)

    @on(ResultList.Highlighted, "#movements")
    def _highlight(self, event: ResultList.Highlighted) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        row = self._chosen()
        self.query_one("#said", Static).update(Content(row.said if row else ""))

    def _chosen(self) -> movements.Row | None:
        at = self.query_one("#movements", ResultList).cursor
        return self._rows[at] if at is not None and at < len(self._rows) else None

    # Keys.

    @on(ResultList.Chosen, "#movements")
    def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._rows):
            begin(self.app, partial(self._open_row, self._rows[event.index]), group="line")

    async def _open_row(self, row: movements.Row) -> None:
        from csr_console.screens.bill import BillScreen

        if row.bill is not None:
            await show_money(self.console, BillScreen(self.entry, self.viewed, row.bill))
            return
        places = [one.id for one in self._rows]
        if row.linked is not None and row.linked in places:
            self.query_one("#movements", ResultList).cursor = places.index(row.linked)
        else:
            self.notify_line("info", row.said)

    async def action_why(self) -> None:
        """Why the bill of the cursor is what it is; of the newest where no bill stands there."""
        from csr_console.screens.why import WhyScreen

        row = self._chosen()
        await show_money(self.console, WhyScreen(self.entry, self.viewed, row.bill if row else None))

    def action_turn_usage(self) -> None:
        """The chart and the timeline, or the table that says what the chart shows."""
        self.toggle_class("-table")
        self.set_focus(self.work_widget())

    def action_next_service(self) -> None:
        services = usage.services_of(self.view.use if self.view else [])
        if len(services) < 2:
            self.notify_line("info", "No other service is metered here.")
        else:
            self._service = services[(services.index(self._service) + 1) % len(services)]
            self._show_usage()


def owed(view: BillingView) -> Content:
    """The balance with its day, what of it is overdue, and the arrangement; of a budget plan what it asks
    beside the true balance."""
    if (plan := budget_words.plan_in_force(view.budget)) is not None:
        return Content.assemble(*budget_words.owed(plan, view))
    parts: list[str | tuple[str, str]] = [
        ("Balance ", DIM),
        (money(view.balance_cents), "bold"),
        (f" on {day(view.on)}", DIM),
    ]
    if view.overdue_cents > 0:
        parts.append((f" · ! {money(view.overdue_cents)} overdue", WARN))
    if view.arrangement is not None:
        held = view.arrangement
        paid = sum(item.paid_cents for item in held.installments)
        parts.append((f" · arrangement {held.state}: {money(paid)} of {money(held.total_cents)}", WARN))
    return Content.assemble(*parts)
