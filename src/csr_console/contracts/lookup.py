"""Finding accounts and uncovering what is masked, at central: asked in a body, never in an address."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.domain.fields import Phone, Reason
from csr_console.domain.text import clean_line

MAX_FOUND = 50

_OneLine = BeforeValidator(lambda value: clean_line(value) if isinstance(value, str) else value)


class AccountSearch(BaseModel):
    """One thing the caller said: the start of the account number or of the name, a phone or a meter."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    account: Annotated[str, _OneLine, Field(pattern=r"^[0-9]{3,9}$")] | None = None
    phone: Phone | None = None
    name: Annotated[str, _OneLine, Field(min_length=2, max_length=200)] | None = None
    meter: Annotated[str, _OneLine, Field(pattern=r"^[A-Z][0-9]{7}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_FOUND)] = 20

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(value is not None for value in (self.account, self.phone, self.name, self.meter)) != 1:
            raise ValueError("search by one of account, phone, name or meter")
        return self

    @property
    def by(self) -> str:
        """What is searched by, the only part of a search that is ever written down."""
        return next(name for name in ("account", "phone", "name", "meter") if getattr(self, name) is not None)


class RosterList(BaseModel):
    """A page of roster lines by account number; `next` is an opaque cursor or None."""

    model_config = ConfigDict(frozen=True)

    items: list[RosterEntry]
    next: str | None


MaskedField = Literal["phone_1", "phone_2", "email", "mailing_address"]


class Reveal(BaseModel):
    """A masked field that a clerk needs to see, and why: both stay in the journal."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    field: MaskedField
    reason: Reason


class Revealed(BaseModel):
    model_config = ConfigDict(frozen=True)

    field: MaskedField
    value: str
