"""Words as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.words import (
    Address,
    AddressQuery,
    address_query,
    fold,
    name_tokens,
    parse_address,
    street_key,
    street_keys,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  María  LÓPEZ-Peña ", "maria lopez pena"),
        ("O'Brien & Søn", "obrien son"),
        ("D’Angelo, Łukasz", "dangelo lukasz"),
        ("STRASSE straße", "strasse strasse"),
        ("A_b.c", "a b c"),
        ("…", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "tokens", "also"),
    [
        ("Maria R. Lopez", ["maria", "lopez", "r"], []),
        ("Tom O'Brien", ["tom", "obrien"], ["brien"]),
        ("Ann McDonald", ["ann", "mcdonald"], ["donald"]),
        ("Juan de la Cruz", ["juan", "de", "la", "cruz"], ["delacruz"]),
        ("", [], []),
    ],
)
def test_words_of_a_name(name: str, tokens: list[str], also: list[str]) -> None:
    assert name_tokens(name) == (tokens, also)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1204 Oak St", Address(1204, "oak st", "")),
        ("1204 NW Oak Street, Apt 3", Address(1204, "nw oak st", "3")),
        ("1204 Oak Avenue Unit B, Port Laurel", Address(1204, "oak ave", "b")),
        ("1204 Oak Ave, Port Laurel", Address(1204, "oak ave", "")),
        ("1204A Oak Ave #12", Address(1204, "oak ave", "a 12")),
        ("1204 1/2 Oak Ave", Address(1204, "oak ave", "1 2")),
        ("Lift station 4", Address(0, "lift sta 4", "")),
        ("12 12th St", Address(12, "12th st", "")),
    ],
)
def test_addresses_taken_apart(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("1204 oa", AddressQuery("1204", ("oa",), ())),
        ("oak 12", AddressQuery("12", ("oak",), (), number_open=True)),
        ("oak 12 ", AddressQuery("12", ("oak",), (), street_open=False)),
        ("1204 oak st apt 3", AddressQuery("1204", ("oak", "st"), ("3",), street_open=False)),
        ("1204 oak 3", AddressQuery("1204", ("oak",), ("3",), street_open=False)),
        ("1204b oak", AddressQuery("1204", ("oak",), ("b",))),
    ],
)
def test_addresses_as_far_as_typed(typed: str, query: AddressQuery) -> None:
    assert address_query(typed) == query


@given(st.text(max_size=60))
def test_any_text_is_taken_for_an_address_without_fail(text: str) -> None:
    assert parse_address(text).number >= 0
    assert all(address_query(text).street)


@pytest.mark.parametrize(
    ("street", "key"),
    [
        ("NW Oak Street", "oak"),
        ("Oak St NW", "oak"),
        ("12th Ave", "12th"),
        ("Park Ave", "park"),
        ("North Ave", "n"),
        ("N Hill Rd", "hl"),
        ("Oak Hill Rd", "oak hl"),
        ("Avenue A", "ave a"),
        ("St Johns Rd", "st johns"),
        ("Main", "main"),
        ("", ""),
    ],
)
def test_a_street_is_found_by_its_name(street: str, key: str) -> None:
    assert street_key(street) == key
    assert street_key(parse_address(f"1204 {street}, Apt 3").street) == key
    assert key in street_keys(street)


@given(st.text(max_size=30))
def test_any_text_has_the_key_that_it_is_asked_by(text: str) -> None:
    assert street_key(text) in street_keys(text)


def test_a_type_may_be_part_of_the_name() -> None:
    assert street_keys("oak hill") == ("oak", "oak hl")
