"""Identifiers: who makes them, what they look like, how a mistyped one is caught."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def damm_digit(digits: str) -> str:
    """The check digit that follows `digits`.

    Damm's quasigroup of order 10 (H. M. Damm, dissertation, Marburg 2004): it catches every single wrong
    digit and every swap of two neighbours, which are most of the errors a caller and a typist make.
    """
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def is_account_number(text: str) -> bool:
    """Nine ASCII digits whose last is the check digit of the first eight."""
    return bool(re.fullmatch(r"[0-9]{9}", text)) and damm_digit(text[:8]) == text[8]


def uuid7(moment: datetime, randomness: bytes) -> UUID:
    """A version 7 UUID (RFC 9562 section 5.7) of an aware moment and ten random bytes."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= int.from_bytes(randomness[:10], "big") & ((1 << 80) - 1)
    value = (value & ~(0xF << 76)) | (7 << 76)
    value = (value & ~(0x3 << 62)) | (2 << 62)
    return UUID(int=value)


def uuid7_moment(identifier: UUID) -> datetime:
    """The moment a version 7 UUID was made, to the millisecond, in UTC."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def fingerprint(data: bytes) -> str:
    """The SHA-256 of the bytes in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
