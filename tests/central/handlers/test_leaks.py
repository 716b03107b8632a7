"""Leak adjustments through the pipeline, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from tests.central.conftest import MARIA, Town
from tests.central.test_billing_run import FIRST, billed, read, rows, run

from csr_console.central import ledger
from csr_console.central.bills import segments_of
from csr_console.central.tables import billing
from csr_console.central.tables.ledger import ledger_entry
from csr_console.contracts.outcome import Outcome
from csr_console.domain.billing.commands import AdjustLeak
from csr_console.domain.oversight.commands import DecideApproval

__all__ = ["billed"]
USED = (55, 60, 50, 400, 56)
"""Hundreds of gallons of each month; the fourth leaked."""


@pytest.fixture
def leaked(billed: Town) -> Town:
    """Bills 1001 to 1005, the leak on 1004; nothing but that bill is past due."""
    value = 500
    for number, used in enumerate(USED, 1):
        value += used
        on = date.fromordinal(FIRST.toordinal() + 30 * number)
        read(billed, "E1000000", on, 73_670 + 900 * number)
        read(billed, "W1000000", on, value)
        run(billed, on)
    billed.clock.now = datetime(2025, 1, 2, 14, tzinfo=UTC)
    return billed


def adjust(town: Town, program: str, **values: Any) -> Outcome:
    """What the adjustment came to, with the lead's yes if it was held."""
    given = {"account": MARIA, "bill": 1004, "repair": "Invoice 2291", "reason": "Yard line", **values}
    submission = town.submission(AdjustLeak.model_validate({"program": program, **given}))
    outcome = town.send(submission).outcome
    if outcome.state == "held":
        held = {"held": submission.envelope.id, "digest": submission.envelope.digest()}
        decided = town.do(DecideApproval(**held, approve=True, reason="Seen"), by="lea", station="C09")
        assert decided.result["state"] == "applied", decided
        outcome = town.send(submission).outcome
    with town.db.read() as connection:
        assert ledger.verify_ledger(connection, "main") == []
    return outcome


def pay_up_to(town: Town, number: int) -> None:
    """Nothing is owed on the bills up to a number: as if they were never asked."""
    from uuid import uuid4

    from csr_console.domain.ledger.entry import reversal

    with town.db.write() as connection:
        for row in rows(town, billing.bill):
            if row.number <= number:
                entry = ledger.find_entry(connection, "main", row.bill_id)
                assert entry is not None
                ledger.post(
                    connection, "main", [reversal(entry, str(uuid4()), town.clock.now, "Settled elsewhere")]
                )


def balance(town: Town) -> int:
    with town.db.read() as connection:
        return ledger.standings(connection, "main", [MARIA])[MARIA].balance_cents


def test_half_of_what_leaked_is_credited_line_by_line(leaked: Town) -> None:
    pay_up_to(leaked, 1003)
    before = balance(leaked)
    outcome = adjust(leaked, "half-when-doubled")
    assert outcome.state == "applied"
    credited = outcome.result["before_cents"] - outcome.result["after_cents"]
    assert credited > 0
    assert balance(leaked) == before - credited
    assert outcome.result["arithmetic"] == "(40000 - 5500) / 2"
    assert {one["service"] for one in outcome.result["differences"]} == {"water"}
    entry = next(row for row in rows(leaked, ledger_entry) if row.kind == "adjustment")
    assert entry.memo == "Leak adjustment, bill 1004 (half-when-doubled)"
    bill = next(row for row in rows(leaked, billing.bill) if row.number == 1004)
    with leaked.db.read() as connection:
        segments_of(connection, "main", bill.bill_id, date.fromisoformat(bill.billed_on))
    assert bill.cancelled_by is None
    again = adjust(leaked, "half-when-doubled")
    assert again.answer == "No leak adjustment: 1 leak adjustment in 12 months."
    assert again.problem is not None
    assert again.problem.rule == "half-when-doubled: WHUD, whud.org"


def test_the_sewer_follows_where_the_program_says_so(leaked: Town) -> None:
    pay_up_to(leaked, 1003)
    outcome = adjust(leaked, "quarter-of-excess")
    assert {one["service"] for one in outcome.result["differences"]} == {"water", "sewer"}


def test_use_is_normal_again_first_and_the_account_current(leaked: Town) -> None:
    assert adjust(leaked, "half-of-largest").answer == "No leak adjustment: the account has to be current."
    pay_up_to(leaked, 1004)
    waits = adjust(leaked, "half-of-largest", bill=1005)
    assert waits.answer == "No leak adjustment: use has to be normal again first."
    assert adjust(leaked, "half-of-largest").state == "applied"


def test_no_credit_comes_of_a_usual_bill_and_nothing_goes_without_proof_and_reason(leaked: Town) -> None:
    pay_up_to(leaked, 1004)
    none = adjust(leaked, "half-when-doubled", bill=1003)
    assert none.answer == "No credit comes of it: less than twice the average."
    assert adjust(leaked, "half-when-doubled", bill=1001).answer == (
        "No leak adjustment: there is no bill before to tell normal use by."
    )
    for missing in ("repair", "reason"):
        with pytest.raises(ValidationError):
            adjust(leaked, "half-when-doubled", **{missing: ""})
