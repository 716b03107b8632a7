"""What a bill run found, settled; reads it lacked, entered."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from csr_console.central import versions
from csr_console.central.applying import Applying
from csr_console.central.handlers.accounts import get_account
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import agreement, bill, bill_exception, bill_segment, meter_read
from csr_console.central.tables.columns import AnyRow, to_text
from csr_console.domain.billing.commands import EnterRead, SettleException
from csr_console.domain.billing.exceptions import ENDED_BY_READ, exception_key
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.settling import (
    ExceptionFacts,
    ExceptionSettled,
    MeterFacts,
    ReadEntered,
    decide_enter_read,
    decide_settle_exception,
)
from csr_console.domain.refusals import Refusal

_KNOWN_DAYS = 400
"""Thirteen months: a year of estimates, and the use of the same month before."""
_ONE = and_(
    bill_exception.c.office == bindparam("of_office"),
    bill_exception.c.run == bindparam("of_run"),
    bill_exception.c.account == bindparam("of_account"),
    bill_exception.c.service == bindparam("of_service"),
    bill_exception.c.code == bindparam("of_code"),
)
_EXCEPTION = Statement(select(bill_exception).where(_ONE))
_SETTLE = Statement(
    update(bill_exception)
    .where(_ONE)
    .values(settled_by=bindparam("by"), settled_at=bindparam("at"), reason=bindparam("why"))
)
_WAITING = Statement(
    select(bill_exception.c.run, bill_exception.c.service, bill_exception.c.code).where(
        bill_exception.c.office == bindparam("office"),
        bill_exception.c.account == bindparam("account"),
        bill_exception.c.settled_by == "",
    )
)
_METER = Statement(
    select(agreement)
    .where(
        agreement.c.office == bindparam("office"),
        agreement.c.account == bindparam("account"),
        agreement.c.service == bindparam("service"),
        agreement.c.meter != "",
    )
    .order_by(agreement.c.since_on.desc())
)
_READS = Statement(
    select(meter_read)
    .where(
        meter_read.c.office == bindparam("office"),
        meter_read.c.meter == bindparam("meter"),
        meter_read.c.read_on >= bindparam("since"),
    )
    .order_by(meter_read.c.read_on)
)
_USE = Statement(
    select(bill_segment.c.usage, bill_segment.c.from_read_on, bill_segment.c.to_read_on)
    .join(bill, and_(bill.c.office == bill_segment.c.office, bill.c.bill_id == bill_segment.c.bill_id))
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.cancelled_by.is_(None),
        bill.c.billed_on >= bindparam("since"),
        bill_segment.c.service == bindparam("service"),
        bill_segment.c.usage.is_not(None),
    )
    .order_by(bill_segment.c.to_read_on.desc())
)
_INSERTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


def _put_read(name: str) -> Statement:
    statement = _INSERTS[name](meter_read)
    new = {column: statement.excluded[column] for column in ("value", "kind", "rolled_over")}
    keys = ["office", "meter", "read_on"]
    return Statement(statement.on_conflict_do_update(index_elements=keys, set_=new))


_PUT_READ = {name: _put_read(name) for name in _INSERTS}


def _key(applying: Applying, one: SettleException | ExceptionSettled) -> dict[str, str]:
    return {
        "of_office": applying.office,
        "of_run": one.run,
        "of_account": one.account,
        "of_service": one.service,
        "of_code": str(one.code),
    }


def _exception(applying: Applying, command: SettleException) -> ExceptionFacts:
    """Raises `Refusal` not-found, other-office."""
    get_account(applying, command.account)
    row = applying.connection.execute(_EXCEPTION, _key(applying, command)).one_or_none()
    if row is None:
        raise Refusal(
            "not-found",
            f"The run of {command.run} found no {command.code.label} of {command.service} on"
            f" account {command.account}.",
        )
    return ExceptionFacts(row.settled_by, row.reason or "")


def _values(facts: ExceptionFacts) -> Mapping[str, Any]:
    return {"reason": facts.reason}


def _meter(applying: Applying, command: EnterRead) -> MeterFacts:
    """Raises `Refusal` not-found for an account or a service without a meter, other-office."""
    get_account(applying, command.account)
    key = {"office": applying.office, "account": command.account, "service": command.service}
    row = applying.connection.execute(_METER, key).first()
    if row is None:
        raise Refusal("not-found", f"Account {command.account} has no meter of {command.service}.")
    since = (applying.context.now.date() - timedelta(days=_KNOWN_DAYS)).isoformat()
    known = {"office": applying.office, "meter": row.meter, "since": min(since, row.billed_to_on)}
    used = applying.connection.execute(_USE, {**key, "since": since}).all()
    past = _past(used, command.read_on or applying.context.now.date())
    return MeterFacts(
        row.meter,
        Register(row.dials, Decimal(row.multiplier)),
        date.fromisoformat(row.billed_to_on),
        [
            (
                Read(date.fromisoformat(one.read_on), Decimal(one.value), ReadKind(one.kind)),
                bool(one.rolled_over),
            )
            for one in applying.connection.execute(_READS, known)
        ],
        Decimal(past.usage) if past else Decimal(0),
        _days(past) if past else 0,
    )


def _past(used: Collection[AnyRow], on: date) -> AnyRow | None:
    """The period of about a year ago, else the one before."""
    year_ago = on - timedelta(days=365)
    near = (row for row in used if abs((date.fromisoformat(row.to_read_on) - year_ago).days) <= 16)
    return next(near, next(iter(used), None))


def _days(row: AnyRow) -> int:
    return (date.fromisoformat(row.to_read_on) - date.fromisoformat(row.from_read_on)).days


def _write_settled(applying: Applying, change: ExceptionSettled) -> None:
    at = to_text(applying.context.happened_at)
    done = {"by": change.settled_by, "at": at, "why": change.reason}
    applying.connection.execute(_SETTLE, {**_key(applying, change), **done})
    version = versions.bump(
        applying.connection, applying.office, change.resource, ("reason",), actor=change.settled_by, at=at
    )
    applying.result["versions"] = {change.resource: version}
    applying.touch("account", change.account)


def _write_read(applying: Applying, change: ReadEntered) -> None:
    """The read, and with it what waited for one: of the water meter also what followed it."""
    row: dict[str, Any] = {
        "office": applying.office,
        "meter": change.meter,
        "read_on": change.read.read_on.isoformat(),
        "value": str(change.read.value),
        "kind": change.read.kind.value,
        "rolled_over": int(change.rolled_over),
    }
    applying.connection.execute(_PUT_READ[applying.connection.dialect.name], row)
    waiting = {"office": applying.office, "account": change.account}
    services = {change.service, "sewer"} if change.service == "water" else {change.service}
    for one in applying.connection.execute(_WAITING, waiting).all():
        if one.service in services and one.code in ENDED_BY_READ:
            reason = f"Read of {change.read.read_on} entered: {change.read.value}"
            resource = exception_key(one.run, change.account, one.service, one.code)
            settled = ExceptionSettled(
                change.account, one.run, one.service, one.code, resource, change.entered_by, reason
            )
            _write_settled(applying, settled)
    applying.touch("account", change.account)


HANDLERS: Handlers = {
    "exception.settle": Handler(_exception, decide_settle_exception, values=_values),
    "read.enter": Handler(_meter, decide_enter_read),
}
WRITES: Writes = {ExceptionSettled: _write_settled, ReadEntered: _write_read}
