"""Balances brought forward from the system before, as the first entries of the ledger."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, credit, receivable
from csr_console.domain.ledger.entry import Posting, merged

FORWARD = "forward"
"""The service of charges whose own service the old system did not tell."""
_DAYS_PAST: Mapping[str, int] = MappingProxyType(
    {"age_0_30_cents": 0, "age_31_60_cents": 31, "age_61_90_cents": 61, "age_over_90_cents": 91}
)


def opening_postings(
    account: str, ages: Mapping[str, int], balance_on: date, due_on: date | None
) -> tuple[Posting, ...]:
    """The postings of a balance forward by its ages, empty for one of nothing.

    `ages` are the cents of `age_0_30_cents`, `age_31_60_cents`, `age_61_90_cents`, `age_over_90_cents`; an
    age falls due so that it is that old on `balance_on`, and what is not a month old on `due_on`. An age
    below zero is credit.
    """
    month_ago = balance_on - timedelta(days=30)
    newest = max(due_on, month_ago) if due_on else balance_on
    postings = []
    for name, days in _DAYS_PAST.items():
        cents = ages[name]
        day = balance_on - timedelta(days=days) if days else newest
        if cents > 0:
            postings.append(Posting(receivable(account, FORWARD), cents, day))
        elif cents < 0:
            postings.append(Posting(credit(account), cents))
    other = Posting(LedgerAccount(AccountKind.OPENING), -sum(posting.cents for posting in postings))
    return merged((*postings, other))
