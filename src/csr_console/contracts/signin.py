"""Signing in: who, at which station; what a session gives."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

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
    name: str
    role: Role
    office: Office
    last_counter: int
    """The highest counter central has seen from the station."""


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
