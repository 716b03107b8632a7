"""Entries: postings that sum to zero, and the entry that takes another back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount


class EntryKind(StrEnum):
    """What an entry records."""

    OPENING = "opening"
    BILL = "bill"
    PAYMENT = "payment"
    LATE_CHARGE = "late_charge"
    RETURNED_ITEM = "returned_item"
    ADJUSTMENT = "adjustment"
    APPLICATION = "application"
    """Credit of the customer's own moved to what they owe, or back."""
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Posting:
    """`cents` is a debit when positive and a credit when negative; a receivable has the day it is due."""

    ledger: LedgerAccount
    cents: int
    due_on: date | None = None

    def __post_init__(self) -> None:
        if (self.due_on is not None) != (self.ledger.kind is AccountKind.RECEIVABLE):
            raise ValueError(f"{self.ledger.name}: a receivable has a due date, and nothing else has")


@dataclass(frozen=True, slots=True)
class Entry:
    """One financial event. `effective_on` is the day it counts for, `posted_at` (aware) the moment it was
    written; `account` is the customer's, if it is about one; `reverses` the entry it takes back.

    Raises `ValueError` unless there are postings, none of nothing, that sum to zero.
    """

    entry_id: str
    kind: EntryKind
    account: str
    effective_on: date
    posted_at: datetime
    memo: str
    postings: tuple[Posting, ...]
    reverses: str | None = None

    def __post_init__(self) -> None:
        if not self.postings or any(posting.cents == 0 for posting in self.postings):
            raise ValueError("an entry has postings, and each moves something")
        if off := sum(posting.cents for posting in self.postings):
            raise ValueError(f"the postings of an entry sum to zero, not to {off}")
        if (self.kind is EntryKind.REVERSAL) != (self.reverses is not None):
            raise ValueError("a reversal names what it reverses, and nothing else does")


def merged(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """One posting for each ledger account and due date, in the order met; what cancels is left out."""
    totals: dict[tuple[LedgerAccount, date | None], int] = {}
    for posting in postings:
        key = (posting.ledger, posting.due_on)
        totals[key] = totals.get(key, 0) + posting.cents
    return tuple(Posting(ledger, cents, due_on) for (ledger, due_on), cents in totals.items() if cents)


def reversal(entry: Entry, entry_id: str, posted_at: datetime, memo: str) -> Entry:
    """The entry that takes `entry` back: the same postings the other way, effective on the same day.

    A closed period is not written into: `posted_at` tells when it was done. Raises `ValueError` for a
    reversal, which is not reversed: what it took back is entered again.
    """
    if entry.kind is EntryKind.REVERSAL:
        raise ValueError("a reversal is not reversed: enter again what it took back")
    return Entry(
        entry_id,
        EntryKind.REVERSAL,
        entry.account,
        entry.effective_on,
        posted_at,
        memo,
        tuple(replace(posting, cents=-posting.cents) for posting in entry.postings),
        reverses=entry.entry_id,
    )
