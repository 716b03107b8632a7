"""What was looked at and who came and went: append-only, beside the command log that holds what was done."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from csr_console.central.tables.columns import from_json, from_text, to_json, to_text
from csr_console.central.tables.journal import journal
from csr_console.contracts.views.audit import JournalView
from csr_console.domain.ids import uuid7


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: in which office, who, what, about what; `detail` never holds a secret or a password."""

    office: str
    actor: str
    act: str
    subject: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    station: str = ""


def record(connection: Connection, entry: Entry, now: datetime) -> None:
    """Append a line in the caller's transaction; triggers keep it from being changed or removed."""
    connection.execute(
        insert(journal).values(
            office=entry.office,
            id=str(uuid7(now, os.urandom(10))),
            at=to_text(now),
            actor=entry.actor,
            station=entry.station,
            act=entry.act,
            subject=entry.subject,
            detail=to_json(dict(entry.detail)),
        )
    )


def page(connection: Connection, office: str, before: str | None, limit: int) -> list[JournalView]:
    """The lines of an office, newest first, older than the id `before`."""
    query = select(journal).where(journal.c.office == office)
    if before:
        query = query.where(journal.c.id < before)
    rows = connection.execute(query.order_by(journal.c.id.desc()).limit(limit)).mappings()
    return [
        JournalView(
            id=row["id"],
            at=from_text(row["at"]),
            actor=row["actor"],
            station=row["station"],
            act=row["act"],
            subject=row["subject"],
            detail=from_json(row["detail"]),
        )
        for row in rows
    ]
