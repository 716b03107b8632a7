"""`csr-console central ...` as an operator types it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from csr_console.central.cli import central_app
from csr_console.central.database import Database
from csr_console.contracts.imports import CUSTOMER_COLUMNS

PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CSR_CENTRAL_DATABASE", f"sqlite:///{tmp_path}/central.db")
    monkeypatch.setenv("COLUMNS", "160")
    runner = CliRunner()
    return lambda *arguments, given="": runner.invoke(central_app, list(map(str, arguments)), input=given)


@pytest.fixture
def db(run: Any, tmp_path: Path) -> Any:
    assert run("migrate").exit_code == 0
    database = Database(f"sqlite:///{tmp_path}/central.db")
    yield database
    database.close()


def customers(path: Path, *changes: dict[str, str]) -> Path:
    base = dict.fromkeys(CUSTOMER_COLUMNS, "") | {
        "kind": "residential", "status": "active", "name": "Ada Person", "language": "en",
        "premise": "P1000000", "service_street": "1 Oak St", "service_city": "Springfield",
        "service_zip": "32301", "since_on": "2020-01-01", "balance_on": "2026-08-31",
        **{name: "0" for name in CUSTOMER_COLUMNS if name.startswith(("age_", "balance_cents"))},
    }  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CUSTOMER_COLUMNS)
        writer.writeheader()
        writer.writerows(base | change for change in changes)
    return path


def test_staff_from_the_first_administrator_on(run: Any, db: Database) -> None:
    added = run("add-staff", "root", "--name", "Ada  Admin", "--role", "administrator", given=f"{PASSWORD}\n")
    assert (added.exit_code, added.stdout) == (
        0,
        "root can sign in as administrator of the office main.\n",
    )
    twice = run("add-staff", "root", "--name", "Ada", given=f"{PASSWORD}\n")
    assert (twice.exit_code, twice.stderr) == (2, "There is already somebody with the login root.\n")
    short = run("add-staff", "kim", "--name", "Kim", given="short\n")
    assert (short.exit_code, short.stderr) == (2, "A password has 12 to 200 characters.\n")
    named = run("add-staff", "Kim Lee", "--name", "Kim", given=f"{PASSWORD}\n")
    assert (named.exit_code, "lower-case" in named.stderr) == (2, True)
    assert run("disable-staff", "root").exit_code == 0
    assert run("list-staff").stdout == "root  administrator  Ada Admin  (disabled)\n"
    assert run("disable-staff", "root", "--enable").stdout == "root can sign in again.\n"
    assert run("set-password", "root", given="another good password\n").exit_code == 0
    nobody = run("disable-staff", "nobody")
    assert (nobody.exit_code, nobody.stderr) == (2, "Nobody has the login nobody.\n")
    with db.read() as connection:
        acts = connection.execute(text("SELECT act FROM journal ORDER BY id")).scalars().all()
    assert sorted(acts) == ["staff.added", "staff.disabled", "staff.enabled", "staff.password"]


def test_a_password_is_never_an_argument(run: Any) -> None:
    assert run("add-staff", "kim", "--name", "Kim", "--password", PASSWORD).exit_code == 2
    assert "password" not in " ".join(run("add-staff", "--help").stdout.split("--")[1:]).lower()


def test_customers_with_a_report_of_what_was_refused(run: Any, db: Database, tmp_path: Path) -> None:
    good = {"account_number": "100482771"}
    bad = {"account_number": "100482783", "phone_1": "12345", "email": "=cmd|calc"}
    file = customers(tmp_path / "customers.csv", good, bad)
    report = tmp_path / "refused.csv"
    refused = run("import", "customers", file, "--report", report)
    assert refused.exit_code == 1
    assert "phone_1" in refused.stderr
    assert "Nothing was imported" in refused.stderr
    with report.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {(row["row"], row["field"]) for row in rows} == {("3", "phone_1"), ("3", "email")}
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    taken = run("import", "customers", file, "--skip-refused", "--report", tmp_path / "refused.json")
    assert (taken.exit_code, taken.stdout) == (0, "Imported accounts: 1 added, 2 refused.\n")
    document = json.loads((tmp_path / "refused.json").read_text())
    assert (document["applied"], document["by_field"]) == (True, {"phone_1": 1, "email": 1})
    again = run("import", "customers", customers(tmp_path / "customers.csv", good))
    assert again.stdout == "Imported accounts: 1 unchanged.\n"


def test_a_report_that_cannot_be_written_stops_before_the_import(run: Any, tmp_path: Path) -> None:
    file = customers(tmp_path / "customers.csv", {"account_number": "100482771"})
    for report in ("refused.txt", "nowhere/refused.csv"):
        answer = run("import", "customers", file, "--report", tmp_path / report)
        assert answer.exit_code == 2
        assert not (tmp_path / "central.db").exists()


def test_a_folder_that_is_no_network(run: Any, tmp_path: Path) -> None:
    answer = run("import", "network", tmp_path)
    assert answer.exit_code == 1
    assert "nodes.csv" in answer.stderr


def test_the_audit_chain_is_checked(run: Any, db: Database, tmp_path: Path) -> None:
    assert run("verify-audit").stdout == "No commands have been applied yet.\n"
    with db.write() as connection:
        connection.execute(
            text(
                "INSERT INTO command_log (office, seq, command_id, kind, actor, station, counter, session,"
                " issued_at, applied_at, digest, body, state, outcome, prev_hash, hash) VALUES"
                " ('main', 1, 'x', 'note.add', 'kim', 'C07', 1, 's', '', '', '', '{}', 'applied', '{}',"
                " '', 'no')"
            )
        )
    answer = run("verify-audit")
    assert answer.exit_code == 1
    assert "Row 1 of main" in answer.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--database", "nonsense"], "The database is given as sqlite:///path"),
        (["--database", "mysql://root@host/x"], "sqlite:///"),
        (["--database", "sqlite://"], "file"),
        (["--time-zone", "Mars/Olympus"], "America/New_York"),
        (["--workers", "2"], "one worker"),
        (["--secret-file", "/proc/nowhere/secret"], "secret file"),
    ],
)
def test_what_cannot_be_served_is_a_sentence(run: Any, options: list[str], sentence: str) -> None:
    answer = run("serve", "--port", "1", *options)
    assert answer.exit_code == 2, answer.output
    assert sentence in answer.stderr
    assert "Traceback" not in answer.output


def test_the_description_is_exported_and_checked(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    assert run("export-openapi", path, "--check").exit_code == 1
    assert run("export-openapi", path).exit_code == 0
    assert run("export-openapi", path, "--check").exit_code == 0
