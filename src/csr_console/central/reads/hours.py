"""Use by the hour of a bill's period, as it is read."""

from collections.abc import Sequence

from sqlalchemy import Connection

from csr_console.central.intervals import blocks_in, day_rows
from csr_console.contracts.views.bills import ReadView
from csr_console.contracts.views.hours import HoursBlock, HoursView


def hours_views(connection: Connection, office: str, reads: Sequence[ReadView]) -> list[HoursView]:
    """The intervals of the meters of a bill, for those that have any; of another length than the first ones
    of a meter are left out."""
    if not reads:
        return []
    first, last = min(one.from_on for one in reads), max(one.to_on for one in reads)
    rows = day_rows(connection, office, [one.meter for one in reads], first, last)
    found = []
    for read in reads:
        own = [
            row for row in rows if row.meter == read.meter and f"{read.from_on}" < row.day <= f"{read.to_on}"
        ]
        alike = [row for row in own if row.minutes == own[0].minutes]
        blocks = [
            HoursBlock(starts_at=one.starts_at, values=list(one.values), estimated=sorted(one.estimated))
            for row in alike
            for one in blocks_in(row)
        ]
        if blocks:
            found.append(
                HoursView(
                    service=read.service,
                    meter=read.meter,
                    unit=own[0].unit,
                    minutes=own[0].minutes,
                    blocks=blocks,
                )
            )
    return found
