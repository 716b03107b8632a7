"""Payment arrangements and returned payments."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from csr_console.central import ledger
from csr_console.central.applying import Applying
from csr_console.central.handlers.accounts import ask_account, get_account, live_alerts
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.arrangements import arrangement_view
from csr_console.central.reads.budget import plan_of
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account_alert
from csr_console.central.tables.billing import arrangement
from csr_console.central.tables.columns import to_json
from csr_console.central.tables.ledger import ledger_entry
from csr_console.central.tables.payments import payment
from csr_console.domain.billing.arrangement import ArrangementState
from csr_console.domain.billing.commands import MakeArrangement, ReturnPayment
from csr_console.domain.billing.decide import (
    ArrangementMade,
    MoneyFacts,
    PaymentFacts,
    PaymentReturned,
    decide_make_arrangement,
    decide_return_payment,
)
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal
from csr_console.domain.ledger.receivables import settlement, standing_after
from csr_console.domain.refusals import Refusal

FEES = "fees"
"""The service under which fees are owed."""

_back = ledger_entry.alias("back")
_PAYMENT = Statement(
    select(
        payment.c.receipt,
        payment.c.account,
        payment.c.cents,
        payment.c.paid_on,
        payment.c.entry_id,
        exists()
        .where(_back.c.office == payment.c.office, _back.c.reverses == payment.c.entry_id)
        .label("returned"),
    ).where(payment.c.office == bindparam("office"), payment.c.receipt == bindparam("receipt"))
)
_NEW_ARRANGEMENT = Statement(arrangement.insert())
_INSERTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


def _put_alert(name: str) -> Statement:
    statement = _INSERTS[name](account_alert)
    return Statement(
        statement.on_conflict_do_update(
            index_elements=["office", "account", "code"], set_={"expires_on": statement.excluded.expires_on}
        )
    )


_PUT_ALERT = {name: _put_alert(name) for name in _INSERTS}


def _money_facts(applying: Applying, command: MakeArrangement) -> MoneyFacts:
    ask_account(applying, command.account)
    row = get_account(applying, command.account)
    today = applying.context.now.date()
    standing = ledger.standings(applying.connection, applying.office, [row.account])[row.account]
    held = arrangement_view(applying.connection, applying.office, row.account, today)
    plan = plan_of(applying.connection, applying.office, row.account)
    return MoneyFacts(
        row.account,
        standing.balance_cents,
        live_alerts(applying, row.account, today),
        ArrangementState(held.state) if held else None,
        held.broken_on if held else None,
        plan is not None and plan.active,
    )


def _payment_facts(applying: Applying, command: ReturnPayment) -> PaymentFacts:
    get_account(applying, command.account)
    values = {"office": applying.office, "receipt": command.receipt}
    row = applying.connection.execute(_PAYMENT, values).one_or_none()
    if row is None:
        raise Refusal("not-found", f"There is no receipt {command.receipt} on account {command.account}.")
    paid_on = date.fromisoformat(row.paid_on)
    return PaymentFacts(row.receipt, row.account, row.cents, paid_on, row.entry_id, bool(row.returned))


def _write_arrangement(applying: Applying, change: ArrangementMade) -> None:
    planned = [[item.number, item.due_on.isoformat(), item.cents] for item in change.installments]
    row: dict[str, Any] = {
        "office": applying.office,
        "arrangement_id": change.arrangement_id,
        "account": change.account,
        "agreed_on": change.agreed_on.isoformat(),
        "agreed_by": change.agreed_by,
        "total_cents": sum(item.cents for item in change.installments),
        "installments": to_json(planned),
    }
    applying.connection.execute(_NEW_ARRANGEMENT, row)
    ends_on = change.installments[-1].due_on.isoformat()
    alert = {"office": applying.office, "account": change.account, "code": "arrangement"}
    put = _PUT_ALERT[applying.connection.dialect.name]
    applying.connection.execute(put, {**alert, "expires_on": ends_on})
    applying.result["arrangement"] = change.arrangement_id
    applying.touch("account", change.account)


def _write_return(applying: Applying, change: PaymentReturned) -> None:
    """The payment's entry taken back, the fee charged, and credit that the payment had left put right."""
    connection, office, now = applying.connection, applying.office, applying.context.now
    command_id = applying.context.command_id
    paid = ledger.find_entry(connection, office, change.entry_id)
    if paid is None:
        raise Refusal("not-found", f"The entry of receipt {change.receipt} is not in the ledger.")
    back = reversal(paid, command_id, now, f"Receipt {change.receipt} returned: {change.reason}")
    fee = Entry(
        str(uuid5(UUID(command_id), "fee")),
        EntryKind.RETURNED_ITEM,
        change.account,
        change.fee_due_on,
        now,
        f"Returned item fee, receipt {change.receipt}",
        (
            Posting(receivable(change.account, FEES), change.fee_cents, change.fee_due_on),
            Posting(LedgerAccount(AccountKind.REVENUE, "returned_item"), -change.fee_cents),
        ),
    )
    standing = ledger.standings(connection, office, [change.account])[change.account]
    after = standing_after(standing, (*back.postings, *fee.postings))
    entries = [back, fee]
    if moved := settlement(after, change.fee_due_on):
        credit_id = str(uuid5(UUID(command_id), "credit"))
        kind, memo = EntryKind.APPLICATION, "Credit put right after a returned payment"
        entries.append(Entry(credit_id, kind, change.account, change.fee_due_on, now, memo, moved))
    ledger.post(connection, office, entries, command_id)
    applying.result["fee_cents"] = change.fee_cents
    applying.touch("account", change.account)


HANDLERS: Handlers = {
    "arrangement.make": Handler(_money_facts, decide_make_arrangement),
    "payment.return": Handler(_payment_facts, decide_return_payment),
}
WRITES: Writes = {
    ArrangementMade: _write_arrangement,
    PaymentReturned: _write_return,
}
