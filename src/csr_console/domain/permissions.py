"""Who may do what: roles and their permissions as data, judged at central when a command is applied.

The desk asks the same table first, as a courtesy; it decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from csr_console.domain.refusals import Refusal


class Role(StrEnum):
    CLERK = "clerk"
    SPECIALIST = "specialist"
    LEAD = "lead"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One permission a command kind or a kind of reading; the text is the word of the command's area."""

    ACCOUNT_READ = "account.read"
    ACCOUNT_REVEAL = "account.reveal"
    NOTE_ADD = "note.add"
    INTERACTION_LOG = "interaction.log"
    CONTACT_UPDATE = "contact.update"
    CALLER_VERIFY = "caller.verify"
    OUTAGE_READ = "outage.read"
    OUTAGE_REPORT = "outage.report"
    OUTAGE_PLAN = "outage.plan"
    CALLBACK_REQUEST = "callback.request"
    HAZARD_REPORT = "hazard.report"
    HAZARD_ACKNOWLEDGE = "hazard.acknowledge"
    HAZARD_CLOSE = "hazard.close"
    ARRANGEMENT_MAKE = "arrangement.make"
    BUDGET_ENROLL = "budget.enroll"
    BUDGET_LEAVE = "budget.leave"
    PAYMENT_RETURN = "payment.return"
    BILL_CORRECT = "bill.correct"
    LEAK_ADJUST = "leak.adjust"
    EXCEPTION_SETTLE = "exception.settle"
    READ_ENTER = "read.enter"
    TARIFF_LOAD = "tariff.load"
    TARIFF_APPROVE = "tariff.approve"
    COMMAND_DISCARD = "command.discard"
    APPROVAL_DECIDE = "approval.decide"
    AUDIT_READ = "audit.read"
    STAFF_MANAGE = "staff.manage"
    IMPORT_RUN = "import.run"


_CLERK = frozenset(
    {
        Permission.ACCOUNT_READ,
        Permission.NOTE_ADD,
        Permission.INTERACTION_LOG,
        Permission.CALLER_VERIFY,
        Permission.OUTAGE_READ,
        Permission.OUTAGE_REPORT,
        Permission.CALLBACK_REQUEST,
        Permission.HAZARD_REPORT,
        Permission.HAZARD_ACKNOWLEDGE,
        Permission.COMMAND_DISCARD,
        Permission.ARRANGEMENT_MAKE,
        Permission.BUDGET_ENROLL,
        Permission.BUDGET_LEAVE,
    }
)
_SPECIALIST = _CLERK | {
    Permission.CONTACT_UPDATE,
    Permission.ACCOUNT_REVEAL,
    Permission.PAYMENT_RETURN,
    Permission.BILL_CORRECT,
    Permission.LEAK_ADJUST,
    Permission.EXCEPTION_SETTLE,
    Permission.READ_ENTER,
}
_LEAD = _SPECIALIST | {Permission.APPROVAL_DECIDE, Permission.OUTAGE_PLAN}
_SUPERVISOR = _LEAD | {
    Permission.HAZARD_CLOSE,
    Permission.AUDIT_READ,
    Permission.TARIFF_LOAD,
    Permission.TARIFF_APPROVE,
}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.SPECIALIST: _SPECIALIST,
    Role.LEAD: _LEAD,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: _SUPERVISOR,
    Role.AUDITOR: frozenset({Permission.ACCOUNT_READ, Permission.OUTAGE_READ, Permission.AUDIT_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.STAFF_MANAGE,
            Permission.IMPORT_RUN,
            Permission.AUDIT_READ,
            Permission.TARIFF_LOAD,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff as central knows them; `office` bounds what they read and do."""

    login: str
    name: str
    role: Role
    office: str
    disabled: bool = False


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role holds the permission and the actor is not disabled."""
    return not actor.disabled and permission in GRANTS[actor.role]


def require(actor: Actor, permission: Permission, office: str) -> None:
    """Raise `Refusal` not-permitted or other-office unless the actor may do this in that office."""
    if not may(actor, permission):
        raise Refusal(
            "not-permitted", f"The role {actor.role} does not include {permission}.", rule="permissions"
        )
    if actor.office != office:
        raise Refusal("other-office", f"This belongs to the office {office}.", rule="permissions")
