"""Budget plans as five utilities publish them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing import budget
from csr_console.domain.refusals import Refusal


def test_rolling_average_of_twelve_bills_and_a_twelfth_of_the_variance() -> None:
    """(current + previous 11) / 12 + accumulated variance / 12 (GVEA)."""
    bills = [12_000 + 100 * month for month in range(12)]
    assert budget.rolling_average(bills, 2400).amount_cents == 12_750
    assert budget.rolling_average([*bills, 999_999], 2400).amount_cents == 12_750
    assert budget.rolling_average([10_000, 20_000], 0).amount_cents == 15_000
    assert budget.rolling_average([10_000], -200_000).amount_cents == 0
    with pytest.raises(ValueError, match="at least one bill"):
        budget.rolling_average([], 0)


def test_level_payment_settles_in_the_twelfth_month() -> None:
    """Annual / 12 for eleven months, the twelfth settles (GVEA)."""
    paid = sum(budget.level_payment(150_000, month, 0, 0).amount_cents for month in range(1, 12))
    assert paid == 11 * 12_500
    assert budget.level_payment(150_000, 12, 160_000, paid).amount_cents == 22_500
    assert budget.level_payment(150_000, 12, 120_000, paid).amount_cents == -17_500
    with pytest.raises(ValueError, match="months 1 to 12"):
        budget.level_payment(150_000, 13, 0, 0)


@pytest.mark.parametrize(
    ("month", "left", "balance", "amount"),
    [
        (4, 92_000, 0, 10_000),  # 11,500 a month is exactly 15 % more: it stays
        (4, 92_008, 0, 11_501),
        (8, 40_000, 20_000, 15_000),
        (8, 20_000, 0, 5000),
        (5, 900_000, 0, 10_000),
        (8, 20_000, -90_000, 0),
    ],
)
def test_review_in_months_4_and_8(month: int, left: int, balance: int, amount: int) -> None:
    """Set anew when it differs by more than 15 %, to be at zero after month 12 (SMUD)."""
    review = budget.review_at_4_and_8(10_000, month, left, balance)
    assert review.amount_cents == amount
    assert review.changed == (amount != 10_000)


@pytest.mark.parametrize(
    ("month", "average", "amount"),
    [(5, 10_299, 10_000), (5, 10_300, 10_300), (11, 9700, 9700), (6, 20_000, 10_000)],
)
def test_review_in_may_and_november(month: int, average: int, amount: int) -> None:
    """Changed only by $3 or more (Ameren)."""
    assert budget.review_may_and_november(10_000, month, average).amount_cents == amount


def test_usage_based_plan() -> None:
    """(units of the prior year / 12) x current rate (Los Alamos)."""
    assert budget.usage_based(Decimal(9000), Decimal("0.1152")).amount_cents == 8640


@given(st.integers(-100_000, 100_000))
def test_the_end_of_a_year_loses_no_cent(balance: int) -> None:
    """A surplus of $10 and more is credited, everything else carried over twelve months (SMUD)."""
    settlement = budget.settle_year(balance)
    assert sum(settlement.carried_cents) - settlement.credited_cents == balance
    assert bool(settlement.credited_cents) == (balance <= -1000)


def test_joining_needs_a_current_account_and_two_missed_payments_end_it() -> None:
    budget.refuse_to_join(0)
    with pytest.raises(Refusal, match="1\\.00 is past due"):
        budget.refuse_to_join(100)
    assert [budget.is_removed(missed) for missed in range(4)] == [False, False, True, True]
