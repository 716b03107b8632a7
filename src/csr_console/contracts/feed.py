"""The change feed and the snapshot it starts from.

`seq` is gapless per office: a head row is raised inside each writing transaction, last. A desk that
is too far behind, or that has never been there, gets 410 and takes a snapshot; the changes after `seq` of its
first page bring it up to date.
"""

import hashlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from csr_console.contracts.envelope import canonical

Entity = Literal["account", "report", "hazard", "planned"]
MAX_CHANGES = 500


class ChangeRow(BaseModel):
    """One change: the whole new state of an entity, or its tombstone (`op` delete, no body).

    Bodies: account -> `views.accounts.RosterEntry`, report -> `views.outages.ReportView`,
    hazard -> `views.outages.HazardView`, planned -> `views.outages.PlannedView`.
    """

    model_config = ConfigDict(frozen=True)

    seq: int
    entity: Entity
    key: str
    op: Literal["upsert", "delete"]
    body: dict[str, Any] | None = None


class Changes(BaseModel):
    """The rows after `after`, oldest first; `head` is the newest there is, `more` that another page waits."""

    model_config = ConfigDict(frozen=True)

    office: str
    items: list[ChangeRow]
    head: int
    more: bool


class SnapshotPage(BaseModel):
    """A page of the snapshot. `seq` is the feed position of the first page and travels in the cursor with the
    count and the running hash; the last page (`next` None) states the count and hash over all pages."""

    model_config = ConfigDict(frozen=True)

    office: str
    seq: int
    items: list[ChangeRow]
    next: str | None
    count: int
    hash: str


def chained(previous: str, items: list[ChangeRow]) -> str:
    """The running hash over the pages: SHA-256 of the hash so far and the canonical rows."""
    rows = canonical([item.model_dump(mode="json", exclude_none=True) for item in items])
    return hashlib.sha256(previous.encode() + rows).hexdigest()
