"""Budget plans over what this workstation knows of an account."""

from uuid import UUID

from csr_console.contracts.views.accounts import AccountView
from csr_console.contracts.views.budget import BudgetPlanView
from csr_console.domain.billing.budget_decide import BudgetEnded, BudgetFacts, BudgetJoined
from csr_console.domain.billing.budget_months import CITATIONS
from csr_console.domain.refusals import Refusal


def active_plan(view: AccountView) -> BudgetPlanView | None:
    """The plan an account is on, None when it is on none or that is not known here."""
    plan = view.budget.plan if view.budget else None
    return plan if plan is not None and plan.state == "active" else None


def budget_facts(view: AccountView) -> BudgetFacts:
    """What a decision reads. Raises `Refusal` not-found where the view is of before there were plans."""
    if view.budget is None:
        raise Refusal("not-found", "What was billed is not known here: refresh the account with F5.")
    plan = active_plan(view)
    return BudgetFacts(
        view.entry.account,
        view.entry.status,
        view.balance.balance_cents,
        view.budget.past_due_cents,
        tuple(view.budget.bills_cents),
        view.budget.of_premise,
        view.arrangement is not None and view.arrangement.state == "active",
        str(plan.plan_id) if plan else None,
        plan.started_on if plan else None,
        plan.deferred_cents if plan else 0,
    )


def lay_over(view: AccountView, change: BudgetJoined | BudgetEnded) -> dict[str, object]:
    """The part of the view that joining or leaving changes."""
    if view.budget is None:
        return {}
    if isinstance(change, BudgetJoined):
        plan = BudgetPlanView(
            plan_id=UUID(change.plan_id),
            strategy=change.strategy.value,
            state="active",
            started_on=change.started_on,
            agreed_by=change.agreed_by,
            amount_cents=change.amount_cents,
            rule=change.rule,
            arithmetic=change.arithmetic,
            citation=CITATIONS[change.strategy],
            due_cents=max(view.balance.balance_cents, 0),
            due_on=view.balance.due_on,
        )
        return {"budget": view.budget.model_copy(update={"plan": plan})}
    held = view.budget.plan
    if held is None or str(held.plan_id) != change.plan_id:
        return {}
    ended = {
        "state": "ended",
        "ended_on": change.ended_on,
        "ended_why": change.why,
        "due_cents": max(view.balance.balance_cents, 0),
        "deferred_cents": 0,
    }
    return {"budget": view.budget.model_copy(update={"plan": held.model_copy(update=ended)})}
