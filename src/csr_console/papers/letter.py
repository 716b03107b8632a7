"""The letter that confirms a payment arrangement."""

from csr_console.contracts.views.bills import ArrangementView, InstallmentView
from csr_console.papers.addressee import Addressee, Letterhead
from csr_console.papers.heads import head
from csr_console.papers.sheets import BOLD, LEFT, Cell, Sheets, Style
from csr_console.papers.words import Words

_TEXT = Style(10)
_COLUMNS = (LEFT, LEFT + 130, LEFT + 240, LEFT + 330, LEFT + 420)


def arrangement_pdf(view: ArrangementView, to: Addressee, letterhead: Letterhead = ()) -> bytes:
    """What was agreed, as PDF: the installments, their days, what was paid of each, and when the promise
    counts as broken."""
    words = Words(to.language)
    title = words("paper.arrangement")
    sheets = Sheets(title, words, f"{title} · {to.account}")
    pairs = [
        (words("date"), words.day(view.agreed_on)),
        (words("total"), words.money(view.total_cents)),
    ]
    head(sheets, letterhead, to, title, pairs, words)
    sheets.paragraph(words("dear", name=to.name), _TEXT)
    sheets.space(6)
    total, on = words.money(view.total_cents), words.day(view.agreed_on)
    sheets.paragraph(words("arrangement.agreed", on=on, total=total, account=to.account), _TEXT)
    sheets.space(8)
    _table(sheets, view, words)
    sheets.space(8)
    sheets.paragraph(words("arrangement.current"), _TEXT)
    sheets.space(4)
    sheets.paragraph(words(f"arrangement.{view.state}"), _TEXT)
    if view.state == "active" and view.broken_on is not None:
        sheets.paragraph(words("arrangement.broken_on", on=words.day(view.broken_on)), _TEXT)
    sheets.space(14)
    sheets.paragraph(words("arrangement.agreed_by", login=view.agreed_by), _TEXT)
    return sheets.to_pdf()


def installment_name(item: InstallmentView, words: Words) -> str:
    """`Installment 2`; number 0 is the down payment."""
    return f"{words('installment')} {item.number}" if item.number else words("down_payment")


def _table(sheets: Sheets, view: ArrangementView, words: Words) -> None:
    heads = (words("installment"), words("due_on"), words("amount"), words("paid"))
    _row(sheets, heads, bold=True)
    sheets.rule(right=_COLUMNS[-1])
    for item in view.installments:
        due, amount, paid = words.day(item.due_on), words.money(item.cents), words.money(item.paid_cents)
        _row(sheets, (installment_name(item, words), due, amount, paid))
    paid_cents = sum(item.paid_cents for item in view.installments)
    sheets.rule(right=_COLUMNS[-1])
    _row(sheets, (words("total"), "", words.money(view.total_cents), words.money(paid_cents)), bold=True)


def _row(sheets: Sheets, texts: tuple[str, str, str, str], *, bold: bool = False) -> None:
    style = BOLD if bold else Style()
    cells = [
        Cell(_COLUMNS[place], _COLUMNS[place + 1], text, "left" if place < 2 else "right", style)
        for place, text in enumerate(texts)
    ]
    sheets.row(*cells, leading=13)
