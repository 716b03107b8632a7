"""Budget plans of accounts, with what their bills asked and where their customers stand by it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, select

from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account
from csr_console.central.tables.billing import bill, budget_bill, budget_plan
from csr_console.central.tables.columns import AnyRow, date_or_none
from csr_console.contracts.views.budget import BudgetBillView, BudgetPlanView, BudgetView
from csr_console.domain.billing.budget import BudgetAmount
from csr_console.domain.billing.budget_commands import BudgetStrategy
from csr_console.domain.billing.budget_decide import LEAST_BILLS
from csr_console.domain.billing.budget_months import CITATIONS, MONTHS, MonthAsked
from csr_console.domain.billing.budget_standing import (
    BudgetStanding,
    after_budget,
    missed_payments,
    off_budget,
    on_budget,
)
from csr_console.domain.ledger.receivables import Standing

YEAR_DAYS = 400
"""Bills of so many days make the year an amount is reckoned from."""
_MANY: Any = bindparam("accounts", expanding=True)


def _newest_plans(of: Any) -> Select[Any]:
    """The plans of accounts, the one that runs or ran last first."""
    return (
        select(budget_plan)
        .where(budget_plan.c.office == bindparam("office"), of)
        .order_by(
            budget_plan.c.started_on.desc(),
            case((budget_plan.c.ended_on.is_(None), 0), else_=1),
            budget_plan.c.plan_id.desc(),
        )
    )


def _year(of: Any) -> Select[Any]:
    """The bills of about a year that stand, the newest first."""
    return (
        select(bill.c.account, bill.c.total_cents)
        .where(
            bill.c.office == bindparam("office"),
            of,
            bill.c.cancelled_by.is_(None),
            bill.c.billed_on >= bindparam("since"),
            bill.c.billed_on <= bindparam("on"),
        )
        .order_by(bill.c.billed_on.desc(), bill.c.number.desc())
    )


_PLAN = Statement(_newest_plans(budget_plan.c.account == bindparam("account")).limit(1))
_PLANS = _newest_plans(budget_plan.c.account.in_(_MANY))
_ASKED = (
    select(budget_bill, bill.c.due_on, bill.c.total_cents, bill.c.number)
    .join(bill, and_(bill.c.office == budget_bill.c.office, bill.c.bill_id == budget_bill.c.bill_id))
    .where(
        budget_bill.c.office == bindparam("office"),
        budget_bill.c.plan_id.in_(bindparam("plans", expanding=True)),
        bill.c.cancelled_by.is_(None),
    )
    .order_by(bill.c.billed_on, bill.c.number)
)
_OWN_YEAR = Statement(_year(bill.c.account == bindparam("account")).limit(MONTHS))
_YEARS = _year(bill.c.account.in_(_MANY))
_asked = account.alias("asked")
_AT_ITS_PREMISE = and_(account.c.office == _asked.c.office, account.c.premise == _asked.c.premise)
_ACTIVE = and_(_asked.c.office == bindparam("office"), _asked.c.status == "active")
_PREMISE_YEAR = Statement(
    _year(
        bill.c.account.in_(
            select(account.c.account)
            .join(_asked, _AT_ITS_PREMISE)
            .where(_ACTIVE, _asked.c.account == bindparam("account"))
        )
    ).limit(MONTHS)
)
_AROUND = select(_asked.c.account).join(account, _AT_ITS_PREMISE).where(_ACTIVE, account.c.account.in_(_MANY))
_OF_BILLS = (
    select(budget_bill, budget_plan.c.strategy)
    .join(
        budget_plan,
        and_(budget_plan.c.office == budget_bill.c.office, budget_plan.c.plan_id == budget_bill.c.plan_id),
    )
    .where(
        budget_bill.c.office == bindparam("office"),
        budget_bill.c.bill_id.in_(bindparam("bills", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan as it is kept, with its bills that stand, the oldest first; `last` is the row of the newest."""

    row: AnyRow
    months: tuple[MonthAsked, ...]
    last: AnyRow | None

    @property
    def plan_id(self) -> str:
        return str(self.row.plan_id)

    @property
    def strategy(self) -> BudgetStrategy:
        return BudgetStrategy(self.row.strategy)

    @property
    def first(self) -> BudgetAmount:
        return BudgetAmount(self.row.amount_cents, self.row.rule, self.row.arithmetic)

    @property
    def started_on(self) -> date:
        return date.fromisoformat(self.row.started_on)

    @property
    def ended_on(self) -> date | None:
        return date_or_none(self.row.ended_on)

    @property
    def active(self) -> bool:
        return self.row.ended_on is None


def plan_of(connection: Connection, office: str, number: str) -> HeldPlan | None:
    """The newest plan of an account, ended or not; None when it never had one."""
    row = connection.execute(_PLAN, {"office": office, "account": number}).one_or_none()
    return _held(connection, office, [row])[number] if row else None


def plans_of(connection: Connection, office: str, accounts: Sequence[str]) -> dict[str, HeldPlan]:
    """The newest plan of each account that ever had one."""
    newest: dict[str, AnyRow] = {}
    for row in connection.execute(_PLANS, {"office": office, "accounts": list(accounts)}):
        newest.setdefault(row.account, row)
    return _held(connection, office, list(newest.values())) if newest else {}


def _held(connection: Connection, office: str, rows: Sequence[AnyRow]) -> dict[str, HeldPlan]:
    asked: dict[str, list[AnyRow]] = defaultdict(list)
    for one in connection.execute(_ASKED, {"office": office, "plans": [row.plan_id for row in rows]}):
        asked[one.plan_id].append(one)
    return {
        row.account: HeldPlan(
            row,
            tuple(_month(one) for one in asked[row.plan_id]),
            asked[row.plan_id][-1] if asked[row.plan_id] else None,
        )
        for row in rows
    }


def _month(row: AnyRow) -> MonthAsked:
    coming = BudgetAmount(row.next_cents, row.next_rule, row.next_arithmetic)
    due_on = date.fromisoformat(row.due_on)
    return MonthAsked(row.bill_id, due_on, row.total_cents, row.asked_cents, coming)


def years_of(
    connection: Connection, office: str, accounts: Sequence[str], on: date
) -> Mapping[str, list[int]]:
    """The cents of up to twelve bills of each account up to a day, the newest first."""
    found: dict[str, list[int]] = defaultdict(list)
    values = {"office": office, "accounts": list(accounts), **_year_to(on)}
    for row in connection.execute(_YEARS, values):
        if len(found[row.account]) < MONTHS:
            found[row.account].append(row.total_cents)
    return found


def basis_of(connection: Connection, office: str, number: str, on: date) -> tuple[list[int], bool]:
    """The bills an amount is reckoned from, the newest first, and whether they are of the premise: those of
    the account, while it is active and has too few those of whoever lived there."""
    values = {"office": office, "account": number, **_year_to(on)}
    own = [row.total_cents for row in connection.execute(_OWN_YEAR, values)]
    if len(own) >= LEAST_BILLS:
        return own, False
    found = [row.total_cents for row in connection.execute(_PREMISE_YEAR, values)]
    return (found, True) if len(found) > len(own) else (own, False)


def show_the_basis(connection: Connection, office: str, billed: Sequence[str]) -> set[str]:
    """The accounts whose view shows bills of these accounts: they themselves, and the active ones at their
    premises, which an amount may be reckoned for from what others were billed there."""
    values = {"office": office, "accounts": billed}
    return {*billed, *connection.execute(_AROUND, values).scalars()}


def _year_to(on: date) -> dict[str, str]:
    return {"since": (on - timedelta(days=YEAR_DAYS)).isoformat(), "on": on.isoformat()}


def standing_by(plan: HeldPlan | None, standing: Standing) -> BudgetStanding:
    """Where a customer stands: by the plan they are on, after the one that ended, or as billed."""
    if plan is None:
        return off_budget(standing)
    if plan.ended_on is not None:
        return off_budget(after_budget(standing, plan.months, plan.ended_on))
    return on_budget(standing, plan.months)


def budget_view(
    connection: Connection, office: str, number: str, standing: Standing, today: date
) -> tuple[BudgetView, BudgetStanding]:
    """How an account stands for budget billing, and where its customer stands by it."""
    plan = plan_of(connection, office, number)
    stands = standing_by(plan, standing)
    bills, of_premise = basis_of(connection, office, number, today)
    view = BudgetView(
        past_due_cents=stands.ages(today).overdue_cents,
        bills_cents=bills,
        of_premise=of_premise,
        plan=_plan_view(plan, stands, today) if plan else None,
    )
    return view, stands


def _plan_view(plan: HeldPlan, stands: BudgetStanding, today: date) -> BudgetPlanView:
    amount = plan.months[-1].coming if plan.months else plan.first
    return BudgetPlanView.model_validate(
        {
            "plan_id": plan.plan_id,
            "strategy": plan.row.strategy,
            "state": "active" if plan.active else "ended",
            "started_on": plan.row.started_on,
            "agreed_by": plan.row.agreed_by,
            "plan_month": plan.last.plan_month if plan.last else 0,
            "amount_cents": amount.amount_cents,
            "rule": amount.rule,
            "arithmetic": amount.arithmetic,
            "citation": CITATIONS[plan.strategy],
            "due_cents": stands.due_cents,
            "due_on": stands.due_on,
            "deferred_cents": stands.deferred_cents,
            "missed": missed_payments(stands, today),
            "notice": plan.last.notice if plan.last else "",
            "ended_on": plan.row.ended_on,
            "ended_why": plan.row.ended_why,
        }
    )


def budget_bills(connection: Connection, office: str, bills: Sequence[str]) -> dict[str, BudgetBillView]:
    """What those of the bills asked that were written under a plan."""
    if not bills:
        return {}
    rows = connection.execute(_OF_BILLS, {"office": office, "bills": list(bills)})
    return {row.bill_id: _bill_view(row) for row in rows}


def _bill_view(row: AnyRow) -> BudgetBillView:
    return BudgetBillView(
        strategy=row.strategy,
        plan_month=row.plan_month,
        asked_cents=row.asked_cents,
        rule=row.rule,
        arithmetic=row.arithmetic,
        citation=CITATIONS[BudgetStrategy(row.strategy)],
        next_cents=row.next_cents,
        deferred_cents=row.variance_cents,
        balance_cents=row.balance_cents,
        notice=row.notice,
    )
