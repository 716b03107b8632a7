"""Notes, wrap-ups, contact details and verified callers."""

from datetime import date

from sqlalchemy import bindparam, select, update

from csr_console.central import versions
from csr_console.central.applying import Applying
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.accounts import contact_of, no_account, verification_of
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account, account_alert, caller_verification, contact, timeline
from csr_console.central.tables.columns import AnyRow, date_or_none, to_text
from csr_console.domain.accounts.alerts import Alert, in_ribbon_order
from csr_console.domain.accounts.commands import (
    CONTACT_FIELDS,
    AddNote,
    LogInteraction,
    UpdateContact,
    VerifyCaller,
)
from csr_console.domain.accounts.decide import (
    AccountFacts,
    CallerVerified,
    ContactSet,
    EntryAdded,
    decide_add_note,
    decide_log_interaction,
    decide_update_contact,
    decide_verify_caller,
)
from csr_console.domain.accounts.verification import SECRET_FACTORS

_ACCOUNT = Statement(
    select(account.c.account, account.c.status, account.c.premise, account.c.person).where(
        account.c.office == bindparam("office"), account.c.account == bindparam("account")
    )
)
_ALERTS = Statement(
    select(account_alert.c.code, account_alert.c.expires_on).where(
        account_alert.c.office == bindparam("office"), account_alert.c.account == bindparam("account")
    )
)
_NEW_ENTRY = Statement(timeline.insert())
_NEW_VERIFICATION = Statement(caller_verification.insert())
_SET_CONTACT = {
    name: Statement(
        update(contact)
        .where(contact.c.office == bindparam("in_office"), contact.c.account == bindparam("of_account"))
        .values({name: bindparam("value")})
    )
    for name in CONTACT_FIELDS
}


def ask_account(applying: Applying, number: str) -> None:
    """Ask for an account and its alerts, to be looked at later."""
    applying.ask(_ACCOUNT, account=number)
    applying.ask(_ALERTS, account=number)


def get_account(applying: Applying, number: str) -> AnyRow:
    """Status, premise and person of an account. Raises `Refusal` not-found or other-office."""
    rows = applying.ask(_ACCOUNT, account=number)
    if not rows():
        raise no_account(applying.connection, number)
    return rows()[0]


def live_alerts(applying: Applying, number: str, today: date) -> list[str]:
    """The codes of the alerts in force on an account, in ribbon order."""
    rows = applying.ask(_ALERTS, account=number)
    alerts = (Alert(row.code, date_or_none(row.expires_on)) for row in rows())
    return [alert.code for alert in in_ribbon_order(alerts, today)]


def _known(applying: Applying, command: AddNote) -> AccountFacts:
    row = get_account(applying, command.account)
    return AccountFacts(row.account, row.status)


def _known_if_any(applying: Applying, command: LogInteraction) -> AccountFacts | None:
    if command.account is None:
        return None
    row = get_account(applying, command.account)
    return AccountFacts(row.account, row.status)


def _contact_facts(applying: Applying, command: UpdateContact) -> AccountFacts:
    row = get_account(applying, command.account)
    context = applying.context
    level, verified_at = verification_of(
        applying.connection, applying.office, command.account, context.actor.login, context.happened_at
    )
    return AccountFacts(
        row.account,
        row.status,
        live_alerts(applying, command.account, context.now.date()),
        contact_of(applying.connection, applying.office, command.account),
        verified_at,
        level,
    )


def _caller_facts(applying: Applying, command: VerifyCaller) -> AccountFacts:
    row = get_account(applying, command.account)
    if command.proof:
        # one that comes in time is good, whatever the clock of the workstation says
        moments = (applying.context.happened_at, applying.context.now)
        found = (
            applying.identity.proven_factors(
                command.proof, applying.office, command.account, applying.session, moment
            )
            for moment in moments
        )
        proven = next((factors for factors in found if factors is not None), None)
    else:
        proven = None if SECRET_FACTORS.intersection(command.factors) else frozenset()
    return AccountFacts(row.account, row.status, proven=proven)


def _write_entry(applying: Applying, change: EntryAdded) -> None:
    applying.connection.execute(
        _NEW_ENTRY,
        {
            "office": applying.office,
            "entry_id": change.entry_id,
            "account": change.account,
            "kind": change.kind,
            "at": to_text(change.at),
            "actor": change.actor,
            "text": change.text,
        },
    )
    if change.account:
        applying.touch("account", change.account)


def _write_contact(applying: Applying, change: ContactSet) -> None:
    key = {"in_office": applying.office, "of_account": change.account}
    for name, value in change.values.items():
        applying.connection.execute(_SET_CONTACT[name], {**key, "value": value})
    resource = f"contact:{change.account}"
    version = versions.bump(
        applying.connection,
        applying.office,
        resource,
        change.values.keys(),
        actor=applying.context.actor.login,
        at=to_text(applying.context.now),
    )
    applying.result["versions"] = {resource: version}
    applying.touch("account", change.account)


def _write_verification(applying: Applying, change: CallerVerified) -> None:
    applying.connection.execute(
        _NEW_VERIFICATION,
        {
            "office": applying.office,
            "command_id": applying.context.command_id,
            "account": change.account,
            "actor": change.actor,
            "level": int(change.level),
            "at": to_text(change.at),
        },
    )
    applying.result["level"] = int(change.level)
    applying.touch("account", change.account)


HANDLERS: Handlers = {
    "note.add": Handler(_known, decide_add_note),
    "interaction.log": Handler(_known_if_any, decide_log_interaction),
    "contact.update": Handler(
        _contact_facts,
        decide_update_contact,
        alerts=lambda facts: facts.alerts,
        values=lambda facts: facts.contact,
    ),
    "caller.verify": Handler(_caller_facts, decide_verify_caller),
}
WRITES: Writes = {
    EntryAdded: _write_entry,
    ContactSet: _write_contact,
    CallerVerified: _write_verification,
}
