"""reads.csv into the reads of meters: each read fits the ones beside it, and a billed one is not changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from csr_console.central.agreements import put_reads
from csr_console.central.database import Database
from csr_console.central.imports.run import Imported, Importer, Progress
from csr_console.central.imports.whole import Taking, import_whole
from csr_console.central.tables.billing import agreement, meter_read
from csr_console.central.tables.columns import AnyRow
from csr_console.contracts.imports.reads import ReadRow, read_meter_reads
from csr_console.domain.billing.reads import Read, ReadKind, Register, usage_between
from csr_console.domain.refusals import Refusal

_ACT = "import.reads"
_BESIDE = timedelta(days=400)
"""How far around the reads of a batch their neighbours are looked for; one further back is asked for by
itself."""
_Shown = tuple[Read, bool]
"""A read, and whether the register passed zero before it."""


def import_reads(
    db: Database,
    path: Path,
    importer: Importer,
    *,
    progress: Progress = lambda _done, _total: None,
    skip_refused: bool = False,
) -> Imported:
    """Bring the reads of a file in, all or none; with `skip_refused` all but the refused rows.

    A read is known by its meter and day: as it was, it changes nothing; another value takes its place until
    it is billed. Each one has to go on from the read before it and lead to the one after it. Raises `Fault`
    when the database does not answer; nothing is changed then.
    """
    rows = read_meter_reads(path, importer.now.date())
    return import_whole(db, path, importer, _ACT, rows, _Reads, progress=progress, skip_refused=skip_refused)


class _Reads(Taking[ReadRow]):
    def take(self, rows: Sequence[ReadRow]) -> None:
        if not rows:
            return
        agreed = agreements_of(self, {row.meter for row in rows})
        shown = self._shown(rows)
        write: list[tuple[str, Read, bool]] = []
        for row in sorted(rows, key=lambda row: (row.meter, row.read_on)):
            known = shown[row.meter]
            before = known.get(row.read_on)
            if before == (row.read, row.rolled_over):
                self.imported.unchanged += 1
                continue
            own = agreement_on(agreed.get(row.meter, ()), row.read_on)
            if mistake := _mistake(row, own, before) or _beside(row, own, known):
                self.refuse(row, *mistake)
                continue
            self.imported.added += before is None
            self.imported.changed += before is not None
            known[row.read_on] = (row.read, row.rolled_over)
            write.append((row.meter, row.read, row.rolled_over))
        put_reads(self.connection, self.office, write)

    def _shown(self, rows: Sequence[ReadRow]) -> dict[str, dict[date, _Shown]]:
        """What the meters of a batch showed around its days, and at the last read before them."""
        first = (min(row.read_on for row in rows) - _BESIDE).isoformat()
        last = (max(row.read_on for row in rows) + _BESIDE).isoformat()
        meters = {row.meter for row in rows}
        own = meter_read.c.office == self.office
        near = select(meter_read).where(
            own, meter_read.c.meter.in_(meters), meter_read.c.read_on.between(first, last)
        )
        newest = (
            select(meter_read.c.meter, func.max(meter_read.c.read_on).label("read_on"))
            .where(own, meter_read.c.meter.in_(meters), meter_read.c.read_on < first)
            .group_by(meter_read.c.meter)
            .subquery()
        )
        far = select(meter_read).join(
            newest,
            (newest.c.meter == meter_read.c.meter) & (newest.c.read_on == meter_read.c.read_on),
        )
        found: dict[str, dict[date, _Shown]] = defaultdict(dict)
        for query in (near, far.where(own)):
            for one in self.connection.execute(query):
                on = date.fromisoformat(one.read_on)
                read = Read(on, Decimal(one.value), ReadKind(one.kind))
                found[one.meter][on] = (read, bool(one.rolled_over))
        return found


def agreements_of(run: Taking[Any], meters: set[str]) -> Mapping[str, list[AnyRow]]:
    """The agreements of meters, the oldest first."""
    query = (
        select(agreement)
        .where(agreement.c.office == run.office, agreement.c.meter.in_(meters))
        .order_by(agreement.c.since_on)
    )
    found: dict[str, list[AnyRow]] = defaultdict(list)
    for row in run.connection.execute(query):
        found[row.meter].append(row)
    return found


def agreement_on(agreed: Sequence[AnyRow], day: date) -> AnyRow | None:
    """The agreement a meter counts for on a day, the first one before it began."""
    begun = [row for row in agreed if row.since_on <= day.isoformat()]
    return begun[-1] if begun else next(iter(agreed), None)


def _mistake(row: ReadRow, own: AnyRow | None, before: _Shown | None) -> tuple[str, str] | None:
    """What forbids the read whatever the others are."""
    if own is None:
        return "meter", f"no agreement has the meter {row.meter}: import the agreement first"
    if row.read_on.isoformat() < own.since_on:
        return "read_on", f"is before service began on {own.since_on}: correct the day"
    billed_to = own.billed_to_on if own.billed_to_on > own.since_on else ""
    if row.read_on.isoformat() > billed_to:
        return None
    if before is None:
        return "read_on", f"lies in what was billed up to {billed_to}: correct the bill at a desk (rebill)"
    return "value", f"was billed as {before[0].value} on {billed_to}: correct the bill at a desk (rebill)"


def _beside(row: ReadRow, own: AnyRow | None, known: Mapping[date, _Shown]) -> tuple[str, str] | None:
    """What is wrong between the read and the ones before and after it."""
    if own is None:
        return None
    register = Register(own.dials, Decimal(own.multiplier))
    earlier = max((day for day in known if day < row.read_on), default=None)
    later = min((day for day in known if day > row.read_on), default=None)
    before = known[earlier][0] if earlier else Read(date.min, Decimal(0))
    try:
        usage_between(before, row.read, register, rollover=row.rolled_over)
        if later:
            after, rolled = known[later]
            usage_between(row.read, after, register, rollover=rolled)
    except Refusal as refusal:
        return "value", f"{refusal.sentence} Rule: {refusal.rule}."
    return None
