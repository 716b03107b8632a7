"""What the bills of a run ask of customers on a budget plan; a plan whose payments are missed ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, select, update

from csr_console.central.reads.budget import HeldPlan, plans_of, years_of
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account, timeline
from csr_console.central.tables.billing import budget_bill, budget_plan
from csr_console.central.tables.columns import to_text
from csr_console.domain.billing.bill import Bill
from csr_console.domain.billing.budget import is_removed
from csr_console.domain.billing.budget_decide import true_balance_due
from csr_console.domain.billing.budget_months import MonthDue, ask_month, variance_of
from csr_console.domain.billing.budget_standing import missed_payments, on_budget
from csr_console.domain.ledger.receivables import Standing
from csr_console.domain.money import dollars_text

BY = "bill run"
"""Who ends a plan and writes on the timeline where no clerk does."""
_CLOSED = select(account.c.account).where(
    account.c.office == bindparam("office"),
    account.c.account.in_(bindparam("accounts", expanding=True)),
    account.c.status == "final",
)
_NEW = Statement(budget_bill.insert())
_OLD = Statement(
    select(budget_bill).where(
        budget_bill.c.office == bindparam("office"), budget_bill.c.bill_id == bindparam("bill_id")
    )
)
_ENTRY = Statement(timeline.insert())
_END = Statement(
    update(budget_plan)
    .where(budget_plan.c.office == bindparam("in_office"), budget_plan.c.plan_id == bindparam("of_plan"))
    .values(ended_on=bindparam("on"), ended_by=bindparam("by"), ended_why=bindparam("why"))
)


def end_plan(connection: Connection, office: str, plan_id: str, on: str, by: str, why: str) -> None:
    """A plan ends on a day: what it deferred is due from then on."""
    connection.execute(_END, {"in_office": office, "of_plan": plan_id, "on": on, "by": by, "why": why})


def ask_by_budget(
    connection: Connection,
    office: str,
    bills: Sequence[Bill],
    before: Mapping[str, Standing],
    after: Mapping[str, Standing],
    now: datetime,
) -> None:
    """Keep what each bill of a customer on a plan asks. The bills are written; `before` and `after` are where
    the customers stood without and with them.

    Two budget amounts that were missed, or a service that has ended, end the plan instead, and the bill asks
    for itself.
    """
    plans = plans_of(connection, office, [one.account for one in bills])
    billed = [
        one
        for one in bills
        if (plan := plans.get(one.account)) and plan.active and plan.started_on <= one.billed_on
    ]
    if not billed:
        return
    years = years_of(connection, office, list(plans), max(one.billed_on for one in billed))
    closed = set(connection.execute(_CLOSED, {"office": office, "accounts": list(plans)}).scalars())
    for one in billed:
        plan = plans[one.account]
        missed = missed_payments(on_budget(before[one.account], plan.months), one.billed_on)
        if one.account in closed:
            why = "the service has ended"
        elif is_removed(missed):
            why = f"{missed} budget amounts were missed"
        else:
            due = ask_month(plan.strategy, plan.first, plan.months, years[one.account], one.billed_on)
            _keep(connection, office, one, plan, due, after[one.account])
            if due.notice:
                _tell(connection, office, one, f"{due.notice} Bill {one.number}.", now)
            continue
        end_plan(connection, office, plan.plan_id, one.billed_on.isoformat(), BY, why)
        owed = after[one.account].balance_cents
        deferred = variance_of(plan.months)
        said = f"Budget billing has ended, {why}: {true_balance_due(owed, deferred)}"
        _tell(connection, office, one, f"{said} Bill {one.number} is due in full.", now)


def _keep(
    connection: Connection, office: str, one: Bill, plan: HeldPlan, due: MonthDue, standing: Standing
) -> None:
    row = {
        "office": office,
        "bill_id": one.bill_id,
        "plan_id": plan.plan_id,
        "plan_month": due.plan_month,
        "asked_cents": due.asked.amount_cents,
        "rule": due.asked.rule,
        "arithmetic": due.asked.arithmetic,
        "next_cents": due.coming.amount_cents,
        "next_rule": due.coming.rule,
        "next_arithmetic": due.coming.arithmetic,
        "variance_cents": due.variance_cents,
        "balance_cents": standing.balance_cents,
        "notice": due.notice,
    }
    connection.execute(_NEW, row)


def _tell(connection: Connection, office: str, one: Bill, text: str, now: datetime) -> None:
    row = {
        "office": office,
        "entry_id": str(uuid5(UUID(one.bill_id), "budget")),
        "account": one.account,
        "kind": "billing",
        "at": to_text(now),
        "actor": BY,
        "text": text,
    }
    connection.execute(_ENTRY, row)


def ask_again(connection: Connection, office: str, cancelled: Bill, replacement: Bill | None) -> None:
    """The bill in the place of one of a plan asks what that one asked; the plan takes up the difference.
    Without one, the run that bills the period again asks."""
    if replacement is None:
        return
    row = connection.execute(_OLD, {"office": office, "bill_id": cancelled.bill_id}).one_or_none()
    if row is None:
        return
    change = replacement.total_cents - cancelled.total_cents
    text = f"{row.arithmetic}, as bill {cancelled.number} asked; {dollars_text(change)} to the variance"
    connection.execute(
        _NEW,
        {
            **row._mapping,
            "bill_id": replacement.bill_id,
            "arithmetic": text,
            "variance_cents": row.variance_cents + change,
            "balance_cents": row.balance_cents + change,
        },
    )
