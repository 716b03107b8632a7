"""A list that changes under the clerk: the cursor stays on what it was on, wherever that stands now."""

from collections.abc import Sequence

from csr_console.widgets.cells import Cell
from csr_console.widgets.result_list import ResultList


def follow(
    rows: ResultList, was: Sequence[object], cells: Sequence[Sequence[Cell]], now: Sequence[object]
) -> None:
    """List `cells`, the rows of `now`, in place of the rows of `was`; the next Enter must not mean another.

    A row that is gone leaves the cursor where it stood.
    """
    at = rows.cursor
    kept = was[at] if at is not None and at < len(was) else None
    rows.set_rows(cells, keep=True)
    if kept in now:
        rows.cursor = now.index(kept)
