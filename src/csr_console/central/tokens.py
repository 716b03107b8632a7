"""Signed tokens: who a request comes from, and what a caller's answers proved."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from csr_console.central.secrets import ServerSecret
from csr_console.domain.accounts.verification import Factor

_ALGORITHM = "HS256"
_ISSUER = "csr-console"


class _Signer:
    """Signs and reads JWTs for one purpose; a token of one purpose is worthless for another."""

    def __init__(self, secret: ServerSecret, purpose: str) -> None:
        self._key = OctKey.import_key(secret.key(purpose))

    def sign(self, claims: dict[str, object]) -> str:
        return jwt.encode({"alg": _ALGORITHM}, {"iss": _ISSUER, **claims}, self._key)

    def read(self, token: str) -> dict[str, object] | None:
        """The claims of a token whose signature fits, else None; times are for the caller to judge."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError, TypeError):
            return None
        return claims if claims.get("iss") == _ISSUER else None


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says; whether its session still stands is asked of the database."""

    session: UUID
    expires_at: datetime


class AccessTokens:
    """Access tokens: short, so that nothing needs to be revoked but the session behind them."""

    def __init__(self, secret: ServerSecret) -> None:
        self._signer = _Signer(secret, "access")

    def sign(self, access: Access) -> str:
        return self._signer.sign({"sid": str(access.session), "exp": int(access.expires_at.timestamp())})

    def read(self, token: str, now: datetime) -> Access | None:
        """What a token says, or None when it is not ours or over."""
        claims = self._signer.read(token)
        if claims is None:
            return None
        try:
            access = Access(UUID(str(claims["sid"])), datetime.fromtimestamp(int(str(claims["exp"])), UTC))
        except (KeyError, ValueError):
            return None
        return access if now < access.expires_at else None


@dataclass(frozen=True, slots=True)
class Proven:
    """What a valid proof vouches for, and when the first of its answers was checked."""

    factors: frozenset[Factor]
    since: datetime


class Proofs:
    """Proofs that central compared a caller's answers, carried by the command that logs it."""

    def __init__(self, secret: ServerSecret, lasts: timedelta) -> None:
        self._signer = _Signer(secret, "proof")
        self._lasts = lasts

    def sign(self, proven: Proven, *, office: str, account: str, session: UUID) -> str:
        return self._signer.sign(
            {
                "off": office,
                "acc": account,
                "sid": str(session),
                "fac": sorted(proven.factors),
                "iat": int(proven.since.timestamp()),
                "exp": int((proven.since + self._lasts).timestamp()),
            }
        )

    def seconds_left(self, proven: Proven, now: datetime) -> int:
        """How long a proof may still be used."""
        return max(0, int((proven.since + self._lasts - now).total_seconds()))

    def read(self, proof: str, *, office: str, account: str, session: UUID, at: datetime) -> Proven | None:
        """What a proof vouches for, None when it is not for this office, account, session and moment.

        `at` is when the clerk acted: a command that waited in the queue keeps its proof.
        """
        claims = self._signer.read(proof)
        if claims is None:
            return None
        if tuple(claims.get(name) for name in ("off", "acc", "sid")) != (office, account, str(session)):
            return None
        given, moment = claims.get("fac"), int(at.timestamp())
        if not isinstance(given, list):
            return None
        if not int(str(claims["iat"])) - _SKEW_SECONDS <= moment <= int(str(claims["exp"])):
            return None
        since = datetime.fromtimestamp(int(str(claims["iat"])), UTC)
        return Proven(frozenset(Factor(factor) for factor in given), since)


_SKEW_SECONDS = 300
"""A workstation's clock may run behind central's by this much."""


def token_digest(token: str) -> str:
    """What is kept of a refresh token: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def successor(secret: ServerSecret, token: str) -> str:
    """The refresh token that follows a token: always the same, so that a lost response can be given again."""
    derived = hmac.new(secret.key("refresh"), token.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(derived).rstrip(b"=").decode()
