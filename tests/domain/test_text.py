"""Text from outside is inert, and no card number gets in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.text import REPLACEMENT, clean, clean_line, holds_card_number, luhn_valid

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)

CARDS = (
    "4111111111111111",  # the test numbers that card networks publish: Visa,
    "5555555555554444",  # Mastercard,
    "378282246310005",  # American Express (15 digits),
    "30569309025904",  # Diners Club (14 digits),
    "6011111111111117",  # Discover
)


@given(ANY_TEXT)
def test_cleaned_text_holds_nothing_that_a_terminal_or_a_reader_obeys(text: str) -> None:
    cleaned = clean(text)
    assert not [
        letter
        for letter in cleaned
        if letter in BIDI or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t")
    ]


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY_TEXT)
def test_a_cleaned_line_is_one_line_without_outer_blanks(text: str) -> None:
    line = clean_line(text)
    assert line == line.strip()
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]0;owned\x07",
        "\x1b[2J",
        "\x9b31m",
        "a\rb",
        "\u202egnp.exe",
        "x\x00y",
        "\u2028",
        "\ufeffz",
        "\ud800",
    ],
)
def test_known_attacks_are_replaced_visibly(attack: str) -> None:
    assert REPLACEMENT in clean(attack)
    assert "\x1b" not in clean(attack)


@pytest.mark.parametrize(
    "name", ["Núñez", "Łukasz", "陳大文", "O'Brien-Smith", "[bold]x[/]", "a\tb\nc", "👩‍👩‍👧"]
)
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert clean(name) == name


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert clean("abcdef", limit=4) == "abc…"
    assert clean("abcd", limit=4) == "abcd"


def test_the_check_of_card_numbers() -> None:
    """The worked example of ISO/IEC 7812-1: 7992739871 takes the check digit 3."""
    assert [digit for digit in "0123456789" if luhn_valid("7992739871" + digit)] == ["3"]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "spelling",
    [
        "{0}",
        "card {0} exp 12/27",
        "{0} 12/27",
        "12/27 {0}",
        "{0} 123",
        "call 8505550142 {0}",
        "{0} 8505550142",
        "account 100482771 {0}.",
    ],
)
def test_a_card_number_is_found_wherever_it_stands(card: str, spelling: str) -> None:
    assert holds_card_number(spelling.format(card))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "3056 930902 5904",
        "4111 1111 1111 1111 12/27",
        "4111 1111 1111 1111 850 555 0142",
        "2026 4111 1111 1111 1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "6304 0000 0000 0000 000",
    ],
)
def test_a_card_number_is_found_as_it_is_printed(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "8505550142 8505550199",
        "850 555 0142 850 555 0199",
        "account 100482771, call 850-555-0142",
        "2026-08-30 14:02",
        "41111111111111111111111111",
        "meter E1020304 read 004411",
        "",
    ],
)
def test_other_digits_are_no_card_number(text: str) -> None:
    assert not holds_card_number(text)


@given(st.text("0123456789", min_size=12, max_size=18), st.sampled_from(["", " ", "-"]))
def test_any_13_to_19_digits_that_pass_are_refused_however_they_are_parted(stem: str, gap: str) -> None:
    number = stem + next(digit for digit in "0123456789" if luhn_valid(stem + digit))
    assert holds_card_number(f"paid with {gap.join(number)}, thanks")
