"""Each kind of field takes every spelling people use, and says in words what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from csr_console.domain import fields

PHONE = TypeAdapter(fields.Phone)
EMAIL = TypeAdapter(fields.Email)
ACCOUNT = TypeAdapter(fields.AccountNumber)
PREMISE = TypeAdapter(fields.PremiseId)
LINE = TypeAdapter(fields.Line)
NOTE = TypeAdapter(fields.NoteText)
REASON = TypeAdapter(fields.Reason)


@pytest.mark.parametrize(
    "spelling",
    ["8505550142", "850 555 0142", "(850) 555-0142", "+1 850.555.0142", "1-850-555-0142", " 850-5550142 "],
)
def test_a_phone_number_in_any_spelling(spelling: str) -> None:
    assert PHONE.validate_python(spelling) == "8505550142"


@pytest.mark.parametrize(
    "wrong", ["", "5550142", "0505550142", "8501550142", "850555014", "28505550142", "٨٥٠٥٥٥٠١٤٢"]
)
def test_no_phone_number(wrong: str) -> None:
    with pytest.raises(ValidationError, match="ten digits"):
        PHONE.validate_python(wrong)


@given(st.from_regex(r"\A[2-9][0-9]{2}[2-9][0-9]{6}\Z"), st.sampled_from(["{}", "+1{}", "1 {}"]))
def test_a_normal_phone_number_is_its_ten_digits(digits: str, spelling: str) -> None:
    assert PHONE.validate_python(spelling.format(digits)) == digits


@pytest.mark.parametrize("address", ["maria@example.org", "m.lopez+bill@mail.example.co.uk"])
def test_an_e_mail_address(address: str) -> None:
    assert EMAIL.validate_python(f" {address} ") == address


@pytest.mark.parametrize(
    "wrong", ["maria", "maria@", "@example.org", "a@b", "a b@example.org", "a@example.org,b@x.org", "a@b..c"]
)
def test_no_e_mail_address(wrong: str) -> None:
    with pytest.raises(ValidationError, match="name@example"):
        EMAIL.validate_python(wrong)


def test_a_mistyped_account_number_says_so() -> None:
    assert ACCOUNT.validate_python(" 100482771 ") == "100482771"
    with pytest.raises(ValidationError, match="check digit does not fit"):
        ACCOUNT.validate_python("100482717")


def test_a_premise() -> None:
    assert PREMISE.validate_python("P0001204") == "P0001204"
    for wrong in ("0001204", "P001204", "p0001204", "P0001204x"):
        with pytest.raises(ValidationError):
            PREMISE.validate_python(wrong)


@pytest.mark.parametrize("adapter", [LINE, NOTE, REASON])
def test_no_card_number_gets_into_any_text(adapter: TypeAdapter[str]) -> None:
    with pytest.raises(ValidationError, match="no card number"):
        adapter.validate_python("paid with 4111 1111 1111 1111")


def test_text_is_inert_and_bounded() -> None:
    assert LINE.validate_python("  Oak\x1b[2J  &\n12th ") == "Oak\ufffd[2J & 12th"
    assert NOTE.validate_python("one\n\ntwo ") == "one\n\ntwo"
    for adapter, too_long in ((LINE, 201), (NOTE, 4001), (REASON, 201)):
        with pytest.raises(ValidationError, match="at most"):
            adapter.validate_python("x" * too_long)
    with pytest.raises(ValidationError, match="at least"):
        REASON.validate_python("no")


def test_choices_are_read_without_their_underscore() -> None:
    class Way(fields.Choice):
        CALL_BACK = "call_back"

    assert Way.CALL_BACK.label == "call back"
