"""Why a bill is higher than another: the difference taken apart, one factor changed at a time."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from csr_console.domain.billing.intervals import in_totals
from csr_console.domain.billing.rated import Rated
from csr_console.domain.money import EXACT
from csr_console.domain.tariff.determinants import Determinants
from csr_console.domain.tariff.segment import RatedSegment

_FUEL = "fuel"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The difference of two segments in cents, by cause; the causes sum to `total_cents` exactly.

    `weather_cents` is None where nothing is known of it: then it is within `use_cents`.
    """

    days_cents: int
    use_cents: int
    rate_cents: int
    fuel_cents: int
    taxes_cents: int
    weather_cents: int | None = None

    @property
    def total_cents(self) -> int:
        use_cents = self.use_cents + (self.weather_cents or 0)
        return self.days_cents + use_cents + self.rate_cents + self.fuel_cents + self.taxes_cents


def decompose(before: Rated, now: Rated, weather_use: Decimal | None = None) -> Decomposition:
    """Where the difference of two segments of one service comes from.

    The earlier segment is rated again with the days of the later one at its own use a day, then with what
    the weather makes of that use, then with the use of the later one at its own prices; what is left is the
    change of prices, fuel apart from the rest. Taxes follow from all of it and stand by themselves.

    `weather_use` is by how much use over the days of the later segment differs for its weather, in the unit
    of the service. Use by the hour is compared period of the day by period. Raises `Refusal` of the rating.
    """
    longer = _with_days(in_totals(before), now.period.days)
    used = replace(longer, determinants=_use_of(in_totals(now).determinants, longer.determinants))
    at_first, at_days, at_use, at_last = (case.segment() for case in (before, longer, used, now))
    fuel = _fuel(at_last) - _fuel(at_use)
    weather = _weather_cents(longer, weather_use, at_days)
    return Decomposition(
        days_cents=at_days.charges_cents - at_first.charges_cents,
        weather_cents=weather,
        use_cents=at_use.charges_cents - at_days.charges_cents - (weather or 0),
        rate_cents=at_last.charges_cents - at_use.charges_cents - fuel,
        fuel_cents=fuel,
        taxes_cents=at_last.taxes_cents - at_first.taxes_cents,
    )


def _weather_cents(longer: Rated, weather_use: Decimal | None, at_days: RatedSegment) -> int | None:
    """What the weather adds to the charges of the earlier use; of no use at all it makes nothing."""
    use = longer.determinants.total()
    if weather_use is None or not use:
        return None
    factor = (max(use + weather_use, Decimal(0)), use)
    at_weather = replace(longer, determinants=_scaled(longer.determinants, factor)).segment()
    return at_weather.charges_cents - at_days.charges_cents


def _fuel(segment: RatedSegment) -> int:
    return segment.cents_by_group().get(_FUEL, 0)


def _use_of(now: Determinants, then: Determinants) -> Determinants:
    """The later use as the earlier schedule can rate it: where only that one asks for periods of the day or
    for demand, in the shares and at the demand of then."""
    if then.usage_by_period and not now.usage_by_period:
        use, use_then = now.total(), then.total()
        now = _scaled(then, (use, use_then)) if use is not None and use_then else then
    if then.demand_kw is not None and now.demand_kw is None:
        now = replace(now, demand_kw=then.demand_kw, demand_by_period=then.demand_by_period)
    return now


def _with_days(case: Rated, days: int) -> Rated:
    """The case over so many days from its own first one, its use growing or shrinking with them."""
    factor = (Decimal(days), Decimal(case.period.days))
    period = replace(case.period, to_read_on=case.period.from_read_on + timedelta(days=days))
    return replace(case, period=period, determinants=_scaled(case.determinants, factor))


def _scaled(given: Determinants, factor: tuple[Decimal, Decimal]) -> Determinants:
    def scale(quantity: Decimal) -> Decimal:
        return EXACT.divide(EXACT.multiply(quantity, factor[0]), factor[1])

    by_period = {name: scale(quantity) for name, quantity in given.usage_by_period.items()}
    usage = None if given.usage is None else scale(given.usage)
    return replace(given, usage=usage, usage_by_period=by_period)
