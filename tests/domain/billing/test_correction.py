"""Several wrong bills at once: their right reads, what they come to, and what may be repaid when."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.tariff.books import shipped

from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.commands import CorrectBill, CorrectionCause, RefundChoice, bills_of, reads_of
from csr_console.domain.billing.corrected_reads import MeteredBill, corrected_reads, with_reads
from csr_console.domain.billing.correction import BillsCorrected, CorrectionFacts, decide_correct_bill
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.rebilled import BillFacts
from csr_console.domain.billing.run import Metered, metered_use
from csr_console.domain.command import Context
from csr_console.domain.ledger.accounts import receivable
from csr_console.domain.ledger.entry import Posting
from csr_console.domain.ledger.receivables import Due, Standing, ages, settlement, standing_after
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

ACCOUNT = "100482771"
FIRST = date(2015, 1, 1)
NOW = datetime(2015, 7, 1, 12, tzinfo=UTC)
CONTEXT = Context(
    Actor("clara", "Clara", Role.SPECIALIST, "main"), NOW, str(UUID(int=7, version=4)), "C07", NOW
)
REGISTER = Register(5)
USES = st.lists(st.integers(0, 3000), min_size=1, max_size=6)


def metered(values: list[int], rolled: frozenset[int] = frozenset()) -> list[MeteredBill]:
    """A bill a month between the reads, numbered from 1001."""
    days = [FIRST + timedelta(days=30 * number) for number in range(len(values))]
    reads = [
        (Read(on, Decimal(value)), at in rolled)
        for at, (on, value) in enumerate(zip(days, values, strict=True))
    ]
    return [
        MeteredBill(1001 + at, {"electric": Metered("E1", REGISTER, reads[at : at + 2])})
        for at in range(len(values) - 1)
    ]


def registers(start: int, uses: list[int]) -> list[int]:
    values = [start]
    for use in uses:
        values.append(values[-1] + use)
    return values


@given(start=st.integers(0, 40_000), uses=USES, more=st.integers(0, 5_000))
def test_what_is_known_of_the_newest_read_is_spread_and_sums_to_it(
    start: int, uses: list[int], more: int
) -> None:
    bills = metered(registers(start, uses))
    newest = start + sum(uses) + more
    right = corrected_reads(bills, reads_of(f"electric {newest}"))["electric"]
    use = [metered_use(with_reads(one.metered["electric"], right)) for one in bills]
    assert sum(usage for usage, _ in use) == newest - start
    assert max(usage for usage, _ in use) - min(usage for usage, _ in use) <= 1
    assert [estimated for _, estimated in use] == [len(bills) > 1] * len(bills)


@given(uses=st.lists(st.integers(1, 3000), min_size=2, max_size=6), data=st.data())
def test_each_read_that_is_given_stands_as_it_was_given(uses: list[int], data: st.DataObject) -> None:
    values = registers(100, uses)
    bills = metered(values)
    shifts = data.draw(st.lists(st.integers(0, 50), min_size=len(uses), max_size=len(uses)).map(sorted))
    text = ", ".join(
        f"{one.number} electric {value + shift}"
        for one, value, shift in zip(bills, values[1:], shifts, strict=True)
    )
    right = corrected_reads(bills, reads_of(text))["electric"]
    assert [one.read.value for one in right.values()] == [
        value + shift for value, shift in zip(values[1:], shifts, strict=True)
    ]
    assert {one.read.kind for one in right.values()} == {ReadKind.ACTUAL}


def test_a_register_that_passed_zero_is_spread_through_zero() -> None:
    bills = metered([99_000, 99_900, 900], frozenset({2}))
    right = corrected_reads(bills, reads_of("electric 1000"))["electric"]
    first, last = right.values()
    assert (first.read.value, first.rolled_over, last.rolled_over) == (Decimal(0), True, False)
    use = [metered_use(with_reads(one.metered["electric"], right))[0] for one in bills]
    assert use == [Decimal(1000), Decimal(1000)]


def test_a_bill_that_is_not_among_them_has_no_read() -> None:
    with pytest.raises(Refusal, match="Bill 1009 has no meter read of electric"):
        corrected_reads(metered([1, 2, 3]), reads_of("1009 electric 5"))


@pytest.mark.parametrize(
    ("given_text", "kept", "ranges"),
    [
        (1001, "1001", [(1001, 1001)]),
        ("1001 1002,1003", "1001, 1002, 1003", [(1001, 1001), (1002, 1002), (1003, 1003)]),
        ("1001-1003 1005", "1001-1003, 1005", [(1001, 1003), (1005, 1005)]),
    ],
)
def test_bills_are_named_as_people_say_them(
    given_text: object, kept: str, ranges: list[tuple[int, int]]
) -> None:
    command = CorrectBill.model_validate({"account": ACCOUNT, "bill": given_text, "reason": "Digits"})
    assert command.bill == kept
    assert list(bills_of(command.bill)) == ranges


def facts(values: list[int]) -> CorrectionFacts:
    """Bills of a month each by the book of Gainesville, all owed and none paid."""
    found: list[BillFacts] = []
    postings: list[Posting] = []
    for one in metered(values):
        meter = one.metered["electric"]
        start, end = meter.reads[0][0].read_on, meter.reads[1][0].read_on
        usage, _ = metered_use(meter)
        rated = Rated(
            shipped("gru"),
            "E-RES",
            ServicePeriod(start, end),
            Determinants(usage=usage),
            end,
            {"location": "inside"},
        )
        due = end + timedelta(days=21)
        bill = Bill(str(UUID(int=one.number)), ACCOUNT, one.number, end, due, (rated.segment(),))
        entry = entry_of(bill, NOW)
        postings += entry.postings
        found.append(BillFacts(bill, (rated,), False, entry, one.metered))
    return CorrectionFacts(tuple(found), standing_after(Standing(ACCOUNT), postings), 2001)


def decide(known: CorrectionFacts, **values: object) -> tuple[BillsCorrected, dict[str, object], str]:
    numbers = f"{known.bills[0].bill.number}-{known.bills[-1].bill.number}"
    given_values = {"account": ACCOUNT, "bill": numbers, "reason": "Digits", **values}
    plan = decide_correct_bill(CorrectBill.model_validate(given_values), known, CONTEXT)
    change = plan.changes[0]
    assert isinstance(change, BillsCorrected)
    return change, dict(plan.shown), plan.answer


@given(uses=st.lists(st.integers(100, 2000), min_size=1, max_size=5), more=st.integers(30, 4000))
def test_what_is_asked_more_is_due_in_as_many_parts_as_months_and_sums_to_the_cent(
    uses: list[int], more: int
) -> None:
    known = facts(registers(1000, uses))
    newest = 1000 + sum(uses) + more
    change, shown, answer = decide(known, reads=f"electric {newest}")
    asked = sum(one.change_cents for one in change.rebilled)
    parts = shown["repayment"]
    assert isinstance(parts, list)
    if asked <= 0:
        assert (parts, change.spread) == ([], ())
        return
    assert sum(part["cents"] for part in parts) == asked == shown["amount_cents"]
    assert sum(posting.cents for posting in change.spread) == 0
    assert ("may be repaid" in answer) == (len(parts) > 1)
    entries = [entry_of(one.after, NOW) for one in change.rebilled]
    taken = [Posting(one.ledger, -one.cents, one.due_on) for bill in change.rebilled
             for one in bill.facts.posted.postings]  # fmt: skip
    added = [posting for entry in entries for posting in entry.postings]
    after = standing_after(known.standing, (*taken, *added, *change.spread))
    owed = sum(one.after.total_cents for one in change.rebilled)
    left = sum(one.bill.total_cents for one in known.bills) - sum(
        one.before.total_cents for one in change.rebilled
    )
    assert after.balance_cents == owed + left
    assert settlement(after, NOW.date()) == ()
    later = [due for due in after.dues if due.due_on > NOW.date() + timedelta(days=21)]
    assert sum(due.cents for due in later) == sum(part["cents"] for part in parts[1:])


def test_after_tampering_or_a_meter_error_all_is_due_at_once_and_our_own_error_ends_a_year_back() -> None:
    known = facts(registers(1000, [500, 500, 500]))
    for cause in (CorrectionCause.METER_ERROR, CorrectionCause.TAMPERING):
        change, shown, answer = decide(known, reads="electric 4000", cause=cause)
        assert (shown["repayment"], change.spread) == ([], ())
        assert ", due 2015-07-22." in answer
    late = Context(CONTEXT.actor, datetime(2016, 3, 1, tzinfo=UTC), CONTEXT.command_id)
    command = CorrectBill(account=ACCOUNT, bill="1001-1003", reads="electric 4000", reason="Digits")
    with pytest.raises(Refusal, match="bill 1001: after an error of our own") as refused:
        decide_correct_bill(command, known, late)
    assert refused.value.rule == "BIL-04"


def test_what_was_paid_too_much_goes_back_as_the_customer_chose_and_not_without() -> None:
    known = facts(registers(1000, [500, 500]))
    paid = CorrectionFacts(known.bills, Standing(ACCOUNT), known.next_number)
    with pytest.raises(Refusal, match="was paid too much: ask the customer") as refused:
        decide(paid, reads="electric 1800")
    assert refused.value.rule == "BIL-05"
    change, shown, answer = decide(paid, reads="electric 1800", refund="credit")
    back = -sum(one.change_cents for one in change.rebilled)
    assert (change.refund_cents, change.refund, shown["refund_cents"]) == (back, RefundChoice.CREDIT, back)
    assert "stays as credit, as the customer chose." in answer
    # nothing was paid: the bills are only lower, and there is nothing to choose
    assert decide(known, reads="electric 1800", refund="payment")[0].refund is None


def test_what_was_overdue_is_not_any_more_when_the_bill_is_asked_anew() -> None:
    known = facts(registers(1000, [500, 500]))
    _, shown, _ = decide(known, reads="electric 4000")
    assert shown["overdue_before_cents"] == ages(known.standing, NOW.date()).overdue_cents > 0
    assert shown["overdue_after_cents"] == 0


def test_other_debts_are_left_alone() -> None:
    known = facts(registers(1000, [500]))
    water = Due("water", date(2015, 6, 1), 5_000)
    owing = CorrectionFacts(known.bills, Standing(ACCOUNT, (*known.standing.dues, water)), 2001)
    change, _, _ = decide(owing, reads="electric 1400")
    assert all(posting.ledger != receivable(ACCOUNT, "water") for posting in change.spread)
    assert change.refund_cents == 0
