"""What a customer is refunded, or charged, when a meter was found to run fast or slow."""

from decimal import Decimal

from csr_console.domain.money import EXACT, cents_of, dollars_of

TOLERANCE_PERCENT = Decimal(2)
"""A meter within 2 % of the truth is right (F.A.C. chapter 25-6)."""
LONGEST_MONTHS = 12
CREEP_SHARE = Decimal("0.25")
"""A meter that creeps is taken to have done so a quarter of the time."""


def out_of_tolerance(registration_percent: Decimal) -> bool:
    """Whether a meter that registers so many percent of the truth is out of tolerance."""
    return abs(registration_percent - 100) > TOLERANCE_PERCENT


def refund_cents(billed_cents: int, registration_percent: Decimal) -> int:
    """billed x (1 - 100 / registration), for the periods affected: 1,296.00 billed at 104 % gives 49.85.

    Positive for a fast meter; 0 within tolerance or for a slow one, which `undercharge_cents` is for.
    """
    if not out_of_tolerance(registration_percent) or registration_percent < 100:
        return 0
    return _difference(billed_cents, registration_percent)


def undercharge_cents(billed_cents: int, registration_percent: Decimal) -> int:
    """What a slow meter left unbilled; 0 within tolerance, for a fast meter or one that stands still, which
    has to be estimated instead."""
    if not out_of_tolerance(registration_percent) or not 0 < registration_percent < 100:
        return 0
    return -_difference(billed_cents, registration_percent)


def _difference(billed_cents: int, registration_percent: Decimal) -> int:
    billed = dollars_of(billed_cents)
    over = EXACT.multiply(billed, registration_percent - 100)
    return cents_of(EXACT.divide(over, registration_percent))


def affected_months(months_since_test: Decimal) -> Decimal:
    """Half the time since the last test, at most twelve months."""
    return min(EXACT.divide(months_since_test, Decimal(2)), Decimal(LONGEST_MONTHS))


def creep_use(creep_per_hour: Decimal, hours: Decimal) -> Decimal:
    """Use that a creeping meter counted in so many hours, a quarter of which it is taken to have crept."""
    return creep_per_hour * hours * CREEP_SHARE
