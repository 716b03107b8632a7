"""Commands that wait for a second person."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class HeldView(BaseModel):
    """A held command as its approver sees it; `digest` is what the approval signs."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    digest: str
    command: dict[str, Any]
    actor: str
    station: str
    issued_at: AwareDatetime
    held_at: AwareDatetime
    policy: str
    sentence: str


class HeldList(BaseModel):
    """A page of held commands, oldest first; `next` is an opaque cursor or None."""

    model_config = ConfigDict(frozen=True)

    items: list[HeldView]
    next: str | None
