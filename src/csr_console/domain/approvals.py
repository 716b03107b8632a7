"""When a second person decides: approval policies as data.

A held command has done nothing. The approval is itself a command that signs the digest it saw, and central
decides the held command again on the facts of that moment.
"""

from collections.abc import Collection
from dataclasses import dataclass

from csr_console.domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """A command kind, the alert that makes it wait (None: it always waits), who may approve, and the sentence
    the clerk reads."""

    code: str
    kind: str
    alert: str | None
    approver: Permission
    sentence: str
    rule: str


POLICIES: tuple[ApprovalPolicy, ...] = (
    ApprovalPolicy(
        code="contact-under-fraud-hold",
        kind="contact.update",
        alert="fraud_hold",
        approver=Permission.APPROVAL_DECIDE,
        sentence="The account is under a fraud hold: a lead has to approve a change of contact details.",
        rule="16 CFR 681.1 (Red Flags)",
    ),
    ApprovalPolicy(
        code="bill-corrected",
        kind="bill.correct",
        alert=None,
        approver=Permission.APPROVAL_DECIDE,
        sentence="A correction of a bill waits for a second person, who sees each line before and after.",
        rule="ADJ-02",
    ),
    ApprovalPolicy(
        code="leak-adjusted",
        kind="leak.adjust",
        alert=None,
        approver=Permission.APPROVAL_DECIDE,
        sentence="A leak adjustment waits for a second person, who sees the proof and each line.",
        rule="ADJ-01, ADJ-02",
    ),
)

DISABLED_ACTOR = ApprovalPolicy(
    code="actor-disabled",
    kind="*",
    alert=None,
    approver=Permission.APPROVAL_DECIDE,
    sentence="The person who entered this may no longer sign in: a lead has to decide.",
    rule="permissions",
)


def policy_for(kind: str, alerts: Collection[str]) -> ApprovalPolicy | None:
    """The first policy that makes a command of this kind wait on an account with these alerts, or None."""
    return next(
        (
            policy
            for policy in POLICIES
            if policy.kind == kind and (policy.alert is None or policy.alert in alerts)
        ),
        None,
    )
