"""payments.csv of the cashier's office: posted once, whatever comes twice, and what is refused is said."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.central.conftest import MARIA, NEIGHBOR, Town

from csr_console.central import ledger
from csr_console.central.imports import Imported, Importer, import_payments
from csr_console.central.reads.accounts import roster_entries
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def receipt(number: str, account: str, cents: int | str, **changed: str) -> dict[str, str]:
    return {
        "receipt": number,
        "account_number": account,
        "amount_cents": str(cents),
        "paid_on": "2026-08-31",
        "tender": "cash",
        "drawer": "D2",
    } | changed


def take(town: Town, folder: Path, *rows: dict[str, str], name: str = "payments.csv") -> Imported:
    path = folder / name
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, PAYMENT_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return import_payments(town.db, path, Importer("main", "cashier", NOW))


def owed(town: Town, account: str) -> int:
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
        return ledger.standings(connection, "main", [account])[account].balance_cents


@pytest.fixture
def billed(town: Town) -> Town:
    """Maria owes $70.00 for two services, and nobody owes anything else."""
    postings = (
        Posting(receivable(MARIA, "electric"), 5000, date(2026, 8, 20)),
        Posting(receivable(MARIA, "water"), 2000, date(2026, 9, 20)),
        Posting(LedgerAccount(AccountKind.REVENUE, "electric"), -7000),
    )
    entry = Entry("b1", EntryKind.BILL, MARIA, date(2026, 8, 1), NOW, "Bill", postings)
    with town.db.write() as connection:
        openings = list(ledger.list_entries(connection, "main"))
        back = [reversal(one, f"back-{one.account}", NOW, "Settled before") for one in openings]
        ledger.post(connection, "main", [*back, entry])
    return town


def test_payments_are_posted_to_the_oldest_charges_and_the_desks_are_told(
    billed: Town, tmp_path: Path
) -> None:
    with billed.db.read() as connection:
        before = roster_entries(connection, "main", [MARIA], NOW.date())[MARIA].version
    imported = take(billed, tmp_path, receipt("R1", MARIA, 4000), receipt("R2", MARIA, 4000, drawer=""))
    assert imported.counts == {"added": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert owed(billed, MARIA) == -1000
    with billed.db.read() as connection:
        assert roster_entries(connection, "main", [MARIA], NOW.date())[MARIA].version > before
        names = {
            one.ledger.name for entry in ledger.list_entries(connection, "main") for one in entry.postings
        }
    assert {"drawer:D2", "cash", f"credit:{MARIA}"} < names


def test_a_file_that_comes_twice_is_posted_once(billed: Town, tmp_path: Path) -> None:
    rows = (receipt("R1", MARIA, 1000), receipt("R2", NEIGHBOR, 500))
    take(billed, tmp_path, *rows)
    again = take(billed, tmp_path, *rows)
    assert again.counts == {"added": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert again.notes == ["Every receipt of this file was posted before: nothing was posted again."]
    longer = take(billed, tmp_path, *rows, receipt("R3", MARIA, 200), name="monday.csv")
    assert (longer.added, longer.unchanged, longer.notes) == (1, 2, [])
    assert owed(billed, MARIA) == 5800


def test_the_good_receipts_are_posted_although_others_are_refused(billed: Town, tmp_path: Path) -> None:
    take(billed, tmp_path, receipt("R1", MARIA, 1000))
    imported = take(
        billed,
        tmp_path,
        receipt("R1", MARIA, 1001),
        receipt("R2", "900000008", 100),
        receipt("R3", MARIA, 0),
        receipt("R4", MARIA, "12.50"),
        receipt("R5", MARIA, 300),
        receipt("R5", MARIA, 300),
        receipt("R6", MARIA, 300, paid_on="2026-09-02"),
        receipt("R7", MARIA, 300, tender="gold"),
        receipt("=R8", MARIA, 300),
        receipt("R9", "100482772", 300),
        name="bad.csv",
    )
    assert imported.added == 1
    assert owed(billed, MARIA) == 5700
    said = {(one.row, one.field): one.reason for one in imported.report.refused}
    assert said[2, "receipt"] == (
        f"was posted on 2026-08-31 with 10.00 to {MARIA}: a receipt is posted once; correct the number"
    )
    assert said[3, "account_number"] == "no account 900000008 in this office: find whose it is"
    assert said[4, "amount_cents"].startswith("is not more than nothing")
    assert said[5, "amount_cents"] == "is “12.50”: write whole cents without a point, 8512 for $85.12"
    assert said[7, "receipt"] == "stands in row 6 and again in row 7: keep one of them"
    assert said[8, "paid_on"] == "is in the future: correct the day"
    assert {(9, "tender"), (10, "receipt"), (11, "account_number")} < set(said)


def test_a_long_file_is_posted_whole(billed: Town, tmp_path: Path) -> None:
    imported = take(billed, tmp_path, *(receipt(f"R{index}", MARIA, 10) for index in range(450)))
    assert imported.added == 450
    assert owed(billed, MARIA) == 2500
