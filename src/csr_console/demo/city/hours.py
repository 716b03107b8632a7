"""Use by the hour of the few accounts of the demo city whose meters tell it, made to fit what was read."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from types import MappingProxyType

from csr_console.central.agreements import Agreed, Days
from csr_console.demo.city.chance import stream
from csr_console.domain.billing.intervals import blocks_of, by_the_clock
from csr_console.domain.tariff.determinants import IntervalUse

# what an hour uses beside others, midnight first: a home that cools in the evening, an office, a home's water
_HOME = (5, 4, 4, 4, 4, 5, 7, 9, 8, 7, 7, 8, 9, 10, 11, 12, 13, 15, 16, 14, 12, 10, 8, 6)
_OFFICE = (5, 5, 5, 5, 5, 6, 9, 15, 19, 21, 22, 22, 21, 22, 23, 22, 20, 15, 9, 7, 6, 5, 5, 5)
_TAPS = (0, 0, 0, 0, 0, 2, 9, 12, 8, 4, 3, 3, 4, 3, 2, 3, 4, 7, 10, 9, 7, 5, 3, 1)
_WEEKEND_OFFICE = 0.35
_LEAK = 2.4
"""What runs away in every hour since a leak began."""
_SHAPES: Mapping[str, tuple[int, ...]] = MappingProxyType({"E-NW": _HOME, "E-GSD": _OFFICE, "W-RES": _TAPS})
UNITS: Mapping[str, str] = MappingProxyType({"electric": "kWh", "water": "gal"})
_STEP = Decimal("0.001")


def use_by_the_hour(agreed: Agreed) -> Days:
    """The hours from the first read of a meter to the last, of water those of two bills; between two reads
    they sum to what was read. Water runs around the clock since the read before the last: a leak that
    explains a high bill."""
    shape = _SHAPES.get(agreed.schedule, _HOME)
    chance = stream("hours", agreed.meter)
    leak_since = agreed.reads[-2].read_on if agreed.service == "water" else date.max

    def weight(moment: datetime) -> float:
        busy = shape[moment.hour] * chance.uniform(0.75, 1.25)
        if shape is _OFFICE and moment.weekday() >= 5:
            busy *= _WEEKEND_OFFICE
        return busy + (_LEAK if moment.date() > leak_since else 0)

    found: dict[date, list[IntervalUse]] = defaultdict(list)
    for before, after in pairwise(agreed.reads[-3:] if agreed.service == "water" else agreed.reads):
        used = (after.value - before.value) * agreed.multiplier
        for item in _spread(before.read_on, after.read_on, used, weight):
            found[item.starts_at.date()].append(item)
    return {day: blocks_of(items) for day, items in found.items()}


def _spread(
    from_read_on: date, to_read_on: date, used: Decimal, weight: Callable[[datetime], float]
) -> Iterator[IntervalUse]:
    """So much use over the hours of the days after one read up to another, the last hour taking what is left
    of the thousandths."""
    moment, end = (_midnight(day + timedelta(days=1)) for day in (from_read_on, to_read_on))
    moments = []
    while moment < end:
        moments.append(by_the_clock(moment, None))
        moment += timedelta(hours=1)
    weights = [weight(one) for one in moments]
    each = used / Decimal(repr(sum(weights)))
    left = used
    for one, share in zip(moments[:-1], weights, strict=False):
        quantity = (each * Decimal(repr(share))).quantize(_STEP, ROUND_DOWN)
        left -= quantity
        yield IntervalUse(one, quantity)
    yield IntervalUse(moments[-1], left)


def _midnight(day: date) -> datetime:
    """The beginning of a day by the machine's clock, which is the demo city's."""
    return datetime.combine(day, time()).astimezone(UTC)
