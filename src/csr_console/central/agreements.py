"""What accounts are billed for, and what their meters showed: as a utility's own system hands it over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, select

from csr_console.central.intervals import day_row
from csr_console.central.rows import put_all
from csr_console.central.tables.billing import agreement, bill, interval_use, meter_read, tariff_book
from csr_console.central.tables.columns import to_json, to_text
from csr_console.contracts.tariff import read_book
from csr_console.domain.billing.intervals import IntervalBlock
from csr_console.domain.billing.reads import Read
from csr_console.domain.refusals import Refusal

_UNBILLED = (
    select(agreement.c.account)
    .where(
        agreement.c.office == bindparam("office"),
        agreement.c.account.not_in(select(bill.c.account).where(bill.c.office == bindparam("office"))),
    )
    .distinct()
    .order_by(agreement.c.account)
)

Days: TypeAlias = Mapping[date, Sequence[IntervalBlock]]
"""Use by the hour: the blocks of each day of the utility's clock, the earliest first."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A service an account is billed for from a day on. `premise` has the attributes its schedule asks for;
    `meter` is empty where nothing is metered, else `reads` are what it showed, the first on `since_on`."""

    account: str
    service: str
    since_on: date
    book_id: str
    schedule: str
    premise: Mapping[str, str]
    meter: str = ""
    dials: int = 6
    multiplier: Decimal = Decimal(1)
    reads: tuple[Read, ...] = ()


def put_agreements(connection: Connection, office: str, agreed: Iterable[Agreed]) -> None:
    """Keep agreements and their reads; one that is there under the same key takes the new values and stays
    billed to where it was."""
    agreed = list(agreed)
    rows = [agreement_row(office, one) for one in agreed]
    put_all(connection, agreement, rows, keep=("billed_to_on",))
    put_reads(connection, office, ((one.meter, read, False) for one in agreed for read in one.reads))


def agreement_row(office: str, one: Agreed) -> dict[str, Any]:
    """The row of an agreement that was never billed."""
    return {
        "office": office,
        "account": one.account,
        "service": one.service,
        "since_on": one.since_on.isoformat(),
        "billed_to_on": one.since_on.isoformat(),
        "book_id": one.book_id,
        "schedule": one.schedule,
        "premise": to_json(dict(one.premise)),
        "meter": one.meter,
        "dials": one.dials,
        "multiplier": str(one.multiplier),
    }


def put_reads(connection: Connection, office: str, reads: Iterable[tuple[str, Read, bool]]) -> None:
    """Keep what meters showed, each read with its meter and whether the register passed zero before it; a
    read that is there takes the new value."""
    rows = [
        {
            "office": office,
            "meter": meter,
            "read_on": read.read_on.isoformat(),
            "value": str(read.value),
            "kind": read.kind.value,
            "rolled_over": int(rolled_over),
        }
        for meter, read, rolled_over in reads
    ]
    put_all(connection, meter_read, rows)


def put_days(connection: Connection, office: str, meter: str, unit: str, days: Days) -> None:
    """Keep a meter's use by the hour, day by day; a day that is there takes the new blocks."""
    put_all(
        connection, interval_use, [day_row(office, meter, unit, day, blocks) for day, blocks in days.items()]
    )


def put_book_in_force(
    connection: Connection, office: str, text: str, *, loaded_by: str, approved_by: str, since: datetime
) -> None:
    """Bill by a book from a moment on. Raises `Refusal` invalid for one with a mistake, own-command when one
    person did both: a book is loaded by one and approved by another."""
    reading = read_book(text)
    if reading.book is None:
        raise Refusal("invalid", f"The tariff book has mistakes: {reading.mistakes[0]}")
    if loaded_by == approved_by:
        raise Refusal(
            "own-command", "A tariff book is approved by another person than the one who loaded it."
        )
    row = {
        "office": office,
        "digest": reading.book.digest,
        "book_id": reading.book.book.id,
        "text": text,
        "loaded_by": loaded_by,
        "loaded_at": to_text(since),
        "approved_by": approved_by,
        "in_force_since": to_text(since),
    }
    put_all(connection, tariff_book, [row])


def list_unbilled(connection: Connection, office: str) -> list[str]:
    """The accounts that have an agreement and never had a bill."""
    return list(connection.execute(_UNBILLED, {"office": office}).scalars())
