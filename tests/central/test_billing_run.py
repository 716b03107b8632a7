"""A bill run: every service of every account, once, provable, and rated again to the cent years later."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from tests.central.conftest import FRAUD, MARIA, NEIGHBOR, Town

from csr_console.central import billing_run, bills, ledger
from csr_console.central.billing_run import RunReport, run_bills
from csr_console.central.tables import billing
from csr_console.central.tables.columns import from_json, to_json
from csr_console.central.tariffs import get_book, shipped_texts
from csr_console.domain.ledger.accounts import credit
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal
from csr_console.domain.refusals import Fault, Refusal

NOW = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
INSIDE = to_json({"location": "inside", "phase": "1", "dwelling_units": "1", "impervious_sqft": "1990"})
FIRST = date(2024, 8, 1)


def insert(town: Town, table: Any, *rows: dict[str, Any]) -> None:
    with town.db.write() as connection:
        connection.execute(table.insert(), [{"office": "main", **row} for row in rows])


def agree(town: Town, account: str, service: str, schedule: str, meter: str = "", **more: Any) -> None:
    since = FIRST.isoformat()
    row = {"account": account, "service": service, "since_on": since, "billed_to_on": since, "meter": meter}
    insert(
        town,
        billing.agreement,
        {**row, "book_id": "tallahassee", "schedule": schedule, "premise": INSIDE, **more},
    )


def read(town: Town, meter: str, on: date, value: int, kind: str = "actual", rolled_over: int = 0) -> None:
    row = {"meter": meter, "read_on": on.isoformat(), "value": str(value), "kind": kind}
    insert(town, billing.meter_read, {**row, "rolled_over": rolled_over})


@pytest.fixture
def billed(town: Town) -> Town:
    """A town that rates by the book of Tallahassee, nobody owing anything; Maria has four services."""
    book = get_book("tallahassee")
    kept = {"digest": book.digest, "book_id": "tallahassee", "text": shipped_texts()["tallahassee"]}
    insert(
        town,
        billing.tariff_book,
        {**kept, "loaded_by": "a", "loaded_at": "x", "approved_by": "b", "in_force_since": "2024"},
    )
    with town.db.write() as connection:
        openings = list(ledger.list_entries(connection, "main"))
        ledger.post(connection, "main", [reversal(one, str(uuid4()), NOW, "Settled") for one in openings])
    agree(town, MARIA, "electric", "E-RES", "E1000000")
    agree(town, MARIA, "water", "W-RES", "W1000000", multiplier="100")
    agree(town, MARIA, "sewer", "S-RES")
    agree(town, MARIA, "stormwater", "D-RES")
    read(town, "E1000000", FIRST, 73670)
    read(town, "W1000000", FIRST, 500)
    return town


def run(town: Town, billed_on: date, **rest: Any) -> RunReport:
    report = run_bills(town.db, "main", billed_on, lambda: NOW, **rest)
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
    return report


def rows(town: Town, table: Any) -> list[Any]:
    with town.db.read() as connection:
        return list(connection.execute(select(table)).all())


def month(town: Town, number: int, kwh: int = 903, hundred_gallons: int = 55) -> date:
    """Reads of a month after the first, and the day they are billed."""
    on = FIRST + timedelta(days=30 * number)
    read(town, "E1000000", on, (73670 + kwh * number) % 100_000, rolled_over=0)
    read(town, "W1000000", on, 500 + hundred_gallons * number)
    return on


def test_every_service_is_billed_owed_and_shown_with_its_reads(billed: Town) -> None:
    report = run(billed, month(billed, 1))
    assert (report.accounts, report.bills, report.exceptions) == (1, 1, {})
    (row,) = rows(billed, billing.bill)
    segments = rows(billed, billing.bill_segment)
    assert [(one.service, one.usage) for one in segments] == [
        ("electric", "903"),
        ("stormwater", None),
        ("water", "5500"),
        ("sewer", "5500"),
    ]
    assert (
        row.total_cents == report.total_cents == sum(one.charges_cents + one.taxes_cents for one in segments)
    )
    with billed.db.read() as connection:
        standing = ledger.standings(connection, "main", [MARIA])[MARIA]
    assert standing.balance_cents == row.total_cents
    assert {due.due_on for due in standing.dues} == {date.fromisoformat(row.billed_on) + timedelta(days=21)}


def test_a_run_bills_nobody_twice_and_goes_on_where_it_was_cut_off(billed: Town, monkeypatch: Any) -> None:
    agree(billed, NEIGHBOR, "stormwater", "D-RES")
    agree(billed, FRAUD, "stormwater", "D-RES")
    monkeypatch.setattr(billing_run, "ACCOUNTS_AT_ONCE", 1)
    on = month(billed, 1)
    done: list[int] = []

    def cut_off(count: int, _of: int) -> None:
        done.append(count)
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_bills(billed.db, "main", on, lambda: NOW, progress=cut_off)
    assert len(rows(billed, billing.bill)) == 2
    assert run(billed, on).bills == 1
    assert run(billed, on).bills == 0
    numbers = sorted(row.number for row in rows(billed, billing.bill))
    assert numbers == [1001, 1002, 1003]


def test_a_service_that_ended_is_billed_to_its_end_and_no_further(billed: Town) -> None:
    on = month(billed, 1)
    with billed.db.write() as connection:
        connection.execute(update(billing.agreement).values(until_on=on.isoformat()))
    assert run(billed, on).bills == 1
    assert run(billed, month(billed, 2)).bills == 0


def test_credit_pays_the_bill_at_once(billed: Town) -> None:
    money = Posting(credit(MARIA), -2_000)
    other = Posting(credit(NEIGHBOR), 2_000)
    with billed.db.write() as connection:
        entry = Entry(str(uuid4()), EntryKind.PAYMENT, MARIA, FIRST, NOW, "Paid ahead", (money, other))
        ledger.post(connection, "main", [entry])
    report = run(billed, month(billed, 1))
    with billed.db.read() as connection:
        standing = ledger.standings(connection, "main", [MARIA])[MARIA]
    assert (standing.credit_cents, standing.balance_cents) == (0, report.total_cents - 2_000)


def test_what_cannot_be_billed_waits_and_the_rest_is_billed(billed: Town) -> None:
    on = FIRST + timedelta(days=30)
    read(billed, "E1000000", on, 73_000)
    report = run(billed, on)
    assert report.exceptions == {"read-refused": 1, "missing-read": 2}
    found = {row.service: row.sentence for row in rows(billed, billing.bill_exception)}
    assert "is below the last one, 73670" in found["electric"]
    assert "There is no read after 2024-08-01" in found["water"]
    assert [row.service for row in rows(billed, billing.bill_segment)] == ["stormwater"]


def test_a_register_that_passed_zero_is_billed_when_it_is_marked(billed: Town) -> None:
    on = FIRST + timedelta(days=30)
    read(billed, "E1000000", on, 573, rolled_over=1)
    read(billed, "W1000000", on, 555)
    run(billed, on)
    (electric, *_) = rows(billed, billing.bill_segment)
    assert electric.usage == "26903"


def test_use_that_is_unusual_for_the_month_is_looked_at(billed: Town) -> None:
    for number in range(1, 12):
        run(billed, month(billed, number))
    on = month(billed, 12)
    assert run(billed, on).exceptions == {}
    read(billed, "E1000000", on + timedelta(days=30), (73670 + 903 * 12 + 2000) % 100_000)
    read(billed, "W1000000", on + timedelta(days=30), 500 + 55 * 12)
    report = run(billed, on + timedelta(days=30))
    assert report.exceptions == {"high-use": 1, "zero-use": 1}
    sentences = {row.service: row.sentence for row in rows(billed, billing.bill_exception)}
    assert sentences["electric"] == "66.7 a day, 30.1 a year ago (+121%)."
    assert sentences["water"] == "Meter W1000000 counted nothing in 30 days."


def test_any_bill_is_rated_again_to_the_same_cents(billed: Town) -> None:
    for number in range(1, 7):
        run(billed, month(billed, number))
    with billed.db.read() as connection:
        for row in connection.execute(select(billing.bill)).all():
            billed_on = date.fromisoformat(row.billed_on)
            segments = bills.segments_of(connection, "main", row.bill_id, billed_on)
            assert sum(segment.total_cents for _, segment in segments) == row.total_cents
            assert all(line.why.arithmetic for _, segment in segments for line in segment.lines)


def test_a_bill_that_does_not_come_out_again_is_a_fault(billed: Town, monkeypatch: Any) -> None:
    run(billed, month(billed, 1))
    (row,) = rows(billed, billing.bill)
    monkeypatch.setattr(bills, "from_json", _one_cent_more(from_json))
    with billed.db.read() as connection, pytest.raises(Fault, match="does not come to what was billed"):
        bills.segments_of(connection, "main", row.bill_id, date.fromisoformat(row.billed_on))


def _one_cent_more(read_json: Any) -> Any:
    def changed(text: str) -> Any:
        value = read_json(text)
        if isinstance(value, list):
            value[0][2] += 1
        return value

    return changed


def test_without_a_book_in_force_nothing_is_billed(town: Town) -> None:
    with pytest.raises(Refusal, match="No tariff book is in force"):
        run(town, FIRST)
