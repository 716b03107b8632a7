"""degree-days.csv of the weather station: each day is kept once, and set anew where a later file differs."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select

from csr_console.central.database import Database
from csr_console.central.imports.run import (
    Imported,
    Importer,
    Progress,
    file_digest,
    journal_import,
)
from csr_console.central.rows import BATCH_ROWS, put_all
from csr_console.central.tables.billing import degree_day
from csr_console.contracts.imports.degree_days import DegreeDayEntry, read_degree_days
from csr_console.contracts.imports.report import Refused
from csr_console.domain.text import clean_line

_ACT = "import.degree-days"
_KNOWN = select(degree_day).where(
    degree_day.c.office == bindparam("office"), degree_day.c.day.in_(bindparam("days", expanding=True))
)


def import_degree_days(
    db: Database,
    path: Path,
    importer: Importer,
    station: str,
    *,
    progress: Progress = lambda _done, _total: None,
) -> Imported:
    """Keep the degree days of a file, measured at `station`; what cannot be taken is refused and the other
    days are kept all the same. A day that is there is changed where the file says another thing.

    Raises `Fault` when the database does not answer; what was kept stays kept, and the file comes again.
    """
    imported = Imported(file_digest([path]))
    done = 0
    for rows in _batches(read_degree_days(path, importer.now.date())):
        with db.write() as connection:
            _take(connection, importer.office, clean_line(station, limit=40), rows, imported)
        done += len(rows)
        progress(done, done)
    with db.write() as connection:
        journal_import(connection, importer, _ACT, path.name, imported)
    if imported.unchanged and not imported.added and not imported.changed:
        imported.notes.append("Every day of this file was known: nothing was changed.")
    return imported


def _batches(rows: Iterator[DegreeDayEntry | Refused]) -> Iterator[list[DegreeDayEntry | Refused]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _take(
    connection: Connection,
    office: str,
    station: str,
    batch: Sequence[DegreeDayEntry | Refused],
    imported: Imported,
) -> None:
    for refused in batch:
        if isinstance(refused, Refused):
            imported.report.add(refused)
    rows = [_row(office, station, entry) for entry in batch if isinstance(entry, DegreeDayEntry)]
    values: dict[str, Any] = {"office": office, "days": [row["day"] for row in rows]}
    known = {row.day: dict(row._mapping) for row in connection.execute(_KNOWN, values)}
    new = [row for row in rows if row != known.get(row["day"])]
    put_all(connection, degree_day, new)
    added = sum(row["day"] not in known for row in rows)
    imported.added += added
    imported.changed += len(new) - added
    imported.unchanged += len(rows) - len(new)
    imported.report.kept += len(rows)


def _row(office: str, station: str, entry: DegreeDayEntry) -> dict[str, Any]:
    return {
        "office": office,
        "day": entry.day.isoformat(),
        "station": station,
        "heating_tenths": entry.heating_tenths,
        "cooling_tenths": entry.cooling_tenths,
    }
