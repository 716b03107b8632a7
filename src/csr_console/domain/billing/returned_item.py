"""The fee for a returned payment (NSF-01, F.S. 68.065 and 832.08)."""

from dataclasses import dataclass
from decimal import Decimal

from csr_console.domain.money import cents_of, dollars_of, dollars_text

_STEPS = ((5_000, 2_500), (30_000, 3_000))
"""(face up to, fee) in cents; above the last step $40."""
_ABOVE_CENTS = 4_000
_PERCENT = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class ReturnedItemFee:
    amount_cents: int
    rule: str
    arithmetic: str


def returned_item_fee(face_cents: int, bank_fees_cents: int = 0) -> ReturnedItemFee:
    """max($25 to $50 of face, $30 to $300, $40 above; 5 % of face) + the bank fees that were really incurred.

    Raises `ValueError` for a face of nothing or negative bank fees.
    """
    if face_cents <= 0 or bank_fees_cents < 0:
        raise ValueError("a returned item has a face amount, and bank fees are not negative")
    step = next((fee for up_to, fee in _STEPS if face_cents <= up_to), _ABOVE_CENTS)
    share = cents_of(dollars_of(face_cents) * _PERCENT)
    text = f"greater of {dollars_text(step)} and {dollars_text(face_cents)} × 5 % = {dollars_text(share)}"
    if bank_fees_cents:
        text += f", plus bank fees {dollars_text(bank_fees_cents)}"
    return ReturnedItemFee(max(step, share) + bank_fees_cents, "NSF-01: F.S. 68.065(2)", text)
