"""What waits for a second person."""

import pytest

from csr_console.contracts.registry import REGISTRY
from csr_console.domain.accounts.alerts import is_alert_code
from csr_console.domain.approvals import LIMITS, POLICIES, policy_for, refuse_over_limit
from csr_console.domain.permissions import GRANTS, Actor, Permission, Role
from csr_console.domain.refusals import Refusal


def test_contact_details_under_a_fraud_hold_wait_for_a_lead() -> None:
    policy = policy_for("contact.update", ["language", "fraud_hold"])
    assert policy is not None
    assert (policy.code, policy.approver) == ("contact-under-fraud-hold", Permission.APPROVAL_DECIDE)


def test_other_commands_and_other_accounts_do_not_wait() -> None:
    assert policy_for("contact.update", ["cut_pending"]) is None
    assert policy_for("note.add", ["fraud_hold"]) is None
    assert policy_for("contact.update", []) is None


def test_a_correction_of_a_bill_always_waits() -> None:
    policy = policy_for("bill.correct", [])
    assert policy is not None
    assert policy.alert is None
    assert policy_for("bill.correct", ["fraud_hold"]) is policy


def test_policies_name_kinds_and_alerts_that_exist() -> None:
    for policy in POLICIES:
        assert policy.kind in REGISTRY.commands
        assert policy.alert is None or is_alert_code(policy.alert)
        assert policy.sentence.endswith(".")
        assert policy.rule


def test_limits_are_of_kinds_that_wait_and_of_roles_that_decide_and_rise_with_the_role() -> None:
    for kind, limits in LIMITS.items():
        assert policy_for(kind, ()) is not None
        assert set(limits) == {role for role in Role if Permission.APPROVAL_DECIDE in GRANTS[role]}
        amounts = [limit for limit in limits.values() if limit is not None]
        assert amounts == sorted(amounts)
        assert None in limits.values(), "somebody may say yes to any amount"


@pytest.mark.parametrize(
    ("role", "cents", "linked", "sentence"),
    [
        (Role.LEAD, 200_000, 0, ""),
        (
            Role.LEAD,
            200_001,
            0,
            "It comes to $2000.01: a lead approves up to $2000.00; a supervisor may say yes.",
        ),
        (
            Role.LEAD,
            1_000,
            199_500,
            "It comes to $2005.00 with $1995.00 of the 30 days before: a lead approves",
        ),
        (
            Role.SUPERVISOR,
            1_000_001,
            0,
            "It comes to $10000.01: a supervisor approves up to $10000.00; a manager",
        ),
        (Role.MANAGER, 99_000_000, 99_000_000, ""),
        (Role.SPECIALIST, 1, 0, "It comes to $0.01: a specialist approves up to $0.00; a lead may say yes."),
    ],
)
def test_a_correction_is_held_to_the_limit_of_who_says_yes(
    role: Role, cents: int, linked: int, sentence: str
) -> None:
    actor = Actor("lea", "Lea", role, "main")
    if not sentence:
        refuse_over_limit("bill.correct", actor, cents, linked)
        return
    with pytest.raises(Refusal) as refused:
        refuse_over_limit("bill.correct", actor, cents, linked)
    assert refused.value.code == "over-limit"
    assert refused.value.sentence.startswith(sentence)


def test_what_has_no_limit_is_not_held_to_one() -> None:
    refuse_over_limit("contact.update", Actor("lea", "Lea", Role.LEAD, "main"), 10**9, 10**9)
