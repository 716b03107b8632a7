"""Bills taken back, and corrected ones in their place."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, bindparam, select, update

from csr_console.central import ledger
from csr_console.central.applying import Applying
from csr_console.central.bills import ToPost, keep_bills, next_number, segments_of
from csr_console.central.handlers.accounts import get_account
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import agreement, bill, bill_segment, meter_read
from csr_console.central.tables.columns import AnyRow
from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.commands import CorrectBill
from csr_console.domain.billing.correction import BillCorrected, BillFacts, decide_correct_bill
from csr_console.domain.billing.late_charge import late_charge_id
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.run import Metered
from csr_console.domain.ledger.entry import Entry, EntryKind, reversal
from csr_console.domain.ledger.receivables import settlement, standing_after
from csr_console.domain.refusals import Fault, Refusal
from csr_console.domain.tariff.segment import RatedSegment

_BILL = Statement(
    select(bill).where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.number == bindparam("number"),
    )
)
_LATER = Statement(
    select(bill.c.number, bill_segment.c.service, bill_segment.c.from_read_on)
    .join(
        bill_segment, and_(bill_segment.c.office == bill.c.office, bill_segment.c.bill_id == bill.c.bill_id)
    )
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.cancelled_by.is_(None),
        bill_segment.c.to_read_on > bindparam("after"),
    )
    .order_by(bill.c.number.desc())
)
_METERS = Statement(
    select(agreement).where(
        agreement.c.office == bindparam("office"),
        agreement.c.account == bindparam("account"),
        agreement.c.meter != "",
    )
)
_READS = Statement(
    select(meter_read)
    .where(
        meter_read.c.office == bindparam("office"),
        meter_read.c.meter == bindparam("meter"),
        meter_read.c.read_on >= bindparam("first"),
        meter_read.c.read_on <= bindparam("last"),
    )
    .order_by(meter_read.c.read_on)
)
_CANCEL = Statement(
    update(bill)
    .where(bill.c.office == bindparam("in_office"), bill.c.bill_id == bindparam("of_bill"))
    .values(cancelled_by=bindparam("by"))
)
_BACK_TO = Statement(
    update(agreement)
    .where(
        agreement.c.office == bindparam("in_office"),
        agreement.c.account == bindparam("of_account"),
        agreement.c.service == bindparam("of_service"),
        agreement.c.billed_to_on == bindparam("was"),
    )
    .values(billed_to_on=bindparam("back_to"))
)
_SET_READ = Statement(
    update(meter_read)
    .where(
        meter_read.c.office == bindparam("in_office"),
        meter_read.c.meter == bindparam("of_meter"),
        meter_read.c.read_on == bindparam("on"),
    )
    .values(value=bindparam("to"), kind=bindparam("as"), rolled_over=bindparam("rolled"))
)


def find_bill(applying: Applying, account: str, number: int) -> tuple[Bill, tuple[Rated, ...], bool]:
    """A bill of an account as it was rated, and whether it was cancelled.

    Raises `Refusal` not-found or other-office, `Fault` broken when it does not come out to its cents again.
    """
    get_account(applying, account)
    values = {"office": applying.office, "account": account, "number": number}
    row = applying.connection.execute(_BILL, values).one_or_none()
    if row is None:
        raise Refusal("not-found", f"There is no bill {number} on account {account}.")
    billed_on = date.fromisoformat(row.billed_on)
    segments = segments_of(applying.connection, applying.office, row.bill_id, billed_on)
    found = Bill(
        row.bill_id,
        account,
        number,
        billed_on,
        date.fromisoformat(row.due_on),
        tuple(segment for _, segment in segments),
        row.replaces,
    )
    return found, tuple(rated for rated, _ in segments), row.cancelled_by is not None


def _facts(applying: Applying, command: CorrectBill) -> BillFacts:
    found, rated, cancelled = find_bill(applying, command.account, command.bill)
    return BillFacts(
        found,
        rated,
        cancelled,
        _metered(applying, found, rated),
        _later(applying, found),
        next_number(applying.connection, applying.office),
        _late_cents(applying, found),
    )


def _late_entry(applying: Applying, found: Bill) -> Entry | None:
    return ledger.find_entry(applying.connection, applying.office, late_charge_id(found.bill_id))


def _late_cents(applying: Applying, found: Bill) -> int:
    entry = _late_entry(applying, found)
    return sum(posting.cents for posting in entry.postings if posting.due_on) if entry else 0


def _later(applying: Applying, found: Bill) -> tuple[int, ...]:
    """Standing bills with a later segment of one of the bill's services, the newest first."""
    ends = {segment.service: segment.last_day.isoformat() for segment in found.segments}
    values = {"office": applying.office, "account": found.account, "after": min(ends.values())}
    rows = applying.connection.execute(_LATER, values).all()
    numbers = [row.number for row in rows if row.service in ends and row.from_read_on >= ends[row.service]]
    return tuple(dict.fromkeys(numbers))


def _metered(applying: Applying, found: Bill, rated: tuple[Rated, ...]) -> dict[str, Metered]:
    """The meter of each service with its reads in the bill's period."""
    values = {"office": applying.office, "account": found.account}
    meters = {row.service: row for row in applying.connection.execute(_METERS, values)}
    metered = {}
    for one, segment in zip(rated, found.segments, strict=True):
        row = meters.get(segment.service)
        if row is not None and one.determinants.usage is not None:
            metered[segment.service] = Metered(
                row.meter, Register(row.dials, Decimal(row.multiplier)), _reads(applying, row, one)
            )
    return metered


def _reads(applying: Applying, row: AnyRow, rated: Rated) -> list[tuple[Read, bool]]:
    period = rated.period
    values = {
        "office": applying.office,
        "meter": row.meter,
        "first": period.from_read_on.isoformat(),
        "last": period.to_read_on.isoformat(),
    }
    return [
        (Read(date.fromisoformat(one.read_on), Decimal(one.value), ReadKind(one.kind)), bool(one.rolled_over))
        for one in applying.connection.execute(_READS, values)
    ]


def _write(applying: Applying, change: BillCorrected) -> None:
    """The bill's entry taken back, the new one posted, and credit put right: what was paid too much pays what
    is owed elsewhere, and the rest stays as credit."""
    connection, office, now = applying.connection, applying.office, applying.context.now
    command_id, before = applying.context.command_id, change.bill
    posted = ledger.find_entry(connection, office, before.bill_id)
    if posted is None:
        raise Fault("broken", f"The entry of bill {before.number} is not in the ledger.")
    back_id = str(uuid5(UUID(command_id), "reversal"))
    entries = [reversal(posted, back_id, now, f"Bill {before.number} cancelled: {change.reason}")]
    if (late := _late_entry(applying, before)) is not None:
        late_id = str(uuid5(UUID(command_id), "late charge taken back"))
        entries.append(reversal(late, late_id, now, f"Late charge taken back with bill {before.number}"))
    if change.replacement is not None:
        entries.append(entry_of(change.replacement, now))
    post_settled(applying, before.account, entries, f"Credit put right after bill {before.number}")
    connection.execute(_CANCEL, {"in_office": office, "of_bill": before.bill_id, "by": back_id})
    if change.replacement is not None:
        keep_bills(connection, office, [ToPost(change.replacement, change.rated)])
    else:
        _bill_again(applying, before.account, before.segments)
    for one in change.reads:
        values: dict[str, Any] = {
            "in_office": office,
            "of_meter": one.meter,
            "on": one.read.read_on.isoformat(),
            "to": str(one.read.value),
            "as": one.read.kind.value,
            "rolled": int(one.rolled_over),
        }
        connection.execute(_SET_READ, values)
    applying.touch("account", before.account)


def post_settled(applying: Applying, account: str, entries: list[Entry], memo: str) -> None:
    """Post entries about an account, and what brings its standing in order after them."""
    connection, office, now = applying.connection, applying.office, applying.context.now
    standing = ledger.standings(connection, office, [account])[account]
    after = standing_after(standing, [posting for entry in entries for posting in entry.postings])
    if moved := settlement(after, now.date()):
        credit_id = str(uuid5(UUID(applying.context.command_id), "credit"))
        entries = [*entries, Entry(credit_id, EntryKind.APPLICATION, account, now.date(), now, memo, moved)]
    ledger.post(connection, office, entries, applying.context.command_id)


def _bill_again(applying: Applying, account: str, segments: tuple[RatedSegment, ...]) -> None:
    """The next run begins where the cancelled bill began."""
    for segment in segments:
        values = {
            "in_office": applying.office,
            "of_account": account,
            "of_service": segment.service,
            "was": segment.last_day.isoformat(),
            "back_to": (segment.first_day - timedelta(days=1)).isoformat(),
        }
        applying.connection.execute(_BACK_TO, values)


HANDLERS: Handlers = {"bill.correct": Handler(_facts, decide_correct_bill)}
WRITES: Writes = {BillCorrected: _write}
