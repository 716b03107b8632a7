"""Budget plans from joining to leaving, through the pipeline and the bill run, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from tests.central.conftest import FINAL, FRAUD, MARIA, MEDICAL, NEIGHBOR, Town
from tests.central.test_billing_run import FIRST, agree, billed, month, rows, run
from tests.central.test_feed import changes

from csr_console.central import ledger
from csr_console.central.late_charges import charge_late
from csr_console.central.reads.accounts import account_view
from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.tables import billing
from csr_console.central.tables.accounts import account, timeline
from csr_console.central.tables.ledger import ledger_entry
from csr_console.contracts.outcome import Outcome
from csr_console.domain.billing.budget_commands import BudgetStrategy, EnrollBudget, LeaveBudget
from csr_console.domain.billing.commands import CorrectBill, MakeArrangement
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import spread
from csr_console.domain.oversight.commands import DecideApproval

__all__ = ["billed"]
DUE = timedelta(days=21)


def at(town: Town, on: date) -> None:
    town.clock.now = datetime(on.year, on.month, on.day, 14, tzinfo=UTC)


def day(number: int) -> date:
    """The day a month is billed."""
    return FIRST + timedelta(days=30 * number)


def bill(town: Town, number: int, kwh: int = 903) -> None:
    """Read and bill a month; `kwh` is the use a month up to it."""
    run(town, month(town, number, kwh=kwh))


def pay(town: Town, cents: int, on: date, account: str = MARIA) -> None:
    with town.db.write() as connection:
        standing = ledger.standings(connection, "main", [account])[account]
        cash = Posting(LedgerAccount(AccountKind.CASH), cents)
        now = datetime(on.year, on.month, on.day, 15, tzinfo=UTC)
        postings = (cash, *spread(standing, cents))
        ledger.post(
            connection, "main", [Entry(str(uuid4()), EntryKind.PAYMENT, account, on, now, "Paid", postings)]
        )


def balance(town: Town, account: str = MARIA) -> int:
    with town.db.read() as connection:
        return ledger.standings(connection, "main", [account])[account].balance_cents


def account_of(town: Town, on: date, account: str = MARIA) -> Any:
    now = datetime(on.year, on.month, on.day, 14, tzinfo=UTC)
    with town.db.read() as connection:
        return account_view(connection, "main", account, reader=town.staff.actors["clara"], now=now)


def money_of(town: Town, on: date) -> Any:
    with town.db.read() as connection:
        return billing_view(connection, "main", MARIA, on)


def asked(town: Town) -> list[Any]:
    with town.db.read() as connection:
        numbered = select(billing.budget_bill, billing.bill.c.number, billing.bill.c.total_cents).join(
            billing.bill, billing.bill.c.bill_id == billing.budget_bill.c.bill_id
        )
        return list(connection.execute(numbered.order_by(billing.bill.c.number)).all())


def enroll(town: Town, on: date, account: str = MARIA, **values: Any) -> Outcome:
    at(town, on)
    return town.do(EnrollBudget.model_validate({"account": account, **values}), by="cleo")


@pytest.fixture
def three(billed: Town) -> Town:
    """Maria has three bills, all paid."""
    for number in (1, 2, 3):
        bill(billed, number)
        pay(billed, balance(billed), day(number) + timedelta(days=10))
    return billed


def test_a_customer_joins_is_billed_and_is_shown_both_amounts(three: Town) -> None:
    outcome = enroll(three, day(3) + timedelta(days=12))
    assert outcome.state == "applied"
    assert outcome.answer.startswith("Budget billing from the next bill on: about $")
    assert "/ 3 + 0.00 / 12; rolling average, GVEA" in outcome.answer
    (plan,) = rows(three, billing.budget_plan)
    assert (plan.strategy, plan.agreed_by, plan.ended_on) == ("rolling_average", "cleo", None)
    assert plan.amount_cents == outcome.result["budget_cents"]
    bill(three, 4, kwh=1_800)
    (row,) = asked(three)
    shown = account_of(three, day(4) + timedelta(days=2))
    held = shown.budget.plan
    assert held.due_cents == row.asked_cents < row.total_cents == shown.balance.balance_cents
    assert held.deferred_cents == row.total_cents - row.asked_cents == row.variance_cents
    assert (held.plan_month, held.due_on, held.state) == (1, day(4) + DUE, "active")
    assert held.citation.startswith("Golden Valley Electric Association")
    money = money_of(three, day(4) + timedelta(days=2))
    assert money.budget.plan == held
    assert [line.budget_cents for line in money.bills] == [row.asked_cents, None, None, None]
    assert money.newest.budget.asked_cents == row.asked_cents
    assert money.newest.budget.balance_cents == money.balance_cents == row.total_cents


def test_who_pays_the_budget_amount_is_never_overdue_and_an_old_bill_still_shows_it(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    for number in (4, 5):
        bill(three, number, kwh=1_800)
        due = account_of(three, day(number) + timedelta(days=5)).budget.plan.due_cents
        pay(three, due, day(number) + timedelta(days=20))
    first, second = asked(three)
    later = day(5) + timedelta(days=28)
    shown, money = account_of(three, later), money_of(three, later)
    assert (money.overdue_cents, shown.budget.past_due_cents, shown.budget.plan.due_cents) == (0, 0, 0)
    deferred = sum(row.total_cents - row.asked_cents for row in (first, second))
    assert balance(three) == deferred == shown.budget.plan.deferred_cents > 0
    assert shown.balance.age_31_60_cents == shown.balance.age_61_90_cents == 0
    with three.db.read() as connection:
        old = bill_view(connection, "main", MARIA, f"{first.number}")
    assert old.budget is not None
    assert (old.budget.asked_cents, old.budget.balance_cents) == (first.asked_cents, first.total_cents)
    assert old.budget.arithmetic == first.arithmetic


def test_two_missed_amounts_end_the_plan_and_the_true_balance_is_due(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4, kwh=1_500)
    bill(three, 5, kwh=1_500)
    assert len(asked(three)) == 2
    bill(three, 6, kwh=1_500)
    assert len(asked(three)) == 2
    (plan,) = rows(three, billing.budget_plan)
    assert (plan.ended_on, plan.ended_why) == (day(6).isoformat(), "2 budget amounts were missed")
    (entry,) = [row for row in rows(three, timeline) if row.actor == "bill run"]
    assert entry.text.startswith(
        "Budget billing has ended, 2 budget amounts were missed: the true balance of"
    )
    shown, money = account_of(three, day(6)), money_of(three, day(6))
    assert shown.budget.plan.state == "ended"
    assert money.newest.budget is None
    later = money_of(three, day(6) + timedelta(days=1))
    assert later.overdue_cents == balance(three) - later.bills[0].total_cents
    bill(three, 7, kwh=1_500)
    assert len(asked(three)) == 2
    assert enroll(three, day(7)).answer.startswith("A budget plan needs a current account")


def test_one_missed_amount_does_not_end_it(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4)
    bill(three, 5)
    pay(three, asked(three)[0].asked_cents, day(5) + timedelta(days=8))
    bill(three, 6)
    assert len(asked(three)) == 3
    assert account_of(three, day(6)).budget.plan.missed == 1


def test_who_leaves_owes_the_true_balance_from_that_day(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4, kwh=1_800)
    (row,) = asked(three)
    pay(three, row.asked_cents, day(4) + timedelta(days=10))
    left = row.total_cents - row.asked_cents
    on = day(4) + timedelta(days=25)
    at(three, on)
    outcome = three.do(LeaveBudget(account=MARIA, reason="Wants the bill itself"), by="cleo")
    dollars = f"${left // 100}.{left % 100:02}"
    assert outcome.answer == (
        f"Budget billing has ended: the true balance of {dollars} is due, {dollars} of it was billed and not"
        " asked for until now."
    )
    assert money_of(three, on).overdue_cents == 0
    assert money_of(three, on + timedelta(days=1)).overdue_cents == left
    again = three.do(LeaveBudget(account=MARIA, reason="Again"), by="cleo")
    assert (again.state, again.problem and again.problem.code) == ("refused", "nothing-changed")
    bill(three, 5, kwh=1_500)
    assert len(asked(three)) == 1
    pay(three, balance(three), day(5) + timedelta(days=1))
    assert enroll(three, day(5) + timedelta(days=2)).state == "applied"


def test_late_charges_are_on_the_budget_amount_only(three: Town) -> None:
    """... late fee on budget amount only: utility practice; by 5 % (Batavia, IL) of what was asked."""
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4, kwh=1_800)
    bill(three, 5, kwh=1_800)
    first, second = asked(three)
    pay(three, first.asked_cents, day(5))

    def charged(on: date) -> dict[str, int]:
        charge_late(three.db, "main", on, "5-percent", lambda: three.clock.now)
        entries = [row for row in rows(three, ledger_entry) if row.kind == "late_charge"]
        with three.db.read() as connection:
            assert ledger.verify_ledger(connection, "main") == []
            found = [ledger.find_entry(connection, "main", row.entry_id) for row in entries]
        return {entry.memo: entry.postings[0].cents for entry in found if entry}

    assert charged(day(4) + DUE + timedelta(days=2)) == {}
    ((memo, cents),) = charged(day(5) + DUE + timedelta(days=2)).items()
    assert memo.startswith(f"Late charge on the budget amount of bill {second.number}: ")
    assert cents == (second.asked_cents * 5 + 50) // 100 != (second.total_cents * 5 + 50) // 100


def test_what_a_plan_deferred_is_not_late_before_the_20th_day_after_it_ended(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4, kwh=1_800)
    pay(three, asked(three)[0].asked_cents, day(4) + timedelta(days=10))
    on = day(4) + timedelta(days=40)
    at(three, on)
    assert three.do(LeaveBudget(account=MARIA, reason="Moves away")).state == "applied"

    def charged(day: date) -> int:
        return charge_late(three.db, "main", day, "5-percent", lambda: three.clock.now).charged

    assert [charged(on + timedelta(days=days)) for days in (1, 20, 21)] == [0, 0, 1]


def test_who_cannot_join_is_told_why(three: Town) -> None:
    on = day(3) + timedelta(days=12)
    assert enroll(three, on, FINAL).answer == f"Account {FINAL} is final."
    assert "Neither the account nor its premise has a bill" in enroll(three, on, NEIGHBOR).answer
    assert "joined in April and May only" in enroll(three, on, strategy="level_payment").answer
    assert enroll(three, on).state == "applied"
    assert "on a budget plan already since 2024-11-11" in enroll(three, on).answer
    assert three.do(MakeArrangement(account=MARIA, installments=2)).answer.startswith(
        "The account is on a budget"
    )
    assert len(rows(three, billing.budget_plan)) == 1


def test_an_arrangement_and_what_is_past_due_stand_in_the_way(three: Town) -> None:
    bill(three, 4)
    late = day(4) + DUE + timedelta(days=1)
    assert enroll(three, late).answer.endswith("is past due.")
    at(three, late)
    assert three.do(MakeArrangement(account=MARIA, installments=2)).state == "applied"
    assert enroll(three, day(4) + timedelta(days=2)).answer.startswith("There is a payment arrangement")


def test_a_new_customer_joins_by_what_the_premise_was_billed(billed: Town) -> None:
    agree(billed, FRAUD, "stormwater", "D-RES")
    for number in (1, 2, 3):
        run(billed, day(number))
    outcome = enroll(billed, day(3) + timedelta(days=5), MEDICAL)
    assert outcome.state == "applied"
    assert "bills of the premise" in outcome.answer
    assert account_of(billed, day(3) + timedelta(days=5), MEDICAL).budget.of_premise


def test_what_another_was_billed_at_the_premise_is_told_to_whoever_reckons_by_it(billed: Town) -> None:
    """The neighbor moved in with Maria: a desk that keeps their view has to hear of Maria's bills."""
    with billed.db.write() as connection:
        at_marias = update(account).where(account.c.account == NEIGHBOR).values(premise="P0001204")
        connection.execute(at_marias)

    def told(act: Callable[[], object]) -> set[str]:
        before = changes(billed)
        act()
        items = changes(billed, after=before.items[-1].seq if before.items else 0).items
        return {one.key for one in items if one.entity == "account"}

    for number in (1, 2, 3):
        assert told(partial(bill, billed, number)) == {MARIA, NEIGHBOR}
    on = day(3) + timedelta(days=5)
    at(billed, on)
    assert len(account_of(billed, on, NEIGHBOR).budget.bills_cents) == 3
    command = CorrectBill(account=MARIA, bill="1003", reason="Read again")
    submission = billed.submission(command)
    assert billed.send(submission).outcome.state == "held"
    decision = DecideApproval(
        held=submission.envelope.id, digest=submission.envelope.digest(), approve=True, reason="Photo seen"
    )
    assert told(lambda: billed.do(decision, by="lea", station="C09")) == {MARIA, NEIGHBOR}
    assert len(account_of(billed, on, NEIGHBOR).budget.bills_cents) == 2
    assert account_of(billed, on, FINAL).budget.bills_cents == []


def test_what_is_open_at_joining_stays_due_as_billed(three: Town) -> None:
    bill(three, 4)
    owed = balance(three)
    outcome = enroll(three, day(4) + timedelta(days=1))
    assert f"What is open now, ${owed // 100}.{owed % 100:02}, is due as billed." in outcome.answer
    shown = account_of(three, day(4) + timedelta(days=2))
    assert (shown.budget.plan.due_cents, shown.budget.plan.due_on) == (owed, day(4) + DUE)
    assert shown.budget.plan.plan_month == 0


def test_a_preview_writes_nothing(three: Town) -> None:
    at(three, day(3) + timedelta(days=12))
    verdict = three.send(three.submission(EnrollBudget(account=MARIA)), dry_run=True)
    assert verdict.outcome.answer.startswith("Budget billing from the next bill on: about $")
    assert rows(three, billing.budget_plan) == []


def test_a_level_year_settles_to_the_cent(billed: Town) -> None:
    """11 + 1 through a year of real bills: what was asked in it is what was billed."""
    for number in range(1, 9):
        bill(billed, number)
        pay(billed, balance(billed), day(number) + timedelta(days=10))
    assert enroll(billed, date(2025, 4, 10), strategy="level_payment").state == "applied"
    for number in range(9, 21):
        bill(billed, number)
        due = account_of(billed, day(number)).budget.plan.due_cents
        if due:
            pay(billed, due, day(number) + timedelta(days=10))
    year = asked(billed)
    assert [row.plan_month for row in year] == list(range(1, 13))
    assert sum(row.asked_cents for row in year) == sum(row.total_cents for row in year)
    assert year[-1].variance_cents == 0
    assert any(row.text.startswith("Budget year settled") for row in rows(billed, timeline))
    assert balance(billed) == min(0, year[-1].asked_cents)


def test_a_corrected_bill_asks_what_the_one_before_it_asked(three: Town) -> None:
    enroll(three, day(3) + timedelta(days=12))
    bill(three, 4, kwh=1_000)
    (before,) = asked(three)
    at(three, day(4) + timedelta(days=3))
    wrong = CorrectBill.model_validate(
        {"account": MARIA, "bill": before.number, "reads": "electric 77000", "reason": "Digits read wrong"}
    )
    submission = three.submission(wrong)
    held = three.send(submission).outcome
    assert held.state == "held"
    seen = {"held": submission.envelope.id, "digest": submission.envelope.digest(), "approve": True}
    yes = DecideApproval.model_validate({**seen, "reason": "Read again"})
    applied = three.do(yes, by="lea")
    assert applied.state == "applied"
    asks = f"${before.asked_cents // 100}.{before.asked_cents % 100:02}"
    assert f"The budget plan asks {asks} as before, its variance is $" in applied.answer
    after = asked(three)[-1]
    assert after.number != before.number
    assert after.asked_cents == before.asked_cents
    shown = account_of(three, day(4) + timedelta(days=4)).budget.plan
    assert shown.due_cents == before.asked_cents
    assert shown.deferred_cents == after.total_cents - after.asked_cents == after.variance_cents
    assert shown.plan_month == 1


@pytest.mark.parametrize("strategy", list(BudgetStrategy))
def test_what_is_billed_is_what_was_asked_and_the_variance(billed: Town, strategy: BudgetStrategy) -> None:
    for number in range(1, 9):
        bill(billed, number, kwh=903 + 40 * number)
        pay(billed, balance(billed), day(number) + timedelta(days=10))
    assert enroll(billed, date(2025, 4, 10), strategy=strategy).state == "applied"
    for number in range(9, 15):
        bill(billed, number, kwh=903 + 40 * number)
        pay(billed, account_of(billed, day(number)).budget.plan.due_cents, day(number) + timedelta(days=10))
    year = asked(billed)
    assert len(year) == 6
    assert (
        balance(billed) == sum(row.total_cents - row.asked_cents for row in year) == year[-1].variance_cents
    )
