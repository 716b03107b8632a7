"""Budget plans joined and left."""

from sqlalchemy import Connection

from csr_console.central import ledger
from csr_console.central.applying import Applying
from csr_console.central.budget_run import end_plan
from csr_console.central.handlers.accounts import get_account
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.arrangements import arrangement_view
from csr_console.central.reads.budget import basis_of, plan_of, standing_by
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import budget_plan
from csr_console.domain.billing.budget_commands import EnrollBudget, LeaveBudget
from csr_console.domain.billing.budget_decide import (
    BudgetEnded,
    BudgetFacts,
    BudgetJoined,
    decide_enroll_budget,
    decide_leave_budget,
)

_NEW_PLAN = Statement(budget_plan.insert())


def _facts(applying: Applying, command: EnrollBudget | LeaveBudget) -> BudgetFacts:
    row = get_account(applying, command.account)
    connection, office, today = applying.connection, applying.office, applying.context.now.date()
    plan = plan_of(connection, office, row.account)
    stands = standing_by(plan, ledger.standings(connection, office, [row.account])[row.account])
    bills, of_premise = basis_of(connection, office, row.account, today)
    arranged = arrangement_view(connection, office, row.account, today)
    active = plan if plan and plan.active else None
    return BudgetFacts(
        row.account,
        row.status,
        stands.balance_cents,
        stands.ages(today).overdue_cents,
        tuple(bills),
        of_premise,
        arranged is not None and arranged.state == "active",
        active.plan_id if active else None,
        active.started_on if active else None,
        stands.deferred_cents,
    )


def put_plan(connection: Connection, office: str, joined: BudgetJoined) -> None:
    """Keep a plan as it was decided."""
    connection.execute(
        _NEW_PLAN,
        {
            "office": office,
            "plan_id": joined.plan_id,
            "account": joined.account,
            "strategy": joined.strategy.value,
            "amount_cents": joined.amount_cents,
            "rule": joined.rule,
            "arithmetic": joined.arithmetic,
            "started_on": joined.started_on.isoformat(),
            "agreed_by": joined.agreed_by,
        },
    )


def _write_joined(applying: Applying, change: BudgetJoined) -> None:
    put_plan(applying.connection, applying.office, change)
    applying.result["budget_cents"] = change.amount_cents
    applying.touch("account", change.account)


def _write_ended(applying: Applying, change: BudgetEnded) -> None:
    on = change.ended_on.isoformat()
    end_plan(applying.connection, applying.office, change.plan_id, on, change.ended_by, change.why)
    applying.touch("account", change.account)


HANDLERS: Handlers = {
    "budget.enroll": Handler(_facts, decide_enroll_budget),
    "budget.leave": Handler(_facts, decide_leave_budget),
}
WRITES: Writes = {BudgetJoined: _write_joined, BudgetEnded: _write_ended}
