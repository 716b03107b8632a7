"""The numbered list of what a line may mean, with what tells the rows apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from csr_console.domain.text import clean_line
from csr_console.widgets.cells import Cell, Column, Toned

if TYPE_CHECKING:
    from csr_console.desk.omnibox import Hit

HIT_COLUMNS = (
    Column("Name", 24),
    Column("Address", 0),
    Column("Account", 9),
    Column("Phone", 5),
    Column("", 8),
)


def hit_rows(hits: Iterable[Hit]) -> list[tuple[Cell, ...]]:
    """A row a hit; of a phone the last four digits are enough to tell two people apart."""
    return [_row(hit) for hit in hits]


def _row(hit: Hit) -> tuple[Cell, ...]:
    entry = hit.entry
    address, last_four, status = hit.apart
    said: Cell = Toned(status, "warn") if status != "active" else Toned(hit.why, "dim")
    return (clean_line(entry.name), clean_line(address), entry.account, last_four and f"·{last_four}", said)
