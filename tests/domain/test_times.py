"""Times of day as clerks type them are the next such moment."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.times import time_of_day

NOON = datetime(2026, 8, 30, 12, 0, tzinfo=timezone(timedelta(hours=-4)))


@pytest.mark.parametrize(
    ("typed", "hour", "minute", "days"),
    [
        ("15:30", 15, 30, 0), ("1530", 15, 30, 0), ("9", 9, 0, 1), ("a915", 9, 15, 1), ("p4", 16, 0, 0),
        ("4p", 16, 0, 0), ("4:05pm", 16, 5, 0), ("12a", 0, 0, 1), ("p12", 12, 0, 1), ("0:00", 0, 0, 1),
    ],
)  # fmt: skip
def test_the_next_such_moment(typed: str, hour: int, minute: int, days: int) -> None:
    assert time_of_day(typed, NOON) == (NOON + timedelta(days=days)).replace(hour=hour, minute=minute)


@pytest.mark.parametrize("typed", ["", "24", "25:00", "a13", "p0", "p4p", "9:60", "soon", "99999", "٣"])
def test_what_is_no_time(typed: str) -> None:
    assert time_of_day(typed, NOON) is None


@given(st.text())
def test_any_text_is_a_coming_moment_or_none(text: str) -> None:
    moment = time_of_day(text, NOON)
    assert moment is None or NOON < moment <= NOON + timedelta(days=1)
