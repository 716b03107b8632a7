"""The OpenID provider as central sees it: discovery, the device flow (RFC 8628) and its keys.

The only module of central that speaks HTTP to somebody else. A workstation never does: it talks to central
alone, so that one address has to be reachable from the counters and the provider's answers are judged in one
place. No address, code or token is ever logged.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx

from csr_console.central.id_tokens import Expected, UnknownKey, read_id_token
from csr_console.central.settings import CentralSettings, is_private
from csr_console.domain.refusals import Fault, Refusal
from csr_console.domain.text import clean_line

DEADLINE_S = 6.0
"""For all that one request of a desk asks of the provider; the desk itself gives up after eight seconds."""
REMEMBERED = timedelta(hours=1)
"""How long the provider's description and keys are kept; an unknown key is asked for at once."""
SLOWER_S = 5
"""RFC 8628 section 3.5: `slow_down` adds five seconds to the interval, for this and all later requests."""
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_MAX_BYTES = 256 * 1024
_ENDED = {
    "access_denied": "The sign-in was declined at {name}.",
    "expired_token": "The code has run out before it was entered.",
    "invalid_grant": "{name} does not know this code any more.",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave for one sign-in; `device_code` is a secret of central's."""

    device_code: str
    user_code: str
    verification_uri: str
    complete_uri: str
    expires_in: int
    interval: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet: ask again, `slower_s` seconds later than before."""

    slower_s: int = 0


class Provider:
    """One OpenID provider. Every method raises `Fault` unavailable when it does not answer as one."""

    def __init__(self, settings: CentralSettings, clock: Callable[[], datetime]) -> None:
        self.name = clean_line(settings.provider_name, limit=60)
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret
        self._audiences = frozenset(settings.oidc_audiences.split()) or frozenset({settings.oidc_client_id})
        self._clock = clock
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, list[Mapping[str, object]]] | None = None

    async def start(self, nonce: str) -> Grant:
        """A code for one person to enter. `nonce` is sent along: who does not know it ignores it."""
        async with self._deadline():
            metadata = await self._described()
            form = {"scope": "openid profile email", "nonce": nonce}
            status, answer = await self._post(metadata["device_authorization_endpoint"], form)
        if status != 200:
            raise self._strange()
        return self._grant(answer)

    async def ask(self, device_code: str) -> str | Waiting:
        """The ID token, or that it is not there yet. Raises `Refusal` sign-in-ended when it never will be.

        The keys are read before the code is spent: one that was is gone, whatever fails afterwards.
        """
        async with self._deadline():
            metadata = await self._described()
            await self._known_keys(metadata)
            form = {"grant_type": _GRANT, "device_code": device_code}
            status, answer = await self._post(metadata["token_endpoint"], form)
        token, error = answer.get("id_token"), answer.get("error")
        if status == 200 and isinstance(token, str):
            return token
        if error in ("authorization_pending", "slow_down"):
            return Waiting(SLOWER_S if error == "slow_down" else 0)
        if isinstance(error, str) and error in _ENDED:
            raise Refusal("sign-in-ended", _ENDED[error].format(name=self.name))
        raise self._strange()

    async def claims(self, token: str, nonce: str) -> Mapping[str, object]:
        """What an ID token says. Raises `id_tokens.Untrusted`."""
        expected = Expected(self._issuer, self._client_id, self._audiences, nonce)
        async with self._deadline():
            metadata = await self._described()
            keys = await self._known_keys(metadata)
            try:
                return read_id_token(token, keys, expected, self._clock())
            except UnknownKey:
                self._keys = None
            return read_id_token(token, await self._known_keys(metadata), expected, self._clock())

    async def _described(self) -> dict[str, Any]:
        """The provider's own description (OpenID Connect Discovery section 4), of the issuer we were told."""
        if self._metadata is not None and self._clock() - self._metadata[0] < REMEMBERED:
            return self._metadata[1]
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        status, found = await self._send("GET", address)
        ends = ("device_authorization_endpoint", "token_endpoint", "jwks_uri")
        if (
            status != 200
            or found.get("issuer") != self._issuer
            or not all(isinstance(found.get(end), str) and is_private(found[end]) for end in ends)
        ):
            raise self._strange()
        self._metadata = (self._clock(), found)
        return found

    async def _known_keys(self, metadata: Mapping[str, Any]) -> list[Mapping[str, object]]:
        if self._keys is not None and self._clock() - self._keys[0] < REMEMBERED:
            return self._keys[1]
        status, found = await self._send("GET", metadata["jwks_uri"])
        keys = found.get("keys")
        if status != 200 or not isinstance(keys, list):
            raise self._strange()
        known: list[Mapping[str, object]] = [key for key in keys if isinstance(key, dict)]
        self._keys = (self._clock(), known)
        return known

    def _grant(self, answer: Mapping[str, Any]) -> Grant:
        """What the provider gave, with the bounds of RFC 8628 section 3.2 and text that is only ever text."""
        texts = {
            name: answer.get(name)
            for name in ("device_code", "user_code", "verification_uri", "verification_uri_complete")
        }
        code, user_code, address, complete = texts.values()
        lasts, interval = answer.get("expires_in"), answer.get("interval", 5)
        if (
            not isinstance(code, str)
            or not isinstance(user_code, str)
            or not isinstance(address, str)
            or not is_private(address)
            or not isinstance(lasts, int)
            or not isinstance(interval, int)
            or len(code) > 2000
        ):
            raise self._strange()
        whole = complete if isinstance(complete, str) and is_private(complete) else ""
        return Grant(
            code,
            clean_line(user_code, limit=40),
            clean_line(address, limit=300),
            clean_line(whole, limit=300),
            max(1, min(lasts, 3600)),
            max(1, min(interval, 60)),
        )

    def _strange(self) -> Fault:
        return Fault("unavailable", f"{self.name} does not answer as a provider of sign-ins: tell support.")

    @asynccontextmanager
    async def _deadline(self) -> AsyncIterator[None]:
        """httpx has no total timeout: a provider that trickles must not keep a person waiting for ever."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                yield
        except (TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL):
            raise Fault("unavailable", f"{self.name} does not answer right now.") from None

    async def _post(self, address: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Ask as this client: with its secret in the header (RFC 6749 section 2.3.1), or in the form where
        the provider takes it only there."""
        form = {"client_id": self._client_id, **form}
        auth = None
        if self._client_secret is not None:
            secret = self._client_secret.get_secret_value()
            methods = (await self._described()).get("token_endpoint_auth_methods_supported", [])
            if "client_secret_post" in methods and "client_secret_basic" not in methods:
                form["client_secret"] = secret
            else:
                auth = httpx.BasicAuth(quote(self._client_id, safe=""), quote(secret, safe=""))
        return await self._send("POST", address, form, auth)

    async def _send(
        self, method: str, address: str, form: dict[str, str] | None = None, auth: httpx.Auth | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status and the JSON object of an answer; a proxy that the environment names is used."""
        body = bytearray()
        async with (
            httpx.AsyncClient(verify=_trust(), timeout=None, follow_redirects=False) as client,  # noqa: S113  the deadline is around it
            client.stream(
                method, address, data=form, auth=auth, headers={"accept": "application/json"}
            ) as response,
        ):
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MAX_BYTES:
                    raise self._strange()
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            raise self._strange() from None
        if not isinstance(found, dict):
            raise self._strange()
        return response.status_code, found


@cache
def _trust() -> ssl.SSLContext:
    """The system's store, read once: private authorities are added there, and there is no switch."""
    return ssl.create_default_context()
