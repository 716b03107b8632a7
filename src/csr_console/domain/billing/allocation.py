"""A landlord's bill shared among the units of a building (ratio utility billing), to the cent."""

from collections.abc import Sequence
from decimal import Decimal

from csr_console.domain.money import EXACT, allocate, cents_of, dollars_of

OCCUPANT_FACTORS = (Decimal(1), Decimal("1.6"), Decimal("2.2"))
"""Weights of one, two and three occupants; each further one adds 0.6 (common practice, an owner's choice)."""


def occupant_weight(occupants: int) -> Decimal:
    """The weight of a unit by its occupants; nothing for an empty one."""
    if occupants < 1:
        return Decimal(0)
    return OCCUPANT_FACTORS[0] + (occupants - 1) * (OCCUPANT_FACTORS[1] - OCCUPANT_FACTORS[0])


def unit_shares(
    bill_cents: int, weights: Sequence[Decimal | int], common_percent: Decimal = Decimal(0)
) -> tuple[int, ...]:
    """Each unit's share of the bill less the common areas' part (10 to 14 % in practice), by weight.

    The shares sum to bill x (1 - common %), rounded half-up. Raises `ValueError` for weights that are
    negative or all zero, or a common part outside 0 to 100.
    """
    if not 0 <= common_percent <= 100:
        raise ValueError("the common part is from 0 to 100 percent")
    net = EXACT.divide(EXACT.multiply(dollars_of(bill_cents), 100 - common_percent), Decimal(100))
    return allocate(cents_of(net), weights)
