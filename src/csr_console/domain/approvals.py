"""When a second person decides: approval policies as data.

A held command has done nothing. The approval is itself a command that signs the digest it saw, and central
decides the held command again on the facts of that moment. Money has a limit by the role of who approves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from csr_console.domain.money import dollars_text
from csr_console.domain.permissions import Actor, Permission, Role
from csr_console.domain.refusals import Refusal


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


LIMITS: Mapping[str, Mapping[Role, int | None]] = {
    "leak.adjust": {Role.LEAD: 50_000, Role.SUPERVISOR: 250_000, Role.MANAGER: None},
    "bill.correct": {Role.LEAD: 200_000, Role.SUPERVISOR: 1_000_000, Role.MANAGER: None},
}
"""Cents up to which a role approves a command of a kind, None without bounds. Policy, not law: a city sets
its own."""
LINKED_DAYS = 30
"""What was asked for one account within so many days counts as one request: its sum is held to the limit."""
HELD_DAYS = 5
"""A command that nobody decided for so long is expired."""
NOT_SPLIT = "ADJ-02: the sum of 30 days"
TOO_LATE = f"Nobody decided it within {HELD_DAYS} days: it is expired."


def expires_at(held_at: datetime) -> datetime:
    """When a command that is held since a moment is expired."""
    return held_at + timedelta(days=HELD_DAYS)


def refuse_over_limit(kind: str, approver: Actor, cents: int, linked_cents: int) -> None:
    """Raise `Refusal` over-limit when a command of `cents`, with what was asked for the same account in the
    days before, is more than the approver's role may say yes to."""
    limits = LIMITS.get(kind)
    if limits is None:
        return
    limit = limits.get(approver.role, 0)
    total = cents + linked_cents
    if limit is None or total <= limit:
        return
    linked = f" with ${dollars_text(linked_cents)} of the {LINKED_DAYS} days before" if linked_cents else ""
    higher = [role.value for role, most in limits.items() if most is None or most >= total]
    who = f"; a {higher[0]} may say yes" if higher else ""
    raise Refusal(
        "over-limit",
        f"It comes to ${dollars_text(total)}{linked}: a {approver.role} approves up to"
        f" ${dollars_text(limit)}{who}.",
        rule=NOT_SPLIT if linked_cents else "limits of approval",
    )
