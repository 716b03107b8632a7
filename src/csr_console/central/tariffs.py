"""The tariff books central rates by."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from csr_console.contracts.tariff import read_book
from csr_console.domain.refusals import Fault, Refusal
from csr_console.domain.tariff.book import TariffBook


@cache
def shipped_books() -> Mapping[str, TariffBook]:
    """The books that come with the program, by id. Raises `Fault` for one with a mistake."""
    books = {}
    for file in resources.files("csr_console").joinpath("tariffs").iterdir():
        if file.name.endswith(".toml"):
            reading = read_book(file.read_text("utf-8"))
            if reading.book is None:
                raise Fault("broken", f"The tariff book {file.name}: {reading.mistakes[0]}")
            books[reading.book.book.id] = reading.book
    return books


def get_book(book_id: str) -> TariffBook:
    """Raises `Refusal` not-found."""
    book = shipped_books().get(book_id)
    if book is None:
        raise Refusal(
            "not-found", f"There is no tariff book {book_id}: {', '.join(sorted(shipped_books()))}."
        )
    return book
