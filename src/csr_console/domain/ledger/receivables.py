"""What a customer owes: which charge a payment pays, what is overdue for how long, what credit does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from csr_console.domain.ledger.accounts import credit, receivable
from csr_console.domain.ledger.entry import Posting, merged


@dataclass(frozen=True, slots=True)
class Due:
    """What is open of one service and due date; negative when more was taken back than was owed."""

    service: str
    due_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands: what is open, and credit that no charge has used (`credit_cents` >= 0 in a
    settled standing)."""

    account: str
    dues: tuple[Due, ...] = ()
    credit_cents: int = 0

    @property
    def balance_cents(self) -> int:
        """What the customer owes, negative when the city owes them."""
        return sum(due.cents for due in self.dues) - self.credit_cents


@dataclass(frozen=True, slots=True)
class Ages:
    """A balance by days past due. `current_cents` is not overdue and holds the credit; all sum to it."""

    current_cents: int = 0
    past_1_30_cents: int = 0
    past_31_60_cents: int = 0
    past_61_90_cents: int = 0
    past_over_90_cents: int = 0

    @property
    def overdue_cents(self) -> int:
        return self.past_1_30_cents + self.past_31_60_cents + self.past_61_90_cents + self.past_over_90_cents


_BOUNDS = ((0, "current_cents"), (30, "past_1_30_cents"), (60, "past_31_60_cents"), (90, "past_61_90_cents"))


def ages(standing: Standing, today: date) -> Ages:
    """The balance by the days each charge is past due on `today`."""
    cents = {"current_cents": -standing.credit_cents}
    for due in standing.dues:
        days = (today - due.due_on).days
        bucket = next((name for bound, name in _BOUNDS if days <= bound), "past_over_90_cents")
        cents[bucket] = cents.get(bucket, 0) + due.cents
    return Ages(**cents)


def _oldest_first(dues: Iterable[Due], order: Sequence[str]) -> list[Due]:
    """By due date, then by `order` of the services, which those it does not name follow."""
    rank = {service: position for position, service in enumerate(order)}
    return sorted(dues, key=lambda due: (due.due_on, rank.get(due.service, len(rank)), due.service))


def spread(standing: Standing, cents: int, order: Sequence[str] = ()) -> tuple[Posting, ...]:
    """The credit side of money received: it pays the oldest charges first, and what is left is credit.

    Raises `ValueError` unless `cents` is positive.
    """
    if cents <= 0:
        raise ValueError("money received is more than nothing")
    postings, left = [], cents
    for due in _oldest_first((due for due in standing.dues if due.cents > 0), order):
        paid = min(due.cents, left)
        if paid:
            postings.append(Posting(receivable(standing.account, due.service), -paid, due.due_on))
        left -= paid
    if left:
        postings.append(Posting(credit(standing.account), -left))
    return tuple(postings)


def settlement(standing: Standing, today: date, order: Sequence[str] = ()) -> tuple[Posting, ...]:
    """What brings a standing in order, empty when it is: a charge below zero becomes credit, credit pays the
    oldest charges, and credit that was used before its payment was taken back is owed again from `today`.
    """
    postings: list[Posting] = []
    available = standing.credit_cents
    for due in standing.dues:
        if due.cents < 0:
            postings.append(Posting(receivable(standing.account, due.service), -due.cents, due.due_on))
            available -= due.cents
    if available < 0:
        postings.append(Posting(receivable(standing.account, "returned"), -available, today))
        available = 0
    for due in _oldest_first((due for due in standing.dues if due.cents > 0), order):
        used = min(due.cents, available)
        if used:
            postings.append(Posting(receivable(standing.account, due.service), -used, due.due_on))
        available -= used
    change = standing.credit_cents - available
    if change:
        postings.append(Posting(credit(standing.account), change))
    return merged(postings)


def standing_after(standing: Standing, postings: Iterable[Posting]) -> Standing:
    """Where the customer stands once the postings are made; those of others are left aside."""
    open_cents = {(due.service, due.due_on): due.cents for due in standing.dues}
    credit_cents = standing.credit_cents
    for posting in postings:
        if posting.ledger.account != standing.account:
            continue
        if posting.due_on is not None:
            key = (posting.ledger.code, posting.due_on)
            open_cents[key] = open_cents.get(key, 0) + posting.cents
        elif posting.ledger == credit(standing.account):
            credit_cents -= posting.cents
    dues = tuple(Due(service, due_on, cents) for (service, due_on), cents in open_cents.items() if cents)
    return Standing(standing.account, dues, credit_cents)
