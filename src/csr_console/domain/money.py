"""Money: exact while it is reckoned, whole cents once it is charged."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=50, rounding=ROUND_HALF_UP)
"""The context every amount is reckoned in: fifty digits, so that a division that ends is exact and a half
cent is a half cent."""
_CENT = Decimal("0.01")


def cents_of(dollars: Decimal) -> int:
    """Dollars as whole cents, a half cent away from zero.

    Published bills round so: 550 kWh x $0.0475 = $26.125 is printed as $26.13 (Seymour, Indiana, bill
    comparison), and each of the 30 cells of a Lake Wales, Florida, dumpster table (code section 17-54).
    """
    return int(dollars.quantize(_CENT, ROUND_HALF_UP, EXACT).scaleb(2, EXACT))


def dollars_of(cents: int) -> Decimal:
    """Whole cents as dollars with two places."""
    return Decimal(cents).scaleb(-2, EXACT)


def dollars_text(cents: int) -> str:
    """`1234.56`, `-0.05`: for documents and arithmetic; a screen writes money with its own sign."""
    if cents < 0:
        return f"-{dollars_text(-cents)}"
    return f"{cents // 100}.{cents % 100:02d}"


def allocate(total_cents: int, weights: Sequence[Decimal | int]) -> tuple[int, ...]:
    """The total shared in proportion to the weights by largest remainder; the shares sum to the total.

    Cents left over go to the largest remainders, of equal ones to the first. Weights are not negative.
    Raises `ValueError` for a negative weight or when all are zero.
    """
    shares = [Decimal(weight) for weight in weights]
    whole = sum(shares)
    if not whole or any(share < 0 for share in shares):
        raise ValueError("weights must not be negative and must not all be zero")
    sign = -1 if total_cents < 0 else 1
    exact = [EXACT.divide(EXACT.multiply(Decimal(abs(total_cents)), share), whole) for share in shares]
    floors = [int(amount) for amount in exact]
    left = abs(total_cents) - sum(floors)
    order = sorted(range(len(exact)), key=lambda index: floors[index] - exact[index])
    for index in order[:left]:
        floors[index] += 1
    return tuple(sign * amount for amount in floors)
