"""Late charges: named methods, and who and when they spare (LAT-01)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from csr_console.domain.money import EXACT, cents_of, dollars_of, dollars_text

GRACE_DAYS = 20
"""A bill is not delinquent before the 20th day after it was mailed or delivered (F.A.C. chapter 25-6)."""


@dataclass(frozen=True, slots=True)
class LateChargeMethod:
    """max(flat, percent of what is past due), or both added; nothing below `least_due_cents`."""

    citation: str
    percent: Decimal = Decimal(0)
    flat_cents: int = 0
    added: bool = False
    least_due_cents: int = 1
    grace_days: int = GRACE_DAYS


LATE_CHARGE_METHODS: Mapping[str, LateChargeMethod] = {
    "greater-of-5-and-1.5": LateChargeMethod("FPL: the greater of $5 and 1.5 %", Decimal("1.5"), 500),
    "1.5-percent": LateChargeMethod("1.5 % of the past due amount", Decimal("1.5")),
    "flat-and-percent": LateChargeMethod("flat and 1.5 %", Decimal("1.5"), 500, added=True),
    "greater-of-5-and-2": LateChargeMethod(
        "Mesa, AZ: 2 % or $5, whichever is more, none under $25", Decimal(2), 500, least_due_cents=2500
    ),
    "5-percent": LateChargeMethod("Batavia, IL: 5 %", Decimal(5)),
    "10-percent-after-21": LateChargeMethod("Palmetto, FL: 10 % after 21 days", Decimal(10), grace_days=21),
}


def late_charge_id(bill_id: str) -> str:
    """The id of the entry of a bill's late charge: there is at most one (RFC 9562, version 5)."""
    return str(uuid5(UUID(bill_id), "late charge"))


@dataclass(frozen=True, slots=True)
class LateCharge:
    amount_cents: int
    rule: str
    arithmetic: str


def late_charge(
    method_name: str, past_due_cents: int, mailed_on: date, today: date, *, government: bool = False
) -> LateCharge:
    """The late charge on what is past due of one bill; 0 with its rule when none is due.

    `past_due_cents` is the budget amount where there is a budget plan. Government accounts pay none.
    """
    method = LATE_CHARGE_METHODS[method_name]
    delinquent_on = mailed_on + timedelta(days=method.grace_days)
    if government:
        return LateCharge(0, "LAT-01: none on government accounts", "0.00")
    if today <= delinquent_on:
        return LateCharge(0, f"LAT-01: not delinquent before {delinquent_on}", "0.00")
    if past_due_cents < method.least_due_cents:
        return LateCharge(0, f"{method.citation}: none under {dollars_text(method.least_due_cents)}", "0.00")
    share = cents_of(EXACT.divide(EXACT.multiply(dollars_of(past_due_cents), method.percent), Decimal(100)))
    how: Callable[[int, int], int] = int.__add__ if method.added else max
    amount = how(method.flat_cents, share)
    percentage = f"{dollars_text(past_due_cents)} × {method.percent} % = {dollars_text(share)}"
    flat = dollars_text(method.flat_cents)
    text = (
        percentage
        if not method.flat_cents
        else f"{'sum' if method.added else 'greater'} of {flat} and {percentage}"
    )
    return LateCharge(amount, method.citation, text)
