"""Bills cancelled and billed again through the pipeline, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.central.conftest import MARIA, Town
from tests.central.test_billing_run import FIRST, billed, month, rows, run

from csr_console.central import ledger
from csr_console.central.bills import segments_of
from csr_console.central.imports.payments import import_payments
from csr_console.central.imports.run import Importer
from csr_console.central.late_charges import charge_late
from csr_console.central.reads.bills import billing_view
from csr_console.central.reads.commands import list_held
from csr_console.central.tables import billing
from csr_console.central.tables.ledger import ledger_entry
from csr_console.central.waiting import held_since
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.contracts.outcome import Outcome
from csr_console.domain.billing.commands import CorrectBill, CorrectionCause
from csr_console.domain.money import dollars_text
from csr_console.domain.oversight.commands import DecideApproval

__all__ = ["billed"]


@pytest.fixture
def first_bill(billed: Town) -> Town:
    """The town with one bill, 1001, five days old."""
    run(billed, month(billed, 1))
    billed.clock.now = datetime(2024, 9, 5, 14, tzinfo=UTC)
    return billed


def correct(town: Town, *, approve: bool = True, **values: Any) -> tuple[Outcome, Outcome]:
    """A correction by clara and what the lead's yes came to."""
    command = CorrectBill.model_validate({"account": MARIA, "bill": 1001, "reason": "Digits", **values})
    submission = town.submission(command)
    held = town.send(submission).outcome
    assert (held.state, held.result.get("policy")) == ("held", "bill-corrected"), held
    decision = DecideApproval(
        held=submission.envelope.id, digest=submission.envelope.digest(), approve=approve, reason="Photo seen"
    )
    decided = town.do(decision, by="lea", station="C09")
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
    return held, decided


def bills(town: Town) -> list[Any]:
    return sorted(rows(town, billing.bill), key=lambda row: row.number)


def standing(town: Town) -> Any:
    with town.db.read() as connection:
        return ledger.standings(connection, "main", [MARIA])[MARIA]


def test_a_corrected_read_takes_the_bill_back_and_bills_again(first_bill: Town) -> None:
    held, decided = correct(first_bill, reads="electric 74473")
    assert decided.result["state"] == "applied"
    old, new = bills(first_bill)
    assert (new.number, new.replaces, new.billed_on, new.due_on) == (
        1002, old.bill_id, old.billed_on, old.due_on
    )  # fmt: skip
    assert old.cancelled_by
    assert new.cancelled_by is None
    assert new.total_cents < old.total_cents
    assert standing(first_bill).balance_cents == new.total_cents
    assert (held.result["before_cents"], held.result["after_cents"]) == (old.total_cents, new.total_cents)
    changed = held.result["differences"]
    assert sum((one["after_cents"] or 0) - (one["before_cents"] or 0) for one in changed) == (
        new.total_cents - old.total_cents
    )
    assert {one["service"] for one in changed} == {"electric"}
    with first_bill.db.read() as connection:
        rated = segments_of(connection, "main", new.bill_id, date.fromisoformat(new.billed_on))
        entry = ledger.find_entry(connection, "main", old.cancelled_by)
        read = connection.execute(
            select(billing.meter_read.c.value).where(
                billing.meter_read.c.meter == "E1000000", billing.meter_read.c.read_on == "2024-08-31"
            )
        ).scalar()
        view = billing_view(connection, "main", MARIA, date(2024, 9, 5))
    assert {segment.service: one.determinants.usage for one, segment in rated}["electric"] == 803
    assert entry is not None
    assert entry.reverses == old.bill_id
    assert read == "74473"
    assert view.newest is not None
    assert (view.newest.bill.number, str(view.newest.bill.replaces)) == (1002, old.bill_id)
    assert run(first_bill, month(first_bill, 2)).bills == 1
    newest = [row for row in rows(first_bill, billing.bill_segment) if row.to_read_on == "2024-09-30"]
    assert {row.service: row.usage for row in newest}["electric"] == str(903 + 100)


def test_a_dry_run_shows_the_lines_and_leaves_nothing(first_bill: Town) -> None:
    command = CorrectBill(account=MARIA, bill="1001", reads="water 545", reason="Digits read wrong")
    shown = first_bill.send(first_bill.submission(command), dry_run=True).outcome
    assert shown.state == "held"
    assert {one["service"] for one in shown.result["differences"]} == {"water", "sewer"}
    assert [row.number for row in bills(first_bill)] == [1001]


def test_what_was_paid_too_much_is_credit_and_a_higher_bill_is_due_later(
    first_bill: Town, tmp_path: Any
) -> None:
    total = bills(first_bill)[0].total_cents
    path = tmp_path / "paid.csv"
    path.write_text(f"{','.join(PAYMENT_COLUMNS)}\nR1,{MARIA},{total},2024-09-03,check,\n")
    import_payments(first_bill.db, path, Importer("main", "cashier", first_bill.clock()))
    assert standing(first_bill).balance_cents == 0
    asked = correct_refused(first_bill, reads="electric 74473")
    assert asked.problem is not None
    assert asked.problem.rule == "BIL-05"
    assert "ask the customer whether it stays as credit or is paid back" in asked.answer
    _, decided = correct(first_bill, reads="electric 74473", refund="payment")
    less = bills(first_bill)[1]
    assert standing(first_bill).credit_cents == total - less.total_cents
    assert "is to be paid back, as the customer chose." in decided.answer
    memos = [row.memo for row in rows(first_bill, ledger_entry) if row.kind == "application"]
    assert memos[-1].endswith(
        f"${dollars_text(total - less.total_cents)} to be paid back, as the customer chose (BIL-05)"
    )
    correct(first_bill, bill=1002, reads="electric 74673")
    more = bills(first_bill)[2]
    assert more.due_on == (date(2024, 9, 5) + timedelta(days=21)).isoformat()
    assert standing(first_bill).balance_cents == more.total_cents - total
    assert standing(first_bill).credit_cents == 0


def test_cancelled_only_the_next_run_bills_the_period_again(first_bill: Town) -> None:
    total = bills(first_bill)[0].total_cents
    _, decided = correct(first_bill)
    assert "the next run bills its period again" in decided.answer
    assert standing(first_bill).balance_cents == 0
    assert {row.billed_to_on for row in rows(first_bill, billing.agreement)} == {FIRST.isoformat()}
    report = run(first_bill, FIRST + timedelta(days=30))
    assert (report.bills, report.total_cents) == (1, total)
    again = correct_refused(first_bill)
    assert again.answer == "Bill 1001 has been cancelled already."


def test_the_late_charge_goes_with_the_bill_and_the_new_one_has_its_own(first_bill: Town) -> None:
    late = date(2024, 9, 25)
    assert charge_late(first_bill.db, "main", late, "5-percent", first_bill.clock).charged == 1
    charged = standing(first_bill).balance_cents - bills(first_bill)[0].total_cents
    held, decided = correct(first_bill, reads="electric 74473")
    assert held.result["late_charge_cents"] == charged > 0
    assert f"Its late charge of ${charged // 100}.{charged % 100:02} is taken back." in decided.answer
    assert standing(first_bill).balance_cents == bills(first_bill)[1].total_cents
    again = charge_late(first_bill.db, "main", late, "5-percent", first_bill.clock)
    assert again.charged == 1
    assert again.total_cents < charged


def correct_refused(town: Town, **values: Any) -> Outcome:
    command = CorrectBill.model_validate({"account": MARIA, "bill": 1001, "reason": "Digits", **values})
    outcome = town.do(command)
    assert outcome.state == "refused"
    return outcome


def test_the_newest_bill_comes_first(first_bill: Town) -> None:
    run(first_bill, month(first_bill, 2))
    assert correct_refused(first_bill, reads="electric 74473").answer == (
        "Bill 1002 goes on from the reads of bill 1001: cancel that one first, or correct all of them"
        " together: 1001-1002."
    )
    correct(first_bill, bill=1002)
    correct(first_bill, reads="electric 74473")
    assert run(first_bill, FIRST + timedelta(days=60)).bills == 1
    segments = [row for row in rows(first_bill, billing.bill_segment) if row.to_read_on == "2024-09-30"]
    assert {row.usage for row in segments if row.service == "electric"} == {"903", "1003"}


def test_after_a_year_more_is_not_asked_for_an_error_of_our_own_and_less_always_is(first_bill: Town) -> None:
    first_bill.clock.now = datetime(2025, 9, 1, 14, tzinfo=UTC)
    refused = correct_refused(first_bill, reads="electric 74673")
    assert refused.problem is not None
    assert (refused.problem.code, refused.problem.rule) == ("not-eligible", "BIL-04")
    tampered = CorrectBill(
        account=MARIA, bill="1001", reads="electric 74673", cause=CorrectionCause.TAMPERING, reason="Jumper"
    )
    dry = first_bill.send(first_bill.submission(tampered), dry_run=True).outcome
    assert dry.state == "held"
    correct(first_bill, reads="electric 74473")
    assert [row.number for row in bills(first_bill)] == [1001, 1002]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"bill": 1009}, f"There is no bill 1009 on account {MARIA}."),
        ({"reads": "gas 12"}, "Bill 1001 has no meter read of gas."),
        ({"reads": "electric 74573"}, "The corrected reads come to the same bill."),
        ({"reads": "electric 73000"}, "The read 73000 of 2024-08-31 is below the last one, 73670"),
        ({"reads": "electric 999999"}, "The read 999999 of 2024-08-31 does not fit a register of 5 dials."),
    ],
)
def test_what_cannot_be_corrected(first_bill: Town, values: dict[str, Any], sentence: str) -> None:
    assert correct_refused(first_bill, **values).answer.startswith(sentence)


def test_declined_nothing_happens_and_the_maker_is_no_checker(first_bill: Town) -> None:
    _, declined = correct(first_bill, approve=False)
    assert declined.result["state"] == "declined"
    assert [row.cancelled_by for row in bills(first_bill)] == [None]
    submission = first_bill.submission(
        CorrectBill(account=MARIA, bill="1001", reason="Digits"), by="lea", station="C09"
    )
    assert first_bill.send(submission).outcome.state == "held"
    own = DecideApproval(
        held=submission.envelope.id, digest=submission.envelope.digest(), approve=True, reason="Mine"
    )
    assert first_bill.do(own, by="lea", station="C09").answer == "You entered this command yourself."


@pytest.fixture
def three_bills(billed: Town) -> Town:
    """Bills 1001 to 1003 of a meter that was read wrong, none of them paid or past due."""
    for number in (1, 2, 3):
        run(billed, month(billed, number))
    billed.clock.now = datetime(2024, 11, 1, 14, tzinfo=UTC)
    return billed


def test_all_bills_of_a_wrong_meter_are_one_correction_and_what_is_more_may_be_repaid_in_as_many_parts(
    three_bills: Town,
) -> None:
    before = bills(three_bills)
    # 600 more than was read in three months: 200 in each, as nobody knows when it began
    held, decided = correct(three_bills, bill="1001-1003", reads="electric 76979")
    assert decided.result["state"] == "applied"
    old, new = bills(three_bills)[:3], bills(three_bills)[3:]
    assert all(row.cancelled_by for row in old)
    assert [(row.number, row.replaces) for row in new] == [
        (1004, old[0].bill_id), (1005, old[1].bill_id), (1006, old[2].bill_id)
    ]  # fmt: skip
    segments = [row for row in rows(three_bills, billing.bill_segment) if row.service == "electric"]
    by_bill = {row.bill_id: row for row in segments}
    assert [by_bill[row.bill_id].usage for row in new] == ["1103", "1103", "1103"]
    assert [by_bill[row.bill_id].estimated for row in new] == [1, 1, 1]
    more = sum(row.total_cents for row in new) - sum(row.total_cents for row in before)
    assert held.result["amount_cents"] == more > 0
    assert [one["bill"] for one in held.result["bills"]] == [1001, 1002, 1003]
    parts = held.result["repayment"]
    assert sum(part["cents"] for part in parts) == more
    due = date(2024, 11, 22)
    assert [part["due_on"] for part in parts] == [
        (due + timedelta(days=30 * n)).isoformat() for n in range(3)
    ]
    assert max(part["cents"] for part in parts) - min(part["cents"] for part in parts) <= 3
    assert "What is more may be repaid over the months of the error: $" in decided.answer
    owed = standing(three_bills)
    assert owed.balance_cents == sum(row.total_cents for row in new)
    by_day: dict[date, int] = {}
    for one in owed.dues:
        by_day[one.due_on] = by_day.get(one.due_on, 0) + one.cents
    assert by_day[due + timedelta(days=30)] == parts[1]["cents"]
    assert by_day[due + timedelta(days=60)] == parts[2]["cents"]
    values = {row.read_on: (row.value, row.kind) for row in rows(three_bills, billing.meter_read)
              if row.meter == "E1000000"}  # fmt: skip
    assert values["2024-09-30"] == (str(73_670 + 2 * 1103), "estimated")
    assert values["2024-10-30"] == (str(73_670 + 3 * 1103), "actual")
    lines = held.result["differences"]
    assert sum((one["after_cents"] or 0) - (one["before_cents"] or 0) for one in lines) == more
    assert {one["bill"] for one in lines} == {1001, 1002, 1003}
    assert run(three_bills, month(three_bills, 4, kwh=1103)).bills == 1


def test_several_bills_each_with_its_own_read_and_one_that_comes_to_the_same_stays(three_bills: Town) -> None:
    reads = "1001 electric 74473, 1002 electric 75376, 1003 electric 76379"
    held, _ = correct(three_bills, bill="1001 1002, 1003", reads=reads, cause="meter_error")
    # the second month used what it was billed for: only where it began and ended is other
    assert [one["bill"] for one in held.result["bills"]] == [1001, 1003]
    assert held.result["repayment"] == []
    kept = {row.number: row.cancelled_by is None for row in bills(three_bills)}
    assert kept == {1001: False, 1002: True, 1003: False, 1004: True, 1005: True}


def test_cancelled_together_the_next_run_bills_all_their_periods(three_bills: Town) -> None:
    _, decided = correct(three_bills, bill="1001-1003")
    assert "the next run bills their periods again" in decided.answer
    assert standing(three_bills).balance_cents == 0
    assert {row.billed_to_on for row in rows(three_bills, billing.agreement)} == {FIRST.isoformat()}
    assert run(three_bills, FIRST + timedelta(days=90)).bills == 1


def test_what_names_no_bill_that_stands_is_refused(three_bills: Town) -> None:
    assert correct_refused(three_bills, bill="2001-2009").answer == (
        f"No bill 2001 to 2009 stands on account {MARIA}."
    )
    assert correct_refused(three_bills, bill="1002-1003", reads="1001 electric 74473").answer == (
        "Bill 1001 has no meter read of electric."
    )
    with pytest.raises(ValueError, match="begins with the lower number"):
        CorrectBill(account=MARIA, bill="1003-1001", reason="Digits")


def approve(town: Town, command: CorrectBill, by: str) -> Outcome:
    """What the yes of somebody comes to, when clara has entered the command."""
    submission = town.submission(command)
    assert town.send(submission).outcome.state == "held"
    yes = DecideApproval(
        held=submission.envelope.id, digest=submission.envelope.digest(), approve=True, reason="Seen"
    )
    outcome = town.do(yes, by=by, station="C09")
    if outcome.state == "refused":
        assert town.send(submission).outcome.state == "held", "over the limit it goes on waiting"
        outcome = town.do(yes, by="sue", station="C10")
        assert outcome.result["state"] == "applied"
        return outcome.model_copy(update={"state": "refused"})
    return outcome


def test_a_lead_says_yes_up_to_their_limit_and_parts_of_one_request_count_together(three_bills: Town) -> None:
    big = CorrectBill(account=MARIA, bill="1003", reads="electric 99999", reason="Digits")
    assert approve(three_bills, big, by="lea").state == "refused"
    small = CorrectBill(account=MARIA, bill="1004", reads="electric 99899", reason="Digits")
    submission = three_bills.submission(small)
    assert three_bills.send(submission).outcome.state == "held"
    yes = DecideApproval(
        held=submission.envelope.id, digest=submission.envelope.digest(), approve=True, reason="Seen"
    )
    split = three_bills.do(yes, by="lea", station="C09")
    assert split.problem is not None
    assert (split.problem.code, split.problem.rule) == ("over-limit", "ADJ-02: the sum of 30 days")
    assert "of the 30 days before: a lead approves up to $2000.00; a supervisor may say yes." in split.answer
    three_bills.clock.now += timedelta(days=31)
    later = three_bills.send(submission).outcome
    assert (later.state, later.answer) == ("expired", "Nobody decided it within 5 days: it is expired.")
    again = three_bills.do(CorrectBill(account=MARIA, bill="1004", reads="electric 99899", reason="Digits"))
    assert again.state == "held"


def test_one_waits_at_a_time_and_what_waits_too_long_is_expired(first_bill: Town) -> None:
    command = CorrectBill(account=MARIA, bill="1001", reads="electric 74473", reason="Digits")
    first = first_bill.submission(command)
    assert first_bill.send(first).outcome.state == "held"
    second = first_bill.do(command, by="sam", station="C08")
    assert second.problem is not None
    assert second.problem.code == "already-held"
    assert second.answer == f"“Correct a bill” of clara waits for a second person on account {MARIA}."
    first_bill.clock.now += timedelta(days=5, seconds=5)
    with first_bill.db.read() as connection:
        assert list_held(connection, "main", since=held_since(first_bill.clock())) == []
    yes = DecideApproval(held=first.envelope.id, digest=first.envelope.digest(), approve=True, reason="Late")
    decided = first_bill.do(yes, by="lea", station="C09")
    assert decided.result["state"] == "expired"
    assert decided.answer.startswith("Not decided: Nobody decided it within 5 days")
    assert [row.cancelled_by for row in bills(first_bill)] == [None]
    assert first_bill.do(command, by="sam", station="C08").state == "held"
