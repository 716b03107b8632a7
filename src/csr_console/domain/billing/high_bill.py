"""Why a bill is higher than another: the difference taken apart, one factor changed at a time."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from csr_console.domain.billing.rated import Rated
from csr_console.domain.money import EXACT
from csr_console.domain.tariff.determinants import Determinants
from csr_console.domain.tariff.segment import RatedSegment

_FUEL = "fuel"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The difference of two segments in cents, by cause; the five causes sum to `total_cents` exactly."""

    days_cents: int
    use_cents: int
    rate_cents: int
    fuel_cents: int
    taxes_cents: int

    @property
    def total_cents(self) -> int:
        return self.days_cents + self.use_cents + self.rate_cents + self.fuel_cents + self.taxes_cents


def decompose(before: Rated, now: Rated) -> Decomposition:
    """Where the difference of two segments of one service comes from.

    The earlier segment is rated again with the days of the later one at its own use a day, then with the use
    of the later one at its own prices; what is left is the change of prices, fuel apart from the rest. Taxes
    follow from all of it and stand by themselves. Raises `Refusal` of the rating.
    """
    longer = _with_days(before, now.period.days)
    earlier = (before.period.from_read_on - now.period.from_read_on).days
    used = replace(longer, determinants=_moved(now.determinants, earlier))
    at_first, at_days, at_use, at_last = (case.segment() for case in (before, longer, used, now))
    fuel = _fuel(at_last) - _fuel(at_use)
    return Decomposition(
        days_cents=at_days.charges_cents - at_first.charges_cents,
        use_cents=at_use.charges_cents - at_days.charges_cents,
        rate_cents=at_last.charges_cents - at_use.charges_cents - fuel,
        fuel_cents=fuel,
        taxes_cents=at_last.taxes_cents - at_first.taxes_cents,
    )


def _fuel(segment: RatedSegment) -> int:
    return segment.cents_by_group().get(_FUEL, 0)


def _with_days(case: Rated, days: int) -> Rated:
    """The case over so many days from its own first one, its use growing or shrinking with them."""
    factor = (Decimal(days), Decimal(case.period.days))
    period = replace(case.period, to_read_on=case.period.from_read_on + timedelta(days=days))
    return replace(case, period=period, determinants=_scaled(case.determinants, factor))


def _scaled(given: Determinants, factor: tuple[Decimal, Decimal]) -> Determinants:
    def scale(quantity: Decimal) -> Decimal:
        return EXACT.divide(EXACT.multiply(quantity, factor[0]), factor[1])

    by_period = {name: scale(quantity) for name, quantity in given.usage_by_period.items()}
    intervals = tuple(replace(item, quantity=scale(item.quantity)) for item in given.intervals)
    usage = None if given.usage is None else scale(given.usage)
    return replace(given, usage=usage, usage_by_period=by_period, intervals=intervals)


def _moved(given: Determinants, days: int) -> Determinants:
    """The quantities with their intervals moved by whole days, hour for hour."""
    by = timedelta(days=days)
    return replace(
        given,
        intervals=tuple(replace(item, starts_at=item.starts_at + by) for item in given.intervals),
    )
