"""One bill, line by line; each line says by which rule, from which source and by what arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.contracts.views.bills import BillingView, BillLine, BillView, LineView, SegmentView
from csr_console.domain.text import clean, clean_line
from csr_console.screens.base import verb_bindings
from csr_console.screens.budget_words import why_asked
from csr_console.screens.figures import daily, number, plain, price, quantity, signed, span
from csr_console.screens.format import day, words
from csr_console.screens.money import TURNING, BillReading, show_money
from csr_console.screens.movements import link_words, linked_bill
from csr_console.screens.panels import DIM, WARN
from csr_console.screens.usage import ESTIMATED, Month, months
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Viewed

UNVERIFIED = "△"
LABEL = 8
"""Cells of the label of a reason."""
MARGIN = 4
"""Cells beside the reasons: the padding and the scroll bar."""
COLUMNS = (
    Column("Service and line", 0),
    Column("Quantity", 14, right=True),
    Column("Price", 11, right=True),
    Column("Amount", 11, right=True),
    Column("", 1),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list and its reason, in labelled lines."""

    cells: tuple[Cell, ...]
    why: tuple[tuple[str, str], ...]


def rows_of(bill: BillView) -> list[Row]:
    """The bill as a list: each service, its lines, its notices, and at the end the total and what of it a
    budget plan asked."""
    rows = [row for segment in bill.segments for row in _segment(segment, bill)]
    total = Toned(plain(bill.bill.total_cents), "info")
    sums = ", ".join(f"{words(one.service)} {signed(one.total_cents)}" for one in bill.segments)
    rows.append(Row((Toned("Total", "info"), "", "", total, ""), (("Sum", sums),)))
    if bill.budget is not None:
        asked = Toned(plain_or_credit(bill.budget.asked_cents), "info")
        why = why_asked(bill.budget, bill.bill.total_cents)
        rows.append(Row((Toned("Budget amount asked", "info"), "", "", asked, ""), why))
    return rows


def _segment(segment: SegmentView, bill: BillView) -> Iterator[Row]:
    reads = [one for one in bill.reads if one.service == segment.service]
    sign = f" {ESTIMATED}" if segment.estimated else ""
    head = f"{words(segment.service)} {segment.schedule}, {segment.days} days{sign}"
    used = quantity(reads[0].usage, reads[0].unit) if reads else ""
    cells = (Toned(head, "info"), Toned(used, "info"), "", Toned(plain(segment.total_cents), "info"), "")
    facts = [
        ("Period", f"{span(segment.first_day, segment.last_day)}, {segment.days} days"),
        ("Rate", f"{segment.schedule} of {segment.book} ({segment.book_digest[:12]})"),
    ]
    for read in reads:
        ends = (
            _end(read.from_on, read.from_value, read.from_how),
            _end(read.to_on, read.to_value, read.to_how),
        )
        estimated = f", {ESTIMATED} estimated" if read.estimated else ""
        used = quantity(read.usage, read.unit)
        facts.append(("Reads", f"meter {read.meter}, {ends[0]} to {ends[1]}: {used}{estimated}"))
    sums = f"charges {plain(segment.charges_cents)} + taxes {plain(segment.taxes_cents)}"
    yield Row(cells, (*facts, ("Sum", f"{sums} = {plain(segment.total_cents)}")))
    for line in segment.lines:
        yield Row(_line_cells(line), tuple(_why(line)))
    for notice in segment.notices:
        yield Row((Toned(f"  ! {clean_line(notice)}", "warn"), "", "", "", ""), (("Notice", notice),))


def _end(on: date, value: Decimal | None, how: str | None) -> str:
    """One end of a period: the day, what the register showed, and how that is known."""
    shown = f" {number(value)}" if value is not None else ""
    said = {"estimated": f" {ESTIMATED} estimated", "customer": " by the customer"}.get(how or "", "")
    return f"{day(on)}{shown}{said}"


def _line_cells(line: LineView) -> tuple[Cell, ...]:
    mark = Toned(UNVERIFIED, "warn") if line.why.status == "unverified" else ""
    used = quantity(line.quantity, line.unit) if line.quantity is not None else ""
    each = price(line.price) if line.price is not None else ""
    return (f"  {clean_line(line.label)}", used, each, plain_or_credit(line.amount_cents), mark)


def plain_or_credit(cents: int) -> str:
    """`$12.00`, and `-$12.00` for what is taken off."""
    return signed(cents) if cents < 0 else plain(cents)


def _why(line: LineView) -> Iterator[tuple[str, str]]:
    why = line.why
    yield "Line", f"{line.label}, {span(line.first_day, line.last_day)}"
    yield "Rule", " · ".join(filter(None, (why.rule, why.policy)))
    yield "Source", why.citation
    if why.inputs:
        yield "Inputs", " · ".join(f"{name} {value}" for name, value in why.inputs)
    yield "Sum", why.arithmetic
    if why.status == "unverified":
        yield (
            UNVERIFIED,
            "unverified: this figure was not found in a source of the city; check before quoting",
        )


def why_text(row: Row | None, width: int) -> Content:
    """The reason of a line, label by label, in `width` cells."""
    if row is None:
        return Content("")

    def beside(value: str) -> str:
        lines = clean(value, limit=1000).splitlines()
        wrapped = (one for line in lines for one in wrap(line, max(20, width - LABEL)))
        return f"\n{' ' * LABEL}".join(wrapped)

    return Content("\n").join(
        Content.assemble((f"{label:<{LABEL}}", WARN if label == UNVERIFIED else DIM), beside(value))
        for label, value in row.why
    )


def title(bill: BillLine, view: BillingView | None) -> list[Content]:
    """The first two lines: which bill, its total and due day; what is special about it."""
    head = f"Bill #{bill.number} · {span(bill.first_day, bill.last_day)}, {bill.last_day.year}"
    asked = f" · asks {plain_or_credit(bill.budget_cents)}" if bill.budget_cents is not None else ""
    due = f" · due {day(bill.due_on)}{asked}"
    first = Content.assemble((f"{head} · {plain(bill.total_cents)}", "bold"), due)
    bills = {one.bill_id: one for one in view.bills} if view else {}
    replaced_by = {one.replaces: one for one in bills.values() if one.replaces is not None}
    parts = [f"billed {day(bill.billed_on)}"]
    if bill.estimated:
        parts.append(f"{ESTIMATED} has an estimated read")
    link = link_words(bill, bills, replaced_by)
    second: list[str | tuple[str, str]] = [(" · ".join(parts), DIM)]
    if link:
        second.append((f" · ↩ {link} (l opens it)", WARN))
    return [first, Content.assemble(*second)]


def a_day(bill: BillLine, view: BillingView | None) -> str:
    """Use a day now and a year before, as a bill has to show."""
    found = []
    for service in dict.fromkeys(use.service for use in (view.use if view else [])):
        own = months(view.use if view else [], service)
        month = next((one for one in own if one.use.last_day == bill.last_day), None)
        if month is not None:
            found.append(f"{words(service)} {_a_day(month)}")
    return f"A day: {', '.join(found)}" if found else ""


def _a_day(month: Month) -> str:
    use, before = month.use, month.before
    now = quantity(daily(use.usage, use.days), use.unit)
    return f"{now} ({number(daily(before.usage, before.days))} a year before)" if before else now


class BillScreen(BillReading):
    """Enter or `y` on a line opens its reason, which then follows the cursor; Esc closes it."""

    DEFAULT_CSS = """
    BillScreen #bill { height: 3; padding: 0 1; }
    BillScreen #lines { height: 1fr; }
    BillScreen #reason { height: 9; padding: 0 1; border-top: solid $line; display: none; }
    BillScreen #why { height: auto; text-wrap: wrap; }
    BillScreen.-why #reason { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "line_why", "Why this line"),
        Binding("h", "compare", "Why high"),
        Binding("l", "linked", "Linked bill"),
        *TURNING,
        *(one for one in verb_bindings() if isinstance(one, Binding) and one.key not in ("y", "h", "l")),
    ]

    def __init__(
        self, entry: RosterEntry, viewed: Viewed[BillingView] | None = None, bill: UUID | None = None
    ) -> None:
        super().__init__(entry, viewed, bill)
        self._rows: list[Row] = []

    def compose_body(self) -> ComposeResult:
        yield Static(id="bill")
        yield ResultList(COLUMNS, empty="", numbered=False, id="lines")
        with VerticalScroll(id="reason", can_focus=False):
            yield Static(id="why")

    def work_widget(self) -> Widget:
        return self.query_one("#lines", ResultList)

    def show_bill(self) -> None:
        bill, line = self.bill, self.line
        lines = [*title(line, self.view), Content.styled(a_day(line, self.view), DIM)] if line else []
        self.query_one("#bill", Static).update(
            Content("\n").join(lines) if lines else Content.styled(self.heading, "bold")
        )
        self._rows = rows_of(bill) if bill else []
        listed = self.query_one("#lines", ResultList)
        listed.set_rows([row.cells for row in self._rows], keep=True, empty=self.nothing)
        self._say()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "linked":
            return bool(self.line and self.view and linked_bill(self.line, self.view))
        return super().check_action(action, parameters)

    @on(ResultList.Highlighted, "#lines")
    def _highlight(self, event: ResultList.Highlighted) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        at = self.query_one("#lines", ResultList).cursor
        row = self._rows[at] if at is not None and at < len(self._rows) else None
        self.query_one("#why", Static).update(why_text(row, self.size.width - MARGIN))

    @on(ResultList.Chosen, "#lines")
    def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        self.add_class("-why")

    def action_line_why(self) -> None:
        self.toggle_class("-why")

    async def leave(self) -> None:
        if self.has_class("-why"):
            self.remove_class("-why")
        else:
            await super().leave()

    async def action_compare(self) -> None:
        """Why this bill is higher or lower than another."""
        from csr_console.screens.why import WhyScreen

        which = self.bill.bill.bill_id if self.bill else None
        await show_money(self.console, WhyScreen(self.entry, self.viewed, which))

    def action_linked(self) -> None:
        """From a cancelled bill to the one in its place, and back."""
        other = linked_bill(self.line, self.view) if self.line and self.view else None
        if other is not None:
            begin(self, partial(self.turn_to, other), group="line")
