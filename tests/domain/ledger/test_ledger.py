"""The ledger: entries that balance, charges paid oldest first, credit that is neither lost nor made."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, credit, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, merged, reversal
from csr_console.domain.ledger.receivables import (
    Ages,
    Due,
    Standing,
    ages,
    settlement,
    spread,
    standing_after,
)

ACCOUNT = "100482771"
TODAY = date(2026, 8, 30)
NOW = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
CASH = LedgerAccount(AccountKind.CASH)
REVENUE = LedgerAccount(AccountKind.REVENUE, "electric")


def due(service: str, days: int, cents: int) -> Due:
    """What was due `days` ago."""
    return Due(service, TODAY - timedelta(days=days), cents)


def payment(*postings: Posting, cents: int) -> Entry:
    return Entry(
        "p1", EntryKind.PAYMENT, ACCOUNT, TODAY, NOW, "Paid", (Posting(CASH, cents), *postings), reverses=None
    )


def test_an_entry_that_does_not_sum_to_zero_is_none() -> None:
    with pytest.raises(ValueError, match="not to 1"):
        payment(Posting(credit(ACCOUNT), -99), cents=100)
    with pytest.raises(ValueError, match="moves something"):
        payment(Posting(credit(ACCOUNT), 0), Posting(credit(ACCOUNT), -100), cents=100)


def test_a_ledger_account_of_a_customer_names_the_customer() -> None:
    assert receivable(ACCOUNT, "electric").name == "receivable:electric:100482771"
    assert CASH.name == "cash"
    with pytest.raises(ValueError, match="belongs"):
        LedgerAccount(AccountKind.RECEIVABLE, "electric")
    with pytest.raises(ValueError, match="belongs"):
        LedgerAccount(AccountKind.CASH, "", ACCOUNT)


def test_a_receivable_has_a_due_date_and_nothing_else_has() -> None:
    with pytest.raises(ValueError, match="due date"):
        Posting(receivable(ACCOUNT, "electric"), 100)
    with pytest.raises(ValueError, match="due date"):
        Posting(CASH, 100, TODAY)


def test_a_payment_pays_the_oldest_charge_first_and_the_rest_is_credit() -> None:
    standing = Standing(ACCOUNT, (due("water", 5, 3000), due("electric", 40, 5000), due("electric", 5, 7000)))
    assert [(posting.ledger.code, posting.cents) for posting in spread(standing, 6000, ("electric",))] == [
        ("electric", -5000),
        ("electric", -1000),
    ]
    paid = spread(standing, 20_000, ("electric",))
    after = standing_after(standing, paid)
    assert (after.dues, after.credit_cents, after.balance_cents) == ((), 5000, -5000)


def test_the_ages_count_from_the_due_date() -> None:
    standing = Standing(
        ACCOUNT,
        (
            due("gas", 0, 1),
            due("gas", 1, 10),
            due("gas", 31, 100),
            due("gas", 61, 1000),
            due("gas", 91, 10_000),
        ),
    )
    assert ages(standing, TODAY) == Ages(1, 10, 100, 1000, 10_000)
    assert ages(Standing(ACCOUNT, (), 500), TODAY) == Ages(-500)


def test_a_bill_taken_back_after_it_was_paid_leaves_credit_for_the_next() -> None:
    standing = settled(Standing(ACCOUNT, (due("electric", 5, -7000),)))
    assert (standing.dues, standing.credit_cents) == ((), 7000)
    standing = settled(standing_after(standing, [Posting(receivable(ACCOUNT, "electric"), 9000, TODAY)]))
    assert (standing.dues, standing.credit_cents) == ((Due("electric", TODAY, 2000),), 0)


def test_credit_that_was_used_is_owed_again_when_its_payment_comes_back() -> None:
    standing = settled(Standing(ACCOUNT, (), -4000))
    assert (standing.dues, standing.credit_cents) == ((Due("returned", TODAY, 4000),), 0)


def test_a_reversal_takes_back_every_posting_on_the_same_day() -> None:
    entry = payment(Posting(credit(ACCOUNT), -100), cents=100)
    back = reversal(entry, "r1", NOW + timedelta(days=3), "Returned by the bank")
    assert (back.reverses, back.effective_on) == ("p1", TODAY)
    assert merged((*entry.postings, *back.postings)) == ()
    with pytest.raises(ValueError, match="enter again"):
        reversal(back, "r2", NOW, "again")


def settled(standing: Standing) -> Standing:
    return standing_after(standing, settlement(standing, TODAY))


services = st.sampled_from(["electric", "water", "gas", "sewer"])
cents = st.integers(-1_000_000, 1_000_000).filter(bool)
standings = st.builds(
    lambda dues, credit_cents: Standing(
        ACCOUNT, tuple(Due(service, due_on, value) for (service, due_on), value in dues.items()), credit_cents
    ),
    st.dictionaries(
        st.tuples(services, st.integers(-60, 200).map(lambda days: TODAY - timedelta(days=days))), cents
    ),
    st.integers(-1_000_000, 1_000_000),
)


@given(standings)
def test_settling_moves_nothing_in_or_out_and_leaves_nothing_to_settle(standing: Standing) -> None:
    postings = settlement(standing, TODAY)
    assert sum(posting.cents for posting in postings) == 0
    after = standing_after(standing, postings)
    assert after.balance_cents == standing.balance_cents
    assert after.credit_cents >= 0
    assert all(one.cents > 0 for one in after.dues)
    assert after.credit_cents == 0 or not after.dues
    assert settlement(after, TODAY) == ()


@given(standings, st.integers(1, 5_000_000), st.permutations(["electric", "water", "gas", "sewer"]))
def test_a_payment_is_spread_to_the_cent_and_never_pays_a_charge_twice(
    standing: Standing, amount: int, order: list[str]
) -> None:
    before = settled(standing)
    postings = spread(before, amount, order)
    assert sum(posting.cents for posting in postings) == -amount
    after = standing_after(before, postings)
    assert after.balance_cents == before.balance_cents - amount
    assert all(one.cents > 0 for one in after.dues)
    unpaid = [one.due_on for one in after.dues]
    paid = [posting.due_on for posting in postings if posting.due_on]
    assert not unpaid or not paid or max(paid) <= min(unpaid)


@given(standings, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_ages_sum_to_the_balance(standing: Standing, today: date) -> None:
    found = ages(standing, today)
    assert found.current_cents + found.overdue_cents == standing.balance_cents
