"""Sheets of letter paper: text that is only ever text, lines and bars, in pages that count themselves.

Everything is drawn with reportlab's canvas and not with its paragraphs, which read XML: a name that looks
like markup is printed as it is.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from csr_console.domain.text import clean_line
from csr_console.papers.words import Words

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

INCH = 72.0
WIDTH, HEIGHT = 8.5 * INCH, 11 * INCH
LEFT, RIGHT = 0.75 * INCH, 7.75 * INCH
TOP, BOTTOM = HEIGHT - 0.6 * INCH, 0.8 * INCH
SUBSTITUTE = "¤"
"""What stands for a character that the font does not have."""
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Style:
    size: float = 9
    bold: bool = False
    gray: float = 0

    @property
    def font(self) -> str:
        return "Helvetica-Bold" if self.bold else "Helvetica"


BODY, BOLD, SMALL = Style(), Style(bold=True), Style(7.5, gray=0.3)
HEADING = Style(11, bold=True)
Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A text from `left` to `right`, in points from the left edge of the sheet.

    What does not fit is cut, and smaller where figures stand, at the right or in a `whole` one: a figure that
    is cut is another figure.
    """

    left: float
    right: float
    text: str
    align: Align = "left"
    style: Style = BODY
    whole: bool = False


def printable(text: str, *, limit: int = 400) -> str:
    """The text on one line in the characters of the standard fonts (Windows-1252).

    A letter that they do not have loses its marks, as mail is addressed (`Nguyễn` is `Nguyen`); anything
    else becomes `SUBSTITUTE`, so that a reader sees that something stood there.
    """
    return "".join(map(_in_font, unicodedata.normalize("NFC", clean_line(text, limit=limit))))


@lru_cache(maxsize=4096)
def _in_font(character: str) -> str:
    for tried in (character, _bare(character)):
        if tried and _encodable(tried):
            return tried
    return "" if unicodedata.combining(character) else SUBSTITUTE


def _bare(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


def _encodable(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def text_width(text: str, style: Style) -> float:
    """Points that a printable text takes."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, style.font, style.size))


def fitted(text: str, width: float, style: Style) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    text = printable(text)
    if text_width(text, style) <= width:
        return text
    while text and text_width(text + ELLIPSIS, style) > width:
        text = text[: -max(1, len(text) // 20)]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, width: float, style: Style, most: int) -> list[str]:
    """The text in lines no wider than `width`, at most so many; a word that is too long is broken."""
    lines, line = [], ""
    for word in printable(text, limit=2000).split():
        for piece in _pieces(word, width, style):
            longer = f"{line} {piece}" if line else piece
            if text_width(longer, style) <= width:
                line = longer
            else:
                lines.append(line)
                line = piece
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], fitted(lines[most - 1] + " " + lines[most], width, style)]
    return lines


def _pieces(word: str, width: float, style: Style) -> list[str]:
    pieces = []
    while text_width(word, style) > width:
        end = max(1, len(word) - 1)
        while end > 1 and text_width(word[:end], style) > width:
            end -= max(1, end // 10)
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


class Sheets:
    """A paper being laid out from the top down; `top_of` draws what begins each further page."""

    def __init__(self, title: str, words: Words, footer: str) -> None:
        """`footer` stands at the left of the last line of every page, the page number at the right."""
        self._title = title
        self._words = words
        self._footer = footer
        self._pages: list[list[Callable[[Canvas], None]]] = [[]]
        self.y = TOP
        """Where the next line stands, in points from the bottom."""

    @property
    def pages(self) -> int:
        return len(self._pages)

    def need(self, height: float) -> None:
        """A new page unless so much is left of this one."""
        if self.y - height < BOTTOM:
            self._pages.append([])
            self.y = TOP
            again = f"{self._title} · {self._footer} ({self._words('continued')})"
            self.put(Cell(LEFT, RIGHT, again, style=BOLD), self.y)
            self.y -= 20

    def put(self, cell: Cell, y: float) -> None:
        """One text at a height of this page."""
        style, room = cell.style, cell.right - cell.left
        if cell.whole or cell.align == "right":
            text = printable(cell.text)
            style = replace(style, size=min(style.size, style.size * room / (text_width(text, style) or 1)))
        else:
            text = fitted(cell.text, room, style)

        def draw(canvas: Canvas) -> None:
            canvas.setFont(style.font, style.size)
            canvas.setFillGray(style.gray)
            if cell.align == "right":
                canvas.drawRightString(cell.right, y, text)
            else:
                canvas.drawString(cell.left, y, text)

        self._pages[-1].append(draw)

    def row(self, *cells: Cell, leading: float = 12) -> None:
        """Texts on one line; the next line is below them."""
        self.need(leading)
        for cell in cells:
            self.put(cell, self.y)
        self.y -= leading

    def paragraph(self, text: str, style: Style = BODY, *, most: int = 6) -> None:
        """A text over as many lines as it takes, at most so many."""
        for line in wrapped(text, RIGHT - LEFT, style, most):
            self.row(Cell(LEFT, RIGHT, line, style=style), leading=style.size + 3)

    def space(self, height: float) -> None:
        self.y -= height

    def rule(self, *, left: float = LEFT, right: float = RIGHT, gray: float = 0.6) -> None:
        """A thin line above the next text."""
        y = self.y + 12

        def draw(canvas: Canvas) -> None:
            canvas.setStrokeGray(gray)
            canvas.setLineWidth(0.5)
            canvas.line(left, y, right, y)

        self._pages[-1].append(draw)

    def bar(self, left: float, bottom: float, width: float, height: float, *, gray: float) -> None:
        """A filled rectangle on this page."""

        def draw(canvas: Canvas) -> None:
            canvas.setFillGray(gray)
            canvas.rect(left, bottom, width, height, stroke=0, fill=1)

        self._pages[-1].append(draw)

    def to_pdf(self) -> bytes:
        """The paper as PDF; the same paper gives the same bytes."""
        from reportlab.pdfgen.canvas import Canvas

        written = io.BytesIO()
        canvas = Canvas(written, pagesize=(WIDTH, HEIGHT), invariant=1, lang=self._words.language)
        canvas.setTitle(printable(self._title))
        canvas.setAuthor("")
        canvas.setSubject("")
        for number, page in enumerate(self._pages, start=1):
            for draw in page:
                draw(canvas)
            self._draw_footer(canvas, number)
            canvas.showPage()
        canvas.save()
        return written.getvalue()

    def _draw_footer(self, canvas: Canvas, number: int) -> None:
        canvas.setFont(SMALL.font, SMALL.size)
        canvas.setFillGray(SMALL.gray)
        canvas.drawString(LEFT, 0.5 * INCH, fitted(self._footer, 5 * INCH, SMALL))
        canvas.drawRightString(RIGHT, 0.5 * INCH, self._words("page", page=number, pages=self.pages))


def facts(sheets: Sheets, left: float, right: float, top: float, pairs: Sequence[tuple[str, str]]) -> None:
    """Names and values below each other from a height of this page on."""
    middle = left + 0.5 * (right - left)
    for index, (name, value) in enumerate(pairs):
        y = top - 13 * index
        sheets.put(Cell(left, middle, name, style=SMALL), y)
        sheets.put(Cell(middle, right, value, "right", BOLD), y)
