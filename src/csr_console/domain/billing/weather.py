"""How the use of a premise follows the weather, learnt from its own bills.

The billing method of CalTRACK 2.0, section 3(a), after PRISM (Fels, Energy and Buildings 9, 1986): use a day
is a base and so much for each degree day of heating and of cooling a day, fitted by least squares with the
days of each bill as its weight; gas has no cooling. Two things differ. The balance point is 65 °F, the base
of the degree days that the weather service publishes, and not the best of a search. The bills are those of
two years, not of one, so that every season is there twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from types import MappingProxyType

from csr_console.domain.money import EXACT

BASE_F = 65
"""Degree days are counted from 65 °F, as the National Weather Service does."""
YEARS_BACK = 2
FEWEST_BILLS = 12
"""A year of monthly bills (CalTRACK 2.2.1.1; Rachlin, Fels and Socolow, Energy and Buildings 9, 1986)."""
SHORTEST_DAYS, LONGEST_DAYS = 25, 35
"""Other periods are reads off the cycle and are left out (CalTRACK 2.2.3.4, 2.2.3.5)."""
LEAST_FIT = Decimal("0.7")
"""Adjusted R² (Reynolds and Fels, Reliability Criteria for Weather Adjustment, ACEEE 1988)."""
MOST_SCATTER = Decimal("0.2")
"""CV(RMSE) (ASHRAE Guideline 14, 5.3.2.1: less than a year is predicted)."""
_LEAST_DEGREE_DAYS = 20
"""A year with fewer of a kind says nothing of it (CalTRACK 3.2.2.2.2)."""
_FOLLOWS = MappingProxyType({"electric": ("both", "heating", "cooling"), "gas": ("heating",)})
WEATHER_SERVICES = frozenset(_FOLLOWS)
"""What is used for heating and cooling; water is not."""
_TWO, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")


@dataclass(frozen=True, slots=True)
class DegreeDays:
    """Heating and cooling degree days of some days, base 65 °F."""

    heating: Decimal
    cooling: Decimal


def degree_days(low_f: Decimal, high_f: Decimal) -> DegreeDays:
    """Degree days of a day: how far the mean of its highest and lowest temperature is below 65 °F (heating)
    or above it (cooling), as NOAA's National Weather Service defines them. A high of 75 and a low of 65 make
    5 cooling degree days."""
    off = EXACT.divide(low_f + high_f, Decimal(2)) - BASE_F
    return DegreeDays(max(-off, Decimal(0)), max(off, Decimal(0)))


@dataclass(frozen=True, slots=True)
class MeteredPeriod:
    """The use of a bill in the unit of its service, and the weather of its days."""

    days: int
    usage: Decimal
    weather: DegreeDays


@dataclass(frozen=True, slots=True)
class Response:
    """Use a day is `base` and so much a degree day; `fit` is the adjusted R², `scatter` the CV(RMSE)."""

    base: Decimal
    heating: Decimal
    cooling: Decimal
    bills: int
    fit: Decimal
    scatter: Decimal

    def change(self, before: MeteredPeriod, now: MeteredPeriod) -> DegreeDays:
        """What the change of the weather a day accounts for, in use over the days of `now`, for heating and
        for cooling, to a thousandth of the unit."""

        def part(each: Decimal, then: Decimal, later: Decimal) -> Decimal:
            at_the_same_length = EXACT.divide(then * now.days, Decimal(before.days))
            return EXACT.multiply(each, later - at_the_same_length).quantize(_THOUSANDTH)

        then, later = before.weather, now.weather
        return DegreeDays(
            part(self.heating, then.heating, later.heating), part(self.cooling, then.cooling, later.cooling)
        )

    def said(self, unit: str) -> str:
        """The figures of the fit in words."""
        each = [
            f"{value.quantize(_TWO)} {unit} a {kind} degree day"
            for kind, value in (("heating", self.heating), ("cooling", self.cooling))
            if value
        ]
        percent = round(self.scatter * 100)
        return (
            f"{self.base.quantize(_TWO)} {unit} a day and {' and '.join(each)}, by {self.bills} bills"
            f" (CalTRACK 2.0, R² {self.fit.quantize(_TWO)}, CV(RMSE) {percent} %)"
        )


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Why nothing is claimed of the weather."""

    reason: str


def response(service: str, periods: Sequence[MeteredPeriod]) -> Response | Unexplained:
    """How use followed the weather over the bills of up to two years, if it did.

    Of the candidates (heating and cooling, either alone) those qualify whose figures are all above zero, and
    the one with the highest adjusted R² is taken (CalTRACK 3.4.3). Estimated periods are not to be given.
    """
    used = [one for one in periods if _counts(service, one)]
    if service not in WEATHER_SERVICES:
        return Unexplained("use for heating and cooling is electric and gas")
    if len(used) < FEWEST_BILLS:
        return Unexplained(f"{len(used)} bills of full months before it, {FEWEST_BILLS} are needed")
    with localcontext(EXACT):
        found = [fitted for kinds in _FOLLOWS[service] if (fitted := _fit(used, kinds)) is not None]
    best = max(found, key=lambda one: one.fit, default=None)
    if best is None or best.fit < LEAST_FIT or best.scatter > MOST_SCATTER:
        return Unexplained(f"the use of {len(used)} bills does not follow it closely enough")
    return best


def _counts(service: str, one: MeteredPeriod) -> bool:
    """No use at all is a missing read of electricity, not of gas (CalTRACK 2.2.1.4)."""
    return SHORTEST_DAYS <= one.days <= LONGEST_DAYS and (one.usage > 0 or service != "electric")


def _fit(periods: Sequence[MeteredPeriod], kinds: str) -> Response | None:
    """One candidate by weighted least squares; None where it does not qualify."""
    whole = Decimal(sum(one.days for one in periods))
    weights = [one.days * len(periods) / whole for one in periods]
    use = _off_mean([one.usage / one.days for one in periods], weights)
    heat = _off_mean([one.weather.heating / one.days for one in periods], weights)
    cool = _off_mean([one.weather.cooling / one.days for one in periods], weights)
    heated, cooled = kinds != "cooling", kinds != "heating"
    if (heated and heat.mean * 365 < _LEAST_DEGREE_DAYS) or (cooled and cool.mean * 365 < _LEAST_DEGREE_DAYS):
        return None
    hh, cc, hc = heat.times(heat), cool.times(cool), heat.times(cool)
    hu, cu, uu = heat.times(use), cool.times(use), use.times(use)
    h, c = Decimal(0), Decimal(0)
    if heated and cooled:
        spread = hh * cc - hc * hc
        if not spread:
            return None
        h, c = (hu * cc - cu * hc) / spread, (cu * hh - hu * hc) / spread
    elif heated and hh:
        h = hu / hh
    elif cooled and cc:
        c = cu / cc
    base = use.mean - h * heat.mean - c * cool.mean
    if base <= 0 or (heated and h <= 0) or (cooled and c <= 0):
        return None
    free = len(periods) - 1 - heated - cooled
    error = max(uu - h * hu - c * cu, Decimal(0)) / free
    fit = 1 - error / (uu / (len(periods) - 1))
    return Response(base, h, c, len(periods), fit, error.sqrt() / use.mean)


@dataclass(frozen=True, slots=True)
class _OffMean:
    """Values as they are off their weighted mean."""

    mean: Decimal
    values: Sequence[Decimal]
    weights: Sequence[Decimal]

    def times(self, other: "_OffMean") -> Decimal:
        rows = zip(self.weights, self.values, other.values, strict=True)
        return sum((weight * one * two for weight, one, two in rows), Decimal(0))


def _off_mean(values: Sequence[Decimal], weights: Sequence[Decimal]) -> _OffMean:
    pairs = zip(weights, values, strict=True)
    mean = sum((weight * value for weight, value in pairs), Decimal(0)) / len(values)
    return _OffMean(mean, [value - mean for value in values], weights)
