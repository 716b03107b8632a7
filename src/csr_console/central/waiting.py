"""What waits for a second person about an account, for how long, and what was approved in the days before."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, literal_column, select

from csr_console.central.applying import Applying
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import from_json, to_text
from csr_console.central.tables.commands import command_key, command_log
from csr_console.central.tables.ledger import ledger_entry
from csr_console.contracts.outcome import Outcome
from csr_console.domain.approvals import (
    HELD_DAYS,
    LIMITS,
    LINKED_DAYS,
    TOO_LATE,
    expires_at,
    refuse_over_limit,
)
from csr_console.domain.command import Command
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Refusal

_NEWEST = and_(command_key.c.office == command_log.c.office, command_key.c.seq == command_log.c.seq)
_HELD = Statement(
    select(command_log)
    .join(command_key, _NEWEST)
    .where(
        command_key.c.office == bindparam("office"),
        command_key.c.held == literal_column("1"),  # as the index says it
        command_log.c.kind == bindparam("kind"),
        command_log.c.applied_at > bindparam("since"),
    )
)
_APPROVED = Statement(
    select(command_log.c.command_id, command_log.c.outcome)
    .join(command_key, _NEWEST)
    .join(
        ledger_entry,
        and_(
            ledger_entry.c.office == command_key.c.office,
            ledger_entry.c.command_id == command_key.c.command_id,
        ),
    )
    .where(
        ledger_entry.c.office == bindparam("office"),
        ledger_entry.c.account == bindparam("account"),
        ledger_entry.c.posted_at > bindparam("since"),
        command_log.c.kind == bindparam("kind"),
        command_log.c.state == "applied",
    )
)


def amount_of(result: Mapping[str, Any]) -> int:
    """The cents that a command with a limit moves, from what is shown of it; 0 where it says nothing."""
    if "amount_cents" in result:
        return int(result["amount_cents"])
    return abs(int(result.get("after_cents", 0)) - int(result.get("before_cents", 0)))


def linked_cents(connection: Connection, office: str, kind: str, account: str, now: datetime) -> int:
    """What commands of a kind moved for an account within `LINKED_DAYS`: one request may come in parts."""
    since = to_text(now - timedelta(days=LINKED_DAYS))
    values = {"office": office, "account": account, "kind": kind, "since": since}
    amounts = {
        row.command_id: amount_of(from_json(row.outcome)["result"])
        for row in connection.execute(_APPROVED, values)
    }
    return sum(amounts.values())


def refuse_second(applying: Applying, command: Command) -> None:
    """Raise `Refusal` already-held while another command of the kind, with a limit, waits for the account."""
    if command.kind not in LIMITS:
        return
    since = held_since(applying.context.now)
    values = {"office": applying.office, "kind": command.kind, "since": since}
    account = getattr(command, "account", None)
    for row in applying.connection.execute(_HELD, values):
        asked = from_json(row.body)["envelope"]["command"]
        if asked.get("account") == account and row.command_id != applying.context.command_id:
            raise Refusal(
                "already-held",
                f"“{command.title}” of {row.actor} waits for a second person on account {account}.",
                rule="one at a time",
            )


def refuse_if_over(applying: Applying, command: Command, shown: Mapping[str, Any], approver: Actor) -> None:
    """Raise `Refusal` over-limit when the approver's role may not say yes to what it comes to today."""
    if command.kind in LIMITS:
        account = getattr(command, "account", "")
        now = applying.context.now
        linked = linked_cents(applying.connection, applying.office, command.kind, account, now)
        refuse_over_limit(command.kind, approver, amount_of(shown), linked)


def too_late(known: Outcome, now: datetime) -> Refusal | None:
    """What ends a command that was held for too long; None for any other."""
    if known.state != "held" or now <= expires_at(known.applied_at):
        return None
    return Refusal("expired", TOO_LATE, rule="approvals")


def held_since(now: datetime) -> str:
    """What is held longer is expired, as stored text."""
    return to_text(now - timedelta(days=HELD_DAYS))
