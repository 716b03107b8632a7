"""What accounts are billed for, and what their meters showed: as a utility's own system hands it over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, bindparam, select

from csr_console.central.imports.run import put_all
from csr_console.central.tables.billing import agreement, bill, meter_read, tariff_book
from csr_console.central.tables.columns import to_json, to_text
from csr_console.contracts.tariff import read_book
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
    """Keep agreements and reads; what is there already under the same key takes the new values."""
    agreed = list(agreed)
    put_all(
        connection,
        agreement,
        [
            {
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
            for one in agreed
        ],
    )
    put_all(
        connection,
        meter_read,
        [
            {
                "office": office,
                "meter": one.meter,
                "read_on": read.read_on.isoformat(),
                "value": str(read.value),
                "kind": read.kind.value,
                "rolled_over": 0,
            }
            for one in agreed
            for read in one.reads
        ],
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
