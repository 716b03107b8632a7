"""Bills in the database: written once with their entry, read back, rated again to the cent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, select

from csr_console.central import ledger
from csr_console.central.intervals import intervals_document, intervals_from
from csr_console.central.statements import Statement
from csr_console.central.tables.billing import bill, bill_segment
from csr_console.central.tables.columns import AnyRow, from_json, to_json
from csr_console.central.tariffs import book_of
from csr_console.domain.billing.bill import Bill, entry_of
from csr_console.domain.billing.rated import Rated
from csr_console.domain.ledger.entry import Entry, EntryKind
from csr_console.domain.ledger.receivables import Standing, settlement, standing_after
from csr_console.domain.refusals import Fault
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.segment import RatedSegment
from csr_console.domain.tariff.taxes import Certificate

_LAST_NUMBER = select(func.max(bill.c.number)).where(bill.c.office == bindparam("office"))
_SEGMENTS = (
    select(bill_segment)
    .where(bill_segment.c.office == bindparam("office"), bill_segment.c.bill_id == bindparam("bill_id"))
    .order_by(bill_segment.c.position)
)
_STANDING_BILLS = (
    select(bill)
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account.in_(bindparam("accounts", expanding=True)),
        bill.c.cancelled_by.is_(None),
    )
    .order_by(bill.c.billed_on, bill.c.number)
)
_FIGURES = (
    "usage", "demand_kw", "contract_kw", "power_factor", "reactive_kvar", "winter_average",
)  # fmt: skip
_NEW_BILL = Statement(bill.insert())
_NEW_SEGMENT = Statement(bill_segment.insert())


@dataclass(frozen=True, slots=True)
class ToPost:
    """A bill, and what each of its segments was rated on, in the same order."""

    bill: Bill
    rated: Sequence[Rated]


def next_number(connection: Connection, office: str) -> int:
    """The next bill's number; the office is locked while it is taken."""
    last: int | None = connection.execute(_LAST_NUMBER, {"office": office}).scalar()
    return (last or 1000) + 1


def post_bills(
    connection: Connection,
    office: str,
    bills: Iterable[ToPost],
    standings: Mapping[str, Standing],
    now: datetime,
    *,
    run: str = "",
    command_id: str = "",
) -> dict[str, Standing]:
    """Write bills with their entries; credit of the customer's own pays them at once. Where each customer
    stands afterwards. Raises `ValueError` for a bill of nothing."""
    entries: list[Entry] = []
    after = dict(standings)
    bills = list(bills)
    for one in bills:
        entry = entry_of(one.bill, now)
        entries.append(entry)
        standing = standing_after(after[one.bill.account], entry.postings)
        moved = settlement(standing, one.bill.billed_on)
        if moved:
            memo = f"Credit applied to bill {one.bill.number}"
            entries.append(
                Entry(
                    str(uuid4()),
                    EntryKind.APPLICATION,
                    one.bill.account,
                    one.bill.billed_on,
                    now,
                    memo,
                    moved,
                )
            )
        after[one.bill.account] = standing_after(standing, moved)
    ledger.post(connection, office, entries, command_id)
    keep_bills(connection, office, bills, run=run)
    return after


def keep_bills(connection: Connection, office: str, bills: Sequence[ToPost], *, run: str = "") -> None:
    """Write bills whose entries are posted, with what each segment was rated on."""
    if bills:
        connection.execute(_NEW_BILL, [_bill_row(office, one.bill, run) for one in bills])
        connection.execute(_NEW_SEGMENT, [row for one in bills for row in _segment_rows(office, one)])


@dataclass(frozen=True, slots=True)
class BillFact:
    """What a bill came to."""

    bill_id: str
    account: str
    number: int
    billed_on: date
    due_on: date
    total_cents: int


def list_bills(connection: Connection, office: str, accounts: Sequence[str]) -> list[BillFact]:
    """The bills of some accounts that stand, the oldest first."""
    rows = connection.execute(_STANDING_BILLS, {"office": office, "accounts": list(accounts)})
    return [
        BillFact(
            row.bill_id,
            row.account,
            row.number,
            date.fromisoformat(row.billed_on),
            date.fromisoformat(row.due_on),
            row.total_cents,
        )
        for row in rows
    ]


def _bill_row(office: str, one: Bill, run: str) -> dict[str, Any]:
    return {
        "office": office,
        "bill_id": one.bill_id,
        "account": one.account,
        "number": one.number,
        "billed_on": one.billed_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "total_cents": one.total_cents,
        "replaces": one.replaces,
        "run": run,
    }


def _segment_rows(office: str, one: ToPost) -> list[dict[str, Any]]:
    return [
        {
            "office": office,
            "bill_id": one.bill.bill_id,
            "position": position,
            "service": segment.service,
            "schedule": segment.schedule,
            "book_digest": segment.book_digest,
            "from_read_on": rated.period.from_read_on.isoformat(),
            "to_read_on": rated.period.to_read_on.isoformat(),
            "usage": None if rated.determinants.usage is None else str(rated.determinants.usage),
            "unit": rated.book.get_schedule(rated.schedule).unit or "",
            "estimated": int(segment.estimated),
            "determinants": to_json(_determinants(rated.determinants)),
            "premise": to_json(
                {
                    "attributes": {name: str(value) for name, value in rated.premise.items()},
                    "certificates": [_certificate(item) for item in rated.certificates],
                }
            ),
            "amounts": to_json([[line.component, line.part, line.amount_cents] for line in segment.lines]),
            "charges_cents": segment.charges_cents,
            "taxes_cents": segment.taxes_cents,
        }
        for position, (segment, rated) in enumerate(zip(one.bill.segments, one.rated, strict=True))
    ]


def _certificate(item: Certificate) -> dict[str, Any]:
    return {
        "holder": item.holder,
        "number": item.number,
        "expires_on": item.expires_on.isoformat(),
        "received_on": item.received_on.isoformat(),
        "taxes": list(item.taxes),
    }


def _determinants(given: Determinants) -> dict[str, Any]:
    """The quantities that are there, as text."""
    figures: dict[str, Any] = {
        name: str(value) for name in _FIGURES if (value := getattr(given, name)) is not None
    }
    by_period = {name: str(value) for name, value in given.usage_by_period.items()}
    past = [str(value) for value in given.past_demand_kw]
    return (
        figures
        | ({"usage_by_period": by_period} if by_period else {})
        | ({"past_demand_kw": past} if past else {})
        | ({"intervals": intervals_document(given.intervals)} if given.intervals else {})
    )


def rated_of(connection: Connection, office: str, row: AnyRow, billed_on: date) -> Rated:
    """What a segment was rated on, from its row. Raises `Refusal` not-found without its book."""
    quantities, premise = from_json(row.determinants), from_json(row.premise)
    figures: dict[str, Any] = {name: Decimal(quantities[name]) for name in _FIGURES if name in quantities}
    return Rated(
        book_of(connection, office, row.book_digest),
        row.schedule,
        ServicePeriod(date.fromisoformat(row.from_read_on), date.fromisoformat(row.to_read_on)),
        Determinants(
            **figures,
            usage_by_period={
                name: Decimal(value) for name, value in quantities.get("usage_by_period", {}).items()
            },
            past_demand_kw=tuple(Decimal(value) for value in quantities.get("past_demand_kw", ())),
            intervals=intervals_from(quantities.get("intervals", ())),
            estimated=bool(row.estimated),
        ),
        billed_on,
        premise["attributes"],
        tuple(_as_certificate(item) for item in premise["certificates"]),
    )


def _as_certificate(item: Mapping[str, Any]) -> Certificate:
    return Certificate(
        item["holder"],
        item["number"],
        date.fromisoformat(item["expires_on"]),
        date.fromisoformat(item["received_on"]),
        tuple(item["taxes"]),
    )


def segments_of(
    connection: Connection, office: str, bill_id: str, billed_on: date
) -> list[tuple[Rated, RatedSegment]]:
    """The segments of a bill, rated again from what was kept.

    Raises `Fault` broken when a line does not come to the cents that were billed: then the bill stands, and
    the program is wrong.
    """
    found = []
    for row in connection.execute(_SEGMENTS, {"office": office, "bill_id": bill_id}).all():
        rated = rated_of(connection, office, row, billed_on)
        segment = rated.segment()
        amounts = [[line.component, line.part, line.amount_cents] for line in segment.lines]
        if amounts != from_json(row.amounts):
            raise Fault(
                "broken", f"Bill {bill_id}, {row.service}: rated again it does not come to what was billed."
            )
        found.append((rated, segment))
    return found
