"""A bill: its segments, what it adds to the ledger, and what takes it back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, merged
from csr_console.domain.tariff.segment import RatedLine, RatedSegment

DUE_DAYS = 21
"""A bill is due so many days after it was mailed."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What is asked of an account on a day. `number` is what the customer quotes; a bill that takes the place
    of a cancelled one names it in `replaces`."""

    bill_id: str
    account: str
    number: int
    billed_on: date
    due_on: date
    segments: tuple[RatedSegment, ...]
    replaces: str | None = None

    @property
    def total_cents(self) -> int:
        return sum(segment.total_cents for segment in self.segments)

    @property
    def first_day(self) -> date:
        return min(segment.first_day for segment in self.segments)

    @property
    def last_day(self) -> date:
        return max(segment.last_day for segment in self.segments)


def entry_of(bill: Bill, posted_at: datetime) -> Entry:
    """The entry of a bill: each service is owed by its due date, charges are earned and taxes are owed on.

    Raises `ValueError` for a bill of nothing, which is not posted.
    """
    memo = f"Bill {bill.number}, {bill.first_day} to {bill.last_day}"
    return Entry(
        bill.bill_id,
        EntryKind.BILL,
        bill.account,
        bill.billed_on,
        posted_at,
        memo,
        _postings(bill),
    )


def _postings(bill: Bill) -> tuple[Posting, ...]:
    owed: dict[str, int] = {}
    earned: dict[LedgerAccount, int] = {}
    for segment in bill.segments:
        owed[segment.service] = owed.get(segment.service, 0) + segment.total_cents
        for line in segment.lines:
            ledger = _earned(segment.service, line)
            earned[ledger] = earned.get(ledger, 0) - line.amount_cents
    return (
        *(
            Posting(receivable(bill.account, service), cents, bill.due_on)
            for service, cents in owed.items()
            if cents
        ),
        *(Posting(ledger, cents) for ledger, cents in earned.items() if cents),
    )


@cache
def _tax(component: str) -> LedgerAccount:
    return LedgerAccount(AccountKind.TAX, component)


@cache
def _revenue(service: str, group: str) -> LedgerAccount:
    return LedgerAccount(AccountKind.REVENUE, f"{service}.{group}")


def _earned(service: str, line: RatedLine) -> LedgerAccount:
    return _tax(line.component) if line.kind == "tax" else _revenue(service, line.group)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a corrected bill against the one it replaces; None where it stands on one of them only."""

    service: str
    component: str
    part: str
    label: str
    before_cents: int | None
    after_cents: int | None

    @property
    def change_cents(self) -> int:
        return (self.after_cents or 0) - (self.before_cents or 0)


def differences(before: Bill, after: Bill) -> tuple[Difference, ...]:
    """Every line of either bill whose amount is not the same on both, in the order of the new bill."""
    old, new = _amounts(before), _amounts(after)
    found = []
    for key in dict.fromkeys((*new, *old)):
        was, is_ = old.get(key), new.get(key)
        if (was and was[1]) != (is_ and is_[1]):
            label = (is_ or was or ("", 0))[0]
            found.append(Difference(*key, label, was[1] if was else None, is_[1] if is_ else None))
    return tuple(found)


def shown_differences(before: Bill, after: Bill) -> list[dict[str, Any]]:
    """The differences as JSON: service, label, cents before and after, None where there is no such line."""
    return [
        {
            "service": one.service,
            "label": one.label,
            "before_cents": one.before_cents,
            "after_cents": one.after_cents,
        }
        for one in differences(before, after)
    ]


def adjustment_of(
    before: Bill, after: Bill, entry_id: str, effective_on: date, posted_at: datetime, memo: str
) -> Entry:
    """The entry that brings a bill that stands to other amounts, line by line, at its own due date.

    Raises `ValueError` when they are the same.
    """
    taken = (replace(posting, cents=-posting.cents) for posting in _postings(before))
    moved = merged((*_postings(after), *taken))
    return Entry(entry_id, EntryKind.ADJUSTMENT, before.account, effective_on, posted_at, memo, moved)


def _amounts(bill: Bill) -> dict[tuple[str, str, str], tuple[str, int]]:
    amounts: dict[tuple[str, str, str], tuple[str, int]] = {}
    for segment in bill.segments:
        for line in segment.lines:
            key = (segment.service, line.component, line.part)
            amounts[key] = (line.label, amounts.get(key, ("", 0))[1] + line.amount_cents)
    return amounts
