"""Signing in with a code that a person enters at the identity provider (RFC 8628), for any desk.

Nothing is kept between two questions of a desk: what central has to remember is sealed into the handle, so
any process of the service can answer the next one. The session and its first refresh token follow from the
provider's device code, so an answer that was lost is given again and a code makes one session.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

from anyio.to_thread import run_sync
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import TypeAdapter, ValidationError
from structlog.typing import FilteringBoundLogger

from csr_console.central.auth import Sessions
from csr_console.central.id_tokens import Untrusted
from csr_console.central.limits import RateLimit
from csr_console.central.secrets import ServerSecret
from csr_console.central.settings import CentralSettings
from csr_console.central.tokens import successor
from csr_console.contracts.signin import DeviceCode, DeviceProgress, DeviceStart, SessionTokens
from csr_console.domain.fields import Login
from csr_console.domain.refusals import Fault, Refusal

if TYPE_CHECKING:
    from csr_console.central.oidc import Provider

STARTS_PER_MINUTE = 300
"""Codes asked for by all desks together: a morning's shift change, not a flood against the provider."""
LONGEST_INTERVAL_S = 60
_EARLY_S = 1.0
"""A desk that asks this much too soon is not held back: clocks and networks are not exact."""
_LOGIN = TypeAdapter[str](Login)


@dataclass(frozen=True, slots=True)
class _Handle:
    """What central has to know at the next question; times are POSIX seconds."""

    device_code: str
    nonce: str
    station: str
    installation: str
    interval: int
    ends_at: float
    next_at: float


class DeviceSignIn:
    """Raises `Refusal` sign-in-ended, not-staff, station-taken or too-many, `Fault` unavailable."""

    def __init__(
        self,
        provider: "Provider",
        sessions: Sessions,
        secret: ServerSecret,
        settings: CentralSettings,
        clock: Callable[[], datetime],
        log: FilteringBoundLogger,
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._secret = secret
        self._settings = settings
        self._clock = clock
        self._log = log
        self._key = OctKey.import_key(secret.key("device"))
        self._starts = RateLimit(
            STARTS_PER_MINUTE, burst=STARTS_PER_MINUTE // 2, clock=clock, what="sign-ins"
        )

    @property
    def provider(self) -> str:
        return self._provider.name

    async def start(self, given: DeviceStart) -> DeviceCode:
        """A code for the person at this station."""
        self._starts.take("")
        await run_sync(self._sessions.require_own_station, given)
        nonce = secrets.token_urlsafe(24)
        grant = await self._provider.start(nonce)
        now = self._clock().timestamp()
        handle = _Handle(
            grant.device_code,
            nonce,
            given.station,
            str(given.installation),
            grant.interval,
            now + grant.expires_in,
            now + grant.interval,
        )
        return DeviceCode(
            handle=self._sealed(handle),
            user_code=grant.user_code,
            verification_uri=grant.verification_uri,
            complete_uri=grant.complete_uri,
            expires_in=grant.expires_in,
            interval=grant.interval,
        )

    async def poll(self, sealed: str) -> DeviceProgress:
        """Whether the person has entered the code; then the tokens of their session."""
        handle = self._opened(sealed)
        session, token = self._session_of(handle.device_code)
        if given := await run_sync(self._sessions.opened_before, session, token):
            return DeviceProgress(state="signed-in", tokens=given)
        now = self._clock().timestamp()
        if now >= handle.ends_at:
            raise Refusal("sign-in-ended", "The code has run out before it was entered.")
        if now < handle.next_at - _EARLY_S:
            return DeviceProgress(state="pending", handle=sealed, interval=ceil(handle.next_at - now))
        try:
            answer = await self._provider.ask(handle.device_code)
        except Fault as fault:
            # RFC 8628 section 3.5: a client whose question found no answer asks half as often.
            return self._pending(handle, handle.interval * 2, f"{fault.sentence} Still trying.")
        if not isinstance(answer, str):
            return self._pending(handle, handle.interval + answer.slower_s)
        return DeviceProgress(state="signed-in", tokens=await self._admit(answer, handle))

    def _pending(self, handle: _Handle, interval: int, sentence: str = "") -> DeviceProgress:
        interval = min(interval, LONGEST_INTERVAL_S)
        later = replace(handle, interval=interval, next_at=self._clock().timestamp() + interval)
        return DeviceProgress(
            state="pending", handle=self._sealed(later), interval=interval, sentence=sentence
        )

    async def _admit(self, id_token: str, handle: _Handle) -> SessionTokens:
        """The session of whoever the token names, if they are staff of ours."""
        try:
            claims = await self._provider.claims(id_token, handle.nonce)
        except Untrusted as reason:
            self._log.warning("id token refused", reason=str(reason))
            raise Refusal(
                "sign-in-ended", f"What {self.provider} sent cannot be verified: tell support."
            ) from None
        claim = self._settings.oidc_claim
        named = claims.get(claim)
        if claim == "email" and claims.get("email_verified") is not True:
            named = None  # anybody can give themselves an address that nobody checked
        session, token = self._session_of(handle.device_code)
        place = DeviceStart(station=handle.station, installation=UUID(handle.installation))
        login = self._login(named)
        return await run_sync(self._sessions.open_vouched, login, place, session, token, self.provider)

    def _login(self, named: object) -> str:
        """The login a claim stands for. Raises `Refusal` not-staff for what can be nobody's."""
        suffix = self._settings.oidc_suffix.casefold()
        name = named.strip().casefold() if isinstance(named, str) else ""
        try:
            if not name.endswith(suffix):
                raise ValueError
            return _LOGIN.validate_python(name.removesuffix(suffix))
        except (ValidationError, ValueError):
            raise Refusal("not-staff", f"{self.provider} does not name a login of this service.") from None

    def _session_of(self, device_code: str) -> tuple[UUID, str]:
        """The session that a device code opens, and its first refresh token."""
        derived = hmac.new(self._secret.key("device-session"), device_code.encode(), hashlib.sha256).digest()
        return UUID(bytes=derived[:16], version=4), successor(self._secret, f"device {device_code}")

    def _sealed(self, handle: _Handle) -> str:
        return jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"}, json.dumps(asdict(handle)).encode(), self._key
        )

    def _opened(self, sealed: str) -> _Handle:
        """Raises `Refusal` sign-in-ended for what is no handle of ours."""
        try:
            plain = jwe.decrypt_compact(sealed, self._key, algorithms=["dir", "A256GCM"]).plaintext
            return _Handle(**json.loads(plain or b""))
        except (JoseError, ValueError, TypeError):
            raise Refusal("sign-in-ended", "This code is not one that was given here.") from None
