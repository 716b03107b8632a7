"""Arrangements and returned payments through the pipeline, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.central.conftest import MARIA, NEIGHBOR, START, Town

from csr_console.central import ledger
from csr_console.central.imports.payments import import_payments
from csr_console.central.imports.run import Importer
from csr_console.central.reads.accounts import account_view
from csr_console.central.tables.accounts import account_alert
from csr_console.central.tables.ledger import ledger_entry
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.domain.billing.commands import MakeArrangement, ReturnPayment


def view(town: Town, account: str = MARIA, today: date | None = None) -> Any:
    now = town.clock() if today is None else START.replace(year=today.year, month=today.month, day=today.day)
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
        return account_view(connection, "main", account, reader=town.staff.actors["clara"], now=now)


def pay(town: Town, tmp_path: Any, receipt: str, cents: int, account: str = MARIA) -> None:
    path = tmp_path / f"{receipt}.csv"
    head = ",".join(PAYMENT_COLUMNS)
    path.write_text(f"{head}\n{receipt},{account},{cents},2026-08-30,check,\n")
    assert import_payments(town.db, path, Importer("main", "cashier", town.clock())).added == 1


def test_an_arrangement_is_for_all_that_is_owed_and_is_seen_by_everybody(town: Town) -> None:
    outcome = town.do(MakeArrangement(account=MARIA, installments=3, down_cents=345))
    assert outcome.state == "applied"
    assert outcome.answer == (
        "Arranged: $3.45 by 2026-08-30, $40.00 by 2026-09-13, $40.00 by 2026-10-13, $40.00 by 2026-11-12."
        " Every new bill is due on its own day too."
    )
    shown = view(town)
    assert (shown.arrangement.total_cents, shown.arrangement.state) == (12_345, "active")
    assert [item.cents for item in shown.arrangement.installments] == [345, 4_000, 4_000, 4_000]
    assert "arrangement" in [alert.code for alert in shown.alerts]
    assert shown.timeline[0].kind == "billing"
    again = town.do(MakeArrangement(account=MARIA, installments=2))
    assert (again.state, again.answer) == ("refused", "There is an arrangement already: one at a time.")


def test_how_many_installments_a_role_may_agree_to(town: Town) -> None:
    refused = town.do(MakeArrangement(account=MARIA, installments=4), by="cleo")
    assert (refused.state, refused.problem and refused.problem.code) == ("refused", "not-permitted")
    assert town.do(MakeArrangement(account=MARIA, installments=4), by="clara").state == "applied"


def test_who_is_cash_only_has_none(town: Town) -> None:
    with town.db.write() as connection:
        row = {"office": "main", "account": MARIA, "code": "cash_only", "expires_on": None}
        connection.execute(account_alert.insert(), [row])
    assert town.do(MakeArrangement(account=MARIA, installments=3)).answer.startswith(
        "The account is cash only"
    )


def test_a_broken_promise_is_said_and_stands_in_the_way_for_a_year(town: Town) -> None:
    town.do(MakeArrangement(account=MARIA, installments=3))
    assert view(town, today=date(2026, 9, 16)).arrangement.state == "active"
    assert view(town, today=date(2026, 9, 17)).arrangement.state == "broken"
    town.clock.now = START + timedelta(days=60)
    refused = town.do(MakeArrangement(account=MARIA, installments=3))
    assert refused.answer == (
        "The arrangement before was broken on 2026-09-17: a new one is possible from 2027-09-17."
    )


def test_a_returned_payment_is_owed_again_from_its_own_day_with_the_fee(town: Town, tmp_path: Any) -> None:
    pay(town, tmp_path, "R1", 20_000)
    assert view(town).balance.balance_cents == -7_655
    outcome = town.do(ReturnPayment(account=MARIA, receipt="R1", bank_fee_cents=1_200, reason="No funds"))
    assert (outcome.state, outcome.answer) == ("applied", "Taken back $200.00, fee $42.00.")
    shown = view(town)
    assert shown.balance.balance_cents == 12_345 + 4_200
    assert "F.S. 68.065" in shown.timeline[0].text
    again = town.do(ReturnPayment(account=MARIA, receipt="R1", reason="No funds"))
    assert (again.state, again.answer) == ("refused", "Receipt R1 has been returned already.")


def test_credit_that_paid_something_since_is_owed_again(town: Town, tmp_path: Any) -> None:
    pay(town, tmp_path, "R1", 20_000)
    pay(town, tmp_path, "R2", 1_000)
    town.do(ReturnPayment(account=MARIA, receipt="R1", reason="No funds"))
    with town.db.read() as connection:
        standing = ledger.standings(connection, "main", [MARIA])[MARIA]
    assert standing.balance_cents == 12_345 - 1_000 + 3_000
    assert standing.credit_cents == 0


@pytest.mark.parametrize(("account", "receipt"), [(NEIGHBOR, "R1"), (MARIA, "R9")])
def test_a_receipt_is_returned_on_its_own_account_only(
    town: Town, tmp_path: Any, account: str, receipt: str
) -> None:
    pay(town, tmp_path, "R1", 500)
    outcome = town.do(ReturnPayment(account=account, receipt=receipt, reason="No funds"))
    assert outcome.answer == f"There is no receipt {receipt} on account {account}."
    with town.db.read() as connection:
        kinds = connection.execute(select(ledger_entry.c.kind)).scalars().all()
    assert "reversal" not in kinds
