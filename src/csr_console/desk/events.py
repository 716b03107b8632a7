"""What happens on the desk in the background, told to the screens as it happens."""

from dataclasses import dataclass
from uuid import UUID

from csr_console.desk.model import DeskStatus, QueueItem


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """The base of every event; events come from background threads."""


@dataclass(frozen=True, slots=True)
class StatusChanged(DeskEvent):
    status: DeskStatus


@dataclass(frozen=True, slots=True)
class AccountChanged(DeskEvent):
    """Something about this account is newer than what was shown."""

    account: str


@dataclass(frozen=True, slots=True)
class OutagesChanged(DeskEvent):
    """The lists of reports, hazards or planned outages changed."""


@dataclass(frozen=True, slots=True)
class OutcomeArrived(DeskEvent):
    item: QueueItem


@dataclass(frozen=True, slots=True)
class HazardAlarm(DeskEvent):
    """A danger to life that nobody has taken; the sentence gives the phone path. Comes again and again."""

    hazard_id: UUID
    sentence: str


@dataclass(frozen=True, slots=True)
class SignedOut(DeskEvent):
    """Central no longer accepts the session: the queue waits until somebody signs in."""


@dataclass(frozen=True, slots=True)
class RosterProgress(DeskEvent):
    """Rows of the snapshot taken so far; `total` is None until the last page has said it."""

    done: int
    total: int | None
