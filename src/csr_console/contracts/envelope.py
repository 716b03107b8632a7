"""The envelope around a command: the bytes of the queue are the bytes of the wire."""

import hmac
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from csr_console.domain.command import Command
from csr_console.domain.fields import Digest, Login, Reason, Station
from csr_console.domain.ids import fingerprint

MAX_BODY_BYTES = 64 * 1024
MAX_BATCH = 200


def _version_7(value: UUID) -> UUID:
    if value.version != 7:
        raise ValueError("the id of a command is a version 7 UUID (RFC 9562)")
    return value


class Unspellable(ValueError):
    """No JSON document of ours: text that is not Unicode, a number of more than 64 bits, nested too deep."""


def canonical(document: Any) -> bytes:
    """The one spelling of a JSON document: UTF-8, sorted keys, no blanks (as RFC 8785 for our types).

    Raises `Unspellable`."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise Unspellable(str(error)) from None


class Envelope(BaseModel):
    """One command on its way: who, where, when, what they saw (`expects`: resource -> version).

    `id` is made when the form opens and never changes; `counter` is dense per station, so that central sees
    a gap; `not_after` is judged by central's clock. `command` is kept as it came, for ever: `registry.read`
    turns it into its class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Annotated[UUID, AfterValidator(_version_7)]
    issued_at: AwareDatetime
    station: Station
    counter: Annotated[int, Field(ge=1)]
    actor: Login
    shift: Annotated[str, Field(max_length=40)] = ""
    expects: dict[str, Annotated[int, Field(ge=0)]] = {}
    reason: Reason | None = None
    not_after: AwareDatetime | None = None
    traceparent: (
        Annotated[str, Field(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None
    ) = None
    command: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.command.get("kind", ""))

    def document(self) -> dict[str, Any]:
        """The JSON document of this envelope, None left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def digest(self) -> str:
        """SHA-256 over the canonical document: same id and other digest means another act."""
        return fingerprint(canonical(self.document()))


class Submission(BaseModel):
    """An envelope with the proof of who entered it: the seal is an HMAC-SHA256 of the digest under the key of
    the sign-in session it was entered in, so that a colleague's session may carry it later."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    envelope: Envelope
    session: UUID
    seal: Digest

    def document(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class Batch(BaseModel):
    """What POST /v1/commands:batch takes; the desk joins the bytes of its queue, it builds none anew."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    submissions: Annotated[list[Submission], Field(min_length=1, max_length=MAX_BATCH)]


def submission_bytes(envelope: bytes, session: UUID, proof: str) -> bytes:
    """The canonical bytes of a submission around those of its envelope, which are spelled only once."""
    return b'{"envelope":%b,"seal":"%b","session":"%b"}' % (envelope, proof.encode(), str(session).encode())


def seal(key: bytes, digest: str) -> str:
    """The seal of a digest under a session's key, lower-case hexadecimal."""
    return hmac.digest(key, digest.encode(), "sha256").hex()


def seal_fits(key: bytes, digest: str, given: str) -> bool:
    return hmac.compare_digest(seal(key, digest), given)


def command_document(command: Command) -> dict[str, Any]:
    """The JSON document of a command, fields left out when None."""
    return command.model_dump(mode="json", exclude_none=True)
