"""What waits for a second person."""

from csr_console.contracts.registry import REGISTRY
from csr_console.domain.accounts.alerts import is_alert_code
from csr_console.domain.approvals import POLICIES, policy_for
from csr_console.domain.permissions import Permission


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
