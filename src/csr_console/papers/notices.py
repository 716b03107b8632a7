"""What a bill has to tell beside its lines: fuel that a tax leaves out, estimates again, where to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from csr_console.contracts.views.bills import BillingView, BillView, ReadView, SegmentView
from csr_console.domain.billing.estimates import LETTER_FROM_IN_6_MONTHS, months_before
from csr_console.papers.sheets import BOLD, SMALL, Sheets
from csr_console.papers.words import Words

PayPlaces = Sequence[str]
"""Where a bill can be paid without a surcharge, a place a line: its name, address, telephone, web."""


def untaxed_fuel(segment: SegmentView) -> dict[str, int]:
    """The taxes that are reckoned on charges and leave fuel out, each by its label with the cents left out.

    F.S. 166.231(1)(b): the fuel adjustment is not within the base of the public service tax, and a bill
    shows it apart.
    """
    charges = [line for line in segment.lines if line.kind == "charge"]
    fuel = [line for line in charges if line.group == "fuel"]
    found = {}
    for tax in (line for line in segment.lines if line.kind == "tax"):
        base = {name for name, _ in tax.why.inputs}
        left_out = sum(line.amount_cents for line in fuel if line.label not in base)
        if left_out and any(line.label in base for line in charges):
            found[tax.label] = left_out
    return found


@dataclass(frozen=True, slots=True)
class Estimates:
    """A meter whose read is estimated on a bill and was before within six months; `count` of them in all."""

    read: ReadView
    count: int


def repeated_estimates(view: BillView, billing: BillingView | None) -> list[Estimates]:
    """The meters for which the bill owes a written explanation: F.A.C. 25-30.335(2)(c), from the second
    estimate in six months."""
    found = []
    for read in view.reads:
        if read.to_how != "estimated":
            continue
        since = months_before(read.to_on, 6)
        before = sum(
            month.service == read.service
            and month.read_how == "estimated"
            and since < month.last_day < read.to_on
            for month in (billing.use if billing else ())
        )
        if before + 1 >= LETTER_FROM_IN_6_MONTHS:
            found.append(Estimates(read, before + 1))
    return found


def late_charges(view: BillView, billing: BillingView) -> int:
    """Cents of late charges that came after the bill before and up to this one, without those taken back."""
    taken_back = {one.reverses for one in billing.movements if one.reverses is not None}
    earlier = [
        one.billed_on for one in billing.bills if not one.cancelled and one.billed_on < view.bill.billed_on
    ]
    since: date = max(earlier, default=view.bill.first_day - timedelta(days=1))
    return sum(
        one.cents
        for one in billing.movements
        if one.kind == "late_charge"
        and since < one.on <= view.bill.billed_on
        and one.entry_id not in taken_back
    )


def put_estimates(sheets: Sheets, view: BillView, billing: BillingView | None, words: Words) -> None:
    """The written explanation for each meter that was estimated again."""
    repeated = repeated_estimates(view, billing)
    for one in repeated:
        said = words(
            "estimated_again",
            count=one.count,
            service=words.known("service", one.read.service),
            meter=one.read.meter,
            on=words.day(one.read.to_on),
        )
        sheets.paragraph(said, SMALL)
    for key in ("estimated_how", "estimated_ask") if repeated else ():
        sheets.paragraph(words(key), SMALL)


def put_pay_places(sheets: Sheets, places: PayPlaces, words: Words) -> None:
    """Where to pay without a surcharge, as F.A.C. 25-6.100 asks of a bill."""
    if not places:
        return
    sheets.need(13 + 11 * min(len(places), 8))
    sheets.paragraph(words("pay_places"), BOLD)
    for place in places[:8]:
        sheets.paragraph(place, SMALL, most=2)
    sheets.space(8)
