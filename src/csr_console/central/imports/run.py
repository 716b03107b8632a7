"""What every import has in common: who runs it, what came of it, and its line in the journal."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from csr_console.central import journal
from csr_console.central.database import Database
from csr_console.contracts.imports import ImportReport

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""


@dataclass(frozen=True, slots=True)
class Importer:
    """In which office, on whose behalf and when an import runs."""

    office: str
    actor: str
    now: datetime


@dataclass(slots=True)
class Imported:
    """What came of an import. `applied` is False when nothing was changed because rows were refused."""

    digest: str
    report: ImportReport = field(default_factory=ImportReport)
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    applied: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.report.refused_count,
        }


class RowsRefused(Exception):
    """Rolls an import back because rows were refused."""


def journal_import(
    connection: Connection, importer: Importer, act: str, name: str, imported: Imported
) -> None:
    """The line of an import: which file, by its digest, and what it changed."""
    detail: dict[str, Any] = {"digest": imported.digest, "applied": imported.applied, **imported.counts}
    entry = journal.Entry(importer.office, importer.actor, act, name, detail)
    journal.record(connection, entry, importer.now)


def journal_refused(db: Database, importer: Importer, act: str, name: str, imported: Imported) -> None:
    """An import that changed nothing is remembered too."""
    imported.applied = False
    imported.added = imported.changed = imported.unchanged = imported.report.kept = 0
    with db.write() as connection:
        journal_import(connection, importer, act, name, imported)


def file_digest(paths: Iterable[Path]) -> str:
    """The SHA-256 over the bytes of the files, in order; empty for one that cannot be read."""
    digest = hashlib.sha256()
    try:
        for path in paths:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()
