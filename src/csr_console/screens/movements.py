"""Bills, payments, reads and corrections on one timeline, the newest first, with the running balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from csr_console.contracts.views.bills import BillingView, BillLine, MovementView, UseMonth
from csr_console.domain.text import clean_line
from csr_console.screens.figures import plain, quantity, signed, span
from csr_console.screens.format import day, money, near_day, words
from csr_console.screens.usage import ESTIMATED
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.themes import Tone

COLUMNS = (
    Column("On", 12),
    Column("What", 11),
    Column("", 0),
    Column("Amount", 11, right=True),
    Column("Balance", 12, right=True),
)
KINDS: Mapping[str, Cell] = {
    "opening": "◆ opening",
    "bill": "▤ bill",
    "payment": Toned("● payment", "ok"),
    "late_charge": Toned("+ late fee", "warn"),
    "returned_item": Toned("+ return fee", "warn"),
    "adjustment": "± adjusted",
    "application": "→ credit",
    "reversal": Toned("↩ reversal", "warn"),
}
"""A glyph and a word for each kind of movement."""
READS: Mapping[str, tuple[Cell, str]] = {
    "actual": (Toned("○ read", "dim"), "read at the meter"),
    "estimated": (Toned(f"{ESTIMATED} read est.", "warn"), "estimated: nobody read the meter"),
    "customer": (Toned("◔ own read", "dim"), "read by the customer"),
}
"""The same for how a read came about, and how that is said."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the timeline. `bill` is the bill that Enter opens, `linked` the entry that this one took back
    or was taken back by; `said` is the whole of it in words."""

    id: UUID | None
    on: date
    cells: tuple[Cell, ...]
    said: str
    bill: UUID | None = None
    linked: UUID | None = None


class _Links:
    """Which movement took which back, and which bill stands in for which."""

    def __init__(self, view: BillingView) -> None:
        self.bills = {bill.bill_id: bill for bill in view.bills}
        self.movements = {one.entry_id: one for one in view.movements}
        self.taken_back = {one.reverses: one for one in view.movements if one.reverses}
        self.replaced_by = {bill.replaces: bill for bill in view.bills if bill.replaces is not None}

    def name(self, entry: UUID) -> str:
        """What an entry is called: `bill #1016`, `payment of Feb 26, 2026`."""
        bill, movement = self.bills.get(entry), self.movements.get(entry)
        if bill is not None:
            return f"bill #{bill.number}"
        if movement is not None:
            return f"{words(movement.kind)} of {day(movement.on)}"
        return "an earlier entry"


def rows_of(view: BillingView, now: datetime) -> list[Row]:
    """The timeline of an account. A read stands below the bill of its day, since it came before it."""
    links, today = _Links(view), now.astimezone().date()
    rows = [_movement(one, links, today) for one in view.movements]
    rows += [_read(use, today) for use in view.use]
    rows.sort(key=lambda row: row.on, reverse=True)
    return rows


def _read(use: UseMonth, today: date) -> Row:
    how = use.read_how or ("estimated" if use.estimated else "actual")
    kind, source = READS[how]
    text = f"{words(use.service)} {quantity(use.usage, use.unit)}"
    said = f"{text} in {use.days} days to {day(use.last_day)}, {source}."
    if use.estimated and how != "estimated":
        said = f"{said[:-1]}; the read before was an estimate."
    return Row(None, use.last_day, (near_day(use.last_day, today), kind, text, "", ""), said)


def _movement(one: MovementView, links: _Links, today: date) -> Row:
    kind = KINDS[one.kind]
    back = links.taken_back.get(one.entry_id)
    linked = one.reverses or (back.entry_id if back else None)
    bill = links.bills.get(one.bill) if one.bill else None
    if bill is not None:
        text, said = _bill(bill, links)
    else:
        text = said = clean_line(one.text, limit=300)
    tone: Tone = "plain"
    if one.reverses is not None:
        text = f"of {links.name(one.reverses)}: {text}"
        said = (
            f"Takes back {links.name(one.reverses)}, posted {day(one.posted_at.astimezone().date())}: {said}"
        )
    elif back is not None:
        tone = "dim"
        kind = Toned("✗ cancelled" if bill else "✗ returned", "error")
        if bill is None:
            on = back.posted_at.astimezone().date()
            text = f"back {near_day(on, today)}: {text}"
            said = f"Taken back {day(on)}: {clean_line(back.text)}. It was: {said}"
    cells = (
        near_day(one.on, today),
        kind,
        Toned(text, tone),
        signed(one.cents),
        money(one.balance_cents),
    )
    return Row(one.entry_id, one.on, cells, said, bill.bill_id if bill else None, linked)


def _bill(bill: BillLine, links: _Links) -> tuple[str, str]:
    """A bill in a cell and in a sentence."""
    estimated = f" {ESTIMATED}" if bill.estimated else ""
    text = f"#{bill.number} {span(bill.first_day, bill.last_day)}{estimated}"
    amounts = ", ".join(f"{words(service)} {plain(cents)}" for service, cents in bill.services)
    said = f"Bill #{bill.number}, {span(bill.first_day, bill.last_day)}, due {day(bill.due_on)}: {amounts}."
    if bill.budget_cents is not None:
        said = f"{said} The budget plan asked {money(bill.budget_cents)}."
    if link := link_words(bill, links.bills, links.replaced_by):
        text, said = f"#{bill.number} {link}{estimated}", f"{said} {link.capitalize()}."
    return text, said


def link_words(bill: BillLine, bills: Mapping[UUID, BillLine], replaced_by: Mapping[UUID, BillLine]) -> str:
    """`now #1010` of a cancelled bill, `for #1009` of the one in its place, nothing for all others."""
    if bill.cancelled:
        new = replaced_by.get(bill.bill_id)
        return f"cancelled, now #{new.number}" if new else "cancelled"
    old = bills.get(bill.replaces) if bill.replaces else None
    return f"instead of #{old.number}" if old else "instead of an earlier bill" if bill.replaces else ""


def linked_bill(bill: BillLine, view: BillingView) -> UUID | None:
    """The bill that stands in for this one, or that it stands in for."""
    return bill.replaces or next((one.bill_id for one in view.bills if one.replaces == bill.bill_id), None)
