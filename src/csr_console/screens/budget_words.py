"""How a budget plan is said: what is due beside what is owed in truth, and why it is what it is."""

from __future__ import annotations

from datetime import date

from textual.content import Content

from csr_console.contracts.views.accounts import BalanceView
from csr_console.contracts.views.bills import BillingView
from csr_console.contracts.views.budget import BudgetBillView, BudgetPlanView, BudgetView
from csr_console.domain.text import clean_line
from csr_console.screens.figures import plain, signed
from csr_console.screens.format import day, money, near_day, words

DIM, WARN = "$tone-dim", "$tone-warn"


def plan_in_force(budget: BudgetView | None) -> BudgetPlanView | None:
    """The plan an account is on, None when it is on none."""
    plan = budget.plan if budget else None
    return plan if plan is not None and plan.state == "active" else None


def owed(plan: BudgetPlanView, view: BillingView) -> list[str | tuple[str, str]]:
    """`Budget due $142.00 by Dec 8 · true balance $187.31`, with what is overdue of what was asked."""
    parts: list[str | tuple[str, str]] = [("Budget due ", DIM), (money(plan.due_cents), "bold")]
    parts.append((_by(plan, view.on), DIM))
    if view.overdue_cents > 0:
        parts.append((f" · ! {money(view.overdue_cents)} overdue", WARN))
    return [*parts, (" · true balance ", DIM), (money(view.balance_cents), "bold")]


def _by(plan: BudgetPlanView, today: date) -> str:
    return f" by {near_day(plan.due_on, today)}" if plan.due_on and plan.due_cents else ""


def panel_line(plan: BudgetPlanView, held: BalanceView) -> Content:
    """Both amounts in the width of the money panel."""
    return Content.assemble(
        ("Budget ", DIM), (money(plan.due_cents), "bold"), (" · true ", DIM), money(held.balance_cents)
    )


def why_asked(asked: BudgetBillView, total_cents: int) -> tuple[tuple[str, str], ...]:
    """What a bill asked under a plan and why, in labelled lines."""
    left = asked.deferred_cents
    rest = "was billed and not asked yet" if left >= 0 else "was asked beyond what was billed"
    lines = [
        ("Plan", f"{words(asked.strategy)}, month {asked.plan_month}"),
        ("Rule", asked.rule),
        ("Source", asked.citation),
        ("Sum", f"{asked.arithmetic} = {signed(asked.asked_cents).lstrip('+')}"),
        ("Beside", f"this bill {plain(total_cents)}, true balance then {money(asked.balance_cents)}"),
        ("Rest", f"{plain(left)} {rest}"),
    ]
    if asked.notice:
        lines.append(("Changed", asked.notice))
    return tuple(lines)


def plan_lines(plan: BudgetPlanView) -> list[Content]:
    """The plan an account is on, for whoever asks why its amount is what it is."""
    month = f", month {plan.plan_month}" if plan.plan_month else ", from the next bill on"
    next_about = "about " if plan.strategy == "rolling_average" else ""
    left = plan.deferred_cents
    rest = "billed and not asked yet" if left >= 0 else "asked beyond what was billed"
    due_by = f" by {day(plan.due_on)}" if plan.due_on else ""
    amount = f"{next_about}{plain(plan.amount_cents)} = {clean_line(plan.arithmetic, limit=300)}"
    said = [
        f"On a plan since {day(plan.started_on)}: {words(plan.strategy)}{month}.",
        f"Next: {amount} ({clean_line(plan.rule)}).",
        f"Due: {money(plan.due_cents)}{due_by}; {plain(left)} {rest}.",
        f"Source: {clean_line(plan.citation, limit=300)}.",
    ]
    if plan.notice:
        said.append(clean_line(plan.notice, limit=300))
    missed = [Content.styled(f"! {plan.missed} missed: two end the plan.", WARN)] if plan.missed else []
    return [*(Content(line) for line in said), *missed]
