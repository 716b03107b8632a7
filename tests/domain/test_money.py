"""Money: half-up to the cent, and shares that sum."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.money import allocate, cents_of, dollars_of, dollars_text


@pytest.mark.parametrize(
    ("dollars", "cents"),
    [("26.125", 2613), ("28.145", 2815), ("253.305", 25331), ("0.005", 1), ("-0.005", -1), ("0.0049999", 0)],
)
def test_half_a_cent_goes_away_from_zero(dollars: str, cents: int) -> None:
    assert cents_of(Decimal(dollars)) == cents


@given(st.integers(-(10**12), 10**12))
def test_cents_and_dollars_are_the_same_amount(cents: int) -> None:
    assert cents_of(dollars_of(cents)) == cents
    assert Decimal(dollars_text(cents)) == dollars_of(cents)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=60).filter(any))
def test_shares_sum_to_the_total_and_stay_within_a_cent(total: int, weights: list[int]) -> None:
    """Largest remainder: no share is a whole cent from its exact part."""
    shares = allocate(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < sum(weights)


def test_rounding_each_share_by_itself_would_lose_cents() -> None:
    """The control: three equal shares of 1.00 rounded one by one sum to 0.99."""
    assert 3 * cents_of(Decimal(1) / 3) == 99
    assert allocate(100, [1, 1, 1]) == (34, 33, 33)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(100, weights)
