"""What an auditor reads: the command log and the journal of looks, sign-ins and imports."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class AuditView(_View):
    """One row of the command log with all that its hash covers; `body` is the submission as it was sealed,
    `outcome` what it came to."""

    office: str
    seq: int
    id: UUID
    kind: str
    actor: str
    station: str
    counter: int
    session: UUID
    issued_at: AwareDatetime
    applied_at: AwareDatetime
    digest: str
    body: dict[str, Any]
    state: str
    outcome: dict[str, Any]
    prev_hash: str
    hash: str


class AuditList(_View):
    """A page of the command log, oldest first; `next` is an opaque cursor or None."""

    items: list[AuditView]
    next: str | None


class JournalView(_View):
    """One line of the journal; `act` is the word of what was done, `subject` what it was about."""

    id: UUID
    at: AwareDatetime
    actor: str
    station: str
    act: str
    subject: str
    detail: dict[str, Any]


class JournalList(_View):
    """A page of the journal, newest first; `next` is an opaque cursor or None."""

    items: list[JournalView]
    next: str | None
