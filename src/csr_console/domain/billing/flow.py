"""Use that never stops: water that runs through every hour of a day and night is a leak."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from csr_console.domain.tariff.determinants import IntervalUse

LEAK_AFTER = timedelta(hours=24)
"""Use that never came to nothing for so long, its nights included, is no household's."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Use without a pause; `least` is the smallest of its intervals."""

    starts_at: datetime
    ends_at: datetime
    least: Decimal


def longest_flow(intervals: Iterable[IntervalUse]) -> Flow | None:
    """The longest use without a pause of at least a day and a night, the later of equal ones; None where use
    stopped in between. An interval that is not known ends it."""
    longest: Flow | None = None
    going: Flow | None = None
    for item in intervals:
        ends_at = item.starts_at + timedelta(minutes=item.minutes)
        if item.quantity <= 0:
            going = None
        elif going is None or going.ends_at != item.starts_at:
            going = Flow(item.starts_at, ends_at, item.quantity)
        else:
            going = Flow(going.starts_at, ends_at, min(going.least, item.quantity))
        if going is not None and (longest is None or _length(going) >= _length(longest)):
            longest = going
    return longest if longest is not None and _length(longest) >= LEAK_AFTER else None


def _length(flow: Flow) -> timedelta:
    return flow.ends_at - flow.starts_at
