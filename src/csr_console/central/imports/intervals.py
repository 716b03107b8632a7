"""intervals.csv, or a meter's Green Button file, into use by the hour: a row a meter and day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from csr_console.central.agreements import put_days
from csr_console.central.database import Database
from csr_console.central.imports.reads import agreement_on, agreements_of
from csr_console.central.imports.run import Imported, Importer, Progress
from csr_console.central.imports.whole import Taking, import_whole
from csr_console.central.intervals import blocks_in, day_rows
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tariffs import books_in_force
from csr_console.contracts.imports.espi import read_espi
from csr_console.contracts.imports.intervals import IntervalRow, read_intervals
from csr_console.contracts.imports.report import Refused
from csr_console.domain.billing.intervals import blocks_of, by_the_clock
from csr_console.domain.money import EXACT
from csr_console.domain.tariff.determinants import IntervalUse
from csr_console.domain.tariff.units import conversion

_ACT = "import.intervals"


def import_intervals(
    db: Database,
    path: Path,
    importer: Importer,
    zone: tzinfo | None,
    *,
    meter: str = "",
    progress: Progress = lambda _done, _total: None,
    skip_refused: bool = False,
) -> Imported:
    """Bring the intervals of a file in, all or none; with `skip_refused` all but the refused rows.

    `zone` is the city's own, the machine's when None: a day has the intervals that begin in it by that clock.
    A file that ends in .xml is Green Button; it names no meter, so `meter` does. An interval that is there as
    it was changes nothing; another value takes its place until it is billed. Raises `Fault` when the database
    does not answer; nothing is changed then.
    """
    rows: Iterator[IntervalRow | Refused] = (
        read_espi(path, meter, importer.now)
        if path.suffix.lower() == ".xml"
        else read_intervals(path, importer.now)
    )

    return import_whole(
        db,
        path,
        importer,
        _ACT,
        rows,
        partial(_Intervals, zone),
        progress=progress,
        skip_refused=skip_refused,
    )


@dataclass(slots=True)
class _Day:
    """The intervals of a meter and day: when each begins, its use, and whether that is estimated."""

    minutes: int
    known: dict[datetime, tuple[Decimal, bool]] = field(default_factory=dict)
    changed: bool = False


class _Intervals(Taking[IntervalRow]):
    def __init__(
        self, zone: tzinfo | None, connection: Connection, importer: Importer, imported: Imported
    ) -> None:
        super().__init__(connection, importer, imported)
        self._zone = zone
        self._books = books_in_force(connection, self.office)

    def take(self, rows: Sequence[IntervalRow]) -> None:
        if not rows:
            return
        agreed = agreements_of(self, {row.meter for row in rows})
        starts = [by_the_clock(row.start, self._zone) for row in rows]
        days = self._days(rows, starts)
        units: dict[str, str] = {}
        for row, start in zip(rows, starts, strict=True):
            own = agreement_on(agreed.get(row.meter, ()), start.date())
            day = days[row.meter].setdefault(start.date(), _Day(row.minutes))
            unit = self._unit(own)
            try:
                value = _in_unit(row, unit)
            except ValueError as error:
                self.refuse(row, "value", str(error))
                continue
            now = (value, row.quality == "estimated")
            before = day.known.get(start)
            if before == now:
                self.imported.unchanged += 1
            elif mistake := _mistake(row, own, start, day, before):
                self.refuse(row, *mistake)
            else:
                self.imported.added += before is None
                self.imported.changed += before is not None
                day.known[start], day.changed = now, True
                units[row.meter] = unit
        self._put(days, units)

    def _days(self, rows: Sequence[IntervalRow], starts: Sequence[datetime]) -> dict[str, dict[date, _Day]]:
        """What is there of the days of a batch, by meter."""
        found: dict[str, dict[date, _Day]] = defaultdict(dict)
        first, last = min(starts).date(), max(starts).date()
        for row in day_rows(self.connection, self.office, {row.meter for row in rows}, first, last):
            day = found[row.meter][date.fromisoformat(row.day)] = _Day(row.minutes)
            for block in blocks_in(row):
                for place, item in enumerate(block.intervals()):
                    day.known[item.starts_at] = (item.quantity, place in block.estimated)
        return found

    def _unit(self, own: AnyRow | None) -> str:
        book = self._books.get(own.book_id) if own is not None else None
        schedule = book.schedules.get(own.schedule) if book is not None and own is not None else None
        return (schedule.unit or "") if schedule is not None else ""

    def _put(self, days: Mapping[str, Mapping[date, _Day]], units: Mapping[str, str]) -> None:
        for meter, unit in units.items():
            changed = {day: kept for day, kept in days[meter].items() if kept.changed}
            blocks = {
                day: blocks_of(
                    (
                        IntervalUse(start, value, kept.minutes)
                        for start, (value, _) in sorted(kept.known.items())
                    ),
                    {start for start, (_, estimated) in kept.known.items() if estimated},
                )
                for day, kept in changed.items()
            }
            put_days(self.connection, self.office, meter, unit, blocks)


def _in_unit(row: IntervalRow, unit: str) -> Decimal:
    """The value in the unit of the schedule. Raises `ValueError` where the file has another measure."""
    if not row.unit or row.unit == unit or not unit:
        return row.value
    upper, lower = conversion(row.unit, unit)
    return EXACT.divide(EXACT.multiply(row.value, upper), lower)


def _mistake(
    row: IntervalRow, own: AnyRow | None, start: datetime, day: _Day, before: tuple[Decimal, bool] | None
) -> tuple[str, str] | None:
    """What forbids the interval."""
    if own is None:
        return "meter", f"no agreement has the meter {row.meter}: import the agreement first"
    if start.date().isoformat() <= own.since_on:
        return "start", f"is before service began after {own.since_on}: correct the time"
    if row.minutes != day.minutes:
        return (
            "minutes",
            f"other intervals of {start.date()} have {day.minutes} minutes: a day has one length",
        )
    if before is not None and start.date().isoformat() <= own.billed_to_on:
        return "value", f"was billed as {before[0]:f}: take the bill back at a desk first (rebill)"
    return None
