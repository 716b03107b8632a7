"""Imports of a file that is taken whole or not at all: a thousand rows at a time within one transaction."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from csr_console.central.command_log import lock_head
from csr_console.central.database import Database
from csr_console.central.imports.run import (
    Imported,
    Importer,
    Progress,
    RowsRefused,
    file_digest,
    journal_import,
    journal_refused,
)
from csr_console.central.rows import BATCH_ROWS
from csr_console.contracts.imports.report import Refused


class Numbered(Protocol):
    """A row that knows where it stood in its file."""

    @property
    def row(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


class Taking(ABC, Generic[Row]):
    """One import within its transaction; each kind of file says how its rows are checked and written."""

    def __init__(self, connection: Connection, importer: Importer, imported: Imported) -> None:
        self.connection = connection
        self.office = importer.office
        self.importer = importer
        self.imported = imported

    @abstractmethod
    def take(self, rows: Sequence[Row]) -> None:
        """Write the rows that are new or changed, and refuse those that do not fit what is there."""

    def refuse(self, row: Row, field: str, reason: str) -> None:
        self.imported.report.add(Refused(row.row, field, reason))


def import_whole(
    db: Database,
    path: Path,
    importer: Importer,
    act: str,
    rows: Iterator[Row | Refused],
    taking: Callable[[Connection, Importer, Imported], Taking[Row]],
    *,
    progress: Progress,
    skip_refused: bool,
) -> Imported:
    """Bring the rows of a file in, all or none; with `skip_refused` all but the refused ones.

    Raises `Fault` when the database does not answer; nothing is changed then.
    """
    imported = Imported(file_digest([path]))
    total = count_lines(path)
    done = 0
    try:
        with db.write() as connection:
            lock_head(connection, importer.office)
            run = taking(connection, importer, imported)
            while batch := list(islice(rows, BATCH_ROWS)):
                good: list[Row] = []
                for row in batch:
                    if isinstance(row, Refused):
                        imported.report.add(row)
                    else:
                        good.append(row)
                before = imported.report.refused_count
                run.take(good)
                imported.report.kept += len(good) - (imported.report.refused_count - before)
                done += len(batch)
                progress(min(done, total), total)
            if imported.report.refused_count and not skip_refused:
                raise RowsRefused
            journal_import(connection, importer, act, path.name, imported)
    except RowsRefused:
        journal_refused(db, importer, act, path.name, imported)
    progress(total, total)
    return imported


def count_lines(path: Path) -> int:
    """The lines below the header: about as many rows, enough for a progress bar."""
    try:
        with path.open("rb") as file:
            return max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
    except OSError:
        return 0
