"""Bills and statements of customers on a budget plan: both amounts and the arithmetic, in either language."""

from typing import Any

import pytest
from tests.papers import views
from tests.papers.test_pdfs import LETTERHEAD, each_language, money_in, text_of, to

from csr_console.contracts.views.budget import BudgetBillView, BudgetView
from csr_console.papers import words
from csr_console.papers.bill import bill_pdf
from csr_console.papers.statement import statement_pdf

ASKED = BudgetBillView(
    strategy="rolling_average",
    plan_month=5,
    asked_cents=14_200,
    rule="rolling average, GVEA",
    arithmetic="1659.60 / 12 + 44.40 / 12",
    citation="Golden Valley Electric Association",
    next_cents=14_200,
    deferred_cents=4_531,
    balance_cents=18_731,
)


def budget(state: str = "active", **given: Any) -> BudgetView:
    plan = {
        "plan_id": views.uuid_of(12),
        "strategy": "rolling_average",
        "state": state,
        "started_on": "2026-04-02",
        "agreed_by": "j.doe",
        "plan_month": 5,
        "amount_cents": 14_200,
        "rule": ASKED.rule,
        "arithmetic": ASKED.arithmetic,
        "due_cents": 14_200,
        "due_on": "2026-09-29",
        "deferred_cents": 4_531,
        **given,
    }
    return BudgetView.model_validate({"past_due_cents": 0, "bills_cents": [18_731], "plan": plan})


@each_language
def test_a_bill_asks_the_budget_amount_beside_its_total(language: words.Language) -> None:
    view = views.bill_view().model_copy(update={"budget": ASKED})
    billing = views.billing_view(newest=view)
    text = text_of(bill_pdf(view, billing, to(language), LETTERHEAD))
    known = words.WORDS[language]
    for key in ("budget.due", "budget.asked", "budget.true", "budget.deferred", "strategy.rolling_average"):
        assert known[key] in text, key
    assert {"$142.00", "$187.31", "$45.31"} <= set(money_in(text))
    assert ASKED.arithmetic in " ".join(text.split())


@each_language
def test_a_statement_says_what_of_the_balance_is_asked(language: words.Language) -> None:
    text = text_of(statement_pdf(views.billing_view(budget=budget()), to(language), LETTERHEAD))
    known = words.WORDS[language]
    assert known["budget.due"] in text
    assert known["budget.deferred"] in text
    assert {"$142.00", "$45.31"} <= set(money_in(text))
    assert words.Words(language).day(views.BILLED_ON.replace(day=29)) in text


def test_what_was_asked_beyond_the_bills_is_said_so() -> None:
    view = views.bill_view().model_copy(update={"budget": ASKED.model_copy(update={"deferred_cents": -900})})
    text = text_of(bill_pdf(view, None, to(), LETTERHEAD))
    assert words.WORDS["en"]["budget.ahead"] in text
    assert words.WORDS["en"]["budget.deferred"] not in text


@pytest.mark.parametrize("view", [None, budget("ended")], ids=["never", "ended"])
def test_without_a_plan_in_force_no_paper_speaks_of_one(view: BudgetView | None) -> None:
    """The control of the tests above."""
    billing = views.billing_view(budget=view)
    for pdf in (statement_pdf(billing, to(), LETTERHEAD), bill_pdf(views.bill_view(), billing, to())):
        assert "udget" not in text_of(pdf)
