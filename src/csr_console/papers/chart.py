"""Thirteen bills of use as bars, the same month of last year beside this one."""

from collections.abc import Sequence
from decimal import Decimal

from csr_console.contracts.views.bills import UseMonth
from csr_console.papers.sheets import BOLD, INCH, LEFT, RIGHT, SMALL, Cell, Sheets, Style
from csr_console.papers.words import Words, quantity

BARS = 13
_TALL, _CAPTION = 0.75 * INCH, 42.0
_TINY = Style(6, gray=0.3)


def chart(sheets: Sheets, months: Sequence[UseMonth], words: Words) -> None:
    """The use of one service, the oldest bill at the left; nothing where there are not two bills.

    A bar of an estimated read is lighter and marked E. Heights are drawn, the figures are written out.
    """
    shown = sorted(months, key=lambda month: month.last_day)[-BARS:]
    if len(shown) < 2:
        return
    sheets.need(_TALL + _CAPTION + 14)
    service = words.known("service", shown[0].service)
    sheets.row(Cell(LEFT, RIGHT, words("chart", service=service, unit=shown[0].unit), style=BOLD), leading=16)
    highest = max(month.usage for month in shown) or Decimal(1)
    step = (RIGHT - LEFT) / BARS
    bottom = sheets.y - _TALL
    for place, month in enumerate(shown):
        left = LEFT + step * place
        tall = max(0.5, float(month.usage / highest) * (_TALL - 8))
        gray = 0.75 if month.estimated else 0.15 if month is shown[-1] else 0.45
        sheets.bar(left + 5, bottom, step - 10, tall, gray=gray)
        above = quantity(month.usage) + (" E" if month.estimated else "")
        sheets.put(Cell(left, left + step - 1, above, style=_TINY, whole=True), bottom + tall + 2)
        below = f"{words.month(month.last_day)} {month.last_day:%y}"
        sheets.put(Cell(left + 4, left + step + 4, below, style=SMALL), bottom - 10)
    sheets.y = bottom - _CAPTION + 6
