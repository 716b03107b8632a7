"""The ledger's tables: nothing is lost, nothing is changed, whatever does not add up is found and named."""

import csv
import io
import json
import random
import shutil
import subprocess
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest
from beancount import loader
from beancount.core.data import Transaction
from sqlalchemy import text
from tests.domain.tariff.books import shipped

from csr_console.central import ledger
from csr_console.central.command_log import lock_head
from csr_console.central.database import Database
from csr_console.central.ledger_export import Format, export
from csr_console.central.tables.ledger import ledger_balance
from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.rated import Rated
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal
from csr_console.domain.ledger.receivables import Standing, settlement, spread, standing_after
from csr_console.domain.money import dollars_of
from csr_console.domain.refusals import Fault
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

OFFICE = "main"
TODAY = date(2026, 8, 30)
NOW = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
CASH = LedgerAccount(AccountKind.CASH)
REVENUE = LedgerAccount(AccountKind.REVENUE, "electric")


def bill(entry_id: str, account: str, cents: int, due_on: date = TODAY, memo: str = "Bill") -> Entry:
    postings = (Posting(receivable(account, "electric"), cents, due_on), Posting(REVENUE, -cents))
    return Entry(entry_id, EntryKind.BILL, account, TODAY, NOW, memo, postings)


def a_year() -> list[Entry]:
    """Twenty customers over a year: bills, payments too small and too large, some of them returned."""
    chance = random.Random(7)
    entries: list[Entry] = []
    standings = {f"1000{n:04d}0": Standing(f"1000{n:04d}0") for n in range(20)}

    def add(
        kind: EntryKind, account: str, on: date, memo: str, postings: tuple[Posting, ...], **more: Any
    ) -> None:
        if postings:
            entry_id = str(uuid5(UUID(int=1), f"{len(entries)}"))
            moment = NOW + timedelta(seconds=len(entries))
            entries.append(Entry(entry_id, kind, account, on, moment, memo, postings, **more))
            standings[account] = standing_after(standings[account], postings)

    for month in range(12):
        on = date(2025, 1, 5) + timedelta(days=30 * month)
        for account in list(standings):
            cents = chance.randint(1_500, 40_000)
            due_on = on + timedelta(days=21)
            charge = Posting(receivable(account, chance.choice(["electric", "water"])), cents, due_on)
            add(EntryKind.BILL, account, on, 'Bill "A" \\ =1+1; x', (charge, Posting(REVENUE, -cents)))
            add(EntryKind.APPLICATION, account, on, "Credit", settlement(standings[account], on))
            paid = chance.choice([0, cents, cents // 2, 2 * cents])
            if paid:
                money = (Posting(CASH, paid), *spread(standings[account], paid))
                add(EntryKind.PAYMENT, account, due_on, "=PAY()", money)
                if chance.random() < 0.1:
                    back = reversal(entries[-1], "", NOW, "Returned")
                    more = {"reverses": entries[-1].entry_id}
                    add(EntryKind.REVERSAL, account, back.effective_on, back.memo, back.postings, **more)
                    add(
                        EntryKind.APPLICATION,
                        account,
                        due_on,
                        "Credit",
                        settlement(standings[account], due_on),
                    )
    return entries


def post(db: Database, *entries: Entry) -> None:
    with db.write() as connection:
        ledger.post(connection, OFFICE, entries)


def findings(db: Database) -> list[str]:
    with db.read() as connection:
        return [finding.sentence for finding in ledger.verify_ledger(connection, OFFICE)]


def test_a_year_is_posted_read_back_and_proven(db: Database) -> None:
    year = a_year()
    assert len(year) > 400
    post(db, *year)
    assert findings(db) == []
    expected: dict[str, Standing] = {}
    for entry in year:
        before = expected.get(entry.account, Standing(entry.account))
        expected[entry.account] = standing_after(before, entry.postings)
    with db.read() as connection:
        assert list(ledger.list_entries(connection, OFFICE)) == year
        assert ledger.find_entry(connection, OFFICE, year[3].entry_id) == year[3]
        assert ledger.find_entry(connection, OFFICE, "none") is None
        found = ledger.standings(connection, OFFICE, expected)
    for account, standing in expected.items():
        assert found[account].credit_cents == standing.credit_cents
        assert set(found[account].dues) == set(standing.dues)


def test_entries_and_postings_are_never_changed_or_removed(db: Database) -> None:
    post(db, bill("b1", "100482771", 100))
    for statement in (
        "UPDATE ledger_posting SET cents = 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET memo = 'x'",
        "DELETE FROM ledger_entry",
    ):
        with pytest.raises(Fault, match="refused"), db.write() as connection:
            connection.execute(text(statement))
    with db.read() as connection:
        assert list(ledger.list_entries(connection, OFFICE)) == [bill("b1", "100482771", 100)]


def test_an_entry_is_taken_back_once(db: Database) -> None:
    entry = bill("b1", "100482771", 100)
    post(db, entry, reversal(entry, "r1", NOW, "wrong reading"))
    with pytest.raises(Fault, match="refused"):
        post(db, reversal(entry, "r2", NOW, "again"))
    assert findings(db) == []


def test_what_does_not_add_up_is_named(db: Database) -> None:
    post(db, bill("b1", "100482771", 100), bill("b2", "100519034", 250))
    with db.write() as connection:
        connection.execute(
            ledger_balance.update().where(ledger_balance.c.account == "100519034").values(cents=999)
        )
        connection.execute(
            text(
                "INSERT INTO ledger_posting (office, entry_id, line, kind, code, account, due_on, cents)"
                " VALUES ('main', 'b1', 7, 'revenue', 'gas', '', '', -5)"
            )
        )
    assert findings(db) == [
        "Entry b1: 0 cents where the postings come to -5.",
        "Balance revenue:gas: 0 cents where the postings come to -5.",
        "Balance receivable:electric:100519034:2026-08-30: 999 cents where the postings come to 250.",
    ]


def add_by_reading(db: Database, cents: int) -> None:
    """The control: the balance is read, added to here, and written back."""
    with db.read() as connection:
        row = connection.execute(ledger_balance.select().where(ledger_balance.c.kind == "revenue")).one()
    with db.write() as connection:
        connection.execute(
            ledger_balance.update().where(ledger_balance.c.kind == "revenue").values(cents=row.cents + cents)
        )


@pytest.mark.parametrize("control", [False, True])
def test_eight_writers_of_one_balance_lose_nothing(db: Database, control: bool) -> None:
    post(db, bill("b0", "100482771", 1))

    def write(writer: int) -> None:
        for index in range(25):
            if control:
                add_by_reading(db, -1)
            else:
                with db.write() as connection:
                    lock_head(connection, OFFICE)
                    ledger.post(connection, OFFICE, [bill(f"b{writer}-{index}", "100482771", 1)])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        row = connection.execute(ledger_balance.select().where(ledger_balance.c.kind == "revenue")).one()
    lost = 201 + row.cents
    assert lost > 0 if control else (lost == 0 and findings(db) == [])


def test_beancount_reads_the_year_and_finds_every_entry_balanced() -> None:
    year = a_year()
    entries, errors, _options = loader.load_string("".join(export(year, Format.BEANCOUNT)))
    assert errors == []
    transactions = [entry for entry in entries if isinstance(entry, Transaction)]
    assert len(transactions) == len(year)
    booked = sum(
        posting.units.number
        for transaction in transactions
        for posting in transaction.postings
        if posting.account == "Income:Revenue:Electric" and posting.units and posting.units.number
    )
    ours = sum(one.cents for entry in year for one in entry.postings if one.ledger == REVENUE)
    assert booked == dollars_of(ours)
    broken = "".join(export(year, Format.BEANCOUNT)).replace(
        "Income:Revenue:Electric  -", "Income:Revenue:Electric  -9", 1
    )
    assert loader.load_string(broken)[1] != []


def real_bills() -> list[Entry]:
    """A bill a month as the rating engine makes it, with codes, ids and memos that other books could trip
    over."""
    entries = []
    for month in range(12):
        first = date(2015, 4, 29) + timedelta(days=31 * month)
        period = ServicePeriod(first, first + timedelta(days=31))
        usage = Determinants(usage=Decimal(600 + 60 * month))
        case = Rated(shipped("gru"), "E-RES", period, usage, period.last_day, {"location": "inside"})
        billed = Bill(
            str(uuid5(UUID(int=2), str(month))),
            "100482771",
            month,
            period.last_day,
            TODAY,
            (case.segment(),),
        )
        entries.append(entry_of(billed, NOW))
    return entries


HOSTILE_MEMOS = (
    "",
    "(unclosed",
    "(x) code",
    "! * mark",
    "a;b|c",
    'a "b" \\',
    "due:2026-01-01, x:y",
    "[2026-01-02]",
)


def odd_entries() -> list[Entry]:
    """Two taxes whose ids differ in a sign that no other book has, under memos of every kind."""
    taxes = ("E-GRT.2", "E_GRT.2", "e-GRT..2", "x_", "9.-y")
    return [
        Entry(f"o{number}", EntryKind.ADJUSTMENT, "100482771", TODAY, NOW, memo, postings)
        for number, memo in enumerate(HOSTILE_MEMOS)
        for postings in [
            (
                Posting(LedgerAccount(AccountKind.SUSPENSE, "late_charge"), 100),
                Posting(LedgerAccount(AccountKind.TAX, taxes[number % len(taxes)]), -100),
            )
        ]
    ]


def test_beancount_reads_real_bills_under_accounts_that_stay_apart() -> None:
    book = "".join(export([*real_bills(), *odd_entries()], Format.BEANCOUNT))
    entries, errors, _options = loader.load_string(book)
    assert errors == []
    used = {one.account for entry in entries if isinstance(entry, Transaction) for one in entry.postings}
    assert {"Income:Revenue:Electric:Fuel", "Liabilities:Tax:E-GRT"} < used
    ours = {one.ledger for entry in (*real_bills(), *odd_entries()) for one in entry.postings}
    assert len(used) == len(ours)
    assert {"Liabilities:Tax:E-GRT:2", "Liabilities:Tax:E-GRT:2-2", "Liabilities:Tax:E-GRT:2-3"} < used


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_reads_the_year_strictly() -> None:
    entries = [*a_year(), *real_bills(), *odd_entries()]
    journal = "".join(export(entries, Format.HLEDGER))
    assert hledger(journal, "check", "--strict") == ""
    printed = json.loads(hledger(journal, "print", "-O", "json"))
    assert len(printed) == len(entries)
    kept = {one["ttags"][0][1]: one for one in printed}
    odd = [kept[f"o{number}"] for number in range(len(HOSTILE_MEMOS))]
    assert {one["tcode"] for one in odd} == {"adjustment"}
    memos = [memo.replace(";", ",").replace("|", "/") for memo in HOSTILE_MEMOS]
    assert [one["tdescription"] for one in odd] == memos
    booked = hledger(journal, "balance", "-N", "--depth", "2", "--format", "%(account) %(total)")
    ours = sum(
        one.cents for entry in entries for one in entry.postings if one.ledger.kind == AccountKind.CASH
    )
    assert f"Assets:Cash ${dollars_of(ours)}" in booked
    broken = journal.replace("Income:Revenue:Electric  $-", "Income:Revenue:Electric  $-9", 1)
    with pytest.raises(subprocess.CalledProcessError):
        hledger(broken, "check")


def hledger(journal: str, *command: str) -> str:
    done = subprocess.run(
        ["hledger", "-f-", *command], input=journal, encoding="utf-8", capture_output=True, check=True
    )
    return done.stdout


def test_csv_has_a_row_a_posting_and_no_formula() -> None:
    year = a_year()
    rows = list(csv.DictReader(io.StringIO("".join(export(year, Format.CSV)))))
    assert len(rows) == sum(len(entry.postings) for entry in year)
    assert sum(int(row["cents"]) for row in rows) == 0
    assert {row["memo"] for row in rows if row["kind"] == "payment"} == {"'=PAY()"}
