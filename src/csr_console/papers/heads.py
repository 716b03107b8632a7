"""The upper third of a paper that goes into a #10 window envelope."""

from collections.abc import Sequence

from csr_console.papers.addressee import Addressee, Letterhead
from csr_console.papers.sheets import BODY, HEIGHT, INCH, SMALL, TOP, Cell, Sheets, Style, facts
from csr_console.papers.words import Words

WINDOW = (-0.125 * INCH, 5.375 * INCH, HEIGHT - 3.625 * INCH, HEIGHT - 2.042 * INCH)
"""What may show through the window, wherever the sheet slips to: left, right, bottom, top in points.

A #10 envelope (4 1/8 x 9 1/2 in) has its window, 1 1/8 x 4 1/2 in, 7/8 in from the left and 1/2 in from the
bottom edge; a letter folded in three is 3 2/3 x 8 1/2 in, and so may slip 0.46 in up and 1 in to the right.
Nothing but the address may stand here.
"""
_ADDRESS_LEFT, _ADDRESS_RIGHT = 0.95 * INCH, 4.375 * INCH
_ADDRESS_TOP = HEIGHT - 2.64 * INCH
"""The first base line: with four lines of 11 points the block shows whole wherever the sheet slips to."""
_BODY_TOP = HEIGHT - 3.95 * INCH
_FACTS_LEFT, _FACTS_RIGHT = 5.5 * INCH, 7.75 * INCH


def head(
    sheets: Sheets,
    letterhead: Letterhead,
    to: Addressee,
    title: str,
    pairs: Sequence[tuple[str, str]],
    words: Words,
) -> None:
    """Sender, title, the facts at the right and the address for the window; the body begins below."""
    top = TOP
    for index, line in enumerate(letterhead[:6]):
        style = Style(13, bold=True) if index == 0 else SMALL
        sheets.put(Cell(0.75 * INCH, 4.6 * INCH, line, style=style), top)
        top -= 15 if index == 0 else 10
    sheets.put(Cell(4.7 * INCH, _FACTS_RIGHT, title, "right", Style(15, bold=True)), TOP)
    given = ((words("account"), to.account), *pairs)
    facts(sheets, _FACTS_LEFT, _FACTS_RIGHT, HEIGHT - 1.3 * INCH, given)
    for index, line in enumerate((to.name, *to.mailing)[:4]):
        cell = Cell(_ADDRESS_LEFT, _ADDRESS_RIGHT, line, style=BODY)
        sheets.put(cell, _ADDRESS_TOP - 11 * index)
    sheets.y = _BODY_TOP
