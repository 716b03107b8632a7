"""Any spelling in, one kept."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.widgets.specs import lettered
from csr_console.widgets.spellings import (
    read_date,
    read_moment,
    read_money,
    read_phone,
    tidy_date,
    tidy_moment,
    tidy_money,
    tidy_phone,
)

THURSDAY = date(2026, 10, 15)
NOON = datetime(2026, 10, 15, 12, 0, tzinfo=datetime.now(UTC).astimezone().tzinfo)


@pytest.mark.parametrize("text", ["8505550142", "(850) 555-0142", "+1 850.555.0142", "1-850-555-0142"])
def test_phones(text: str) -> None:
    assert read_phone(text) == "8505550142"
    assert tidy_phone(read_phone(text)) == "850 555 0142"


@pytest.mark.parametrize("text", ["555-0142", "2850555014233", "none"])
def test_what_is_no_phone(text: str) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        read_phone(text)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("42.50", 4250),
        ("$42.5", 4250),
        ("42", 4200),
        (".5", 50),
        ("1,042", 104200),
        ("1,042.50", 104250),
        ("7.", 700),
    ],
)
def test_amounts(text: str, cents: int) -> None:
    assert read_money(text) == cents


@pytest.mark.parametrize("text", ["", "4.255", "-3", "1,04", "12e3", "NaN", "4 dollars", "."])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"42\.50"):
        read_money(text)


@given(st.integers(0, 10**12))
def test_an_amount_survives_its_own_spelling(cents: int) -> None:
    assert read_money(tidy_money(cents)) == cents


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("+2", date(2026, 10, 17)),
        ("-1", date(2026, 10, 14)),
        ("today", THURSDAY),
        ("fri", date(2026, 10, 16)),
        ("Friday", date(2026, 10, 16)),
        ("thu", date(2026, 10, 22)),
        ("10/16", date(2026, 10, 16)),
        ("10/15", THURSDAY),
        ("10/14", date(2027, 10, 14)),
        ("2/29", date(2028, 2, 29)),
        ("1/5/27", date(2027, 1, 5)),
        ("2026-12-01", date(2026, 12, 1)),
    ],
)
def test_days(text: str, day: date) -> None:
    assert read_date(text, THURSDAY) == day


@pytest.mark.parametrize("text", ["", "13/1", "2/30", "friyay!", "10-16", "2026-13-01", "+9999"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"\+2, fri"):
        read_date(text, THURSDAY)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_survives_its_own_spelling(day: date) -> None:
    assert read_date(tidy_date(day), THURSDAY) == day


@given(st.lists(st.text("abcxyz ", min_size=1, max_size=5), max_size=9))
def test_no_letter_answers_twice(labels: list[str]) -> None:
    letters = [answer.letter for answer in lettered([(label, label) for label in labels]) if answer.letter]
    assert len(letters) == len(set(letters))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("15:30", "10/15/2026 15:30"),
        ("9", "10/16/2026 09:00"),
        ("fri 9:00", "10/16/2026 09:00"),
        ("+1 p230", "10/16/2026 14:30"),
        ("12/24 a915", "12/24/2026 09:15"),
    ],
)
def test_a_moment_is_a_day_and_a_time_or_the_next_such_time(typed: str, expected: str) -> None:
    moment = read_moment(typed, NOON)
    assert tidy_moment(moment) == expected
    assert read_moment(tidy_moment(moment), NOON) == moment


@pytest.mark.parametrize("typed", ["", "soon", "fri", "fri 9:00 late", "13/45 9:00", "+1 25:00"])
def test_a_moment_that_is_none_says_what_one_looks_like(typed: str) -> None:
    with pytest.raises(ValueError, match="looks like"):
        read_moment(typed, NOON)
