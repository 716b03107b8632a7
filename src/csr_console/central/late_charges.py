"""Late charges: once for each bill that is past due, an entry each, a few hundred bills a transaction.

The entry of a bill's late charge has an id that follows from the bill's, so a job that was cut off goes on
where it stopped and one that is run again charges nobody twice. A charge is due with the next bill, under
fees, which bear none themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from csr_console.central import ledger
from csr_console.central.database import Database
from csr_console.central.reads.arrangements import arrangement_view
from csr_console.central.reads.budget import HeldPlan, plans_of
from csr_console.central.tables.accounts import account_alert
from csr_console.central.tables.billing import agreement, bill, bill_segment
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tables.ledger import ledger_balance, ledger_entry
from csr_console.central.tariffs import books_in_force
from csr_console.central.turn import Turn
from csr_console.domain.billing.bill import DUE_DAYS
from csr_console.domain.billing.budget_standing import on_budget
from csr_console.domain.billing.late_charge import LateCharge, late_charge, late_charge_id
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import Standing
from csr_console.domain.tariff.book import TariffBook

BILLS_AT_ONCE = 200
FEES = "fees"
GOVERNMENT = "government"
"""The class of the schedules of government accounts, which pay no late charge (LAT-01)."""
_STAYED = "bankruptcy_stay"
"""Late charges stop at the petition (11 U.S.C. 362)."""

_MANY: Any = bindparam("accounts", expanding=True)
_PAST_DUE = (
    select(bill.c.bill_id, bill.c.account, bill.c.number, bill.c.billed_on, bill.c.due_on)
    .add_columns(func.sum(ledger_balance.c.cents).label("cents"))
    .join(
        bill_segment, and_(bill_segment.c.office == bill.c.office, bill_segment.c.bill_id == bill.c.bill_id)
    )
    .join(
        ledger_balance,
        and_(
            ledger_balance.c.office == bill.c.office,
            ledger_balance.c.account == bill.c.account,
            ledger_balance.c.kind == AccountKind.RECEIVABLE.value,
            ledger_balance.c.code == bill_segment.c.service,
            ledger_balance.c.due_on == bill.c.due_on,
        ),
    )
    .where(
        bill.c.office == bindparam("office"),
        bill.c.cancelled_by.is_(None),
        bill.c.due_on < bindparam("on"),
        bill.c.number > bindparam("after"),
        ledger_balance.c.cents > 0,
    )
    .group_by(bill.c.bill_id, bill.c.account, bill.c.number, bill.c.billed_on, bill.c.due_on)
    .order_by(bill.c.number)
    .limit(BILLS_AT_ONCE)
)
_CHARGED = select(ledger_entry.c.entry_id).where(
    ledger_entry.c.office == bindparam("office"),
    ledger_entry.c.entry_id.in_(bindparam("entries", expanding=True)),
)
_SCHEDULES = select(agreement.c.account, agreement.c.book_id, agreement.c.schedule).where(
    agreement.c.office == bindparam("office"), agreement.c.account.in_(_MANY)
)
_STAYS = select(account_alert.c.account).where(
    account_alert.c.office == bindparam("office"),
    account_alert.c.account.in_(_MANY),
    account_alert.c.code == _STAYED,
    or_(account_alert.c.expires_on.is_(None), account_alert.c.expires_on >= bindparam("on")),
)


@dataclass(slots=True)
class LateReport:
    """What the job came to: bills looked at, bills charged, and the cents."""

    bills: int = 0
    charged: int = 0
    total_cents: int = 0


def charge_late(
    db: Database,
    office: str,
    on: date,
    method: str,
    now: Callable[[], datetime],
    *,
    progress: Callable[[int], None] = lambda _done: None,
) -> LateReport:
    """Charge every bill that is past due on a day and was not charged before, by a method of
    `LATE_CHARGE_METHODS`.

    Spared are government accounts, accounts under a bankruptcy, and bills that an arrangement which is kept
    covers. Raises `Fault` when the database does not answer; what is charged by then stays charged.
    """
    report, after = LateReport(), 0
    with db.read() as connection:
        books = books_in_force(connection, office)
    while True:
        with db.write() as connection:
            turn = Turn(connection, office)
            values = {"office": office, "on": on.isoformat(), "after": after}
            rows = connection.execute(_PAST_DUE, values).all()
            if not rows:
                return report
            entries = _entries(connection, office, rows, books, on, method, now())
            ledger.post(connection, office, entries)
            turn.touch(dict.fromkeys(("account", entry.account) for entry in entries))
            turn.end(now())
        after = rows[-1].number
        report.bills += len(rows)
        report.charged += len(entries)
        report.total_cents += sum(entry.postings[0].cents for entry in entries)
        progress(report.bills)


def _entries(
    connection: Connection,
    office: str,
    rows: Sequence[AnyRow],
    books: Mapping[str, TariffBook],
    on: date,
    method: str,
    now: datetime,
) -> list[Entry]:
    """The entries of those bills that are charged."""
    ids = {row.bill_id: late_charge_id(row.bill_id) for row in rows}
    charged = set(connection.execute(_CHARGED, {"office": office, "entries": list(ids.values())}).scalars())
    accounts: dict[str, Any] = {"office": office, "accounts": list({row.account for row in rows})}
    stayed = set(connection.execute(_STAYS, {**accounts, "on": on.isoformat()}).scalars())
    government = {
        row.account
        for row in connection.execute(_SCHEDULES, accounts)
        if _class_of(books, row.book_id, row.schedule) == GOVERNMENT
    }
    plans = plans_of(connection, office, accounts["accounts"])
    standings = ledger.standings(connection, office, plans)
    entries = []
    for row in rows:
        if ids[row.bill_id] in charged or row.account in stayed or _promised(connection, office, row, on):
            continue
        late = _as_billed(row)
        if (plan := plans.get(row.account)) and any(one.bill_id == row.bill_id for one in plan.months):
            late = _as_asked(late, plan, standings[row.account])
        charge = late_charge(method, late.cents, late.mailed_on, on, government=row.account in government)
        if charge.amount_cents:
            entries.append(_entry(ids[row.bill_id], row, late, charge, on, now))
    return entries


@dataclass(frozen=True, slots=True)
class _Late:
    """What is past due of a bill, when it was due, when that was mailed, and what it is called."""

    cents: int
    due_on: date
    mailed_on: date
    of: str = "bill"


def _as_billed(row: AnyRow) -> _Late:
    due_on = date.fromisoformat(row.due_on)
    return _Late(int(row.cents), due_on, due_on - timedelta(days=DUE_DAYS))


def _as_asked(late: _Late, plan: HeldPlan, standing: Standing) -> _Late:
    """A late charge is on the budget amount only; what a plan had deferred was asked on the day it ended."""
    if plan.ended_on is not None:
        return replace(late, mailed_on=max(late.mailed_on, plan.ended_on))
    asked = on_budget(standing, plan.months).asked_open_cents(late.due_on)
    return replace(late, cents=asked, of="the budget amount of bill")


def _class_of(books: Mapping[str, TariffBook], book_id: str, schedule: str) -> str:
    book = books.get(book_id)
    found = book.schedules.get(schedule) if book else None
    return found.customer_class if found else ""


def _promised(connection: Connection, office: str, row: AnyRow, on: date) -> bool:
    """Whether an arrangement that is kept covers the bill: collections wait then."""
    held = arrangement_view(connection, office, row.account, on)
    return held is not None and held.state == "active" and row.billed_on <= held.agreed_on.isoformat()


def _entry(entry_id: str, row: AnyRow, late: _Late, charge: LateCharge, on: date, now: datetime) -> Entry:
    due_on = on + timedelta(days=DUE_DAYS)
    return Entry(
        entry_id,
        EntryKind.LATE_CHARGE,
        row.account,
        on,
        now,
        f"Late charge on {late.of} {row.number}: {charge.arithmetic} ({charge.rule})",
        (
            Posting(receivable(row.account, FEES), charge.amount_cents, due_on),
            Posting(LedgerAccount(AccountKind.REVENUE, "late_charge"), -charge.amount_cents),
        ),
    )
