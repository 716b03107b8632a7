"""Bills taken back and billed again, and what that does to what the customer owes and when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.estimates import months_before
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.run import Metered
from csr_console.domain.ledger.accounts import receivable
from csr_console.domain.ledger.entry import Entry, Posting, merged
from csr_console.domain.ledger.receivables import Standing, ages, settlement, standing_after
from csr_console.domain.money import allocate

DAYS_BETWEEN = 30
"""Between two parts of what may be repaid over the months of an error."""


@dataclass(frozen=True, slots=True)
class BillFacts:
    """A bill as it was rated. `posted` is its entry in the ledger, `late_charge` that of being past due,
    `metered` the meters of its services with the reads of its period, `later` the numbers of standing bills
    beside the correction that go on from its reads, `budget_cents` what it asked under a budget plan."""

    bill: Bill
    rated: tuple[Rated, ...]
    cancelled: bool
    posted: Entry
    metered: Mapping[str, Metered]
    later: tuple[int, ...] = ()
    late_charge: Entry | None = None
    budget_cents: int | None = None

    @property
    def late_cents(self) -> int:
        return sum(one.cents for one in self.late_charge.postings if one.due_on) if self.late_charge else 0


@dataclass(frozen=True, slots=True)
class Rebilled:
    """A bill taken back; `replacement` takes its place, None when the next run bills its period again.
    `rated` is what each segment of the replacement was rated on."""

    facts: BillFacts
    replacement: Bill | None = None
    rated: tuple[Rated, ...] = ()

    @property
    def before(self) -> Bill:
        return self.facts.bill

    @property
    def after(self) -> Bill:
        """What stands of it; a bill of nothing where the next run bills the period."""
        return self.replacement or replace(self.facts.bill, segments=())

    @property
    def change_cents(self) -> int:
        return self.after.total_cents - self.before.total_cents


@dataclass(frozen=True, slots=True)
class Effect:
    """What a correction does beside the bills: `spread` moves parts of what is asked more to later due dates,
    `parts` is what is due when; `refund_cents` becomes credit that nothing owed uses up."""

    spread: tuple[Posting, ...]
    parts: tuple[tuple[date, int], ...]
    refund_cents: int
    overdue_before_cents: int
    overdue_after_cents: int


def effect_of(
    rebilled: Sequence[Rebilled], standing: Standing, now: datetime, *, repaid_in_parts: bool
) -> Effect:
    """The effect on a standing as of a moment; with `repaid_in_parts` what is asked more may be repaid over
    as many months as the error lasted (BIL-04)."""
    today = now.date()
    shares = _shares(rebilled) if repaid_in_parts else {}
    spread, parts = _in_parts(rebilled, shares)
    taken = [
        replace(posting, cents=-posting.cents)
        for one in rebilled
        for entry in (one.facts.posted, one.facts.late_charge)
        if entry is not None
        for posting in entry.postings
    ]
    added = [
        posting
        for one in rebilled
        if one.replacement is not None
        for posting in entry_of(one.replacement, now).postings
    ]
    after = standing_after(standing, (*taken, *added, *spread))
    settled = standing_after(after, settlement(after, today))
    return Effect(
        spread,
        parts,
        max(0, settled.credit_cents - standing.credit_cents),
        ages(standing, today).overdue_cents,
        ages(settled, today).overdue_cents,
    )


def months_of(rebilled: Sequence[Rebilled]) -> int:
    """How many months the bills are about, from the first read to the last; a part of one counts whole."""
    last = max(one.before.last_day for one in rebilled)
    first = min(one.before.first_day for one in rebilled) - timedelta(days=1)
    months = 1
    while months_before(last, months) > first:
        months += 1
    return months


def _shares(rebilled: Sequence[Rebilled]) -> dict[tuple[date, str], int]:
    """What is asked more in all, by due date and service of the bills that ask for it."""
    net = sum(one.change_cents for one in rebilled)
    more: Counter[tuple[date, str]] = Counter()
    for one in rebilled:
        if one.change_cents > 0 and one.replacement is not None:
            was = {segment.service: segment.total_cents for segment in one.before.segments}
            for segment in one.replacement.segments:
                extra = segment.total_cents - was.get(segment.service, 0)
                if extra > 0:
                    more[one.replacement.due_on, segment.service] += extra
    if net <= 0:
        return {}
    return dict(zip(more, allocate(net, list(more.values())), strict=True))


def _in_parts(
    rebilled: Sequence[Rebilled], shares: Mapping[tuple[date, str], int]
) -> tuple[tuple[Posting, ...], tuple[tuple[date, int], ...]]:
    """The postings that move the later parts to their days, and what of the shares is due when."""
    count = months_of(rebilled)
    account = rebilled[0].before.account
    postings: list[Posting] = []
    due: Counter[date] = Counter()
    for (due_on, service), share in shares.items():
        for number, cents in enumerate(allocate(share, [1] * count)):
            on = due_on + timedelta(days=DAYS_BETWEEN * number)
            due[on] += cents
            if number and cents:
                postings.append(Posting(receivable(account, service), cents, on))
                postings.append(Posting(receivable(account, service), -cents, due_on))
    return merged(postings), tuple(sorted((on, cents) for on, cents in due.items() if cents))
