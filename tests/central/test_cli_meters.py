"""Agreements, reads and intervals on the command line of central, and the bill that comes of them."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.central.hours import flat_hours, in_force
from tests.central.test_cli import customers, db, run

from csr_console.central.database import Database
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.imports.agreements import AGREEMENT_COLUMNS
from csr_console.contracts.imports.intervals import INTERVAL_COLUMNS
from csr_console.contracts.imports.reads import READ_COLUMNS

__all__ = ["db", "run"]
ACCOUNT = "100482771"
FIRST, LAST = date(2025, 10, 5), date(2025, 11, 4)


def written(path: Path, columns: tuple[str, ...], *rows: str) -> Path:
    path.write_text("\n".join((",".join(columns), *rows, "")))
    return path


def test_a_city_is_billed_by_the_hour_from_its_files(
    run: Any, db: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CSR_CENTRAL_TIME_ZONE", "America/New_York")
    assert (
        run(
            "import", "customers", customers(tmp_path / "customers.csv", {"account_number": ACCOUNT})
        ).exit_code
        == 0
    )
    in_force(db, shipped_texts()["tallahassee"])
    agreed = f"{ACCOUNT},electric,E-NW,tallahassee,{FIRST},E1,5,1,location=inside;phase=1"
    done = run("import", "agreements", written(tmp_path / "agreements.csv", AGREEMENT_COLUMNS, agreed))
    assert (done.exit_code, done.stdout) == (0, "Imported agreements: 1 added.\n")
    reads = (f"E1,{FIRST},100,actual,", f"E1,{LAST},821,actual,no")
    done = run("import", "reads", written(tmp_path / "reads.csv", READ_COLUMNS, *reads))
    assert (done.exit_code, done.stdout) == (0, "Imported reads: 2 added.\n")
    file = written(tmp_path / "intervals.csv", INTERVAL_COLUMNS, *flat_hours("E1", FIRST, LAST))
    done = run("import", "intervals", file)
    assert (done.exit_code, done.stdout) == (0, "Imported intervals: 721 added.\n")
    assert run("import", "intervals", file).stdout == "Imported intervals: 721 unchanged.\n"
    billed = run("run-bills", "--on", LAST)
    assert billed.exit_code == 0, billed.output
    assert "1 bill" in billed.stdout


def test_refused_rows_are_written_down_and_nothing_is_imported(
    run: Any, db: Database, tmp_path: Path
) -> None:
    report = tmp_path / "refused.csv"
    file = written(
        tmp_path / "reads.csv", READ_COLUMNS, "E9,2025-10-05,100,actual,", "=1+1,2025-10-05,1,actual,"
    )
    done = run("import", "reads", file, "--report", report)
    assert done.exit_code == 1
    assert "Nothing was imported" in done.stderr
    text = report.read_text()
    assert "no agreement has the meter E9: import the agreement first" in text
    assert "is “=1+1”: write letters" in text
    assert run("import", "intervals", tmp_path / "gone.csv").exit_code == 1
