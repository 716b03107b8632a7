"""Money on the command line of central: payments, the proof of the ledger, its export, the bill run."""

from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from sqlalchemy import text
from tests.central.test_cli import customers, db, run

from csr_console.central.database import Database
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS

__all__ = ["db", "run"]
PASSWORD = "tangerine submarine choir"
OWING = {"account_number": "100482771", "balance_cents": "5000", "age_0_30_cents": "5000"}


def moved_in(run: Any, folder: Path) -> None:
    done = run("import", "customers", customers(folder / "customers.csv", OWING))
    assert done.exit_code == 0, done.output


def payments(folder: Path, *rows: str) -> Path:
    path = folder / "payments.csv"
    path.write_text("\n".join((",".join(PAYMENT_COLUMNS), *rows, "")))
    return path


def test_payments_are_posted_once_and_the_ledger_is_proven(run: Any, db: Database, tmp_path: Path) -> None:
    moved_in(run, tmp_path)
    file = payments(tmp_path, "R1,100482771,2000,2026-08-30,cash,D1", "R2,100519030,500,2026-08-30,cash,D1")
    first = run("import", "payments", file, "--report", tmp_path / "refused.csv")
    assert (first.exit_code, first.stdout) == (0, "Imported payments: 1 added, 1 refused.\n")
    assert "no account 100519030 in this office" in (tmp_path / "refused.csv").read_text()
    again = run("import", "payments", payments(tmp_path, "R1,100482771,2000,2026-08-30,cash,D1"))
    assert "Every receipt of this file was posted before: nothing was posted again." in again.stderr
    proven = run("verify-ledger")
    assert (proven.exit_code, proven.stdout) == (0, "main: 2 entries, 4 postings, 3 balances: proven.\n")


def test_a_balance_that_was_tampered_with_is_named(run: Any, db: Database, tmp_path: Path) -> None:
    moved_in(run, tmp_path)
    with db.write() as connection:
        connection.execute(text("UPDATE ledger_balance SET cents = 1 WHERE kind = 'receivable'"))
    found = run("verify-ledger")
    assert found.exit_code == 1
    assert found.stdout == (
        "Balance receivable:forward:100482771:2026-08-31: 1 cents where the postings come to 5000.\n"
    )


def test_the_export_is_a_book_that_beancount_reads(run: Any, db: Database, tmp_path: Path) -> None:
    moved_in(run, tmp_path)
    written = run("export-ledger", "--format", "beancount")
    entries, errors, _options = loader.load_string(written.stdout)
    assert (written.exit_code, errors) == (0, [])
    assert entries
    assert run("export-ledger", "--format", "csv").stdout.count("\n") == 3
    assert "Assets:Receivable:Forward:100482771  $50.00" in run("export-ledger", "--format", "hledger").stdout


def test_a_bill_run_without_a_book_says_so(run: Any, db: Database) -> None:
    done = run("run-bills", "--on", "2026-09-01")
    assert done.exit_code == 2
    assert done.stderr.strip() == "No tariff book is in force: load one and have it approved."


def test_the_first_book_of_an_office_as_it_is_typed(run: Any, db: Database, tmp_path: Path) -> None:
    for login, role in (("ann", "supervisor"), ("ben", "supervisor"), ("cal", "administrator")):
        added = run("add-staff", login, "--name", "Somebody", "--role", role, given=PASSWORD)
        assert added.exit_code == 0, added.output
    file = tmp_path / "book.toml"
    file.write_text(shipped_texts()["gru"].replace('price = "', 'price = "x', 1))
    bad = run("load-tariff", file, "--as", "ann", given=PASSWORD)
    assert bad.exit_code == 1
    assert bad.stderr.startswith("line ")
    assert "was not loaded: 1 mistakes." in bad.stderr
    file.write_text(shipped_texts()["gru"])
    nobody = run("load-tariff", file, "--as", "ann", given="something else")
    assert (nobody.exit_code, nobody.stderr) == (2, "The login or the password does not fit.\n")
    good = run("load-tariff", file, "--as", "ann", given=PASSWORD)
    digest = good.stdout.split()[2].rstrip(".")
    assert (good.exit_code, len(digest)) == (0, 64)
    assert run("simulate-tariff", digest[:12], "--month", "2026-08").exit_code == 0
    own = run("approve-tariff", digest[:12], "--as", "ann", given=PASSWORD)
    assert (own.exit_code, "another person approves it" in own.stderr) == (2, True)
    may_not = run("approve-tariff", digest[:12], "--as", "cal", given=PASSWORD)
    assert (may_not.exit_code, "does not include tariff.approve" in may_not.stderr) == (2, True)
    approved = run("approve-tariff", digest[:12], "--as", "ben", given=PASSWORD)
    assert approved.stdout.endswith("is in force for the office main.\n")
    assert run("list-tariffs").stdout == f"{digest[:12]}  gru  in force, loaded by ann\n"


def test_late_charges_by_the_method_of_the_city(
    run: Any, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("charge-late", "--on", "2026-09-30")
    assert done.stdout == "0 late charges on 0 bills past due, $0.00, by 1.5 % of the past due amount.\n"
    monkeypatch.setenv("CSR_CENTRAL_LATE_CHARGE_METHOD", "guess")
    wrong = run("charge-late")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("late_charge_method: a method is one of greater-of-5-and-1.5, ")
