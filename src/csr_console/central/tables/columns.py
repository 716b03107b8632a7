"""How values are stored: text and integers only, so that SQLite and PostgreSQL hold the same.

Times are ISO 8601 text in UTC of fixed width (`2026-08-30T14:02:00.000000Z`): they sort as text and read as
times in any database shell. Dates are ISO text, ids text, money integer cents, small lists canonical JSON.
"""

import json
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from csr_console.contracts.envelope import canonical

AnyRow: TypeAlias = Any
"""A row whose columns its statement names: SQLAlchemy 2.0 and 2.1 spell the type of a row differently."""


def to_text(moment: datetime) -> str:
    """An aware moment as stored text. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a stored time is aware")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """The aware UTC moment of a stored text."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    return from_text(text) if text else None


def date_or_none(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def to_json(value: Any) -> str:
    """A JSON document as stored text, in its canonical spelling."""
    return canonical(value).decode()


def from_json(text: str) -> Any:
    return json.loads(text)
