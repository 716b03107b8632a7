"""An account's money as it is read: bills, movements with their balance, use, causes, the arrangement."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.central.conftest import MARIA, NEIGHBOR, Town
from tests.central.test_billing_run import billed, month, run

from csr_console.central import ledger
from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.tables.billing import arrangement
from csr_console.central.tables.columns import to_json
from csr_console.contracts.views.bills import BillingView
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import spread
from csr_console.domain.refusals import Refusal

NOW = datetime(2026, 8, 30, 15, 0, tzinfo=UTC)
__all__ = ["billed"]


@pytest.fixture
def year(billed: Town) -> Town:
    """Thirteen months of bills, the last of them with twice the use a day over 34 days."""
    for number in range(1, 13):
        run(billed, month(billed, number))
    on = date(2024, 8, 1) + timedelta(days=30 * 12 + 34)
    from tests.central.test_billing_run import read

    read(billed, "E1000000", on, (73670 + 903 * 12 + 2040) % 100_000)
    read(billed, "W1000000", on, 500 + 55 * 13)
    run(billed, on)
    return billed


def view(town: Town, today: date = date(2025, 9, 10)) -> BillingView:
    with town.db.read() as connection:
        return billing_view(connection, "main", MARIA, today)


def pay(town: Town, cents: int, on: date) -> None:
    with town.db.write() as connection:
        standing = ledger.standings(connection, "main", [MARIA])[MARIA]
        postings = (Posting(LedgerAccount(AccountKind.CASH), cents), *spread(standing, cents))
        entry = Entry(str(uuid4()), EntryKind.PAYMENT, MARIA, on, NOW, "Payment, cash", postings)
        ledger.post(connection, "main", [entry])


def test_bills_movements_and_use_are_there_the_newest_first(year: Town) -> None:
    pay(year, 5_000, date(2025, 9, 9))
    shown = view(year)
    assert len(shown.bills) == 13
    assert shown.bills[0].billed_on == date(2025, 8, 30)
    assert [name for name, _ in shown.bills[0].services] == ["electric", "stormwater", "water", "sewer"]
    taken_back, opening, paid, bill, *_ = shown.movements
    assert {taken_back.kind, opening.kind} == {"opening", "reversal"}
    assert taken_back.cents + opening.cents == 0
    assert {(one.kind, one.reverses) for one in (taken_back, opening)} == {
        ("opening", None),
        ("reversal", next(one.entry_id for one in (taken_back, opening) if one.kind == "opening")),
    }
    assert (paid.text, paid.cents, paid.balance_cents) == ("Payment, cash", -5_000, shown.balance_cents)
    assert bill.balance_cents == shown.balance_cents + 5_000
    assert shown.movements[-1].balance_cents == shown.movements[-1].cents
    assert 0 < shown.overdue_cents < shown.balance_cents
    assert {use.service for use in shown.use} == {"electric", "water"}
    assert len([use for use in shown.use if use.service == "electric"]) == 13
    assert {use.read_how for use in shown.use} == {"actual"}


def test_a_high_bill_says_by_how_much_each_cause_made_it_so(year: Town) -> None:
    newest = view(year).newest
    assert newest is not None
    assert newest.bill.number == 1013
    electric = {cause.against: cause for cause in newest.causes if cause.service == "electric"}
    assert (electric["previous"].days, electric["previous"].days_before) == (34, 30)
    assert (str(electric["previous"].usage), str(electric["previous"].usage_before)) == ("2040", "903")
    for cause in newest.causes:
        parts = cause.days_cents + cause.use_cents + cause.rate_cents + cause.fuel_cents + cause.taxes_cents
        assert parts == cause.total_cents
    segment = next(one for one in newest.segments if one.service == "electric")
    with year.db.read() as connection:
        before = bill_view(connection, "main", MARIA, "1012")
    earlier = next(one for one in before.segments if one.service == "electric")
    assert electric["previous"].total_cents == segment.total_cents - earlier.total_cents
    assert all(line.why.citation for one in newest.segments for line in one.lines)
    assert [(one.meter, str(one.usage)) for one in newest.reads] == [
        ("E1000000", "2040"),
        ("W1000000", "5500"),
    ]
    electricity = newest.reads[0]
    assert (str(electricity.from_value), str(electricity.to_value)) == ("84506", "86546")
    assert (electricity.from_how, electricity.to_how) == ("actual", "actual")


def test_a_bill_is_found_by_number_and_by_id_and_only_on_its_account(year: Town) -> None:
    line = view(year).bills[3]
    with year.db.read() as connection:
        assert bill_view(connection, "main", MARIA, str(line.bill_id)).bill == line
        assert bill_view(connection, "main", MARIA, str(line.number)).bill == line
        for account, which in ((NEIGHBOR, str(line.number)), (MARIA, "999999"), (MARIA, "9" * 30)):
            with pytest.raises(Refusal, match="There is no bill"):
                bill_view(connection, "main", account, which)
        with pytest.raises(Refusal, match="no account"):
            billing_view(connection, "main", "900000008", NOW.date())


def test_an_arrangement_shows_what_is_paid_and_when_it_breaks(year: Town) -> None:
    row: dict[str, Any] = {
        "office": "main",
        "arrangement_id": str(uuid4()),
        "account": MARIA,
        "agreed_by": "clara",
    }
    planned = [[1, "2025-09-20", 10_000], [2, "2025-10-20", 10_000], [3, "2025-11-20", 10_001]]
    with year.db.write() as connection:
        values = {**row, "agreed_on": "2025-09-05", "total_cents": 30_001, "installments": to_json(planned)}
        connection.execute(arrangement.insert(), [values])
    pay(year, 12_000, date(2025, 9, 18))
    shown = view(year).arrangement
    assert shown is not None
    assert [item.paid_cents for item in shown.installments] == [10_000, 2_000, 0]
    assert (shown.state, shown.broken_on) == ("active", date(2025, 10, 24))
    late = view(year, date(2025, 10, 24)).arrangement
    assert late is not None
    assert late.state == "broken"
