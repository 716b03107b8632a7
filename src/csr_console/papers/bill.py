"""A bill on paper: every service with its reads, its rate, its lines and their figures."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from csr_console.contracts.views.bills import (
    BillingView,
    BillView,
    LineView,
    ReadHow,
    ReadView,
    SegmentView,
    UseMonth,
)
from csr_console.contracts.views.budget import BudgetBillView
from csr_console.papers.addressee import Addressee, Letterhead
from csr_console.papers.chart import chart
from csr_console.papers.heads import head
from csr_console.papers.notices import (
    PayPlaces,
    late_charges,
    put_estimates,
    put_pay_places,
    untaxed_fuel,
)
from csr_console.papers.sheets import BODY, BOLD, HEADING, LEFT, RIGHT, SMALL, Cell, Sheets, Style
from csr_console.papers.words import Words, quantity

_DAGGER = "†"
_LABEL_RIGHT, _FIGURES_RIGHT = 355.0, 490.0
_CONVERTED = frozenset({"converted", "billed", "rounded"})
"""The inputs of a line that a metered quantity has become."""


def bill_pdf(
    view: BillView,
    billing: BillingView | None,
    to: Addressee,
    letterhead: Letterhead = (),
    pay_places: PayPlaces = (),
) -> bytes:
    """The bill as PDF, in the customer's language; `billing` adds the chart, last year and the balance.

    The content follows F.A.C. 25-6.100 and 25-30.335: total, rate, period, reads, due date, average daily use
    now and a year ago, fuel and taxes apart, late charges, whether a read is estimated and why one is again,
    and where to pay.
    """
    words = Words(to.language)
    bill = view.bill
    sheets = Sheets(words("paper.bill"), words, f"{words('bill')} {bill.number} · {to.account}")
    pairs = [
        (words("bill"), str(bill.number)),
        (words("billed_on"), words.day(bill.billed_on)),
        (words("due_on"), words.day(bill.due_on)),
        (words("delinquent_after"), words.day(bill.due_on)),
        (words("total_bill"), words.money(bill.total_cents)),
    ]
    if view.budget is not None:
        pairs.append((words("budget.due"), words.money(max(view.budget.asked_cents, 0))))
    head(sheets, letterhead, to, words("paper.bill"), pairs, words)
    _about(sheets, view, to, words)
    for segment in view.segments:
        _segment(sheets, segment, view, billing, words)
    _sum(sheets, view, billing, words)
    put_pay_places(sheets, pay_places, words)
    if billing is not None:
        _charts(sheets, billing.use, bill.last_day, words)
    return sheets.to_pdf()


def _about(sheets: Sheets, view: BillView, to: Addressee, words: Words) -> None:
    bill = view.bill
    sheets.paragraph(f"{words('service_address')}: {to.service_address}", BOLD, most=2)
    days = (bill.last_day - bill.first_day).days + 1
    sheets.paragraph(f"{words('period')}: {_period(bill.first_day, bill.last_day, days, words)}")
    for key, stands in (("cancelled", bill.cancelled), ("replaces", bill.replaces is not None)):
        if stands:
            sheets.paragraph(words(key), BOLD)
    sheets.space(6)


def _period(first: date, last: date, days: int, words: Words) -> str:
    return words("period_of", first=words.day(first), last=words.day(last), days=days)


def _segment(
    sheets: Sheets, segment: SegmentView, view: BillView, billing: BillingView | None, words: Words
) -> None:
    sheets.need(66)
    sheets.rule(gray=0.2)
    name = words.known("service", segment.service)
    marks = [words("estimated")] * segment.estimated + [_DAGGER] * segment.unverified
    right = f"{words('rate')} {segment.schedule}" + "".join(f" · {mark}" for mark in marks)
    sheets.row(
        Cell(LEFT, _LABEL_RIGHT, name, style=HEADING),
        Cell(_LABEL_RIGHT, RIGHT, right, "right", BOLD),
        leading=13,
    )
    period = _period(segment.first_day, segment.last_day, segment.days, words)
    sheets.row(Cell(LEFT, RIGHT, period, style=SMALL), leading=11)
    for read in view.reads:
        if read.service == segment.service:
            _reads(sheets, read, segment, view, billing, words)
    for conversion in _conversions(segment):
        sheets.row(Cell(LEFT, RIGHT, f"{words('conversion')}: {conversion}", style=SMALL), leading=11)
    for notice in segment.notices:
        sheets.paragraph(notice, SMALL)
    sheets.space(2)
    untaxed = untaxed_fuel(segment)
    for line in segment.lines:
        _line(sheets, line, untaxed.get(line.label, 0) if line.kind == "tax" else 0, words)
    _subtotals(sheets, segment, words)
    sheets.space(8)


def _reads(
    sheets: Sheets,
    read: ReadView,
    segment: SegmentView,
    view: BillView,
    billing: BillingView | None,
    words: Words,
) -> None:
    days = (read.to_on - read.from_on).days
    first = _dial(words.day(read.from_on), read.from_value, read.from_how, words)
    last = _dial(words.day(read.to_on), read.to_value, read.to_how, words)
    mark = f" ({words('estimated')})" if read.estimated and read.to_how is None else ""
    parts = [
        f"{words('meter')} {read.meter}",
        f"{words('read_days')} {first} – {last}{mark}",
        f"{words('use')} {quantity(read.usage)} {read.unit}",
    ]
    if (multiplier := _multiplier(read)) is not None:
        parts.append(f"{words('multiplier')} {quantity(multiplier)}")
    sheets.paragraph(" · ".join(parts), most=3)
    if days > 0:
        daily = f"{words('use_a_day')}: {_daily(read.usage, days)} {read.unit}"
        past = _last_year(segment, view, billing)
        if past is not None:
            daily += f" · {words('last_year')}: {_daily(*past)} {read.unit}"
        sheets.row(Cell(LEFT, RIGHT, daily, whole=True), leading=11)


def _dial(day: str, value: Decimal | None, how: ReadHow | None, words: Words) -> str:
    """`Aug 5, 2026: 18,204`, and how it was found when nobody of the city has read it."""
    said = day if value is None else f"{day}: {quantity(value)}"
    marks = {"estimated": words("estimated"), "customer": words("read.customer")}
    return f"{said} ({marks[how]})" if how in marks else said


def _multiplier(read: ReadView) -> Decimal | None:
    """What the dials' difference was multiplied by, None where it is one or the dials passed zero."""
    if read.from_value is None or read.to_value is None or read.to_value <= read.from_value:
        return None
    multiplier = (read.usage / (read.to_value - read.from_value)).normalize()
    return multiplier if multiplier != 1 and len(multiplier.as_tuple().digits) <= 6 else None


def _daily(usage: Decimal, days: int) -> str:
    return quantity((usage / days).quantize(Decimal("0.1")))


def _last_year(
    segment: SegmentView, view: BillView, billing: BillingView | None
) -> tuple[Decimal, int] | None:
    """Use and days of the same service on the bill of about a year ago, None when there is none."""
    for cause in view.causes:
        known = cause.usage_before is not None and cause.days_before > 0
        if cause.against == "last_year" and cause.service == segment.service and known:
            return cause.usage_before or Decimal(0), cause.days_before
    year_ago = segment.last_day - timedelta(days=365)
    for month in billing.use if billing else ():
        near = abs((month.last_day - year_ago).days) <= 16
        if month.service == segment.service and near and month.days > 0:
            return month.usage, month.days
    return None


def _conversions(segment: SegmentView) -> list[str]:
    """How what was metered became what is charged: `6400 gal » 64 cgal`, with its factor; each once."""
    found: dict[str, None] = {}
    for line in segment.lines:
        names = [name for name, _ in line.why.inputs]
        last = max((place for place, name in enumerate(names) if name in _CONVERTED), default=0)
        if last:
            found[" » ".join(value.partition(", ")[0] for _, value in line.why.inputs[: last + 1])] = None
    return list(found)


def _line(sheets: Sheets, line: LineView, untaxed_cents: int, words: Words) -> None:
    mark = f" {_DAGGER}" if line.why.status == "unverified" else ""
    figures = ""
    if line.quantity is not None and line.price is not None:
        figures = f"{quantity(line.quantity)} {line.unit} × ${quantity(line.price)}"
    elif untaxed_cents:
        figures = words("untaxed_fuel", money=words.money(untaxed_cents))
    group = "tax" if line.kind == "tax" else line.group
    label = line.label
    if words.language != "en":
        label = f"{words.known('group', group)} ({line.label})"
    sheets.row(
        Cell(LEFT + 8, _LABEL_RIGHT, label + mark),
        Cell(_LABEL_RIGHT, _FIGURES_RIGHT, figures, "right", SMALL),
        Cell(_FIGURES_RIGHT, RIGHT, words.money(line.amount_cents), "right"),
    )


def _subtotals(sheets: Sheets, segment: SegmentView, words: Words) -> None:
    fuel = sum(line.amount_cents for line in segment.lines if line.kind == "charge" and line.group == "fuel")
    parts = [("charges" if fuel else "", segment.charges_cents - fuel), ("fuel", fuel)]
    parts.append(("taxes", segment.taxes_cents))
    said = [f"{words(key)} {words.money(cents)}" for key, cents in parts if key and cents]
    sheets.row(
        Cell(LEFT + 8, _LABEL_RIGHT, " · ".join(said), style=SMALL, whole=True),
        Cell(_LABEL_RIGHT, _FIGURES_RIGHT, words("total_service"), "right", BOLD),
        Cell(_FIGURES_RIGHT, RIGHT, words.money(segment.total_cents), "right", BOLD),
    )


def _sum(sheets: Sheets, view: BillView, billing: BillingView | None, words: Words) -> None:
    sheets.need(70)
    sheets.rule(gray=0.2)
    big = Style(12, bold=True)
    sheets.row(
        Cell(LEFT, _FIGURES_RIGHT - 40, words("total_bill"), style=big),
        Cell(_FIGURES_RIGHT - 40, RIGHT, words.money(view.bill.total_cents), "right", big),
        leading=18,
    )
    if view.budget is not None:
        _budget(sheets, view.budget, words)
    if billing is not None and billing.newest is not None and billing.newest.bill == view.bill:
        rows = [("balance", billing.balance_cents)]
        rows += [("overdue", billing.overdue_cents)] * (billing.overdue_cents > 0)
        for key, cents in rows:
            said = f"{words(key)} ({words('as_of', on=words.day(billing.on))})"
            if key == "balance" and (charged := late_charges(view, billing)):
                said += f", {words('late_charges', money=words.money(charged))}"
            sheets.row(
                Cell(LEFT, _FIGURES_RIGHT, said), Cell(_FIGURES_RIGHT, RIGHT, words.money(cents), "right")
            )
    if view.bill.estimated:
        sheets.paragraph(words("estimated_note"), SMALL)
    put_estimates(sheets, view, billing, words)
    if any(segment.unverified for segment in view.segments):
        sheets.paragraph(words("unverified_note"), SMALL)
    sheets.space(14)


def _budget(sheets: Sheets, asked: BudgetBillView, words: Words) -> None:
    """Both amounts of a budget plan, and by which arithmetic one of them is asked."""
    rest = "budget.deferred" if asked.deferred_cents >= 0 else "budget.ahead"
    rows = (
        ("budget.asked", asked.asked_cents, BOLD),
        ("budget.true", asked.balance_cents, BODY),
        (rest, abs(asked.deferred_cents), BODY),
    )
    for key, cents, style in rows:
        sheets.row(
            Cell(LEFT, _FIGURES_RIGHT, words(key), style=style),
            Cell(_FIGURES_RIGHT, RIGHT, words.money(cents), "right", style),
        )
    strategy = words.known("strategy", asked.strategy)
    why = words("budget.why", strategy=strategy, arithmetic=asked.arithmetic, rule=asked.rule)
    sheets.paragraph(why, SMALL)
    sheets.paragraph(words("budget.pay"), SMALL)


def _charts(sheets: Sheets, use: Sequence[UseMonth], last_day: date, words: Words) -> None:
    """A chart for each metered service, up to the bill."""
    known = [month for month in use if month.last_day <= last_day]
    for service, unit in dict.fromkeys((month.service, month.unit) for month in known):
        chart(sheets, [month for month in known if (month.service, month.unit) == (service, unit)], words)
