"""A read on what is known of its meter, and what a run found: decided without a database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing.commands import EnterRead, SettleException
from csr_console.domain.billing.exceptions import ExceptionCode
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.settling import (
    ExceptionFacts,
    MeterFacts,
    ReadEntered,
    decide_enter_read,
    decide_settle_exception,
)
from csr_console.domain.command import Context
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal

NOW = datetime(2026, 8, 30, 14, tzinfo=UTC)
CONTEXT = Context(Actor("clara", "Clara", Role.SPECIALIST, "main"), NOW, "c1", "C07", NOW)
LAST = date(2026, 7, 31)
ACCOUNT = "100482771"


def meter(*reads: tuple[date, int], use: int = 900, days: int = 30, dials: int = 5) -> MeterFacts:
    known = [(Read(on, Decimal(value)), False) for on, value in ((LAST, 73_670), *reads)]
    return MeterFacts("E1", Register(dials), LAST, sorted(known, key=lambda pair: pair[0].read_on),
                      Decimal(use), days)  # fmt: skip


def entered(facts: MeterFacts | None, **values: object) -> tuple[ReadEntered | None, str]:
    given_values = {"account": ACCOUNT, "service": "electric", **values}
    plan = decide_enter_read(EnterRead.model_validate(given_values), facts, CONTEXT)
    change = plan.changes[0] if plan.changes else None
    assert change is None or isinstance(change, ReadEntered)
    return change, plan.answer


@given(use=st.integers(0, 20_000), days=st.integers(1, 60), start=st.integers(0, 99_999))
def test_an_estimate_goes_on_at_the_pace_of_before_and_through_zero(use: int, days: int, start: int) -> None:
    facts = MeterFacts("E1", Register(5), LAST, [(Read(LAST, Decimal(start)), False)], Decimal(use), days)
    change, answer = entered(facts, how="estimated")
    assert change is not None
    turned = (change.read.value - start) % 100_000
    assert abs(turned - Decimal(use) * 30 / days) <= Decimal("0.5") or turned + 100_000 < Decimal(use) * 31
    assert change.rolled_over == (change.read.value < start)
    assert change.read.kind is ReadKind.ESTIMATED
    assert "This bill is estimated and says so." in answer


@given(value=st.integers(0, 200_000), dials=st.integers(4, 6), rolled=st.booleans())
def test_what_is_taken_fits_the_register_and_stands_above_the_last_or_past_zero(
    value: int, dials: int, rolled: bool
) -> None:
    facts = meter(dials=dials)
    last = int(facts.reads[0][0].value)
    if max(value, last) < 10**dials and rolled == (value < last):
        change, _ = entered(facts, value=value, rolled_over=rolled)
        assert change is not None
        assert (change.read.value, change.rolled_over) == (value, rolled)
    else:
        with pytest.raises(Refusal) as refused:
            entered(facts, value=value, rolled_over=rolled)
        assert refused.value.code == "read-refused"


def test_a_read_between_two_others_stands_between_them() -> None:
    facts = meter((date(2026, 8, 25), 74_500))
    assert entered(facts, value=74_000, read_on="2026-08-15")[0]
    with pytest.raises(Refusal, match="is below the last one, 74600"):
        entered(facts, value=74_600, read_on="2026-08-15")


def test_without_facts_only_the_sentence_is_given_and_days_to_come_are_refused() -> None:
    assert entered(None, value=74_573) == (None, "Read of electric: 74,573, actual, 2026-08-30.")
    assert entered(None, how="estimated")[1] == "Read of electric: an estimate, estimated, 2026-08-30."
    with pytest.raises(Refusal, match="is still to come"):
        entered(None, value=1, read_on=NOW.date() + timedelta(days=1))


def test_an_exception_is_settled_once_in_the_same_words_and_again_in_others() -> None:
    command = SettleException(
        account=ACCOUNT,
        run="2026-08-30",
        service="solid_waste",
        code=ExceptionCode.NOT_RATED,
        reason="Cart added",
    )
    assert command.resource == "exception:2026-08-30/100482771/solid_waste/not-rated"
    plan = decide_settle_exception(command, None, CONTEXT)
    assert plan.answer == "Settled: not rated of solid waste, run of 2026-08-30."
    with pytest.raises(Refusal, match="sam has settled it already"):
        decide_settle_exception(command, ExceptionFacts("sam", "Cart added"), CONTEXT)
    assert decide_settle_exception(command, ExceptionFacts("sam", "Not yet"), CONTEXT).changes
