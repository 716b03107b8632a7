"""What the desk tells its screens: receipts, the queue, drafts, the state of the workstation."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar
from uuid import UUID

from csr_console.contracts.outcome import Outcome, ProblemDocument, Witness
from csr_console.domain.command import Command
from csr_console.domain.refusals import Fault, Refusal

ItemState = Literal[
    "queued",
    "sending",
    "unconfirmed",
    "applied",
    "held",
    "conflict",
    "refused",
    "expired",
    "discarded",
    "declined",
]
"""`sending`: bytes may be on the wire. `unconfirmed`: they were, but no answer came: done or not."""

WAITING: frozenset[ItemState] = frozenset({"queued", "sending", "unconfirmed"})
"""Central has not answered."""
STOPPED: frozenset[ItemState] = frozenset({"conflict", "refused", "expired"})
"""Central said no: the rest of the lane waits until the clerk fixes or discards it."""
EQUAL_FAULTS = 5
"""On one item in a row: then its lane is parked if others pass, and it holds no danger to life any more."""

NetworkState = Literal["online", "slow", "offline", "manual offline"]

View = TypeVar("View")


class Unreachable(Fault):
    """Central did not answer. `sent` is True when the request may have reached it all the same."""

    def __init__(self, sentence: str, *, sent: bool) -> None:
        super().__init__("unavailable", sentence)
        self.sent = sent


class RetryLater(Fault):
    """Central asks for time: `after_s` seconds, from Retry-After."""

    def __init__(self, sentence: str, after_s: float, *, code: str = "unavailable") -> None:
        super().__init__(code, sentence)
        self.after_s = after_s


class StoreLocked(Refusal):
    """The stores of this workstation cannot be opened, and nothing in them was touched."""

    def __init__(self, sentence: str) -> None:
        super().__init__("store-locked", sentence)


class StoreUnsure(Fault):
    """The disk failed while something was being saved: whether it is on disk is not known."""

    def __init__(self, sentence: str) -> None:
        super().__init__("broken", sentence)

    @property
    def next_step(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Where the stores are, which workstation this is, and the telephone that never needs the network."""

    folder: Path
    station: str
    dispatch_phone: str = ""
    submit_wait_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Viewed(Generic[View]):
    """A view with its age. `pending` counts the commands laid over it; `pending_fields` names what they set;
    `stale` says that central is known to have something newer."""

    view: View
    as_of: datetime
    pending: int
    stale: bool
    pending_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission so far. `seq` is its place in the queue, `answer` the sentence to show."""

    id: UUID
    seq: int
    state: ItemState
    answer: str
    problem: ProblemDocument | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One command of the queue. `about` is the account, premise or report it concerns; `sentence` says what
    is the matter in central's words; `parked` that its lane waits after five equal faults."""

    id: UUID
    seq: int
    kind: str
    title: str
    lane: str
    about: str
    state: ItemState
    entered_at: datetime
    age_s: float
    attempts: int
    actor: str
    sentence: str
    parked: bool
    problem: ProblemDocument | None
    command: Command | None
    outcome: Outcome | None
    expects: dict[str, int] = field(default_factory=dict)
    replaced_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as far as it was filled in; `values` are the raw texts of its fields. It is shown to `login`
    alone, "" when it is not known whose it is."""

    id: UUID
    form: str
    title: str
    account: str | None
    values: dict[str, str]
    saved_at: datetime
    login: str = ""


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """The state of the workstation. `sentence` explains an unusual network; `roster_progress` is rows taken
    of a snapshot under way, or None; `drains` is False while another console of this station does it;
    `trouble` is what is the matter with this machine itself, its disk for one, and what to do."""

    network: NetworkState
    since: datetime | None
    sentence: str
    queued: int
    unconfirmed: int
    held: int
    attention: int
    parked: int
    signed_in: bool
    locked: bool
    drains: bool
    roster_count: int
    roster_progress: int | None
    as_of: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The end of a shift: every command entered is in exactly one state, and both audit heads agree.

    `findings` are sentences about what does not fit; `central_head` is None when central was not reached.
    """

    since: datetime | None
    entered: int
    counts: dict[ItemState, int]
    open: int
    chain_head: str
    witness: Witness | None
    central_head: Witness | None
    findings: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        return self.entered == sum(self.counts.values()) and not self.findings
