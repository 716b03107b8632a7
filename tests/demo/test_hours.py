"""Use by the hour in the demo city: made to fit what was read, and a leak that is one."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from csr_console.central.agreements import Agreed
from csr_console.demo.city.hours import use_by_the_hour
from csr_console.domain.billing.flow import longest_flow
from csr_console.domain.billing.intervals import hours_of
from csr_console.domain.billing.reads import Read
from csr_console.domain.tariff.determinants import ServicePeriod

DAYS = tuple(date(2026, 2, 24) + timedelta(days=30 * place) for place in range(4))


def agreed(service: str, schedule: str, multiplier: int = 1) -> Agreed:
    """A meter with four reads: three bills, over the change of clocks where the machine has one."""
    reads = tuple(Read(day, Decimal(1000 + 90 * place)) for place, day in enumerate(DAYS))
    return Agreed(
        "100482771", service, DAYS[0], "tallahassee", schedule, {}, "M1", 6, Decimal(multiplier), reads
    )


@pytest.mark.parametrize("schedule", ["E-NW", "E-GSD"])
def test_hours_between_two_reads_come_to_what_was_read(schedule: str) -> None:
    one = agreed("electric", schedule)
    days = use_by_the_hour(one)
    blocks = [block for day in sorted(days) for block in days[day]]
    for before, after in pairwise(one.reads):
        hours = hours_of("M1", ServicePeriod(before.read_on, after.read_on), blocks)
        assert hours.total == after.value - before.value
        assert not hours.estimated
    assert use_by_the_hour(one) == days


def test_the_water_of_the_last_bill_never_stops() -> None:
    days = use_by_the_hour(agreed("water", "W-RES", 100))
    assert min(days) == DAYS[1] + timedelta(days=1)
    items = [item for day in sorted(days) for block in days[day] for item in block.intervals()]
    before = [item for item in items if item.starts_at.date() <= DAYS[2]]
    after = [item for item in items if item.starts_at.date() > DAYS[2]]
    assert longest_flow(before) is None
    flow = longest_flow(after)
    assert flow
    assert flow.ends_at - flow.starts_at >= timedelta(days=29)
