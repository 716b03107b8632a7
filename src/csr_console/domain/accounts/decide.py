"""Decisions on accounts: pure, the same at central and on the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from csr_console.domain.accounts.commands import AddNote, LogInteraction, UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import (
    SECRET_FACTORS,
    Factor,
    Level,
    level_of,
    still_holds,
)
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.refusals import Refusal

EntryKind = Literal[
    "note", "interaction", "contact", "verification", "outage", "callback", "hazard", "billing"
]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is known of an account. `verified_at` and `verified_level` are of the deciding clerk's own
    verification; `proven` are the secret factors a valid proof vouches for (None: the proof is not valid)."""

    account: str
    status: str
    alerts: Collection[str] = ()
    contact: Mapping[str, str] = field(default_factory=dict)
    verified_at: datetime | None = None
    verified_level: Level = Level.L0
    proven: Collection[Factor] | None = ()


@dataclass(frozen=True, slots=True)
class EntryAdded(Change):
    """One line of a customer's timeline; `account` is None for a contact without a customer."""

    account: str | None
    entry_id: str
    kind: EntryKind
    at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class ContactSet(Change):
    """New values of contact fields."""

    account: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CallerVerified(Change):
    """The level a clerk established with a caller."""

    account: str
    actor: str
    level: Level
    at: datetime


def _entry(account: str | None, kind: EntryKind, text: str, context: Context) -> EntryAdded:
    return EntryAdded(account, context.command_id, kind, context.happened_at, context.actor.login, text)


def decide_add_note(command: AddNote, facts: AccountFacts, context: Context) -> Plan:
    """A note is always taken, on closed accounts too: the story goes on."""
    return Plan("Note added.", (_entry(facts.account, "note", command.text, context),))


def decide_log_interaction(command: LogInteraction, facts: AccountFacts | None, context: Context) -> Plan:
    """A wrap-up is always taken; without a customer it counts for the office only."""
    minutes, seconds = divmod(command.talk_seconds, 60)
    text = (
        f"{command.disposition} · {command.outcome.label} · {command.channel.label}"
        f" {minutes}:{seconds:02d}\n{command.summary}"
    )
    account = facts.account if facts else None
    return Plan("Wrapped up.", (_entry(account, "interaction", text, context),))


def decide_update_contact(command: UpdateContact, facts: AccountFacts, context: Context) -> Plan:
    """Raises `Refusal` account-closed, not-verified (level L2 of 16 CFR 681.1) or nothing-changed."""
    if facts.status == "final":
        raise Refusal("account-closed", f"Account {facts.account} is final.")
    if facts.verified_level < Level.L2 or not still_holds(facts.verified_at, context.happened_at):
        raise Refusal(
            "not-verified",
            "A change of contact details needs two correct answers or a photo identification (L2).",
            rule="16 CFR 681.1(d)",
        )
    changed = {name: value for name, value in command.values.items() if facts.contact.get(name, "") != value}
    if not changed:
        raise Refusal("nothing-changed", "These are the details already on file.")
    names = ", ".join(name.replace("_", " ") for name in changed)
    return Plan(
        f"Changed {names}.",
        (
            ContactSet(facts.account, changed),
            _entry(facts.account, "contact", f"Changed {names}.", context),
        ),
    )


def decide_verify_caller(command: VerifyCaller, facts: AccountFacts, context: Context) -> Plan:
    """Raises `Refusal` proof-invalid when a secret factor is claimed that no valid proof vouches for."""
    claimed = SECRET_FACTORS.intersection(command.factors)
    if facts.proven is None or claimed - set(facts.proven):
        raise Refusal("proof-invalid", "The answers were not checked by central for this account.")
    level = level_of(command.factors)
    shown = ", ".join(factor.label for factor in command.factors)
    return Plan(
        f"Caller verified at {level.name}.",
        (
            CallerVerified(facts.account, context.actor.login, level, context.happened_at),
            _entry(facts.account, "verification", f"{level.name} by {shown}.", context),
        ),
    )
