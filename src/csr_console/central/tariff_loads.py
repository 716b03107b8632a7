"""A tariff book on its way into force: loaded by one person, simulated over a month of bills, approved by
another. Each step is a line of the journal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, select, update

from csr_console.central import journal
from csr_console.central.bills import rated_of
from csr_console.central.tables.billing import bill, bill_segment, tariff_book
from csr_console.central.tables.columns import AnyRow, to_text
from csr_console.central.tariffs import book_of, books_in_force
from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.mistakes import BookMistake
from csr_console.domain.billing.rated import Rated
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.changes import BookChange, changes_between
from csr_console.domain.tariff.determinants import ServicePeriod, moved

SEGMENTS_AT_ONCE = 500
SHOWN_REFUSALS = 20

_BOOKS = (
    select(tariff_book).where(tariff_book.c.office == bindparam("office")).order_by(tariff_book.c.loaded_at)
)
_SEGMENTS = (
    select(bill_segment, bill.c.billed_on, bill.c.number)
    .join(bill, and_(bill.c.office == bill_segment.c.office, bill.c.bill_id == bill_segment.c.bill_id))
    .where(
        bill.c.office == bindparam("office"),
        bill.c.billed_on >= bindparam("first"),
        bill.c.billed_on < bindparam("end"),
        bill.c.cancelled_by.is_(None),
        bill.c.number > bindparam("after"),
        bill_segment.c.book_digest.in_(
            select(tariff_book.c.digest).where(
                tariff_book.c.office == bindparam("office"), tariff_book.c.book_id == bindparam("book_id")
            )
        ),
    )
    .order_by(bill.c.number, bill_segment.c.position)
    .limit(SEGMENTS_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class LoadedBook:
    """A book that is kept, and how far it is."""

    digest: str
    book_id: str
    loaded_by: str
    simulated: bool
    approved_by: str

    @property
    def state(self) -> str:
        if self.approved_by:
            return "in force"
        return "simulated" if self.simulated else "loaded"


@dataclass(slots=True)
class Compared:
    """What the bills of one schedule came to, and what they would by the new book."""

    segments: int = 0
    before_cents: int = 0
    after_cents: int = 0


@dataclass(slots=True)
class Simulation:
    """A month by a new book. `changes` are the figures that differ from the book in force; `refused` are the
    sentences of bills that the new book does not rate."""

    book_id: str
    changes: tuple[BookChange, ...]
    schedules: dict[str, Compared] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    refused_count: int = 0


def list_books(connection: Connection, office: str) -> list[LoadedBook]:
    """Every book that is kept, the one loaded last at the end."""
    return [_loaded(row) for row in connection.execute(_BOOKS, {"office": office})]


def load_book(
    connection: Connection, office: str, text: str, by: str, now: datetime
) -> str | list[BookMistake]:
    """Keep the text of a book that rates nothing yet: its digest, or its mistakes with their lines.

    Raises `Refusal` nothing-changed for a text that is kept already.
    """
    reading = read_book(text)
    if reading.book is None:
        return list(reading.mistakes)
    digest, book_id = reading.book.digest, reading.book.book.id
    if any(one.digest == digest for one in list_books(connection, office)):
        raise Refusal("nothing-changed", f"This text of the book {book_id} is kept already: {digest[:12]}.")
    row = {"office": office, "digest": digest, "book_id": book_id, "text": text}
    signed = {"loaded_by": by, "loaded_at": to_text(now), "approved_by": "", "in_force_since": ""}
    connection.execute(tariff_book.insert(), {**row, **signed})
    _journal(connection, office, by, "tariff.loaded", book_id, digest, now)
    return digest


def simulate_book(
    connection: Connection,
    office: str,
    which: str,
    month: date,
    by: str,
    now: datetime,
    *,
    begins_on: date | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Simulation:
    """Rate the bills of a month again by a book that is loaded, and record that it was done.

    With `begins_on` their service days are moved there, to see prices that do not hold yet. Raises `Refusal`
    not-found for an unknown book, or for a month without bills where a book of that name is in force.
    """
    one = find_book(connection, office, which)
    new = book_of(connection, office, one.digest)
    old = books_in_force(connection, office).get(one.book_id)
    simulation = Simulation(one.book_id, changes_between(old, new) if old else ())
    done = 0
    for row in _segments(connection, office, one.book_id, month):
        _compare(simulation, row, rated_of(connection, office, row, _day(row.billed_on)), new, begins_on)
        done += 1
        progress(done)
    if old is not None and not done:
        raise Refusal("not-found", f"No bill of {month:%Y-%m} was rated by a book {one.book_id}.")
    connection.execute(
        update(tariff_book)
        .where(tariff_book.c.office == office, tariff_book.c.digest == one.digest)
        .values(simulated_at=to_text(now), simulated_by=by)
    )
    _journal(connection, office, by, "tariff.simulated", one.book_id, one.digest, now)
    return simulation


def approve_book(connection: Connection, office: str, which: str, by: str, now: datetime) -> LoadedBook:
    """Bill by a book from now on. Raises `Refusal` not-found, nothing-changed for one in force, own-command
    for who loaded it, not-eligible before a simulation."""
    one = find_book(connection, office, which)
    if one.approved_by:
        raise Refusal("nothing-changed", f"The book {one.digest[:12]} is approved already.")
    if one.loaded_by == by:
        raise Refusal(
            "own-command",
            f"You loaded this book yourself ({by}): another person approves it.",
            rule="four eyes",
        )
    if not one.simulated:
        raise Refusal(
            "not-eligible",
            f"The book {one.digest[:12]} was not simulated yet: simulate-tariff shows what it changes.",
            rule="a rate load is simulated first",
        )
    connection.execute(
        update(tariff_book)
        .where(tariff_book.c.office == office, tariff_book.c.digest == one.digest)
        .values(approved_by=by, in_force_since=to_text(now))
    )
    _journal(connection, office, by, "tariff.approved", one.book_id, one.digest, now)
    return replace(one, approved_by=by)


def find_book(connection: Connection, office: str, which: str) -> LoadedBook:
    """A kept book by its digest or a beginning of it. Raises `Refusal` not-found, also for several."""
    found = [one for one in list_books(connection, office) if one.digest.startswith(which.lower())]
    if len(found) != 1 or not which:
        told = "several tariff books begin" if found else "no tariff book that is kept here begins"
        raise Refusal("not-found", f"Say more of the digest: {told} with {which[:64]!r}.")
    return found[0]


def _loaded(row: AnyRow) -> LoadedBook:
    return LoadedBook(row.digest, row.book_id, row.loaded_by, row.simulated_at is not None, row.approved_by)


def _segments(connection: Connection, office: str, book_id: str, month: date) -> Iterator[AnyRow]:
    """The segments of the month's standing bills, whole bills at a time."""
    first = month.replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1)
    values = {"office": office, "book_id": book_id, "first": first.isoformat(), "end": end.isoformat()}
    after = 0
    while rows := connection.execute(_SEGMENTS, {**values, "after": after}).all():
        whole = (
            rows if len(rows) < SEGMENTS_AT_ONCE else [row for row in rows if row.number != rows[-1].number]
        )
        yield from whole
        after = whole[-1].number


def _compare(
    simulation: Simulation, row: AnyRow, rated: Rated, new: TariffBook, begins_on: date | None
) -> None:
    period, as_of, quantities = rated.period, rated.as_of, rated.determinants
    if begins_on is not None:
        later = begins_on - period.first_day
        period = ServicePeriod(period.from_read_on + later, period.to_read_on + later)
        as_of += later
        quantities = moved(quantities, later.days)
    try:
        segment = replace(rated, book=new, period=period, determinants=quantities, as_of=as_of).segment()
    except Refusal as refusal:
        simulation.refused_count += 1
        if len(simulation.refused) < SHOWN_REFUSALS:
            simulation.refused.append(f"Bill {row.number}, {row.service}: {refusal.sentence}")
        return
    compared = simulation.schedules.setdefault(row.schedule, Compared())
    compared.segments += 1
    compared.before_cents += row.charges_cents + row.taxes_cents
    compared.after_cents += segment.total_cents


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _journal(
    connection: Connection, office: str, by: str, act: str, book_id: str, digest: str, now: datetime
) -> None:
    journal.record(connection, journal.Entry(office, by, act, book_id, {"digest": digest}), now)
