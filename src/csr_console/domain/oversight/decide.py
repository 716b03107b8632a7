"""Decisions about other commands."""

from dataclasses import dataclass
from typing import Literal

from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.permissions import Permission, require
from csr_console.domain.refusals import Refusal

OWN_COMMAND = "You entered this command yourself."
CommandState = Literal["applied", "held", "conflict", "refused", "expired", "discarded", "declined"]


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """What central knows of another command; None in `CommandFacts | None` when it never arrived."""

    command_id: str
    state: CommandState
    digest: str
    actor: str
    approver: Permission | None = None


@dataclass(frozen=True, slots=True)
class CommandDiscarded(Change):
    """The id is spent: a late arrival of it is answered `discarded`."""

    command_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalDecided(Change):
    """Central applies the held command on current facts, or ends it as declined."""

    command_id: str
    approve: bool
    reason: str


def decide_discard(command: DiscardCommand, facts: CommandFacts | None, _context: Context) -> Plan:
    """Raises `Refusal` already-applied: a done thing is corrected, not discarded."""
    if facts and facts.state == "applied":
        raise Refusal("already-applied", "Central had already applied it.")
    return Plan("Discarded.", (CommandDiscarded(str(command.discarded), command.reason),))


def decide_approval(command: DecideApproval, facts: CommandFacts | None, context: Context) -> Plan:
    """Raises `Refusal` not-held, own-command, digest-differs or not-permitted."""
    if facts is None or facts.state != "held":
        raise Refusal("not-held", "Nobody waits for a decision on this command any more.")
    if facts.actor == context.actor.login:
        raise Refusal("own-command", OWN_COMMAND, rule="four eyes")
    if facts.digest != command.digest:
        raise Refusal("digest-differs", "The command you read is not the one that is held.")
    if facts.approver:
        require(context.actor, facts.approver, context.actor.office)
    answer = "Approved." if command.approve else "Declined."
    return Plan(answer, (ApprovalDecided(facts.command_id, command.approve, command.reason),))
