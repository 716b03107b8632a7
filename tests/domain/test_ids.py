"""Identifiers catch what people mistype, and stand where other implementations put them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.ids import damm_digit, fingerprint, is_account_number, uuid7, uuid7_moment

DIGITS = "0123456789"
eight_digits = st.text(DIGITS, min_size=8, max_size=8)
moments = st.datetimes(
    min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip


def test_the_check_digit_of_the_published_example() -> None:
    """H. M. Damm, Total anti-symmetrische Quasigruppen, 2004: 572 takes the check digit 4."""
    assert damm_digit("572") == "4"
    assert damm_digit("5724") == "0"


@pytest.mark.parametrize("account", ["100482771", "000000000", "999999994"])
def test_every_wrong_digit_and_every_swap_of_neighbours_is_caught(account: str) -> None:
    account = account[:8] + damm_digit(account[:8])
    assert is_account_number(account)
    for place in range(9):
        for digit in DIGITS.replace(account[place], ""):
            assert not is_account_number(account[:place] + digit + account[place + 1 :])
    for place in range(8):
        left, right = account[place], account[place + 1]
        swapped = account[:place] + right + left + account[place + 2 :]
        assert left == right or not is_account_number(swapped)


@given(eight_digits, st.integers(0, 8), st.sampled_from(DIGITS))
def test_one_wrong_digit_never_passes(stem: str, place: int, digit: str) -> None:
    account = stem + damm_digit(stem)
    wrong = account[:place] + digit + account[place + 1 :]
    assert is_account_number(wrong) == (wrong == account)


@given(eight_digits, st.integers(0, 7))
def test_swapped_neighbours_never_pass(stem: str, place: int) -> None:
    account = stem + damm_digit(stem)
    swapped = account[:place] + account[place + 1] + account[place] + account[place + 2 :]
    assert is_account_number(swapped) == (swapped == account)


@pytest.mark.parametrize("text", ["", "10048277", "1004827710", "10048277a", "١٠٠٤٨٢٧٧١", "100482771\n"])
def test_only_nine_ascii_digits_are_an_account_number(text: str) -> None:
    assert not is_account_number(text)


def test_a_version_7_uuid_is_that_of_the_standard() -> None:
    """The example of RFC 9562 appendix A.6."""
    moment = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(timedelta(hours=-5)))
    randomness = bytes.fromhex("0cc318c4dc0c0c07398f")
    assert uuid7(moment, randomness) == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@given(moments, st.binary(min_size=10, max_size=10))
def test_a_version_7_uuid_gives_its_moment_back_to_the_millisecond(
    moment: datetime, randomness: bytes
) -> None:
    identifier = uuid7(moment, randomness)
    assert (identifier.version, identifier.variant) == (7, "specified in RFC 4122")
    floor = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert uuid7_moment(identifier) == floor


@given(moments, moments)
def test_version_7_uuids_sort_by_time(one: datetime, other: datetime) -> None:
    low, high = sorted((one, other))
    if high - low >= timedelta(milliseconds=1):
        assert uuid7(low, b"\xff" * 10) < uuid7(high, bytes(10))


def test_a_fingerprint_is_sha_256() -> None:
    """FIPS 180-2 appendix B.1."""
    assert fingerprint(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
