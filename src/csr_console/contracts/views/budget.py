"""Budget plans as they are read: what is asked beside what is owed in truth, and why it is asked."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class BudgetPlanView(_View):
    """The newest budget plan of an account.

    `amount_cents` is asked by the next bill (about, of a rolling average), by `rule`, `arithmetic` and
    `citation`; `due_cents` is what of all that was asked is open, by `due_on`; `deferred_cents` was billed
    and not asked yet, below zero when more was asked. `plan_month` is that of the last bill, 0 before the
    first; `missed` are budget amounts past due; `notice` is what the last bill reviewed or settled.
    """

    plan_id: UUID
    strategy: InertLine
    state: Literal["active", "ended"]
    started_on: date
    agreed_by: InertLine
    plan_month: int = 0
    amount_cents: int
    rule: InertLine
    arithmetic: InertText
    citation: InertText = ""
    due_cents: int = 0
    due_on: date | None = None
    deferred_cents: int = 0
    missed: int = 0
    notice: InertText = ""
    ended_on: date | None = None
    ended_why: InertLine = ""


class BudgetView(_View):
    """How an account stands for budget billing: what is past due of what was asked, the last bills that an
    amount is reckoned from (the newest first, of the premise where `of_premise`), and its newest plan."""

    past_due_cents: int
    bills_cents: list[int]
    of_premise: bool = False
    plan: BudgetPlanView | None = None


class BudgetBillView(_View):
    """What one bill asked under a plan, why, and what the true balance and the part of it that was not asked
    were on that day; it stays as it was."""

    strategy: InertLine
    plan_month: int
    asked_cents: int
    rule: InertLine
    arithmetic: InertText
    citation: InertText
    next_cents: int
    deferred_cents: int
    balance_cents: int
    notice: InertText = ""
