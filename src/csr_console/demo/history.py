"""Two years of bills and payments for the demo city, made by the engine that bills a real one.

The first accounts are billed before the console opens, the rest afterwards by a process of its own, a few at
a time, so that a clerk never waits for it. What is billed already is not billed again.
"""

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

from csr_console.central.agreements import list_unbilled, put_agreements, put_book_in_force, put_days
from csr_console.central.billing_run import run_bills
from csr_console.central.bills import list_bills
from csr_console.central.database import Database
from csr_console.central.imports import Importer, import_degree_days, import_payments
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.imports import CustomerRow, read_customers
from csr_console.contracts.imports.degree_days import TEMPERATURE_COLUMNS
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.demo.city.billing import BOOK, agreements, cycle_of, read_days
from csr_console.demo.city.climate import STATION, days_between, temperatures
from csr_console.demo.city.hours import UNITS, use_by_the_hour
from csr_console.demo.plans import bill_by_budget, plans_of
from csr_console.domain.billing.budget_commands import BudgetStrategy

ACCOUNTS_AT_ONCE = 20
PAID_BEFORE_DUE = timedelta(days=3)
WEATHER_KEPT = timedelta(days=800)
"""Longer than the oldest bill is old."""
Progress = Callable[[int, int], None]


def settle_agreements(
    db: Database,
    office: str,
    customers: Path,
    as_of: date,
    progress: Progress,
    *,
    hourly: Collection[str] = (),
    leaking: Collection[str] = (),
) -> None:
    """What every account is billed for, by which book, and what its meters showed.

    The meters of the accounts `hourly` tell electricity by the hour, by which they are billed, those of
    `leaking` their water.
    """
    rows = [
        row for row in read_customers(customers) if isinstance(row, CustomerRow) and row.status == "active"
    ]
    since = datetime.combine(as_of, time(), UTC) - timedelta(days=900)
    with db.write() as connection:
        text = shipped_texts()[BOOK]
        put_book_in_force(connection, office, text, loaded_by="demo", approved_by="supervisor", since=since)
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            agreed = [
                one for row in part for one in agreements(row, as_of, hourly=row.account_number in hourly)
            ]
            put_agreements(connection, office, agreed)
            for one in agreed:
                telling = {"electric": hourly, "water": leaking}.get(one.service, ())
                if one.account in telling and one.reads:
                    unit = UNITS[one.service]
                    put_days(connection, office, one.meter, unit, use_by_the_hour(one))
            progress(start + len(part), len(rows))


def measure_weather(db: Database, office: str, as_of: date) -> None:
    """Two years of temperatures as a file of the weather station."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "temperatures.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(TEMPERATURE_COLUMNS)
            for day in days_between(as_of - WEATHER_KEPT, as_of):
                writer.writerow((day, *temperatures(day)))
        import_degree_days(db, path, Importer(office, "demo", datetime.now(UTC)), STATION)


def bill_accounts(
    db: Database,
    office: str,
    accounts: Sequence[str],
    as_of: date,
    *,
    on_budget: Mapping[str, BudgetStrategy] | None = None,
) -> None:
    """Two years of bills of a few accounts, all but the newest paid on time with what they came to; those on
    a budget plan, of which there are some anyway, with what they asked."""
    plans = {**plans_of(accounts), **(on_budget or {})}
    billed = [number for number in accounts if number not in plans]
    for _day, group in groupby(sorted(billed, key=cycle_of), key=cycle_of):
        some = list(group)
        days = read_days(some[0], as_of)
        for day in days[1:]:
            moment = datetime.combine(day, time(6), UTC)
            run_bills(db, office, day, _always(moment), accounts=some, tell=day == days[-1])
    _pay(db, office, billed, as_of)
    for number, strategy in plans.items():
        bill_by_budget(db, office, number, strategy, as_of)


def _always(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _pay(db: Database, office: str, accounts: Sequence[str], as_of: date) -> None:
    """The payments as a file of the cashier's office."""
    with db.read() as connection:
        bills = list_bills(connection, office, accounts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payments.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(PAYMENT_COLUMNS)
            for one in bills:
                paid_on = one.due_on - PAID_BEFORE_DUE
                if paid_on <= as_of:
                    row = (f"H-{one.number}", one.account, one.total_cents, paid_on, "transfer", "")
                    writer.writerow(row)
        import_payments(db, path, Importer(office, "demo", datetime.now(UTC)))


def main(database: str, office: str, as_of: str) -> None:
    """Bill whoever waits, a few at a time, behind everything else the machine does."""
    os.nice(19)
    db = Database(f"sqlite:///{database}")
    try:
        with db.read() as connection:
            accounts = list_unbilled(connection, office)
        for start in range(0, len(accounts), ACCOUNTS_AT_ONCE):
            bill_accounts(db, office, accounts[start : start + ACCOUNTS_AT_ONCE], date.fromisoformat(as_of))
    finally:
        db.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
