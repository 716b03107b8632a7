"""Leak adjustments."""

from datetime import date
from decimal import Decimal

from sqlalchemy import and_, bindparam, select

from csr_console.central import ledger
from csr_console.central.applying import Applying
from csr_console.central.handlers.corrections import find_bill, post_settled
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.budget import plan_of, standing_by
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import bill, bill_segment
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tables.commands import command_key, command_log
from csr_console.central.tables.ledger import ledger_entry
from csr_console.domain.billing.bill import Bill, adjustment_of
from csr_console.domain.billing.commands import AdjustLeak
from csr_console.domain.billing.leak_adjustment import (
    LeakAdjusted,
    LeakAdjustmentFacts,
    WaterBilled,
    decide_adjust_leak,
)

_WATER = Statement(
    select(bill_segment.c.usage, bill_segment.c.from_read_on, bill_segment.c.to_read_on)
    .join(bill, and_(bill.c.office == bill_segment.c.office, bill.c.bill_id == bill_segment.c.bill_id))
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.cancelled_by.is_(None),
        bill_segment.c.service == "water",
        bill_segment.c.usage.is_not(None),
    )
    .order_by(bill_segment.c.to_read_on.desc())
)
_CREDITED = Statement(
    select(ledger_entry.c.effective_on)
    .join(command_key, command_key.c.command_id == ledger_entry.c.command_id)
    .join(
        command_log,
        and_(command_log.c.office == command_key.c.office, command_log.c.seq == command_key.c.seq),
    )
    .where(
        ledger_entry.c.office == bindparam("office"),
        ledger_entry.c.account == bindparam("account"),
        ledger_entry.c.kind == "adjustment",
        command_log.c.kind == "leak.adjust",
    )
    .order_by(ledger_entry.c.effective_on)
)


def _facts(applying: Applying, command: AdjustLeak) -> LeakAdjustmentFacts:
    found, rated, cancelled = find_bill(applying, command.account, command.bill)
    key = {"office": applying.office, "account": command.account}
    rows = applying.connection.execute(_WATER, key).all()
    earlier = [row for row in rows if row.to_read_on < found.first_day.isoformat()]
    later = [row for row in rows if row.from_read_on >= found.last_day.isoformat()]
    credited = applying.connection.execute(_CREDITED, key).scalars()
    return LeakAdjustmentFacts(
        found,
        rated,
        cancelled,
        tuple(_billed(row) for row in earlier),
        _billed(later[0]) if later else None,
        tuple(date.fromisoformat(day) for day in credited),
        _past_due_beside(applying, found),
    )


def _billed(row: AnyRow) -> WaterBilled:
    days = (date.fromisoformat(row.to_read_on) - date.fromisoformat(row.from_read_on)).days
    return WaterBilled(Decimal(row.usage), days)


def _past_due_beside(applying: Applying, found: Bill) -> int:
    """What is past due of anything but this bill; of a budget plan what it asked."""
    standing = ledger.standings(applying.connection, applying.office, [found.account])[found.account]
    stands = standing_by(plan_of(applying.connection, applying.office, found.account), standing)
    today = applying.context.now.date()
    return sum(due.cents for due in stands.open if due.due_on < today and due.due_on != found.due_on)


def _write(applying: Applying, change: LeakAdjusted) -> None:
    """The credited lines as one entry; what was paid already becomes credit."""
    context, number = applying.context, change.bill.number
    memo = f"Leak adjustment, bill {number} ({change.program})"
    entry = adjustment_of(
        change.bill, change.adjusted, context.command_id, context.now.date(), context.now, memo
    )
    post_settled(applying, change.bill.account, [entry], f"Credit put right after bill {number}")
    applying.touch("account", change.bill.account)


HANDLERS: Handlers = {"leak.adjust": Handler(_facts, decide_adjust_leak)}
WRITES: Writes = {LeakAdjusted: _write}
