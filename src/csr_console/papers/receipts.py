"""What a receipt printer at the counter gives out: a payment's receipt, an arrangement's slip."""

from datetime import date

from csr_console.contracts.views.bills import ArrangementView, MovementView
from csr_console.papers.addressee import Addressee, Letterhead
from csr_console.papers.escpos import CodePage, Strip
from csr_console.papers.letter import installment_name
from csr_console.papers.words import Words


def payment_receipt(
    payment: MovementView,
    to: Addressee,
    letterhead: Letterhead = (),
    *,
    station: str,
    columns: int = 42,
    code_page: CodePage = "cp858",
    copy: bool = False,
    drawer: bool = False,
) -> bytes:
    """The receipt of a payment, with the balance it left; `copy` marks every one after the first, `drawer`
    opens the cash drawer."""
    words = Words(to.language)
    strip = _begin(letterhead, words("paper.receipt"), columns, code_page)
    if drawer:
        strip.open_drawer()
    if copy:
        strip.line(words("copy"), align="center", bold=True)
    _who(strip, to, payment.on, words)
    strip.line(payment.text)
    strip.pair(words("paid"), words.money(-payment.cents), bold=True)
    strip.pair(words("balance"), words.money(payment.balance_cents))
    return _end(strip, station)


def arrangement_slip(
    view: ArrangementView,
    to: Addressee,
    letterhead: Letterhead = (),
    *,
    station: str,
    columns: int = 42,
    code_page: CodePage = "cp858",
) -> bytes:
    """The installments of an arrangement and when its promise counts as broken."""
    words = Words(to.language)
    strip = _begin(letterhead, words("paper.arrangement"), columns, code_page)
    _who(strip, to, view.agreed_on, words)
    for item in view.installments:
        strip.pair(f"{installment_name(item, words)}  {words.day(item.due_on)}", words.money(item.cents))
    strip.pair(words("total"), words.money(view.total_cents), bold=True)
    strip.rule()
    strip.line(words(f"arrangement.{view.state}"))
    if view.state == "active" and view.broken_on is not None:
        strip.line(words("arrangement.broken_on", on=words.day(view.broken_on)))
    return _end(strip, station)


def _begin(letterhead: Letterhead, title: str, columns: int, code_page: CodePage) -> Strip:
    strip = Strip(columns, code_page)
    for index, line in enumerate(letterhead[:4]):
        strip.line(line, align="center", bold=index == 0)
    strip.line(title, align="center", bold=True, tall=True)
    strip.rule()
    return strip


def _who(strip: Strip, to: Addressee, on: date, words: Words) -> None:
    strip.pair(words("date"), words.day(on))
    strip.pair(words("account"), to.account)
    strip.line(to.name)
    strip.rule()


def _end(strip: Strip, station: str) -> bytes:
    strip.rule()
    strip.line(station, align="center")
    strip.cut()
    return strip.to_bytes()
