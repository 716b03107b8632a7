"""The winter average that sewer is charged by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csr_console.domain.money import EXACT

MONTH_DAYS = Decimal("30.42")
"""365 / 12, as Rio Rancho, New Mexico, multiplies the daily average (ci.rio-rancho.nm.us NID=175)."""


@dataclass(frozen=True, slots=True)
class WaterUse:
    """Water of one bill: the day of its read, its days and its use."""

    read_on: date
    days: int
    usage: Decimal


def winter_average(
    bills: Sequence[WaterUse], months: Sequence[int] = (12, 1, 2), month_days: Decimal = MONTH_DAYS
) -> Decimal | None:
    """Total use of the bills of the last whole winter / their total days x 30.42, in the unit of the use.

    `months` in their order (12, 1, 2 at Rio Rancho; 1, 2 with 30.4 at Gainesville). None when no winter has a
    bill of every month: such a customer is new.
    """
    winters: dict[int, list[WaterUse]] = {}
    for bill in bills:
        if bill.read_on.month in months and bill.days > 0:
            ends = bill.read_on.year + (bill.read_on.month > months[-1])
            winters.setdefault(ends, []).append(bill)
    whole = [year for year, found in winters.items() if {bill.read_on.month for bill in found} == set(months)]
    if not whole:
        return None
    winter = winters[max(whole)]
    total = sum((bill.usage for bill in winter), Decimal(0))
    return EXACT.divide(EXACT.multiply(total, month_days), Decimal(sum(bill.days for bill in winter)))
