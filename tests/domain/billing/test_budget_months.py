"""A plan month by month: the published rules, and that no year loses a cent whatever its bills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csr_console.domain.billing import budget, budget_months
from csr_console.domain.billing.bill import DUE_DAYS
from csr_console.domain.billing.budget_commands import BudgetStrategy
from csr_console.domain.billing.budget_months import (
    CITATIONS,
    MonthAsked,
    MonthDue,
    ask_month,
    expected_cents,
    first_amount,
    variance_of,
)

FIRST = date(2025, 9, 10)
YEAR = (9_000, 8_500, 8_000, 9_500, 12_000, 15_000, 17_500, 18_000, 15_500, 11_000, 8_500, 9_500)
"""A Florida home's year of bills, the oldest first."""


@dataclass
class Kept:
    """A plan as it goes on: its bills, and what each asked."""

    strategy: BudgetStrategy
    before: list[int] = field(default_factory=lambda: list(YEAR))
    months: list[MonthAsked] = field(default_factory=list)
    dues: list[MonthDue] = field(default_factory=list)

    def bill(self, cents: int) -> MonthDue:
        bills = [cents, *(month.billed_cents for month in reversed(self.months)), *reversed(self.before)]
        billed_on = FIRST + timedelta(days=len(self.months) * 365 // 12)
        first = first_amount(self.strategy, tuple(reversed(self.before))[:12])
        due = ask_month(self.strategy, first, self.months, bills[:12], billed_on)
        asked = due.asked.amount_cents
        due_on = billed_on + timedelta(days=DUE_DAYS)
        self.months.append(MonthAsked(f"{len(self.months)}", due_on, cents, asked, due.coming))
        self.dues.append(due)
        return due

    def year(self, bills: Sequence[int] = YEAR) -> None:
        for cents in bills:
            self.bill(cents)


def amounts(plan: Kept) -> list[int]:
    return [due.asked.amount_cents for due in plan.dues]


def test_the_rolling_average_of_gvea() -> None:
    """(current + previous 11) / 12 + accumulated variance / 12: GVEA, billing plans (gvea.com).

    First month: the year above without its oldest bill, and 12,000: 145,000 / 12 = 12,083; nothing has built
    up. Second: with 8,500 dropped and 12,000 in, 148,500 / 12 + (12,000 - 12,083) / 12 = 12,375 - 7.
    """
    plan = Kept(BudgetStrategy.ROLLING_AVERAGE)
    first, second = plan.bill(12_000), plan.bill(12_000)
    assert (first.asked.amount_cents, first.variance_cents) == (12_083, -83)
    assert first.asked.arithmetic == "1450.00 / 12 + 0.00 / 12"
    assert (second.asked.amount_cents, second.asked.rule) == (12_368, "rolling average, GVEA")
    assert second.asked.arithmetic == "1485.00 / 12 + -0.83 / 12"
    assert [due.notice for due in plan.dues] == ["", ""]


def test_level_11_and_1_of_gvea() -> None:
    """A twelfth of the year for eleven months, the twelfth settles: GVEA, billing plans (gvea.com).

    The year is 142,000: 11,833 for eleven months; bills 1,200 higher in all make the twelfth
    143,200 - 11 x 11,833 = 13,037.
    """
    plan = Kept(BudgetStrategy.LEVEL_PAYMENT)
    plan.year([cents + 100 for cents in YEAR])
    assert amounts(plan) == [11_833] * 11 + [13_037]
    settled = plan.dues[-1]
    assert (settled.variance_cents, settled.asked.rule) == (0, "level 11 + 1, settled, GVEA")
    assert settled.notice.startswith("Budget year settled: $130.37 is asked (1432.00 - 1301.63).")
    assert settled.coming.amount_cents == 11_933
    plan.bill(10_000)
    assert (plan.dues[-1].plan_month, plan.dues[-1].asked.amount_cents) == (1, 11_933)


def test_a_level_year_that_asked_too_much_is_credited() -> None:
    plan = Kept(BudgetStrategy.LEVEL_PAYMENT)
    plan.year([cents // 2 for cents in YEAR])
    assert plan.dues[-1].asked.amount_cents == 71_000 - 11 * 11_833
    assert "$591.63 is credited" in plan.dues[-1].notice
    assert variance_of(plan.months) == 0


def test_reviews_at_4_and_8_of_smud() -> None:
    """Months 4 and 8 set the amount anew when it differs by more than 15 %, to be at zero after month 12
    (SMUD, budget details, smud.org).

    Bills 40 % above the year before: after four 49,000 were billed and 47,332 asked; the eight to come are
    expected as the year before, 107,000: (107,000 + 1,668) / 8 = 13,584, which is 14.8 % more: it stays.
    After eight 136,500 - 94,664 = 41,836 have built up, 44,500 are expected: 86,336 / 4 = 21,584.
    """
    plan = Kept(BudgetStrategy.REVIEW_AT_4_AND_8)
    plan.year([cents * 14 // 10 for cents in YEAR])
    assert amounts(plan) == [11_833] * 8 + [21_584] * 4
    assert plan.dues[3].notice == (
        "Budget amount reviewed: it stays $118.33 ((1070.00 + 16.68) / 8; within 15 %, SMUD)."
    )
    assert plan.dues[7].notice == (
        "Budget amount reviewed: $215.84 instead of $118.33 from the next bill on"
        " ((445.00 + 418.36) / 4; differs by more than 15 % in month 8, SMUD)."
    )


def test_the_end_of_a_reviewed_year_of_smud() -> None:
    """A surplus of $10 and more is credited, everything else is spread over twelve months (SMUD)."""
    under = Kept(BudgetStrategy.REVIEW_AT_4_AND_8)
    under.year([cents - 100 for cents in YEAR])
    last = under.dues[-1]
    assert (last.asked.rule, last.variance_cents) == ("settled, surplus credited, SMUD", 0)
    assert last.asked.amount_cents < 11_833 - 1_000
    over = Kept(BudgetStrategy.REVIEW_AT_4_AND_8)
    over.year([cents + 100 for cents in YEAR])
    last = over.dues[-1]
    assert last.variance_cents == 143_200 - 12 * 11_833
    assert last.coming.amount_cents == 11_933 + 101
    assert last.notice.startswith("Budget year settled: $12.04 asked too little, spread over twelve months.")


def test_reviews_in_may_and_november_of_ameren() -> None:
    """May and November, changed only by $3 and more, the difference rolls over (Ameren Missouri)."""
    plan = Kept(BudgetStrategy.REVIEW_MAY_NOVEMBER)
    plan.year()
    looked = [number for number, due in enumerate(plan.dues) if due.notice]
    assert [(FIRST + timedelta(days=number * 365 // 12)).month for number in looked] == [11, 5]
    plan.year([cents + 4_000 for cents in YEAR])
    assert amounts(plan)[:3] == [11_833] * 3
    assert amounts(plan)[-1] > 15_833
    assert all(due.variance_cents for due in plan.dues[12:])


@pytest.mark.parametrize("bills", [(12_000,), (9_000, 12_000, 15_000)])
def test_a_young_account_is_expected_to_go_on_as_it_began(bills: tuple[int, ...]) -> None:
    assert expected_cents(bills, 12) == 144_000
    assert first_amount(BudgetStrategy.LEVEL_PAYMENT, bills).amount_cents == 12_000
    with pytest.raises(ValueError, match="at least one bill"):
        expected_cents((), 3)


def test_every_strategy_has_its_source() -> None:
    assert set(CITATIONS) == set(BudgetStrategy)


BILLS = st.lists(st.integers(1, 60_000), min_size=1, max_size=30)


@given(st.sampled_from(BudgetStrategy), st.lists(st.integers(1, 60_000), min_size=1, max_size=12), BILLS)
def test_no_plan_loses_a_cent(strategy: BudgetStrategy, before: list[int], bills: list[int]) -> None:
    """What is billed is what was asked and the variance, after every month; the settled months of a level
    plan leave nothing."""
    plan = Kept(strategy, before)
    for number, cents in enumerate(bills, start=1):
        due = plan.bill(cents)
        asked = sum(month.asked_cents for month in plan.months)
        assert sum(bills[:number]) == asked + due.variance_cents
        assert due.variance_cents == variance_of(plan.months)
        assert due.plan_month == (number - 1) % 12 + 1
        if strategy is BudgetStrategy.LEVEL_PAYMENT and number % 12 == 0:
            assert due.variance_cents == 0
        if strategy is not BudgetStrategy.LEVEL_PAYMENT and due.plan_month != 12:
            assert due.asked.amount_cents >= 0


@settings(max_examples=30)
@given(st.integers(1_000, 60_000), st.lists(st.integers(50, 200), min_size=12, max_size=12))
def test_the_rolling_average_converges(steady: int, before: list[int]) -> None:
    """Once the bills are the same each month, so are the amounts, and what had built up is paid off, where
    the year before was between half of them and their double."""
    plan = Kept(BudgetStrategy.ROLLING_AVERAGE, [steady * percent // 100 for percent in before])
    plan.year([steady] * 150)
    assert abs(plan.dues[-1].asked.amount_cents - steady) <= 1
    assert abs(plan.dues[-1].variance_cents) <= 18


def test_without_its_built_up_part_the_average_does_not_converge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: twelve bills by twelve alone never pays off what a year built up."""
    real = budget.rolling_average
    monkeypatch.setattr(budget_months, "rolling_average", lambda bills, _variance: real(bills, 0))
    plan = Kept(BudgetStrategy.ROLLING_AVERAGE, [10_000] * 12)
    plan.year([20_000] * 150)
    assert plan.dues[-1].variance_cents > 50_000
