"""Bills taken back, and corrected ones in their place."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, bindparam, select, update

from csr_console.central import ledger
from csr_console.central.applying import Applying
from csr_console.central.bills import ToPost, keep_bills, next_number, segments_of
from csr_console.central.budget_run import ask_again
from csr_console.central.handlers.accounts import get_account
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.reads.budget import budget_bills, show_the_basis
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import agreement, bill, bill_segment, meter_read
from csr_console.central.tables.columns import AnyRow
from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.commands import BillRange, CorrectBill, RefundChoice, bills_of
from csr_console.domain.billing.corrected_reads import CorrectedRead
from csr_console.domain.billing.correction import BillsCorrected, CorrectionFacts, decide_correct_bill
from csr_console.domain.billing.late_charge import late_charge_id
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.rebilled import BillFacts
from csr_console.domain.billing.run import Metered
from csr_console.domain.ledger.entry import Entry, EntryKind, reversal
from csr_console.domain.ledger.receivables import settlement, standing_after
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Fault, Refusal
from csr_console.domain.tariff.segment import RatedSegment

MOST_BILLS = 24
"""Two years of bills."""
_BILL = Statement(
    select(bill).where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.number == bindparam("number"),
    )
)
_STANDING = Statement(
    select(bill.c.number).where(
        bill.c.office == bindparam("office"),
        bill.c.account == bindparam("account"),
        bill.c.number >= bindparam("first"),
        bill.c.number <= bindparam("last"),
        bill.c.cancelled_by.is_(None),
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


def _facts(applying: Applying, command: CorrectBill) -> CorrectionFacts:
    numbers = _numbers(applying, command)
    bills = [_bill_facts(applying, command.account, number, numbers) for number in numbers]
    standings = ledger.standings(applying.connection, applying.office, [command.account])
    return CorrectionFacts(
        tuple(sorted(bills, key=lambda one: (one.bill.last_day, one.bill.number))),
        standings[command.account],
        next_number(applying.connection, applying.office),
    )


def _numbers(applying: Applying, command: CorrectBill) -> list[int]:
    """The bills that are meant: of a range those that stand. Raises `Refusal` not-found for an empty one."""
    get_account(applying, command.account)
    found: dict[int, None] = {}
    for asked in bills_of(command.bill):
        numbers = [asked.first] if asked.first == asked.last else _in_range(applying, command.account, asked)
        if not numbers:
            raise Refusal(
                "not-found",
                f"No bill {asked.first} to {asked.last} stands on account {command.account}.",
            )
        found |= dict.fromkeys(numbers)
    if len(found) > MOST_BILLS:
        raise Refusal("not-eligible", f"At most {MOST_BILLS} bills are corrected at once.")
    return list(found)


def _in_range(applying: Applying, account: str, asked: BillRange) -> Sequence[int]:
    values = {"office": applying.office, "account": account, "first": asked.first, "last": asked.last}
    return applying.connection.execute(_STANDING, values).scalars().all()


def _bill_facts(applying: Applying, account: str, number: int, together: Sequence[int]) -> BillFacts:
    found, rated, cancelled = find_bill(applying, account, number)
    connection, office = applying.connection, applying.office
    posted = ledger.find_entry(connection, office, found.bill_id)
    if posted is None:
        raise Fault("broken", f"The entry of bill {number} is not in the ledger.")
    late = ledger.find_entry(connection, office, late_charge_id(found.bill_id))
    later = tuple(one for one in _later(applying, found) if one not in together)
    asked = budget_bills(connection, office, [found.bill_id]).get(found.bill_id)
    metered, budget_cents = _metered(applying, found, rated), asked.asked_cents if asked else None
    return BillFacts(found, rated, cancelled, posted, metered, later, late, budget_cents)


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


def _write(applying: Applying, change: BillsCorrected) -> None:
    """The entries of the bills taken back, the newest first, the new ones posted, the oldest first, and
    credit put right: what was paid too much pays what is owed elsewhere, and the rest stays as credit."""
    connection, office, now = applying.connection, applying.office, applying.context.now
    entries, back = _taken_back(applying, change)
    for one in change.rebilled:
        if one.replacement is not None:
            entries.append(entry_of(one.replacement, now))
    if change.spread:
        memo = "What is asked more may be repaid over the months of the error (BIL-04)"
        adjusted = (EntryKind.ADJUSTMENT, change.account, now.date(), now, memo, change.spread)
        entries.append(Entry(_id(applying, "repayment"), *adjusted))
    post_settled(applying, change.account, entries, _credit_memo(change))
    for one in reversed(change.rebilled):
        values = {"in_office": office, "of_bill": one.before.bill_id, "by": back[one.before.number]}
        connection.execute(_CANCEL, values)
        if one.replacement is None:
            _bill_again(applying, change.account, one.before.segments)
    replaced = [ToPost(one.replacement, one.rated) for one in change.rebilled if one.replacement is not None]
    keep_bills(connection, office, replaced)
    for one in change.rebilled:
        ask_again(connection, office, one.before, one.replacement)
    for read in change.reads:
        connection.execute(_SET_READ, _read_row(office, read))
    for account in sorted(show_the_basis(connection, office, [change.account])):
        applying.touch("account", account)


def _taken_back(applying: Applying, change: BillsCorrected) -> tuple[list[Entry], dict[int, str]]:
    """The reversals of the bills and of their late charges, the newest bill first, and by bill the id of its
    own."""
    now, ids = applying.context.now, dict[int, str]()
    entries: list[Entry] = []
    for one in reversed(change.rebilled):
        number = one.before.number
        ids[number] = _id(applying, f"reversal {number}")
        memo = f"Bill {number} cancelled: {change.reason}"
        entries.append(reversal(one.facts.posted, ids[number], now, memo))
        if one.facts.late_charge is not None:
            late_id = _id(applying, f"late charge {number} taken back")
            memo = f"Late charge taken back with bill {number}"
            entries.append(reversal(one.facts.late_charge, late_id, now, memo))
    return entries, ids


def _id(applying: Applying, what: str) -> str:
    return str(uuid5(UUID(applying.context.command_id), what))


def _credit_memo(change: BillsCorrected) -> str:
    """What the customer chose stands on the entry of the credit: whoever pays refunds out reads it there."""
    numbers = ", ".join(str(one.before.number) for one in change.rebilled)
    memo = f"Credit put right after bill {numbers}"
    if change.refund is RefundChoice.PAYMENT:
        return f"{memo}: ${dollars_text(change.refund_cents)} to be paid back, as the customer chose (BIL-05)"
    return f"{memo}, kept as the customer chose (BIL-05)" if change.refund is not None else memo


def _read_row(office: str, one: CorrectedRead) -> dict[str, Any]:
    return {
        "in_office": office,
        "of_meter": one.meter,
        "on": one.read.read_on.isoformat(),
        "to": str(one.read.value),
        "as": one.read.kind.value,
        "rolled": int(one.rolled_over),
    }


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
WRITES: Writes = {BillsCorrected: _write}
