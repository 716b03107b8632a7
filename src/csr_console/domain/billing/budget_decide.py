"""Decisions about budget plans: pure, the same at central and on the desk."""

from dataclasses import dataclass
from datetime import date

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.budget import refuse_to_join
from csr_console.domain.billing.budget_commands import BudgetStrategy, EnrollBudget, LeaveBudget
from csr_console.domain.billing.budget_months import first_amount
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Refusal

LEAST_BILLS = 3
"""With fewer bills of its own an account's amount is reckoned from those of its premise."""
LEVEL_ENROLLMENT = (4, 5)
"""The months in which a level plan is joined (GVEA)."""
_RULE = "budget plan policy"


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """What is known of an account that would join or leave. `bills_cents` are up to twelve bills, the newest
    first, of its premise where `of_premise`; the plan is the one it is on, None when on none, and
    `deferred_cents` what that billed and did not ask yet."""

    account: str
    status: str
    balance_cents: int
    past_due_cents: int
    bills_cents: tuple[int, ...] = ()
    of_premise: bool = False
    arranged: bool = False
    plan_id: str | None = None
    started_on: date | None = None
    deferred_cents: int = 0


@dataclass(frozen=True, slots=True)
class BudgetJoined(Change):
    """A budget plan from the next bill on; `plan_id` is the id of the command."""

    account: str
    plan_id: str
    strategy: BudgetStrategy
    amount_cents: int
    rule: str
    arithmetic: str
    started_on: date
    agreed_by: str


@dataclass(frozen=True, slots=True)
class BudgetEnded(Change):
    """The end of a plan: what it deferred is due from that day on."""

    account: str
    plan_id: str
    ended_on: date
    ended_by: str
    why: str


def decide_enroll_budget(command: EnrollBudget, facts: BudgetFacts, context: Context) -> Plan:
    """Raises `Refusal` account-closed or not-eligible, in the words for the customer."""
    today = context.now.date()
    _refuse_to_enroll(command.strategy, facts, today)
    amount = first_amount(command.strategy, facts.bills_cents)
    joined = BudgetJoined(
        facts.account,
        context.command_id,
        command.strategy,
        amount.amount_cents,
        amount.rule,
        amount.arithmetic,
        today,
        context.actor.login,
    )
    about = "about " if command.strategy is BudgetStrategy.ROLLING_AVERAGE else ""
    source = ", bills of the premise" if facts.of_premise else ""
    said = f"{about}${dollars_text(amount.amount_cents)} a month ({amount.arithmetic}{source}; {amount.rule})"
    open_now = (
        f" What is open now, ${dollars_text(facts.balance_cents)}, is due as billed."
        if facts.balance_cents > 0
        else ""
    )
    return Plan(
        f"Budget billing from the next bill on: {said}.{open_now}",
        (joined, _entry(facts.account, f"Joined budget billing, {command.strategy.label}: {said}.", context)),
    )


def _refuse_to_enroll(strategy: BudgetStrategy, facts: BudgetFacts, today: date) -> None:
    if facts.status != "active":
        raise Refusal("account-closed", f"Account {facts.account} is {facts.status}.")
    if facts.plan_id is not None:
        since = f" since {facts.started_on}" if facts.started_on else ""
        raise Refusal("not-eligible", f"The account is on a budget plan already{since}.", rule=_RULE)
    refuse_to_join(facts.past_due_cents)
    if facts.arranged:
        raise Refusal(
            "not-eligible",
            "There is a payment arrangement: a budget plan begins when it is kept.",
            rule=_RULE,
        )
    if not facts.bills_cents:
        raise Refusal(
            "not-eligible",
            "Neither the account nor its premise has a bill of the last year: join after the first bill.",
            rule=_RULE,
        )
    if strategy is BudgetStrategy.LEVEL_PAYMENT and today.month not in LEVEL_ENROLLMENT:
        raise Refusal("not-eligible", "A level plan is joined in April and May only (GVEA).", rule=_RULE)


def decide_leave_budget(command: LeaveBudget, facts: BudgetFacts, context: Context) -> Plan:
    """Raises `Refusal` nothing-changed for an account that is on no plan."""
    if facts.plan_id is None:
        raise Refusal("nothing-changed", f"Account {facts.account} is on no budget plan.")
    today = context.now.date()
    ended = BudgetEnded(facts.account, facts.plan_id, today, context.actor.login, command.reason)
    said = true_balance_due(facts.balance_cents, facts.deferred_cents)
    return Plan(
        f"Budget billing has ended: {said}",
        (ended, _entry(facts.account, f"Left budget billing ({command.reason}): {said}", context)),
    )


def true_balance_due(balance_cents: int, deferred_cents: int) -> str:
    """What a plan that ends leaves to be paid, as a sentence."""
    if balance_cents <= 0:
        return f"nothing is owed, ${dollars_text(-balance_cents)} stays as credit."
    if deferred_cents > 0:
        rest = f"${dollars_text(deferred_cents)} of it was billed and not asked for until now"
    elif deferred_cents < 0:
        rest = f"${dollars_text(-deferred_cents)} less than the budget amounts asked"
    else:
        rest = "as the budget amounts asked"
    return f"the true balance of ${dollars_text(balance_cents)} is due, {rest}."


def _entry(account: str, text: str, context: Context) -> EntryAdded:
    return EntryAdded(account, context.command_id, "billing", context.happened_at, context.actor.login, text)
