"""Where a customer on a plan stands: what is asked and what is not sum to the balance, whatever is paid."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing.budget import BudgetAmount
from csr_console.domain.billing.budget_months import MonthAsked
from csr_console.domain.billing.budget_standing import (
    BUDGET,
    after_budget,
    missed_payments,
    off_budget,
    on_budget,
)
from csr_console.domain.ledger.receivables import Due, Standing, settlement, spread, standing_after

FIRST = date(2026, 1, 21)
NOTHING = BudgetAmount(0, "", "")


def due_on(month: int) -> date:
    return FIRST + timedelta(days=30 * month)


def months(*pairs: tuple[int, int]) -> list[MonthAsked]:
    """What each bill billed and asked."""
    return [
        MonthAsked(f"{number}", due_on(number), billed, asked, NOTHING)
        for number, (billed, asked) in enumerate(pairs)
    ]


def standing(*dues: tuple[str, int, int], credit: int = 0) -> Standing:
    return Standing("a", tuple(Due(service, due_on(month), cents) for service, month, cents in dues), credit)


def test_who_pays_what_was_asked_owes_the_next_amount_and_nothing_is_overdue() -> None:
    """187.31 was billed and 142.00 asked and paid: what is left of the bill is not overdue."""
    held = standing(("electric", 0, 4_531), ("electric", 1, 16_000))
    stands = on_budget(held, months((18_731, 14_200), (16_000, 14_200)))
    assert [(due.service, due.due_on, due.cents) for due in stands.open] == [(BUDGET, due_on(1), 14_200)]
    assert (stands.due_cents, stands.due_on, stands.deferred_cents) == (14_200, due_on(1), 6_331)
    aged = stands.ages(due_on(0) + timedelta(days=5))
    assert (aged.overdue_cents, aged.current_cents) == (0, 20_531)
    assert off_budget(held).ages(due_on(0) + timedelta(days=5)).overdue_cents == 4_531


def test_what_was_asked_and_not_paid_is_overdue_and_missed_after_three_days() -> None:
    held = standing(("electric", 0, 18_731), ("electric", 1, 16_000))
    stands = on_budget(held, months((18_731, 14_200), (16_000, 14_200)))
    today = due_on(0) + timedelta(days=3)
    assert stands.ages(today).overdue_cents == 14_200
    assert [missed_payments(stands, today + timedelta(days=days)) for days in (0, 1, 31)] == [0, 1, 2]


def test_more_is_asked_than_was_billed_and_paid_ahead() -> None:
    stands = on_budget(standing(credit=5_000), months((9_000, 14_000)))
    assert (stands.due_cents, stands.ahead_cents, stands.deferred_cents) == (0, 0, -5_000)
    unpaid = on_budget(standing(("electric", 0, 9_000)), months((9_000, 14_000)))
    assert (unpaid.due_cents, unpaid.balance_cents) == (14_000, 9_000)
    assert unpaid.asked_open_cents(due_on(0)) == 9_000


def test_fees_and_what_was_billed_before_the_plan_are_asked_in_full() -> None:
    before = Due("electric", FIRST - timedelta(days=30), 5_000)
    held = standing(("electric", 0, 18_731), ("fees", 1, 500))
    stands = on_budget(Standing("a", (before, *held.dues)), months((18_731, 14_200)))
    assert [(due.service, due.cents) for due in stands.open] == [
        ("electric", 5_000),
        (BUDGET, 14_200),
        ("fees", 500),
    ]


def test_a_month_that_credits_a_surplus_asks_nothing() -> None:
    stands = on_budget(standing(("electric", 1, 2_000)), months((9_000, 12_000), (9_000, 4_000)))
    assert stands.deferred_cents == 2_000
    settled = on_budget(standing(credit=1_000), months((9_000, 14_000), (9_000, -1_000)))
    assert (settled.due_cents, settled.deferred_cents, settled.balance_cents) == (0, 5_000, -1_000)


def test_what_a_plan_deferred_is_due_from_the_day_it_ended() -> None:
    held = standing(("electric", 0, 4_531), ("electric", 5, 16_000))
    ended = after_budget(
        held, months((18_731, 14_200), (0, 0), (0, 0), (0, 0), (0, 0), (16_000, 1)), due_on(3)
    )
    assert [due.due_on for due in ended.dues] == [due_on(3), due_on(5)]
    assert ended.balance_cents == held.balance_cents


BILLED = st.lists(st.tuples(st.integers(1, 40_000), st.integers(-5_000, 40_000)), min_size=1, max_size=14)


@given(BILLED, st.lists(st.integers(0, 60_000), max_size=14), st.integers(0, 9_000), st.integers(0, 14))
def test_what_is_asked_and_what_is_not_sum_to_the_balance(
    pairs: list[tuple[int, int]], paid: list[int], fee: int, at: int
) -> None:
    """Payments go through the ledger's own rules; whatever they are, open - ahead + deferred is the balance,
    its ages sum to it, and what is open is what was asked and not paid."""
    asked = months(*pairs)
    held = standing()
    for number, month in enumerate(asked):
        dues = [Due("electric", month.due_on, month.billed_cents)]
        dues += [Due("fees", month.due_on, fee)] if fee and number == at else []
        held = Standing("a", (*held.dues, *dues), held.credit_cents)
        held = standing_after(held, settlement(held, month.due_on))
        if number < len(paid) and paid[number]:
            held = standing_after(held, spread(held, paid[number]))
    stands = on_budget(held, asked)
    assert stands.due_cents - stands.ahead_cents + stands.deferred_cents == held.balance_cents
    for day in (asked[0].due_on, asked[-1].due_on, asked[-1].due_on + timedelta(days=200)):
        aged = stands.ages(day)
        assert aged.current_cents + aged.overdue_cents == held.balance_cents
    fees = fee if at < len(asked) else 0
    owed = sum(month.asked_cents for month in asked) + fees - sum(paid[: len(asked)])
    assert stands.due_cents - stands.ahead_cents == owed
    assert (stands.due_cents == 0) or (stands.ahead_cents == 0)


def test_the_ledgers_own_ages_would_call_what_was_deferred_overdue() -> None:
    """The control: without the plan a customer who paid every amount asked is overdue."""
    held = standing(("electric", 0, 4_531))
    late = due_on(0) + timedelta(days=40)
    assert off_budget(held).ages(late).overdue_cents == 4_531
    assert on_budget(held, months((18_731, 14_200))).ages(late).overdue_cents == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_each_amount_that_is_open_counts_as_missed_once(count: int) -> None:
    pairs = [(10_000, 10_000)] * 3
    open_ = [("electric", number, 10_000) for number in range(3 - count, 3)]
    stands = on_budget(standing(*open_), months(*pairs))
    assert missed_payments(stands, due_on(2) + timedelta(days=4)) == count
