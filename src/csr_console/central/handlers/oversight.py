"""Discarding a queued command, deciding a held one."""

from csr_console.central import command_log
from csr_console.central.applying import Applying
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.commands import find_command
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.oversight.decide import (
    ApprovalDecided,
    CommandDiscarded,
    CommandFacts,
    decide_approval,
    decide_discard,
)
from csr_console.domain.refusals import Refusal


def _discarded(applying: Applying, command: DiscardCommand) -> CommandFacts | None:
    """Raises `Refusal` other-office for a command of another office."""
    key = command_log.find_key(applying.connection, str(command.discarded))
    if key and key[0] != applying.office:
        raise Refusal("other-office", f"This belongs to the office {key[0]}.", rule="permissions")
    return find_command(applying.connection, applying.office, str(command.discarded))


def _held(applying: Applying, command: DecideApproval) -> CommandFacts | None:
    return find_command(applying.connection, applying.office, str(command.held))


def _write_discarded(applying: Applying, change: CommandDiscarded) -> None:
    """The id is spent before it arrives; a held command ends here, any other keeps its stored outcome."""
    applying.result["discarded"] = change.command_id
    known = find_command(applying.connection, applying.office, change.command_id)
    if known is None:
        command_log.spend(applying.connection, change.command_id, applying.office, None)
    elif known.state == "held":
        applying.discard_held(applying, change.command_id, change.reason)


def _write_decided(applying: Applying, change: ApprovalDecided) -> None:
    applying.decide_held(applying, change.command_id, change.approve, change.reason)


HANDLERS: Handlers = {
    "command.discard": Handler(_discarded, decide_discard),
    "approval.decide": Handler(_held, decide_approval),
}
WRITES: Writes = {CommandDiscarded: _write_discarded, ApprovalDecided: _write_decided}
