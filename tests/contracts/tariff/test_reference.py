"""The reference page of the tariff book says what the reader takes; the books that ship are whole."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.reader import KEYS
from csr_console.domain.tariff.components import DemandVersion, FixedVersion
from csr_console.domain.tariff.proration import Proration
from csr_console.domain.tariff.units import UNITS

PAGE = Path(__file__).parents[3].joinpath("docs", "reference", "tariff-book.md").read_text("utf-8")
BOOKS = {
    file.name: file.read_text("utf-8")
    for file in resources.files("csr_console").joinpath("tariffs").iterdir()
    if file.name.endswith(".toml")
}


def code_words() -> set[str]:
    """Every word that the page writes as code."""
    spans = re.findall(r"`([^`\n]+)`", PAGE) + re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    return {word for span in spans for word in re.findall(r"[A-Za-z][\w-]*", span)}


def choices() -> Iterator[str]:
    """The answers that closed lists of the format allow."""
    schema = {"proration": Proration, "demand": DemandVersion, "fixed": FixedVersion}
    for model in schema.values():
        yield from re.findall(r"'enum': \[([^\]]+)\]", str(model.model_json_schema()))


def test_every_key_of_every_table_stands_in_the_reference() -> None:
    known = {key for keys in KEYS.values() for key in keys}
    assert {"over", "eru_class", "exempt_per", "ratchet_months"} <= known
    assert known - code_words() == set()


def test_every_unit_and_every_method_stands_in_the_reference() -> None:
    methods = {word for found in choices() for word in re.findall(r"'([\w-]+)'", found)}
    assert {"days-if-short", "half-if-short", "quarter", "half-up"} <= methods
    assert (methods | set(UNITS)) - code_words() == set()


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_that_ships_has_no_mistake_and_cites_everything(name: str) -> None:
    reading = read_book(BOOKS[name])
    assert not reading.mistakes
    assert reading.book
    assert reading.book.book.id == name.removesuffix(".toml")
    for component in reading.book.component:
        for version in component.version:
            stands_in = re.search(
                r"stands in|placeholder|was not found|were not found|2015 study", version.citation
            )
            assert bool(stands_in) == (version.status == "unverified"), version.citation


@pytest.mark.parametrize("name", BOOKS)
def test_every_component_of_a_book_that_ships_is_in_a_schedule(name: str) -> None:
    book = read_book(BOOKS[name]).book
    assert book
    used = {component for schedule in book.schedule for component in schedule.components}
    assert set(book.components) == used


def test_both_books_serve_every_service_of_a_home_and_of_a_shop() -> None:
    for text in BOOKS.values():
        book = read_book(text).book
        assert book
        offered = {(schedule.service, schedule.customer_class) for schedule in book.schedule}
        for service in ("electric", "gas", "water", "sewer", "solid_waste", "stormwater", "fire_fee"):
            assert {(service, "residential"), (service, "commercial")} <= offered
