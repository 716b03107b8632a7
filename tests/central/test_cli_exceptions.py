"""What bill runs found, on the command line of central."""

from pathlib import Path
from typing import Any

from tests.central.test_cli import db, run
from tests.central.test_cli_money import moved_in

from csr_console.central.database import Database
from csr_console.central.tables.billing import bill_exception

__all__ = ["db", "run"]


def test_what_waits_and_what_was_settled_is_listed(run: Any, db: Database, tmp_path: Path) -> None:
    moved_in(run, tmp_path)
    one = {"office": "main", "account": "100482771", "found_on": "2026-08-30"}
    rows = [
        {"run": "2026-08-30", "service": "water", "code": "missing-read", "sentence": "No\x1b[31m read."},
        {"run": "2026-07-31", "service": "electric", "code": "high-use", "sentence": "66.7 a day."},
    ]
    with db.write() as connection:
        connection.execute(bill_exception.insert(), [{**one, **row} for row in rows])
        connection.execute(
            bill_exception.update()
            .where(bill_exception.c.code == "high-use")
            .values(settled_by="clara", reason="Heat pump")
        )
    assert run("list-exceptions").stdout == (
        "2026-08-30  100482771  water         missing-read       No\ufffd[31m read.\n"
    )
    assert run("list-exceptions", "--settled").stdout == (
        "2026-07-31  100482771  electric      high-use           66.7 a day. Settled by clara: Heat pump\n"
    )
    assert run("list-exceptions", "--code", "zero-use").stdout == ""
