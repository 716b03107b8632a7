"""Payment arrangements: eligibility, a schedule that sums to the cent, and when a promise is broken."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing.arrangement import (
    Arrangement,
    ArrangementState,
    broken_on,
    installments,
    refuse_if_not_eligible,
    state_of,
)
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Refusal

TODAY = date(2026, 8, 31)


def test_three_installments_of_a_hundred_dollars_sum_to_it() -> None:
    plan = installments(10_000, 3, TODAY)
    assert [(item.number, item.due_on, item.cents) for item in plan] == [
        (1, date(2026, 9, 14), 3334),
        (2, date(2026, 10, 14), 3333),
        (3, date(2026, 11, 13), 3333),
    ]


def test_due_dates_follow_the_coming_bills_and_a_down_payment_is_due_today() -> None:
    bills = (date(2026, 9, 5), date(2026, 9, 21), date(2026, 10, 21))
    plan = installments(10_000, 3, TODAY, down_cents=1_000, bill_days=bills)
    assert [(item.number, item.due_on, item.cents) for item in plan] == [
        (0, TODAY, 1_000),
        (1, date(2026, 9, 21), 3_000),
        (2, date(2026, 10, 21), 3_000),
        (3, date(2026, 11, 20), 3_000),
    ]


@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"balance_cents": 1_999}, "not-eligible", "for .20.00 or more"),
        ({"active": True}, "not-eligible", "one at a time"),
        ({"cash_only": True}, "not-eligible", "cash only"),
        ({"broken_on": date(2025, 9, 30)}, "not-eligible", "possible from 2026-09-30"),
        ({"count": 4}, "not-permitted", "3 installments at most: ask a colleague for 4"),
        ({"count": 0}, "not-eligible", "1 to 12 installments"),
        ({"count": 13, "role": Role.SUPERVISOR}, "not-eligible", "1 to 12 installments"),
        ({"role": Role.AUDITOR}, "not-permitted", "0 installments"),
    ],
)
def test_who_may_have_no_arrangement_reads_why(changed: dict[str, object], code: str, sentence: str) -> None:
    values = {"balance_cents": 20_000, "count": 3, "role": Role.CLERK, "today": TODAY} | changed
    with pytest.raises(Refusal, match=sentence) as caught:
        refuse_if_not_eligible(**values)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_who_may_have_one_may() -> None:
    refuse_if_not_eligible(2_000, 3, Role.CLERK, TODAY)
    refuse_if_not_eligible(2_000, 12, Role.SUPERVISOR, TODAY, broken_on=date(2025, 8, 31))


def test_a_promise_is_broken_after_three_days_of_grace() -> None:
    agreed = Arrangement(TODAY, installments(9_000, 3, TODAY))
    first = agreed.installments[0].due_on
    assert state_of(agreed, 0, first + timedelta(days=3)) is ArrangementState.ACTIVE
    assert state_of(agreed, 2_999, first + timedelta(days=4)) is ArrangementState.BROKEN
    assert state_of(agreed, 3_000, first + timedelta(days=4)) is ArrangementState.ACTIVE
    assert state_of(agreed, 9_000, first + timedelta(days=400)) is ArrangementState.KEPT
    assert broken_on(agreed, 2_999) == first + timedelta(days=4)
    assert broken_on(agreed, 9_000) is None


balances = st.integers(1, 10_000_000)


@given(balances, st.integers(1, 12), st.data())
def test_the_installments_sum_to_the_balance_and_differ_by_a_cent_at_most(
    balance: int, count: int, data: st.DataObject
) -> None:
    down = data.draw(st.integers(0, balance - 1))
    days = data.draw(st.lists(st.dates(TODAY, TODAY + timedelta(days=400)), unique=True, max_size=14))
    plan = installments(balance, count, TODAY, down_cents=down, bill_days=days)
    assert sum(item.cents for item in plan) == balance
    parts = [item.cents for item in plan if item.number]
    assert max(parts) - min(parts) <= 1 or len(parts) < count
    due = [item.due_on for item in plan]
    assert due == sorted(set(due))


@given(balances, st.integers(1, 12), st.integers(0, 10_000_000), st.integers(0, 500))
def test_broken_is_said_from_the_day_that_is_foretold(balance: int, count: int, paid: int, days: int) -> None:
    agreed = Arrangement(TODAY, installments(balance, count, TODAY))
    foretold, today = broken_on(agreed, paid), TODAY + timedelta(days=days)
    broken = state_of(agreed, paid, today) is ArrangementState.BROKEN
    assert broken == (foretold is not None and today >= foretold)
