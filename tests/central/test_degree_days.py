"""Degree days in the database: kept once, changed by a later file, and on the command line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.central.conftest import Town
from tests.central.test_cli import db, run

from csr_console.central.database import Database
from csr_console.central.imports import Imported, Importer, import_degree_days
from csr_console.central.tables.billing import degree_day
from csr_console.central.tables.journal import journal

__all__ = ["db", "run"]
NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def file(folder: Path, *rows: str, header: str = "date,hdd,cdd") -> Path:
    path = folder / "degree-days.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


def take(town: Town, folder: Path, *rows: str, station: str = "KTLH") -> Imported:
    return import_degree_days(town.db, file(folder, *rows), Importer("main", "keeper", NOW), station)


def kept(db: Database) -> list[tuple[Any, ...]]:
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(select(degree_day).order_by(degree_day.c.day))]


def test_a_file_that_comes_twice_changes_nothing_and_a_later_one_corrects(town: Town, tmp_path: Path) -> None:
    rows = ("2026-08-01,0,17.5", "2026-08-02,0,18")
    first = take(town, tmp_path, *rows)
    assert first.counts == {"added": 2, "changed": 0, "unchanged": 0, "refused": 0}
    again = take(town, tmp_path, *rows)
    assert again.counts == {"added": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert again.notes == ["Every day of this file was known: nothing was changed."]
    later = take(town, tmp_path, rows[0], "2026-08-02,0,19", "2026-08-03,0,20", "2026-08-04,5,5")
    assert later.counts == {"added": 1, "changed": 1, "unchanged": 1, "refused": 1}
    assert kept(town.db) == [
        ("main", "2026-08-01", "KTLH", 0, 175),
        ("main", "2026-08-02", "KTLH", 0, 190),
        ("main", "2026-08-03", "KTLH", 0, 200),
    ]
    moved = take(town, tmp_path, *rows[:1], station="KGNV\x1b[2J")
    assert moved.changed == 1
    assert kept(town.db)[0][2] == "KGNV\ufffd[2J"
    with town.db.read() as connection:
        acts = [row.act for row in connection.execute(select(journal)) if row.act.startswith("import.deg")]
    assert acts == ["import.degree-days"] * 4


def test_a_long_file_is_kept_whole_under_its_progress(town: Town, tmp_path: Path) -> None:
    days = [f"{1990 + year}-{month:02d}-{day:02d},0,1" for year in range(5) for month in range(1, 13)
            for day in range(1, 29)]  # fmt: skip
    told: list[int] = []
    path = file(tmp_path, *days)
    imported = import_degree_days(
        town.db, path, Importer("main", "keeper", NOW), "KTLH", progress=lambda done, _of: told.append(done)
    )
    assert (imported.added, told) == (1680, [1000, 1680])


def test_degree_days_on_the_command_line(run: Any, db: Database, tmp_path: Path) -> None:
    path = file(tmp_path, "2026-01-05,20,33", "2026-01-06,50,40", header="date,tmin,tmax")
    done = run("import", "degree-days", path, "--station", "KTLH", "--report", tmp_path / "refused.csv")
    assert (done.exit_code, done.stdout) == (0, "Imported degree days: 1 added, 1 refused.\n")
    assert "tmin 50 is above tmax 40" in (tmp_path / "refused.csv").read_text(encoding="utf-8")
    assert kept(db) == [("main", "2026-01-05", "KTLH", 385, 0)]
    path.write_bytes(b"PK\x03\x04 not a table")
    wrong = run("import", "degree-days", path, "--station", "KTLH")
    assert "a spreadsheet workbook" in wrong.stderr
    assert run("import", "degree-days", path).exit_code == 2
