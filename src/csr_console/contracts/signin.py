"""Signing in: who, at which station; what a session gives."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from csr_console.contracts.inert import InertLine
from csr_console.domain.fields import Login, Office, Station
from csr_console.domain.permissions import Role


class SignIn(BaseModel):
    """Credentials, and the station with the id of its installation: two machines never share a name."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    login: Login
    password: Annotated[SecretStr, Field(max_length=200)]
    station: Station
    installation: UUID


class Refresh(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    refresh_token: Annotated[SecretStr, Field(max_length=200)]


class SessionTokens(BaseModel):
    """A session. The access token is short (`expires_in` seconds); each refresh gives a new pair, and the old
    refresh token answers once more within the grace window, for a response that was lost.
    `seal_key` is hexadecimal and the same for the life of the session."""

    model_config = ConfigDict(frozen=True)

    access_token: str
    refresh_token: str
    expires_in: int
    session: UUID
    seal_key: str
    login: Login
    name: InertLine
    role: Role
    office: Office
    last_counter: int
    """The highest counter central has seen from the station."""


class SignInWays(BaseModel):
    """How one may sign in at this service. `provider` is what people call the identity provider whose sign-in
    is taken too, "" when there is none: passwords are taken always."""

    model_config = ConfigDict(frozen=True)

    provider: Annotated[str, Field(max_length=60)] = ""


class DeviceStart(BaseModel):
    """The station that asks for a code of the identity provider (RFC 8628)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    station: Station
    installation: UUID


class DeviceCode(BaseModel):
    """The code a person enters at `verification_uri`, on any machine of their own; `complete_uri` has it in
    the address already, "" when the provider gives none. It ends after `expires_in` seconds; the desk asks
    with `handle` every `interval` seconds. The handle is a secret: whoever has it gets the session."""

    model_config = ConfigDict(frozen=True)

    handle: str
    user_code: str
    verification_uri: str
    complete_uri: str = ""
    expires_in: int
    interval: int


class DevicePoll(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    handle: Annotated[SecretStr, Field(max_length=8000)]


class DeviceProgress(BaseModel):
    """`pending`: ask again with the new `handle` after `interval` seconds; `sentence` says what is the
    matter, if anything. `signed-in`: `tokens` are a session's."""

    model_config = ConfigDict(frozen=True)

    state: Literal["pending", "signed-in"]
    handle: str = ""
    interval: int = 0
    sentence: str = ""
    tokens: SessionTokens | None = None


class VerificationAnswers(BaseModel):
    """What the caller answered to the questions; each is compared with every secret factor on file.

    `earlier` is the proof of answers that this session had checked for the account before: what it vouches
    for counts with what fits now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    answers: Annotated[list[Annotated[SecretStr, Field(max_length=200)]], Field(min_length=1, max_length=5)]
    earlier: Annotated[str, Field(max_length=2000)] | None = None


class VerificationResult(BaseModel):
    """The factors that fitted, those of the earlier proof with them, and a signed proof of all together; how
    many of the answers were wrong, how many are left. The proof may be used for `expires_in` seconds, the
    time of an earlier proof counted in."""

    model_config = ConfigDict(frozen=True)

    factors: list[str]
    proof: str | None
    expires_in: int
    """0 without a proof."""
    wrong: int
    attempts_left: int
