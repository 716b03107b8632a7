"""Text in cells of a fixed width: whatever the data holds, the next column stands where it stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from csr_console.domain.text import clean_line
from csr_console.widgets.themes import Tone

GAP = " "
PLAIN: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Toned:
    """A text with the tone it is drawn in."""

    text: str
    tone: Tone


Cell = str | Toned


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `width` cells; 0 takes its share of what the others leave."""

    title: str
    width: int
    right: bool = False


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: made inert, cut with an ellipsis, padded on the side it is not set
    to.
    """
    line = clean_line(text, limit=1000)
    length = cell_len(line)
    if length > width:
        return set_cell_size(line, width - 1) + "…" if width else ""
    return " " * (width - length) + line if right else line + " " * (width - length)


@lru_cache(maxsize=256)
def widths(columns: tuple[Column, ...], available: int) -> tuple[int, ...]:
    """The width of each column in a line of `available` cells; 0 for one that no longer fits."""
    fixed = sum(column.width + len(GAP) for column in columns)
    flexible = [column for column in columns if not column.width]
    share = max(0, available - fixed) // len(flexible) if flexible else 0
    result = []
    for column in columns:
        width = min(column.width or share, available)
        result.append(max(0, width))
        available -= width + len(GAP)
    return tuple(result)


def line_of(cells: Sequence[Cell], columns: tuple[Column, ...], available: int) -> list[Toned]:
    """One row in `available` cells: each cell inert and in its column, with the gap behind it."""
    parts = []
    for cell, column, width in zip(cells, columns, widths(columns, available), strict=False):
        if width:
            text, tone = (cell.text, cell.tone) if isinstance(cell, Toned) else (cell, PLAIN)
            parts.append(Toned(fit(text, width, right=column.right) + GAP, tone))
    return parts
