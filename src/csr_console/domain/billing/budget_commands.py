"""How a customer joins a budget plan and leaves it."""

from typing import Annotated, ClassVar, Literal, Self

from csr_console.domain.command import AccountCommand, Offline
from csr_console.domain.fields import Choice, Entry, Reason
from csr_console.domain.permissions import Permission


class BudgetStrategy(Choice):
    """How the amount of a budget plan is found and what becomes of the difference."""

    ROLLING_AVERAGE = "rolling_average"
    LEVEL_PAYMENT = "level_payment"
    REVIEW_AT_4_AND_8 = "review_at_4_and_8"
    REVIEW_MAY_NOVEMBER = "review_may_november"


OFFICE_DEFAULT = BudgetStrategy.ROLLING_AVERAGE


class EnrollBudget(AccountCommand):
    """A customer pays a budget amount each month instead of what each bill comes to; bills are posted in
    full as before."""

    kind: Literal["budget.enroll"] = "budget.enroll"
    strategy: Annotated[
        BudgetStrategy,
        Entry("Plan", "How the amount is found: the rolling average is the office's own.", "choice"),
    ] = OFFICE_DEFAULT

    title: ClassVar[str] = "Budget billing"
    permission: ClassVar[Permission] = Permission.BUDGET_ENROLL
    offline: ClassVar[Offline] = Offline.PROVISIONAL

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771")


class LeaveBudget(AccountCommand):
    """A customer leaves their budget plan: the true balance is due."""

    kind: Literal["budget.leave"] = "budget.leave"
    reason: Annotated[Reason, Entry("Reason", "Why the customer leaves: it stays in the audit log.")]

    title: ClassVar[str] = "Leave budget billing"
    permission: ClassVar[Permission] = Permission.BUDGET_LEAVE
    offline: ClassVar[Offline] = Offline.PROVISIONAL

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", reason="Moves in December")
