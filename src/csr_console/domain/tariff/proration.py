"""How a period that is no full cycle is charged: named methods, chosen by the book."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from csr_console.domain.money import EXACT
from csr_console.domain.tariff.values import Count, Id, Sentence, Status, Table

FixedMethod = Literal["full", "days", "days-if-short", "half-if-short", "days-if-unusual"]
TierMethod = Literal["full", "days", "days-if-unusual"]
Ratio = tuple[Decimal, Decimal]
"""A numerator and a denominator, kept apart so that dividing is the last step of a line."""
ONE: Ratio = (Decimal(1), Decimal(1))


class Proration(Table):
    """How fixed charges and tier widths follow the days of a period.

    `full` never changes; `days` is days / cycle_days (Oracle: sub / normal; $30 x 19/30 = $19.00);
    `days-if-short` is `days` below half a cycle and full from there (F.A.C. 25-30.335(3)); `half-if-short`
    is one half below half a cycle (older F.A.C. 25-10.097); `days-if-unusual` is full from usual_from to
    usual_to days and `days` outside (28 to 33 days count as a month: 34 days x 1.13, 27 days x 0.9).

    When prices change inside a period each part has its share of the days. Its tier widths are that share of
    the widths of the period (`share`), or days / cycle_days of the part itself (`days`).
    """

    id: Id
    fixed: FixedMethod
    tiers: TierMethod
    on_change: Literal["share", "days"] = "share"
    cycle_days: int = Field(default=30, strict=True, ge=1)
    cycle_months: int = Field(default=1, strict=True, ge=1, le=12)
    usual_from: Count = 28
    usual_to: Count = 33
    factor_decimals: Count | None = None
    citation: Sentence
    status: Status

    def fixed_ratio(self, days: int) -> Ratio:
        """How much of a cycle's fixed charge a period of so many days pays."""
        return self._ratio(self.fixed, days)

    def tier_ratio(self, days: int) -> Ratio:
        """How wide the tiers of a period of so many days are, as a part of a cycle's."""
        return self._ratio(self.tiers, days)

    def part_tier_ratio(self, days: int, part_days: int) -> Ratio:
        """How wide the tiers of a part of a period are."""
        if days == part_days:
            return self.tier_ratio(days)
        if self.on_change == "days":
            return self._by_days(part_days)
        numerator, denominator = self.tier_ratio(days)
        return numerator * part_days, denominator * days

    def _ratio(self, method: FixedMethod, days: int) -> Ratio:
        short = 2 * days < self.cycle_days
        if method == "half-if-short" and short:
            return Decimal(1), Decimal(2)
        unusual = not self.usual_from <= days <= self.usual_to
        by_days = {"days": True, "days-if-short": short, "days-if-unusual": unusual}.get(method, False)
        return self._by_days(days) if by_days else ONE

    def _by_days(self, days: int) -> Ratio:
        numerator, denominator = Decimal(days), Decimal(self.cycle_days)
        if self.factor_decimals is None:
            return numerator, denominator
        places = Decimal(1).scaleb(-self.factor_decimals)
        return EXACT.divide(numerator, denominator).quantize(places, EXACT.rounding), Decimal(1)
