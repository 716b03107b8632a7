"""Late charges: once for each bill, on what is past due of it, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.central.conftest import MARIA, NEIGHBOR, Town
from tests.central.test_billing_run import FIRST, INSIDE, agree, billed, insert, month, rows, run

from csr_console.central import late_charges, ledger
from csr_console.central.late_charges import LateReport, charge_late
from csr_console.central.tables import billing
from csr_console.central.tables.accounts import account_alert
from csr_console.central.tables.ledger import ledger_entry
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.tariff import read_book
from csr_console.domain.billing.commands import MakeArrangement
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import spread

__all__ = ["billed"]
NOW = datetime(2024, 10, 1, 14, tzinfo=UTC)
DUE = FIRST + timedelta(days=30 + 21)
LATE = DUE + timedelta(days=1)


@pytest.fixture
def owing(billed: Town) -> Town:
    """Maria and her neighbor owe one bill each."""
    agree(billed, NEIGHBOR, "stormwater", "D-RES")
    run(billed, month(billed, 1))
    return billed


def charge(town: Town, on: date = LATE, method: str = "greater-of-5-and-1.5") -> LateReport:
    report = charge_late(town.db, "main", on, method, lambda: NOW)
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
    return report


def charged(town: Town) -> dict[str, str]:
    return {row.account: row.memo for row in rows(town, ledger_entry) if row.kind == "late_charge"}


def balance(town: Town, account: str = MARIA) -> int:
    with town.db.read() as connection:
        return ledger.standings(connection, "main", [account])[account].balance_cents


def pay(town: Town, cents: int, account: str = MARIA) -> None:
    with town.db.write() as connection:
        standing = ledger.standings(connection, "main", [account])[account]
        cash = Posting(LedgerAccount(AccountKind.CASH), cents)
        postings = (cash, *spread(standing, cents))
        entry = Entry(f"paid-{cents}", EntryKind.PAYMENT, account, DUE, NOW, "Payment", postings)
        ledger.post(connection, "main", [entry])


def test_each_bill_is_charged_once_after_its_day(owing: Town) -> None:
    assert charge(owing, DUE).charged == 0
    owed = balance(owing)
    report = charge(owing)
    assert (report.bills, report.charged) == (2, 2)
    assert set(charged(owing)) == {MARIA, NEIGHBOR}
    assert charged(owing)[MARIA].startswith("Late charge on bill 100")
    assert "FPL: the greater of $5 and 1.5 %" in charged(owing)[MARIA]
    assert balance(owing) == owed + max(500, round(owed * 0.015))
    for again in (LATE, LATE + timedelta(days=40)):
        assert charge(owing, again).charged == 0
    assert len([row for row in rows(owing, ledger_entry) if row.kind == "late_charge"]) == 2


def test_only_what_is_left_of_a_bill_is_late(owing: Town) -> None:
    pay(owing, balance(owing) - 10_00)
    report = charge(owing, method="5-percent")
    assert balance(owing) == 10_00 + 50
    assert report.charged == 2
    pay(owing, balance(owing, NEIGHBOR), NEIGHBOR)
    assert charge(owing, LATE + timedelta(days=1)).bills == 1


def test_a_job_that_was_cut_off_goes_on(owing: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_charges, "_PAST_DUE", late_charges._PAST_DUE.limit(1))

    def cut_off(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        charge_late(owing.db, "main", LATE, "5-percent", lambda: NOW, progress=cut_off)
    assert len(charged(owing)) == 1
    assert charge(owing, method="5-percent").charged == 1
    assert len(charged(owing)) == 2


def _government(town: Town) -> None:
    """The neighbor is on a schedule of government accounts."""
    text = shipped_texts()["tallahassee"].replace('id = "tallahassee"', 'id = "tallahassee-gov"', 1)
    start = text.index('id = "D-RES"')
    text = text[:start] + text[start:].replace('class = "residential"', 'class = "government"', 1)
    book = read_book(text).book
    assert book is not None
    kept = {"digest": book.digest, "book_id": book.book.id, "text": text}
    insert(
        town,
        billing.tariff_book,
        {**kept, "loaded_by": "a", "loaded_at": "x", "approved_by": "b", "in_force_since": "2024"},
    )
    row = {"account": NEIGHBOR, "service": "drainage", "since_on": "2024-08-01", "billed_to_on": "2030-01-01"}
    insert(town, billing.agreement, {**row, "book_id": book.book.id, "schedule": "D-RES", "premise": INSIDE})


def _bankrupt(town: Town) -> None:
    row: dict[str, Any] = {"account": NEIGHBOR, "code": "bankruptcy_stay", "expires_on": None}
    insert(town, account_alert, row)


@pytest.mark.parametrize("spare", [_government, _bankrupt])
def test_who_is_spared(owing: Town, spare: Any) -> None:
    spare(owing)
    assert charge(owing).charged == 1
    assert set(charged(owing)) == {MARIA}


def test_a_bill_that_a_kept_arrangement_covers_waits_until_it_is_broken(owing: Town) -> None:
    owing.clock.now = datetime(2024, 9, 15, 14, tzinfo=UTC)
    assert owing.do(MakeArrangement(account=MARIA, installments=3)).state == "applied"
    assert charge(owing).charged == 1
    assert set(charged(owing)) == {NEIGHBOR}
    assert charge(owing, date(2024, 10, 5)).charged == 1
    assert set(charged(owing)) == {MARIA, NEIGHBOR}
