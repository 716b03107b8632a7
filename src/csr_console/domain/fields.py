"""The annotated types of every command field: constraint, label, help and the kind of field that enters it.

A form, a refusal, the reference and the OpenAPI document all read the same annotation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from csr_console.domain.ids import is_account_number
from csr_console.domain.text import clean, clean_line, holds_card_number

EntryKind = Literal["text", "note", "phone", "email", "choice", "money", "moment", "hidden"]


@dataclass(frozen=True, slots=True)
class Entry:
    """How a clerk enters a value: its label, the help that F1 shows and the kind of form field."""

    label: str
    help: str
    kind: EntryKind = "text"
    personal: bool = False


class Choice(StrEnum):
    """A closed list of answers; the first letter that tells them apart answers it in one key."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


def _one_line(value: object) -> object:
    return clean_line(value, limit=2000) if isinstance(value, str) else value


def _paragraphs(value: object) -> object:
    return clean(value, limit=20_000).strip() if isinstance(value, str) else value


def _without_card_number(value: str) -> str:
    if holds_card_number(value):
        raise ValueError("no card number is ever taken here: remove the digits and use the payment terminal")
    return value


def _account_number(value: str) -> str:
    if not is_account_number(value):
        raise ValueError("an account number has nine digits and its check digit does not fit: read it again")
    return value


def phone_digits(value: object) -> object:
    """Ten digits of any North American spelling: `+1 (850) 555-0142` is `8505550142`."""
    if not isinstance(value, str):
        return value
    digits = re.sub(r"\D", "", value)
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def _phone(value: str) -> str:
    if not re.fullmatch(r"[2-9][0-9]{2}[2-9][0-9]{6}", value):
        raise ValueError("a phone number has ten digits, area code first: 850 555 0142")
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+", value) or len(value) > 254:
        raise ValueError("an e-mail address looks like name@example.org")
    return value


AccountNumber = Annotated[
    str, BeforeValidator(_one_line), AfterValidator(_account_number),
    Entry("Account", "Nine digits from the bill; the last one is a check digit."),
]  # fmt: skip
PremiseId = Annotated[
    str, BeforeValidator(_one_line), Field(pattern=r"^P[0-9]{7}$"),
    Entry("Premise", "The service location: P and seven digits."),
]  # fmt: skip
Phone = Annotated[
    str, BeforeValidator(phone_digits), AfterValidator(_phone),
    Entry("Phone", "Ten digits in any spelling.", "phone", personal=True),
]  # fmt: skip
Email = Annotated[
    str, BeforeValidator(_one_line), AfterValidator(_email),
    Entry("E-mail", "name@example.org", "email", personal=True),
]  # fmt: skip
Line = Annotated[
    str, BeforeValidator(_one_line), Field(max_length=200), AfterValidator(_without_card_number),
    Entry("Text", "One line, at most 200 characters.", personal=True),
]  # fmt: skip
FilledLine = Annotated[Line, Field(min_length=1)]
NoteText = Annotated[
    str, BeforeValidator(_paragraphs), Field(min_length=1, max_length=4000),
    AfterValidator(_without_card_number),
    Entry("Note", "What the next clerk needs to know. At most 4,000 characters.", "note", personal=True),
]  # fmt: skip
Reason = Annotated[
    str, BeforeValidator(_one_line), Field(min_length=3, max_length=200),
    AfterValidator(_without_card_number),
    Entry("Reason", "Why, in a few words: it stays in the audit log."),
]  # fmt: skip
Cents = Annotated[int, Field(ge=0, le=100_000_000)]
"""An amount of money in whole cents, up to a million dollars."""
ReceiptNumber = Annotated[
    str, BeforeValidator(_one_line), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$")
]
BillNumber = Annotated[int, Field(ge=1, le=9_999_999_999)]
CommandId = Annotated[UUID, Entry("Command", "The id of another command.", "hidden")]
Moment = Annotated[AwareDatetime, Entry("Time", "A moment with its time zone.", "hidden")]
Station = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
Login = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
Office = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
