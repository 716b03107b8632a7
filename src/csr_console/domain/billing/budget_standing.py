"""Where a customer on a budget plan stands: what of the balance is asked for, by when, and what is not yet.

The ledger stays as it is. Of its balance, what a plan has billed and not asked is deferred; the rest is owed,
and payments pay what was asked first, first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from csr_console.domain.billing.budget_months import MonthAsked, variance_of
from csr_console.domain.ledger.opening import FORWARD
from csr_console.domain.ledger.receivables import Ages, Due, Standing, ages

BUDGET = "budget"
"""The service under which a budget amount is owed in a standing; the ledger has no such account."""
GRACE_DAYS = 3
"""Days after a budget amount was due from which it counts as missed."""
_BESIDE = frozenset({FORWARD, "fees", "returned"})
"""Receivables that no bill made: they are asked for in full beside the budget amount."""


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """`open` is what was asked and is not paid, by due date; `ahead_cents` what was paid beyond it,
    `deferred_cents` what was billed and not asked yet (below zero when more was asked). The balance is
    open - ahead + deferred, always."""

    account: str
    balance_cents: int
    open: tuple[Due, ...]
    ahead_cents: int
    deferred_cents: int

    @property
    def due_cents(self) -> int:
        """What is to be paid by the last due date, nothing when it is paid ahead."""
        return sum(due.cents for due in self.open)

    @property
    def due_on(self) -> date | None:
        """The last day by which something is asked."""
        return max((due.due_on for due in self.open), default=None)

    def ages(self, today: date) -> Ages:
        """The balance by days past due of what was asked; what is deferred is current."""
        aged = ages(Standing(self.account, self.open, self.ahead_cents), today)
        return replace(aged, current_cents=aged.current_cents + self.deferred_cents)

    def asked_open_cents(self, due_on: date) -> int:
        """What is open of the budget amount due on a day, never more than is owed in truth."""
        asked = sum(due.cents for due in self.open if due.service == BUDGET and due.due_on == due_on)
        return max(0, min(asked, self.balance_cents))


def on_budget(standing: Standing, months: Sequence[MonthAsked]) -> BudgetStanding:
    """Where a customer stands whose plan has asked for `months`, the oldest first."""
    deferred = variance_of(months)
    owed = standing.balance_cents - deferred
    first = min((month.due_on for month in months), default=date.max)
    asked = [Due(BUDGET, month.due_on, month.asked_cents) for month in months if month.asked_cents > 0]
    beside = [due for due in standing.dues if due.service in _BESIDE or due.due_on < first]
    left, open_ = owed, list[Due]()
    for due in sorted([*asked, *(due for due in beside if due.cents > 0)], key=_newest_first):
        cents = min(due.cents, max(left, 0))
        left -= cents
        if cents:
            open_.append(replace(due, cents=cents))
    if left > 0:
        # Nobody has said by when: with what is due last.
        last = max((due.due_on for due in (*open_, *standing.dues)), default=date.max)
        open_.append(Due("", last, left))
        left = 0
    return BudgetStanding(
        standing.account,
        standing.balance_cents,
        tuple(sorted(open_, key=lambda due: (due.due_on, due.service))),
        -left if left < 0 else 0,
        deferred,
    )


def _newest_first(due: Due) -> tuple[int, str]:
    return -due.due_on.toordinal(), due.service


def after_budget(standing: Standing, months: Sequence[MonthAsked], ended_on: date) -> Standing:
    """Where a customer stands whose plan has ended: what it had deferred is due from that day on, not from
    the due dates of the bills it was billed with."""
    days = {month.due_on for month in months}
    dues = [
        replace(due, due_on=max(due.due_on, ended_on)) if due.due_on in days else due for due in standing.dues
    ]
    return replace(standing, dues=tuple(dues))


def missed_payments(standing: BudgetStanding, today: date) -> int:
    """How many budget amounts are past due by more than the days of grace, and not paid in full."""
    late_before = today - timedelta(days=GRACE_DAYS)
    return sum(due.service == BUDGET and due.due_on < late_before for due in standing.open)


def off_budget(standing: Standing) -> BudgetStanding:
    """Where a customer on no plan stands: all of the balance is asked for as it was billed."""
    return BudgetStanding(
        standing.account, standing.balance_cents, standing.dues, standing.credit_cents, deferred_cents=0
    )
