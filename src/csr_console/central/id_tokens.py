"""ID tokens of an OpenID provider: verified whole, or not believed at all."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

KEY_TYPES: Mapping[str, type[RSAKey] | type[ECKey]] = {"RS256": RSAKey, "ES256": ECKey}
"""What a token may be signed with, and by which type of key. The algorithm is ours to choose, never the
token's: `none` and a public key taken for an HMAC secret are the classic forgeries (RFC 8725 section 2.1)."""
SKEW = timedelta(seconds=60)
"""A provider's clock may differ from ours by this much."""
OLDEST = timedelta(minutes=10)
"""A token of the device flow is made when it is asked for; an older one is somebody's copy."""
_SMALLEST_RSA_BITS = 2048
_MAX_CHARACTERS = 16_384


class Untrusted(Exception):
    """The token is not believed; the text says which check it failed, for the log, and nothing of it."""


class UnknownKey(Untrusted):
    """Signed with a key that is not among those known: the provider may have changed them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say: who made it, for whom, in answer to what."""

    issuer: str
    client_id: str
    audiences: frozenset[str]
    nonce: str


def read_id_token(
    token: str, keys: Sequence[Mapping[str, object]], expected: Expected, now: datetime
) -> Mapping[str, object]:
    """The claims of a token (OpenID Connect Core section 3.1.3.7). Raises `Untrusted`."""
    claims = _signed(token, keys)
    moment = int(now.timestamp())
    registry = jwt.JWTClaimsRegistry(
        now=moment,
        leeway=int(SKEW.total_seconds()),
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "values": sorted(expected.audiences)},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise Untrusted(f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()) from None
    _check_audience(claims, expected)
    issued = claims["iat"]
    if not isinstance(issued, int | float) or issued < moment - OLDEST.total_seconds():
        raise Untrusted("too old")
    if claims.get("nonce", expected.nonce) != expected.nonce:
        # A provider need not take a nonce in the device flow (RFC 8628 has none); one that does says ours.
        raise Untrusted("nonce")
    return claims


def _check_audience(claims: Mapping[str, object], expected: Expected) -> None:
    """No audience beside the trusted ones, and the party it was issued to is this client."""
    given = claims["aud"]
    audiences = [given] if isinstance(given, str) else given
    if not isinstance(audiences, list) or not set(audiences) <= expected.audiences:
        raise Untrusted("aud beside the trusted ones")
    party = claims.get("azp")
    if (len(audiences) > 1 and party is None) or (party is not None and party != expected.client_id):
        raise Untrusted("azp")


def _signed(token: str, keys: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """The claims, once the signature fits a key of the right type."""
    if len(token) > _MAX_CHARACTERS:
        raise Untrusted("too large")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, UnicodeError):
        raise Untrusted("no JWS") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    kind = KEY_TYPES.get(algorithm) if isinstance(algorithm, str) else None
    if kind is None or not isinstance(algorithm, str):
        raise Untrusted("algorithm")
    key = _chosen_key(keys, kind, algorithm, kid)
    try:
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise Untrusted(type(error).__name__) from None


def _chosen_key(
    keys: Sequence[Mapping[str, object]], kind: type[RSAKey] | type[ECKey], algorithm: str, kid: object
) -> RSAKey | ECKey:
    """The one key the token names; without a name, the only one of its type."""
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind.key_type
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise UnknownKey("key")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a weak key is refused below, with a reason
            key = kind.import_key(dict(fitting[0]))  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError):
        raise Untrusted("key cannot be read") from None
    if isinstance(key, RSAKey) and key.raw_value.key_size < _SMALLEST_RSA_BITS:
        raise Untrusted("key too short")
    if isinstance(key, ECKey) and key.curve_name != "P-256":
        raise Untrusted("curve")
    return key
