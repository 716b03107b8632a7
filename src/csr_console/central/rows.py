"""Rows into a table by thousands: inserted, or put over those that are there."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

BATCH_ROWS = 1000


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, some thousand at a time."""
    for start in range(0, len(rows), 5 * BATCH_ROWS):
        connection.execute(insert(table), list(rows[start : start + 5 * BATCH_ROWS]))


def put_all(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, keep: Collection[str] = ()
) -> None:
    """Insert rows, or set every other column of those that are there but the ones to `keep`."""
    if not rows:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key.columns]
    values = {name: statement.excluded[name] for name in rows[0] if name not in (*keys, *keep)}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), list(rows))
