"""`#12`: the outage report of that number, or the open customer of that number, or a choice between them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.desk.omnibox import Hit, Resolution


async def resolve(app: ConsoleApp, resolution: Resolution) -> Resolution:
    """The customers a ticket may mean, as hits; exact when there is one, a sentence when there is none."""
    from csr_console.desk.omnibox import Hit

    number = resolution.ticket
    hits = await asyncio.to_thread(_reported, app, number)
    opened = app.customers.all()
    if number is not None and 1 <= number <= len(opened):
        entry = opened[number - 1].entry
        hits = [Hit(entry, "open"), *(hit for hit in hits if hit.entry.account != entry.account)]
    chip = resolution.chip if hits else f"no open report #{number} and no open customer {number}"
    return replace(resolution, chip=chip, hits=tuple(hits), exact=len(hits) == 1)


def _reported(app: ConsoleApp, number: int | None) -> list[Hit]:
    from csr_console.desk.omnibox import Hit

    found = (report for report in app.desk.reports() if report.number == number and report.account)
    entries = (app.desk.entry(report.account or "") for report in found)
    return [Hit(entry, "report") for entry in entries if entry is not None]
