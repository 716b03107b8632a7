"""A year of bills for a few residents of the city, made by the engine that makes the real ones."""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select, update

from csr_console.central import ledger
from csr_console.central.billing_run import run_bills
from csr_console.central.bills import ToPost, next_number, post_bills, segments_of
from csr_console.central.database import Database
from csr_console.central.staff import add_staff
from csr_console.central.tables import billing
from csr_console.central.tables.columns import to_json
from csr_console.central.tables.payments import payment
from csr_console.central.tariffs import get_book, shipped_texts
from csr_console.demo.prepared import OFFICE, DemoCity
from csr_console.domain.billing.bill import Bill
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal
from csr_console.domain.ledger.receivables import spread
from csr_console.domain.permissions import Actor, Role

READERS = {"auditor": ("Alex Booth", Role.AUDITOR), "admin": ("Ari Falk", Role.ADMINISTRATOR)}
INSIDE = to_json({"location": "inside", "phase": "1", "dwelling_units": "1", "impervious_sqft": "1990"})
HOSTILE = "Payment, cash\x1b[2J\x1b]0;owned\x07 [bold red]@click=app.quit[/] \u202etxt.exe"
"""What a cashier's file might carry into a memo."""
KWH_A_DAY = (29, 27, 24, 25, 31, 36, 38, 37, 33, 27, 24, 26, 30, 28, 45)
"""Use a day of each month; the last is the one a caller asks about."""
GALLONS_A_DAY = 180
METER, WATER_METER = "E9000001", "W9000001"


def bill_the_city(city: DemoCity) -> DemoCity:
    """The city with two more members of staff, and `billed`, a resident with fifteen bills: the ninth was
    cancelled and written again, a payment came back from the bank, the last read but one is an estimate.
    """
    billed = _someone(city)
    account = billed["account_number"]
    db = Database(f"sqlite:///{city.database}")
    last = date.today() - timedelta(days=5)  # noqa: DTZ011  the city's own calendar, not a moment
    days = tuple(last - timedelta(days=34 + 30 * back) for back in reversed(range(len(KWH_A_DAY) - 1)))
    days = (*days, last)
    try:
        _staff(db, city)
        with db.write() as connection:
            _settle(connection, account)
            _agree(connection, account, days[0] - timedelta(days=30))
            _reads(connection, days)
        for number, on in enumerate(days):
            run_bills(db, OFFICE, on, lambda on=on: _noon(on), accounts=[account])  # type: ignore[misc]
            if number == 8:
                _write_again(db, account, on + timedelta(days=3))
            if number < 13:
                back = number == 5
                _pay(db, account, on + timedelta(days=9), f"R{number:04}", returned=back)
    finally:
        db.close()
    passwords = {**city.passwords, **{login: _password(login) for login in READERS}}
    return replace(city, passwords=passwords, facts={**city.facts, "billed": billed})


def _someone(city: DemoCity) -> dict[str, str]:
    """A resident whom no other scenario calls, alone on their telephone."""
    named = json.dumps(city.facts)
    with city.customers.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    phones = Counter(phone for row in rows for phone in (row["phone_1"], row["phone_2"]))
    found = next(
        row
        for row in rows
        if (row["status"], row["kind"], row["language"]) == ("active", "residential", "en")
        and phones[row["phone_1"]] == 1
        and not row["alerts"]
        and row["account_number"] not in named
    )
    kept = {
        "phone": "phone_1",
        "street": "service_street",
        "name": "name",
        "account_number": "account_number",
    }
    return {fact: found[column] for fact, column in kept.items()}


def _password(login: str) -> str:
    return f"a-long-word-of-{login}"


def _staff(db: Database, city: DemoCity) -> None:
    with db.write() as connection:
        for login, (name, role) in READERS.items():
            actor = Actor(login, name, role, OFFICE)
            add_staff(connection, actor, _password(login), by="demo", now=_noon(date(2026, 1, 1)))


def _noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 16, tzinfo=UTC)


def _insert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(table.insert(), [{"office": OFFICE, **row} for row in rows])


def _settle(connection: Connection, account: str) -> None:
    """Nothing is owed from before the first bill."""
    openings = [one for one in ledger.list_entries(connection, OFFICE) if one.account == account]
    back = [reversal(one, str(uuid4()), one.posted_at, "Settled before the first bill") for one in openings]
    ledger.post(connection, OFFICE, back)


def _agree(connection: Connection, account: str, since: date) -> None:
    book = get_book("tallahassee")
    kept = {"digest": book.digest, "book_id": "tallahassee", "text": shipped_texts()["tallahassee"]}
    signed = {"loaded_by": "a", "loaded_at": "x", "approved_by": "b", "in_force_since": "2020"}
    if connection.execute(select(billing.tariff_book.c.digest)).first() is None:
        _insert(connection, billing.tariff_book, [{**kept, **signed}])
    connection.execute(billing.agreement.delete().where(billing.agreement.c.account == account))
    every = {
        "account": account,
        "since_on": since.isoformat(),
        "billed_to_on": since.isoformat(),
        "book_id": "tallahassee",
        "premise": INSIDE,
    }
    services = {
        "electric": ("E-RES", METER, "1"),
        "water": ("W-RES", WATER_METER, "100"),
        "sewer": ("S-RES", "", "1"),
        "stormwater": ("D-RES", "", "1"),
    }
    _insert(
        connection,
        billing.agreement,
        [
            {**every, "service": service, "schedule": schedule, "meter": meter, "multiplier": multiplier}
            for service, (schedule, meter, multiplier) in services.items()
        ],
    )


def _reads(connection: Connection, days: Sequence[date]) -> None:
    since = days[0] - timedelta(days=30)
    electric, water, rows = 20_000, 500, []
    before = since
    for number, on in enumerate((since, *days)):
        if number:
            electric += KWH_A_DAY[number - 1] * (on - before).days
            water += GALLONS_A_DAY * (on - before).days // 100
        estimated = "estimated" if number == len(days) - 1 else "actual"
        for meter, value in ((METER, electric), (WATER_METER, water)):
            row = {"meter": meter, "read_on": on.isoformat(), "value": str(value), "kind": estimated}
            rows.append({**row, "rolled_over": 0})
        before = on
    _insert(connection, billing.meter_read, rows)


def _write_again(db: Database, account: str, on: date) -> None:
    """Cancel the newest bill and put another in its place, as a correction does."""
    with db.write() as connection:
        row = connection.execute(
            select(billing.bill)
            .where(billing.bill.c.account == account)
            .order_by(billing.bill.c.number.desc())
        ).first()
        assert row is not None
        billed_on = date.fromisoformat(row.billed_on)
        rated = segments_of(connection, OFFICE, row.bill_id, billed_on)
        posted = ledger.find_entry(connection, OFFICE, row.bill_id)
        assert posted is not None
        back = reversal(
            posted, str(uuid4()), _noon(on) - timedelta(hours=1), f"Bill {row.number} cancelled: wrong meter"
        )
        ledger.post(connection, OFFICE, [back])
        connection.execute(
            update(billing.bill)
            .where(billing.bill.c.bill_id == row.bill_id)
            .values(cancelled_by=back.entry_id)
        )
        segments = tuple(segment for _, segment in rated)
        due = date.fromisoformat(row.due_on)
        number = next_number(connection, OFFICE)
        again = Bill(str(uuid4()), account, number, billed_on, due, segments, replaces=row.bill_id)
        standings = ledger.standings(connection, OFFICE, [account])
        post_bills(connection, OFFICE, [ToPost(again, [one for one, _ in rated])], standings, _noon(on))


def _pay(db: Database, account: str, on: date, receipt: str, *, returned: bool) -> None:
    """The whole balance, paid and perhaps sent back by the bank."""
    with db.write() as connection:
        standing = ledger.standings(connection, OFFICE, [account])[account]
        cents = standing.balance_cents
        memo = HOSTILE if receipt == "R0012" else f"Payment, check, receipt {receipt}"
        postings = (Posting(LedgerAccount(AccountKind.CASH), cents), *spread(standing, cents))
        entry = Entry(str(uuid4()), EntryKind.PAYMENT, account, on, _noon(on), memo, postings)
        ledger.post(connection, OFFICE, [entry])
        row = {"receipt": receipt, "account": account, "cents": cents, "paid_on": on.isoformat()}
        made = {"tender": "check", "drawer": "", "entry_id": entry.entry_id, "file_digest": "x"}
        _insert(connection, payment, [{**row, **made}])
        if returned:
            later = on + timedelta(days=4)
            said = f"Receipt {receipt} returned: insufficient funds"
            ledger.post(connection, OFFICE, [reversal(entry, str(uuid4()), _noon(later), said)])
