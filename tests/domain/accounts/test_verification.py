"""How sure the city is of who is calling: the levels of the identity theft programme."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.accounts.verification import (
    HOLDS_FOR,
    SECRET_FACTORS,
    Factor,
    Level,
    level_of,
    still_holds,
)

NOON = datetime(2026, 8, 30, 12, tzinfo=UTC)
F = Factor


@pytest.mark.parametrize(
    ("factors", "level"),
    [
        ((), Level.L0),
        ((F.PHONE,), Level.L0),
        ((F.ACCOUNT_NUMBER, F.PHONE), Level.L0),
        ((F.NAME, F.SERVICE_ADDRESS), Level.L0),
        ((F.NAME, F.SERVICE_ADDRESS, F.PHONE), Level.L1),
        ((F.NAME, F.SERVICE_ADDRESS, F.ACCOUNT_NUMBER), Level.L1),
        ((F.SSN4,), Level.L1),
        ((F.CALLED_BACK,), Level.L0),
        ((F.SSN4, F.CALLED_BACK), Level.L1),
        ((F.SSN4, F.BIRTH_DATE), Level.L2),
        ((F.PASSPHRASE, F.LAST_PAYMENT), Level.L2),
        ((F.PHOTO_ID,), Level.L2),
        ((F.PHOTO_ID, F.CALLED_BACK, F.SSN4), Level.L2),
        ((F.SSN4, F.BIRTH_DATE, F.CALLED_BACK), Level.L3),
        ((F.SSN4, F.LICENSE4, F.PHOTO_ID), Level.L3),
    ],
)
def test_what_the_factors_reach_together(factors: tuple[Factor, ...], level: Level) -> None:
    """16 CFR 681.1(d): L1 identifies, L2 takes two secrets or a photo, L3 a second channel on top."""
    assert level_of(factors) is level


@given(st.sets(st.sampled_from(Factor)), st.sampled_from(Factor))
def test_one_more_factor_never_lowers_the_level(factors: set[Factor], more: Factor) -> None:
    assert level_of(factors | {more}) >= level_of(factors)


@given(st.sets(st.sampled_from(sorted(set(Factor) - SECRET_FACTORS - {F.PHOTO_ID}))))
def test_what_a_stranger_can_look_up_never_reaches_a_change(factors: set[Factor]) -> None:
    assert level_of(factors) <= Level.L1


@pytest.mark.parametrize(
    ("age", "holds"),
    [
        (timedelta(0), True),
        (HOLDS_FOR, True),
        (HOLDS_FOR + timedelta(microseconds=1), False),
        (timedelta(microseconds=-1), False),
    ],
)
def test_a_verification_speaks_for_one_call(age: timedelta, holds: bool) -> None:
    assert still_holds(NOON - age, NOON) is holds


def test_no_verification_does_not_hold() -> None:
    assert not still_holds(None, NOON)
