"""A town that is billed by the hour: its files, imported by the commands a city uses."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from tests.central.conftest import Town

from csr_console.central import ledger
from csr_console.central.agreements import put_book_in_force
from csr_console.central.billing_run import RunReport, run_bills
from csr_console.central.bills import segments_of
from csr_console.central.database import Database
from csr_console.central.imports import (
    Imported,
    Importer,
    import_agreements,
    import_intervals,
    import_reads,
)
from csr_console.central.tables import billing
from csr_console.contracts.imports.agreements import AGREEMENT_COLUMNS
from csr_console.contracts.imports.intervals import INTERVAL_COLUMNS
from csr_console.contracts.imports.reads import READ_COLUMNS
from csr_console.domain.billing.intervals import by_the_clock
from csr_console.domain.billing.rated import Rated
from csr_console.domain.tariff.segment import RatedSegment

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
Shape = Callable[[datetime], Decimal]
"""Use in the hour that begins at a moment."""


class Files:
    """Files of a city, written and imported."""

    def __init__(self, town: Town, folder: Path, zone: Any = ZONE) -> None:
        self.town, self.folder, self.zone = town, folder, zone
        self.importer = Importer("main", "os:test", NOW)

    def _written(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
        path = self.folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return path

    def agreements(self, *rows: Sequence[object], **options: Any) -> Imported:
        path = self._written("agreements", AGREEMENT_COLUMNS, rows)
        return import_agreements(self.town.db, path, self.importer, **options)

    def reads(self, *rows: Sequence[object], **options: Any) -> Imported:
        path = self._written("reads", READ_COLUMNS, rows)
        return import_reads(self.town.db, path, self.importer, **options)

    def intervals(self, *rows: Sequence[object], **options: Any) -> Imported:
        path = self._written("intervals", INTERVAL_COLUMNS, rows)
        return import_intervals(self.town.db, path, self.importer, self.zone, **options)

    def hours(self, meter: str, first: date, last: date, shape: Shape, minutes: int = 60) -> Imported:
        rows = [
            (meter, moment.isoformat(timespec="minutes"), minutes, shape(moment), "actual")
            for moment in moments(first, last, self.zone, minutes)
        ]
        return self.intervals(*rows)

    def run(self, billed_on: date) -> RunReport:
        report = run_bills(self.town.db, "main", billed_on, lambda: NOW)
        with self.town.db.read() as connection:
            assert ledger.verify_ledger(connection, "main") == []
        return report

    def found(self) -> dict[tuple[str, str], str]:
        return {(row.service, row.code): row.sentence for row in self.rows(billing.bill_exception)}

    def rows(self, table: Any) -> list[Any]:
        with self.town.db.read() as connection:
            return list(connection.execute(select(table)).all())

    def segments(self) -> list[tuple[Rated, RatedSegment]]:
        """Every segment of every bill, the oldest first, rated again from what was kept."""
        with self.town.db.read() as connection:
            return [
                pair
                for row in sorted(self.rows(billing.bill), key=lambda row: row.billed_on)
                for pair in segments_of(connection, "main", row.bill_id, date.fromisoformat(row.billed_on))
            ]


def in_force(db: Database, text: str) -> None:
    with db.write() as connection:
        put_book_in_force(
            connection,
            "main",
            text,
            loaded_by="ann",
            approved_by="ben",
            since=datetime(2017, 1, 1, tzinfo=UTC),
        )


def moments(first: date, last: date, zone: Any = ZONE, minutes: int = 60) -> Iterator[datetime]:
    """Every beginning of an interval of some days by the clock of the city, the day's own last included."""
    moment = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
    while moment < end:
        yield by_the_clock(moment, zone)
        moment += timedelta(minutes=minutes)


def flat_hours(meter: str, from_read_on: date, to_read_on: date) -> list[str]:
    """Rows of intervals.csv: a kilowatt-hour in every hour from one read to another."""
    first = from_read_on + timedelta(days=1)
    return [f"{meter},{at.isoformat(timespec='minutes')},60,1,actual" for at in moments(first, to_read_on)]
