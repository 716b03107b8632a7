"""Commands that wait for a second person."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertDocument, InertLine, InertText


class HeldView(BaseModel):
    """A held command as its approver sees it; `digest` is what the approval signs, `shown` what central said
    beside its sentence when it was held, as the lines of a bill before and after. `amount_cents` is what it
    moves where that has a limit, `linked_cents` what was approved for the account in the days before, and
    `why_not` why whoever asks may not say yes to it, empty when they may."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: InertLine
    digest: InertLine
    command: InertDocument
    actor: InertLine
    station: InertLine
    issued_at: AwareDatetime
    held_at: AwareDatetime
    policy: InertLine
    sentence: InertText
    shown: InertDocument = {}
    amount_cents: int | None = None
    linked_cents: int = 0
    expires_at: AwareDatetime | None = None
    why_not: InertText = ""


class HeldList(BaseModel):
    """A page of held commands, oldest first; `next` is an opaque cursor or None."""

    model_config = ConfigDict(frozen=True)

    items: list[HeldView]
    next: str | None
