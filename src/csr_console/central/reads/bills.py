"""An account's money as it is read: bills, movements, use, and why a bill differs from another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from csr_console.central import ledger
from csr_console.central.bills import segments_of
from csr_console.central.reads.accounts import no_account
from csr_console.central.reads.arrangements import CUSTOMER_KINDS, arrangement_view
from csr_console.central.reads.budget import budget_bills, budget_view
from csr_console.central.reads.hours import hours_views
from csr_console.central.reads.weather import AccountWeather, Climate
from csr_console.central.tables.accounts import account
from csr_console.central.tables.billing import agreement, bill, bill_segment, meter_read
from csr_console.central.tables.columns import AnyRow, from_text
from csr_console.central.tables.ledger import ledger_entry, ledger_posting
from csr_console.contracts.views.bills import (
    BillingView,
    BillLine,
    BillView,
    CausesView,
    MovementView,
    ReadView,
    SegmentView,
    UseMonth,
)
from csr_console.contracts.views.budget import BudgetBillView
from csr_console.domain.billing.high_bill import decompose
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.weather import WEATHER_SERVICES
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.segment import RatedSegment

MONTHS = 25
"""Bills that are shown: two years, and the month before them for the last comparison."""
MOVEMENTS = 80

_OF_ACCOUNT = and_(bill.c.office == bindparam("office"), bill.c.account == bindparam("account"))
_KNOWN = select(account.c.account).where(
    account.c.office == bindparam("office"), account.c.account == bindparam("account")
)
_BILLS = select(bill).where(_OF_ACCOUNT).order_by(bill.c.billed_on.desc(), bill.c.number.desc()).limit(MONTHS)
_ONE = select(bill).where(
    _OF_ACCOUNT, or_(bill.c.bill_id == bindparam("bill"), bill.c.number == bindparam("number"))
)
_SEGMENTS = (
    select(bill_segment)
    .where(
        bill_segment.c.office == bindparam("office"),
        bill_segment.c.bill_id.in_(bindparam("bills", expanding=True)),
    )
    .order_by(bill_segment.c.bill_id, bill_segment.c.position)
)
_METERS = select(agreement.c.service, agreement.c.meter).where(
    agreement.c.office == bindparam("office"), agreement.c.account == bindparam("account")
)
_READS = select(meter_read).where(
    meter_read.c.office == bindparam("office"),
    meter_read.c.meter.in_(bindparam("meters", expanding=True)),
    meter_read.c.read_on.in_(bindparam("days", expanding=True)),
)
_MOVEMENTS = (
    select(ledger_entry, func.sum(ledger_posting.c.cents).label("cents"))
    .join(
        ledger_posting,
        and_(
            ledger_posting.c.office == ledger_entry.c.office,
            ledger_posting.c.entry_id == ledger_entry.c.entry_id,
            ledger_posting.c.account == ledger_entry.c.account,
            ledger_posting.c.kind.in_(CUSTOMER_KINDS),
        ),
    )
    .where(ledger_entry.c.office == bindparam("office"), ledger_entry.c.account == bindparam("account"))
    .group_by(*ledger_entry.c)
    .having(func.sum(ledger_posting.c.cents) != 0)
    .order_by(
        ledger_entry.c.effective_on.desc(), ledger_entry.c.posted_at.desc(), ledger_entry.c.entry_id.desc()
    )
    .limit(MOVEMENTS)
)


def billing_view(connection: Connection, office: str, number: str, today: date) -> BillingView:
    """Everything about an account's money. Raises `Refusal` not-found or other-office."""
    key = {"office": office, "account": number}
    if connection.execute(_KNOWN, key).scalar() is None:
        raise no_account(connection, number)
    bills = connection.execute(_BILLS, key).all()
    segments = _segments(connection, office, [row.bill_id for row in bills])
    asked = budget_bills(connection, office, [row.bill_id for row in bills])
    standing = ledger.standings(connection, office, [number])[number]
    issued = [row for row in bills if row.cancelled_by is None]
    _, shown = _shown(connection, key, [one for row in issued for one in segments[row.bill_id]])
    budget, stands = budget_view(connection, office, number, standing, today)
    return BillingView(
        account=number,
        on=today,
        balance_cents=standing.balance_cents,
        overdue_cents=stands.ages(today).overdue_cents,
        bills=[_line(row, segments[row.bill_id], asked.get(row.bill_id)) for row in bills],
        movements=_movements(connection, key, standing.balance_cents),
        use=_use(connection, office, [one for row in issued for one in segments[row.bill_id]], shown),
        arrangement=arrangement_view(connection, office, number, today),
        newest=bill_view(connection, office, number, issued[0].bill_id) if issued else None,
        budget=budget,
    )


def bill_view(connection: Connection, office: str, number: str, which: str) -> BillView:
    """A bill by its id or number. Raises `Refusal` not-found, `Fault` when it does not come out again."""
    values = {
        "office": office,
        "account": number,
        "bill": which,
        "number": int(which) if which.isascii() and which.isdigit() and len(which) < 19 else -1,
    }
    row = connection.execute(_ONE, values).one_or_none()
    if row is None:
        raise Refusal("not-found", f"There is no bill {which[:40]} on account {number}.")
    rated = segments_of(connection, office, row.bill_id, date.fromisoformat(row.billed_on))
    asked = budget_bills(connection, office, [row.bill_id]).get(row.bill_id)
    rows = _segments(connection, office, [row.bill_id])[row.bill_id]
    reads = _reads(connection, values, rows)
    return BillView(
        account=number,
        bill=_line(row, rows, asked),
        segments=[SegmentView.of(segment) for _, segment in rated],
        reads=reads,
        causes=_causes(connection, office, row, rated),
        budget=asked,
        hours=hours_views(connection, office, reads),
    )


def _shown(
    connection: Connection, key: Mapping[str, Any], segments: Sequence[AnyRow]
) -> tuple[Mapping[str, str], Mapping[tuple[str, str], AnyRow]]:
    """The meter of each metered service, and what they showed on the days the segments begin and end, by
    service and day."""
    meters = {one.service: one.meter for one in connection.execute(_METERS, key) if one.meter}
    days = {day for one in segments if one.service in meters for day in (one.from_read_on, one.to_read_on)}
    if not days:
        return meters, {}
    values = {"office": key["office"], "meters": list(meters.values()), "days": sorted(days)}
    read = {(one.meter, one.read_on): one for one in connection.execute(_READS, values)}
    shown = {
        (name, day): read[meter, day]
        for name, meter in meters.items()
        for day in days
        if (meter, day) in read
    }
    return meters, shown


def _reads(connection: Connection, key: Mapping[str, Any], segments: Sequence[AnyRow]) -> list[ReadView]:
    """What the meters of the metered segments showed at both ends of their periods."""
    meters, shown = _shown(connection, key, segments)
    metered = [one for one in segments if one.usage is not None and one.service in meters]
    found = []
    for one in metered:
        document = {
            "service": one.service,
            "meter": meters[one.service],
            "from_on": one.from_read_on,
            "to_on": one.to_read_on,
            "usage": one.usage,
            "unit": one.unit,
            "estimated": bool(one.estimated),
        }
        for end, day in (("from", one.from_read_on), ("to", one.to_read_on)):
            if read := shown.get((one.service, day)):
                document |= {f"{end}_value": read.value, f"{end}_how": read.kind}
        found.append(ReadView.model_validate(document))
    return found


def _segments(connection: Connection, office: str, bills: Sequence[str]) -> Mapping[str, list[AnyRow]]:
    found: dict[str, list[AnyRow]] = defaultdict(list)
    if bills:
        for row in connection.execute(_SEGMENTS, {"office": office, "bills": bills}):
            found[row.bill_id].append(row)
    return found


def _line(row: AnyRow, segments: Sequence[AnyRow], asked: BudgetBillView | None) -> BillLine:
    return BillLine.model_validate(
        {
            **{name: row._mapping[name] for name in ("bill_id", "number", "billed_on", "due_on", "replaces")},
            **{name: row._mapping[name] for name in ("first_day", "last_day", "total_cents")},
            "estimated": any(one.estimated for one in segments),
            "cancelled": row.cancelled_by is not None,
            "services": [(one.service, one.charges_cents + one.taxes_cents) for one in segments],
            "budget_cents": asked.asked_cents if asked else None,
        }
    )


def _use(
    connection: Connection,
    office: str,
    segments: Sequence[AnyRow],
    shown: Mapping[tuple[str, str], AnyRow],
) -> list[UseMonth]:
    ends = sorted({day for one in segments for day in (one.from_read_on, one.to_read_on)})
    climate = Climate(connection, office, *map(date.fromisoformat, (ends[0], ends[-1]))) if ends else None
    return [
        UseMonth(
            service=one.service,
            last_day=date.fromisoformat(one.to_read_on),
            days=_days(one),
            usage=Decimal(one.usage),
            unit=one.unit,
            estimated=bool(one.estimated),
            cents=one.charges_cents + one.taxes_cents,
            degree_days=_degree_days(climate, one),
            read_how=read.kind if (read := shown.get((one.service, one.to_read_on))) else None,
        )
        for one in segments
        if one.usage is not None and one.service != "sewer"
    ]


def _degree_days(climate: Climate | None, row: AnyRow) -> Decimal | None:
    """Heating and cooling together, for what is used for either."""
    if climate is None or row.service not in WEATHER_SERVICES:
        return None
    found = climate.over(date.fromisoformat(row.from_read_on), date.fromisoformat(row.to_read_on))
    return found.heating + found.cooling if found else None


def _days(row: AnyRow) -> int:
    return (date.fromisoformat(row.to_read_on) - date.fromisoformat(row.from_read_on)).days


def _movements(connection: Connection, key: Mapping[str, str], balance_cents: int) -> list[MovementView]:
    found, balance = [], balance_cents
    for row in connection.execute(_MOVEMENTS, key):
        cents = int(row.cents)
        found.append(
            MovementView.model_validate(
                {
                    "entry_id": row.entry_id,
                    "kind": row.kind,
                    "on": row.effective_on,
                    "posted_at": from_text(row.posted_at),
                    "text": row.memo,
                    "cents": cents,
                    "balance_cents": balance,
                    "bill": row.entry_id if row.kind == "bill" else None,
                    "reverses": row.reverses,
                }
            )
        )
        balance -= cents
    return found


def _causes(
    connection: Connection, office: str, row: AnyRow, rated: Sequence[tuple[Rated, RatedSegment]]
) -> list[CausesView]:
    """Each metered service against the bill before, and against the one of about a year ago."""
    key = {"office": office, "account": row.account}
    earlier = [
        one
        for one in connection.execute(_BILLS, key).all()
        if one.cancelled_by is None and one.last_day < row.first_day
    ]
    year_ago = date.fromisoformat(row.last_day) - timedelta(days=365)
    last_year = [one for one in earlier if abs((date.fromisoformat(one.last_day) - year_ago).days) <= 16]
    weather = AccountWeather(connection, office, row)
    found = []
    for against, bills in (("previous", earlier[:1]), ("last_year", last_year[:1])):
        for other in bills:
            before = segments_of(connection, office, other.bill_id, date.fromisoformat(other.billed_on))
            by_service = {segment.service: past for past, segment in before}
            found += [
                _cause(against, other.bill_id, one, segment, by_service[segment.service], weather)
                for one, segment in rated
                if one.determinants.usage is not None and segment.service in by_service
            ]
    return found


def _cause(
    against: str, bill_id: str, now: Rated, segment: RatedSegment, before: Rated, weather: AccountWeather
) -> CausesView:
    unit = now.book.get_schedule(now.schedule).unit or ""
    weathered = weather.between(segment.service, unit, before, now)
    parts = decompose(before, now, weathered.use)
    values: dict[str, Any] = {
        "against": against,
        "service": segment.service,
        "bill_id": bill_id,
        "from_day": before.period.first_day,
        "to_day": before.period.last_day,
        "days": now.period.days,
        "days_before": before.period.days,
        "usage": now.determinants.usage,
        "usage_before": before.determinants.usage,
        "weather": weathered.view,
        "total_cents": parts.total_cents,
    }
    names = ("days", "weather", "use", "rate", "fuel", "taxes")
    cents = {f"{name}_cents": getattr(parts, f"{name}_cents") for name in names}
    return CausesView.model_validate(values | cents)
