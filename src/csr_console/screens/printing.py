"""Papers and files for a customer, from what this desk knows: a bill, a statement, a letter, a receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from csr_console.domain.refusals import Answer, Refusal
from csr_console.domain.words import fold
from csr_console.screens.format import as_of

if TYPE_CHECKING:
    from datetime import datetime

    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.bills import ArrangementView, BillingView, BillView
    from csr_console.desk.desk import Desk
    from csr_console.desk.model import Viewed
    from csr_console.papers.addressee import Addressee
    from csr_console.screens.options import PaperOptions


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be made of what: everything a paper needs, read already."""

    desk: Desk
    to: Addressee
    billing: Viewed[BillingView]
    arrangement: ArrangementView | None
    papers: PaperOptions
    number: str
    now: datetime


async def print_paper(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`print bill`, `print bill 200417`, `export usage`; without a word there is a list to choose from."""
    kind = _WORDS.get(fold(args[0])) if args else None
    if kind is None:
        _choose(app, entry, args)
    else:
        await _print(app, entry, kind, args[1] if len(args) > 1 else "")


def _choose(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    from csr_console.widgets.palette import Act, Palette

    acts = [
        Act(paper.title, partial(_print, app, entry, kind, ""), code=kind, alias=" ".join(paper.aliases))
        for kind, paper in PAPERS.items()
    ]
    app.push_screen(Palette(acts, title="Print or export", query=" ".join(args)))


async def _print(app: ConsoleApp, entry: RosterEntry, kind: str, number: str) -> None:
    papers = app.options.papers
    if papers is None:
        app.notify_line("warn", "No folder for papers is set: name one as papers in settings.toml.")
        return
    said = await app.desk_call(
        _make, app.desk, papers, entry.account, kind, number, app.now(), doing="printing"
    )
    app.notify_line("ok", said)


def _make(desk: Desk, papers: PaperOptions, account: str, kind: str, number: str, now: datetime) -> str:
    """Make a paper and put it where it belongs; the sentence says where. Blocks.

    Raises `Refusal` not-found for what there is none of, `Fault` for what cannot be read or written.
    """
    from csr_console.papers.addressee import Addressee

    customer = desk.account(account)
    if customer is None:
        customer = desk.refresh_account(account)
    billing = _billing(desk, account)
    arrangement = customer.view.arrangement or billing.view.arrangement
    to = Addressee.of(customer.view)
    said = PAPERS[kind].make(Request(desk, to, billing, arrangement, papers, number, now))
    return f"{said} ({as_of(billing.as_of, now)})" if billing.stale else said


def _billing(desk: Desk, account: str) -> Viewed[BillingView]:
    """What is known of the account's money; asked of central when it is not, or known to be older."""
    known = desk.bills.of(account)
    if known is not None and not known.stale:
        return known
    try:
        return desk.bills.refresh(account)
    except Answer:
        if known is None:
            raise
        return known


def _bill(request: Request) -> str:
    from csr_console.papers.bill import bill_pdf

    view = _find_bill(request)
    papers = request.papers
    content = bill_pdf(view, request.billing.view, request.to, papers.letterhead, papers.pay_places)
    return _saved(request, f"bill-{view.bill.number}", "pdf", content)


def _find_bill(request: Request) -> BillView:
    """The bill of the number given, the newest one when there is none. Raises `Refusal` not-found."""
    billing = request.billing.view
    if not request.number and billing.newest is not None:
        return billing.newest
    wanted = request.number.lstrip("#")
    found = next((line for line in billing.bills if str(line.number) == wanted), None)
    if found is None:
        which = f"bill {request.number[:20]}" if request.number else "bill yet"
        raise Refusal("not-found", f"There is no {which} on account {billing.account}.")
    return request.desk.bills.bill(billing.account, found.bill_id)


def _statement(request: Request) -> str:
    from csr_console.papers.statement import statement_pdf

    view = request.billing.view
    content = statement_pdf(view, request.to, request.papers.letterhead)
    return _saved(request, f"statement-{view.on}", "pdf", content)


def _arrangement(request: Request) -> ArrangementView:
    if request.arrangement is None:
        raise Refusal("not-found", f"There is no payment arrangement on account {request.to.account}.")
    return request.arrangement


def _letter(request: Request) -> str:
    from csr_console.papers.letter import arrangement_pdf

    view = _arrangement(request)
    content = arrangement_pdf(view, request.to, request.papers.letterhead)
    return _saved(request, f"arrangement-{view.agreed_on}", "pdf", content)


def _slip(request: Request) -> str:
    from csr_console.papers.receipts import arrangement_slip

    papers, view = request.papers, _arrangement(request)
    content = arrangement_slip(
        view, request.to, papers.letterhead, station=papers.station, columns=papers.receipt_columns
    )
    return _printed(request, f"slip-{view.agreed_on}", content)


def _receipt(request: Request) -> str:
    """The last payment that was not taken back; a copy, since the cashier has given out the first."""
    from csr_console.papers.receipts import payment_receipt

    papers, movements = request.papers, request.billing.view.movements
    taken_back = {movement.reverses for movement in movements}
    payments = [one for one in movements if one.kind == "payment" and one.entry_id not in taken_back]
    if not payments:
        raise Refusal("not-found", f"There is no payment on account {request.to.account}.")
    content = payment_receipt(
        payments[0],
        request.to,
        papers.letterhead,
        station=papers.station,
        columns=papers.receipt_columns,
        copy=True,
    )
    return _printed(request, f"receipt-{payments[0].on}", content)


def _usage(request: Request) -> str:
    from csr_console.papers.green_button import green_button_xml
    from csr_console.papers.usage_csv import usage_csv

    use = request.billing.view.use
    if not use:
        raise Refusal("not-found", f"No use was billed on account {request.to.account} yet.")
    name = f"usage-{request.now.astimezone():%Y-%m-%d}"
    _saved(request, name, "csv", usage_csv(use))
    newest = request.billing.view.newest
    hours = newest.hours if newest else []
    feed = green_button_xml(use, uuid4(), request.now, hours=hours)
    return _saved(request, name, "xml", feed) + " and .csv"


def _saved(request: Request, name: str, ending: str, content: bytes) -> str:
    from csr_console.papers.delivery import save

    path = save(request.papers.folder, f"{name}-{request.to.account}.{ending}", content)
    return f"Written: {path}"


def _printed(request: Request, name: str, content: bytes) -> str:
    """To the receipt printer, into the folder where none is set."""
    from csr_console.papers.delivery import send

    if not request.papers.receipt_printer:
        return _saved(request, name, "escpos", content)
    send(request.papers.receipt_printer, content)
    return f"Printed: {request.papers.receipt_printer}"


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    aliases: tuple[str, ...]
    make: Callable[[Request], str]


PAPERS: Mapping[str, Paper] = {
    "bill": Paper("The newest bill (PDF), or `print bill 200417`", ("factura",), _bill),
    "statement": Paper("Statement of account (PDF)", ("estado",), _statement),
    "arrangement": Paper("Letter of the payment arrangement (PDF)", ("arreglo",), _letter),
    "usage": Paper("Use as Green Button and CSV", ("consumo",), _usage),
    "receipt": Paper("Receipt of the last payment, a copy (receipt printer)", ("recibo",), _receipt),
    "slip": Paper("Slip of the payment arrangement (receipt printer)", ("comprobante",), _slip),
}
_WORDS: Mapping[str, str] = {
    fold(word): kind for kind, paper in PAPERS.items() for word in (kind, *paper.aliases)
}
