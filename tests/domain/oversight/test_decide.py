"""Decisions about other commands: discards and second persons."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from csr_console.domain.command import Context
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.oversight.decide import (
    ApprovalDecided,
    CommandDiscarded,
    CommandFacts,
    decide_approval,
    decide_discard,
)
from csr_console.domain.permissions import Actor, Permission, Role
from csr_console.domain.refusals import Refusal

LEAD = Actor("l.okafor", "Lena Okafor", Role.LEAD, "tallahassee")
NOW = Context(LEAD, datetime(2026, 8, 30, 12, tzinfo=UTC), "0198f2b4-0000-7000-8000-000000000009")
DECISION = DecideApproval.example()
HELD = CommandFacts(str(DECISION.held), "held", DECISION.digest, "m.reyes", Permission.APPROVAL_DECIDE)


def test_a_command_that_never_arrived_is_discarded() -> None:
    command = DiscardCommand.example()
    plan = decide_discard(command, None, NOW)
    assert plan.changes == (CommandDiscarded(str(command.discarded), command.reason),)


def test_a_refused_command_is_discarded_and_an_applied_one_is_not() -> None:
    command = DiscardCommand.example()
    assert decide_discard(command, replace(HELD, state="refused"), NOW).changes
    with pytest.raises(Refusal) as refused:
        decide_discard(command, replace(HELD, state="applied"), NOW)
    assert refused.value.code == "already-applied"


@pytest.mark.parametrize(("approve", "answer"), [(True, "Approved."), (False, "Declined.")])
def test_a_second_person_decides(approve: bool, answer: str) -> None:
    plan = decide_approval(DECISION.model_copy(update={"approve": approve}), HELD, NOW)
    assert plan.answer == answer
    assert plan.changes == (ApprovalDecided(HELD.command_id, approve, DECISION.reason),)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (None, "not-held"),
        (replace(HELD, state="applied"), "not-held"),
        (replace(HELD, state="declined"), "not-held"),
        (replace(HELD, actor=LEAD.login), "own-command"),
        (replace(HELD, digest="1" * 64), "digest-differs"),
        (replace(HELD, approver=Permission.STAFF_MANAGE), "not-permitted"),
    ],
)
def test_a_decision_is_refused(facts: CommandFacts | None, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        decide_approval(DECISION, facts, NOW)
    assert refused.value.code == code
