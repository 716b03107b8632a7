"""The monthly run: every account of an office billed up to its newest reads, a few hundred a transaction.

What was billed in a run is not billed again in it: a run that was cut off goes on where it stopped. The
office's commands wait for one batch at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from csr_console.central import ledger
from csr_console.central.bills import ToPost, next_number, post_bills
from csr_console.central.budget_run import ask_by_budget
from csr_console.central.database import Database
from csr_console.central.demand import figure_of, past_demand
from csr_console.central.intervals import blocks_between
from csr_console.central.reads.budget import show_the_basis
from csr_console.central.rows import put_all
from csr_console.central.tables.billing import agreement, bill, bill_exception, bill_segment, meter_read
from csr_console.central.tables.columns import AnyRow, from_json
from csr_console.central.tariffs import books_in_force
from csr_console.central.turn import Turn
from csr_console.domain.billing.bill import DUE_DAYS, Bill
from csr_console.domain.billing.intervals import IntervalBlock
from csr_console.domain.billing.reads import Read, ReadKind, Register
from csr_console.domain.billing.run import Billed, Found, Metered, ToBill, bill_account
from csr_console.domain.billing.winter_average import WaterUse, winter_average
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook

ACCOUNTS_AT_ONCE = 200
Progress = Callable[[int, int], None]
"""Told how many accounts are done, of how many."""

_ACCOUNTS = (
    select(agreement.c.account)
    .where(agreement.c.office == bindparam("office"), agreement.c.billed_to_on < bindparam("billed_on"))
    .group_by(agreement.c.account)
    .order_by(agreement.c.account)
)
_BILLED = select(bill.c.account).where(
    bill.c.office == bindparam("office"), bill.c.run == bindparam("run"), bill.c.cancelled_by.is_(None)
)
_MANY: Any = bindparam("accounts", expanding=True)
_AGREEMENTS = (
    select(agreement)
    .where(agreement.c.office == bindparam("office"), agreement.c.account.in_(_MANY))
    .order_by(agreement.c.account, agreement.c.service)
)
_READS = (
    select(meter_read)
    .where(
        meter_read.c.office == bindparam("office"),
        meter_read.c.meter.in_(bindparam("meters", expanding=True)),
        meter_read.c.read_on >= bindparam("since"),
        meter_read.c.read_on <= bindparam("billed_on"),
    )
    .order_by(meter_read.c.meter, meter_read.c.read_on)
)
_YEAR_AGO = (
    select(
        bill.c.account,
        bill_segment.c.service,
        bill_segment.c.usage,
        bill_segment.c.from_read_on,
        bill_segment.c.to_read_on,
    )
    .join(
        bill_segment, and_(bill_segment.c.office == bill.c.office, bill_segment.c.bill_id == bill.c.bill_id)
    )
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account.in_(_MANY),
        bill.c.billed_on >= bindparam("since"),
        bill.c.cancelled_by.is_(None),
        bill_segment.c.usage.is_not(None),
    )
)
_BILLED_TO = (
    update(agreement)
    .where(
        agreement.c.office == bindparam("in_office"),
        agreement.c.account == bindparam("of_account"),
        agreement.c.service == bindparam("of_service"),
        agreement.c.since_on <= bindparam("from_on"),
        or_(agreement.c.until_on.is_(None), agreement.c.until_on >= bindparam("from_on")),
    )
    .values(billed_to_on=bindparam("to_on"))
)


@dataclass(slots=True)
class RunReport:
    """What a run came to."""

    run: str
    accounts: int = 0
    bills: int = 0
    total_cents: int = 0
    exceptions: dict[str, int] = field(default_factory=dict)

    def add(self, found: Sequence[Found]) -> None:
        for one in found:
            self.exceptions[one.code.value] = self.exceptions.get(one.code.value, 0) + 1


def run_bills(
    db: Database,
    office: str,
    billed_on: date,
    now: Callable[[], datetime],
    *,
    progress: Progress = lambda _done, _total: None,
    accounts: Sequence[str] | None = None,
    tell: bool = True,
) -> RunReport:
    """Bill every account of the office (or those named) as of a day; the run is named by it.

    The desks are told of each account, unless `tell` is False: then of none, as for bills of years ago.

    Raises `Refusal` not-found without a tariff book in force, `Fault` when the database does not answer.
    """
    report = RunReport(f"{billed_on}")
    with db.read() as connection:
        books = books_in_force(connection, office)
        if not books:
            raise Refusal("not-found", "No tariff book is in force: load one and have it approved.")
        waiting = _waiting(connection, office, billed_on, report.run) if accounts is None else list(accounts)
    for start in range(0, len(waiting), ACCOUNTS_AT_ONCE):
        part = waiting[start : start + ACCOUNTS_AT_ONCE]
        with db.write() as connection:
            turn = Turn(connection, office)
            billed = _Batch(turn, books, billed_on, now(), report).bill(part)
            if tell:
                shown = show_the_basis(connection, office, billed)
                turn.touch(("account", number) for number in sorted(shown))
            turn.end(now())
        report.accounts += len(part)
        progress(report.accounts, len(waiting))
    return report


def _waiting(connection: Connection, office: str, billed_on: date, run: str) -> list[str]:
    values = {"office": office, "billed_on": billed_on.isoformat(), "run": run}
    done = set(connection.execute(_BILLED, values).scalars())
    return [number for number in connection.execute(_ACCOUNTS, values).scalars() if number not in done]


@dataclass(frozen=True, slots=True)
class _Hours:
    """Intervals by meter, and the highest demand of earlier bills by account and service."""

    blocks: Mapping[str, list[IntervalBlock]]
    past_demand: Mapping[tuple[str, str], tuple[Decimal, ...]]


class _Batch:
    """A few hundred accounts within one transaction."""

    def __init__(
        self, turn: Turn, books: Mapping[str, TariffBook], billed_on: date, now: datetime, report: RunReport
    ) -> None:
        self._turn = turn
        self._connection: Connection = turn.connection
        self._office = turn.head.office
        self._books = books
        self._billed_on = billed_on
        self._now = now
        self._report = report

    def bill(self, accounts: Sequence[str]) -> list[str]:
        """Those that were billed."""
        standings = ledger.standings(self._connection, self._office, accounts)
        number = next_number(self._connection, self._office)
        to_post: list[ToPost] = []
        exceptions: list[dict[str, Any]] = []
        for account, services in self._services(accounts):
            billed = bill_account(services, self._billed_on)
            exceptions += [self._exception(account, one) for one in billed.found]
            self._report.add(billed.found)
            made = self._bill(account, billed, number + len(to_post))
            if made.bill.total_cents:
                to_post.append(made)
        after = post_bills(
            self._connection, self._office, to_post, standings, self._now, run=self._report.run
        )
        written = [one.bill for one in to_post]
        ask_by_budget(self._connection, self._office, written, standings, after, self._now)
        self._keep(to_post, exceptions)
        self._report.bills += len(to_post)
        self._report.total_cents += sum(one.bill.total_cents for one in to_post)
        return [one.bill.account for one in to_post]

    def _bill(self, account: str, billed: Billed, number: int) -> ToPost:
        made = Bill(
            str(uuid4()),
            account,
            number,
            self._billed_on,
            self._billed_on + timedelta(days=DUE_DAYS),
            tuple(segment for _, segment in billed.segments),
        )
        return ToPost(made, [rated for rated, _ in billed.segments])

    def _exception(self, account: str, one: Found) -> dict[str, Any]:
        return {
            "office": self._office,
            "run": self._report.run,
            "account": account,
            "service": one.service,
            "code": one.code.value,
            "sentence": one.sentence,
            "found_on": self._billed_on.isoformat(),
        }

    def _keep(self, to_post: Sequence[ToPost], exceptions: Sequence[dict[str, Any]]) -> None:
        moved = [
            {
                "in_office": self._office,
                "of_account": one.bill.account,
                "of_service": segment.service,
                "from_on": segment.first_day.isoformat(),
                "to_on": segment.last_day.isoformat(),
            }
            for one in to_post
            for segment in one.bill.segments
        ]
        if moved:
            self._connection.execute(_BILLED_TO, moved)
        unique = {(row["account"], row["service"], row["code"]): row for row in exceptions}
        if unique:
            put_all(self._connection, bill_exception, list(unique.values()))

    def _services(self, accounts: Sequence[str]) -> Iterator[tuple[str, list[ToBill]]]:
        """The services of each account, with everything they are rated on."""
        values = {"office": self._office, "accounts": accounts}
        rows = self._connection.execute(_AGREEMENTS, values).all()
        reads = self._reads([row for row in rows if row.meter])
        past = self._past(accounts)
        hours = self._hours([row for row in rows if row.meter and self._hourly(row)])
        by_account: dict[str, list[ToBill]] = defaultdict(list)
        for row in rows:
            ended = row.until_on is not None and row.until_on <= row.billed_to_on
            book = self._books.get(row.book_id)
            if book is not None and not ended:
                by_account[row.account].append(self._service(row, book, reads, past[row.account], hours))
        yield from by_account.items()

    def _service(
        self,
        row: AnyRow,
        book: TariffBook,
        reads: Mapping[str, list[AnyRow]],
        past: Mapping[str, list[AnyRow]],
        hours: _Hours,
    ) -> ToBill:
        metered = None
        hourly = bool(row.meter) and self._hourly(row)
        if row.meter:
            metered = Metered(
                row.meter,
                Register(row.dials, Decimal(row.multiplier)),
                [
                    (
                        Read(date.fromisoformat(one.read_on), Decimal(one.value), ReadKind(one.kind)),
                        bool(one.rolled_over),
                    )
                    for one in reads.get(row.meter, ())
                    if one.read_on >= row.billed_to_on
                ],
                hours.blocks.get(row.meter, []) if hourly else None,
            )
        premise = from_json(row.premise)
        return ToBill(
            row.service,
            book,
            row.schedule,
            premise,
            date.fromisoformat(row.billed_to_on),
            metered,
            winter_average=_winter(past["water"]) if row.service == "sewer" else None,
            daily_before=self._daily_before(past[row.service]) if metered else None,
            past_demand_kw=hours.past_demand.get((row.account, row.service), ()) if hourly else (),
            contract_kw=figure_of(premise, "contract_kw") if hourly else None,
            power_factor=figure_of(premise, "power_factor") if hourly else None,
        )

    def _hourly(self, row: AnyRow) -> bool:
        book = self._books.get(row.book_id)
        return book is not None and row.schedule in book.hourly_schedules

    def _hours(self, rows: Sequence[AnyRow]) -> _Hours:
        """Intervals and earlier demand of the agreements that are rated by the hour."""
        if not rows:
            return _Hours({}, {})
        first = min(row.billed_to_on for row in rows)
        meters = [row.meter for row in rows]
        return _Hours(
            blocks_between(self._connection, self._office, meters, first, self._billed_on),
            past_demand(self._connection, self._office, [row.account for row in rows], self._billed_on),
        )

    def _reads(self, rows: Sequence[AnyRow]) -> dict[str, list[AnyRow]]:
        found: dict[str, list[AnyRow]] = defaultdict(list)
        if not rows:
            return found
        values = {
            "office": self._office,
            "meters": [row.meter for row in rows],
            "since": min(row.billed_to_on for row in rows),
            "billed_on": self._billed_on.isoformat(),
        }
        for read in self._connection.execute(_READS, values):
            found[read.meter].append(read)
        return found

    def _past(self, accounts: Sequence[str]) -> dict[str, dict[str, list[AnyRow]]]:
        """Metered segments of the last thirteen months, by account and service."""
        found: dict[str, dict[str, list[AnyRow]]] = defaultdict(lambda: defaultdict(list))
        since = (self._billed_on - timedelta(days=400)).isoformat()
        values = {"office": self._office, "accounts": accounts, "since": since}
        for row in self._connection.execute(_YEAR_AGO, values):
            found[row.account][row.service].append(row)
        return found

    def _daily_before(self, past: Sequence[AnyRow]) -> Decimal | None:
        """Use a day of the segment that ended about a year ago."""
        year_ago = self._billed_on - timedelta(days=365)
        near = [row for row in past if abs((date.fromisoformat(row.to_read_on) - year_ago).days) <= 16]
        return _daily(near[0]) if near else None


def _days(row: AnyRow) -> int:
    return (date.fromisoformat(row.to_read_on) - date.fromisoformat(row.from_read_on)).days


def _daily(row: AnyRow) -> Decimal:
    return Decimal(row.usage) / _days(row)


def _winter(past: Sequence[AnyRow]) -> Decimal | None:
    return winter_average(
        [WaterUse(date.fromisoformat(row.to_read_on), _days(row), Decimal(row.usage)) for row in past]
    )
