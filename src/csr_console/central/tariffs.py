"""The tariff books central rates by: the ones that ship, and the ones an office has put in force."""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from sqlalchemy import Connection, bindparam, select

from csr_console.central.tables.billing import tariff_book
from csr_console.contracts.tariff import read_book
from csr_console.domain.refusals import Fault, Refusal
from csr_console.domain.tariff.book import TariffBook

_IN_FORCE = (
    select(tariff_book.c.book_id, tariff_book.c.digest, tariff_book.c.text)
    .where(tariff_book.c.office == bindparam("office"), tariff_book.c.in_force_since != "")
    .order_by(tariff_book.c.in_force_since)
)
_TEXT = select(tariff_book.c.text).where(
    tariff_book.c.office == bindparam("office"), tariff_book.c.digest == bindparam("digest")
)


@cache
def shipped_texts() -> Mapping[str, str]:
    """The texts of the books that come with the program, by id."""
    folder = resources.files("csr_console").joinpath("tariffs")
    texts = (file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml"))
    return {_read(text).book.id: text for text in texts}


@lru_cache(maxsize=32)
def _read(text: str) -> TariffBook:
    """Raises `Fault` broken for a text with a mistake: it was checked before it was kept."""
    reading = read_book(text)
    if reading.book is None:
        raise Fault("broken", f"A tariff book that was kept has a mistake: {reading.mistakes[0]}")
    return reading.book


def get_book(book_id: str) -> TariffBook:
    """A book that ships, by id. Raises `Refusal` not-found."""
    text = shipped_texts().get(book_id)
    if text is None:
        raise Refusal(
            "not-found", f"There is no tariff book {book_id}: {', '.join(sorted(shipped_texts()))}."
        )
    return _read(text)


def books_in_force(connection: Connection, office: str) -> dict[str, TariffBook]:
    """The books an office bills by, by id: of each id the one that came into force last."""
    rows = connection.execute(_IN_FORCE, {"office": office})
    return {row.book_id: _read(row.text) for row in rows}


def book_of(connection: Connection, office: str, digest: str) -> TariffBook:
    """The very book an old bill was rated by. Raises `Refusal` not-found."""
    text = connection.execute(_TEXT, {"office": office, "digest": digest}).scalar()
    if text is None:
        raise Refusal("not-found", f"The tariff book {digest[:12]} is not kept here.")
    return _read(text)
