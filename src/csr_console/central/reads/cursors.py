"""Opaque cursors: where a list goes on, as text that says nothing and survives a URL."""

import base64
import binascii
import json
from typing import Any

from csr_console.contracts.envelope import canonical
from csr_console.domain.refusals import Refusal


def encode(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(canonical(place)).decode().rstrip("=")


def decode(cursor: str, *types: type) -> list[Any]:
    """The place of a cursor: values of these types, in order. Raises `Refusal` invalid."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, UnicodeError, binascii.Error, RecursionError):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != len(types)
        or not all(_fits(value, kind) for value, kind in zip(place, types, strict=True))
    ):
        raise Refusal("invalid", "This is not a cursor of this list: start again from its first page.")
    return place


def _fits(value: Any, kind: type[Any]) -> bool:
    """Whether a value is one that a cursor can hold: nothing a database would choke on."""
    if type(value) is not kind:
        return False
    return value.isprintable() if isinstance(value, str) else -(1 << 62) < value < 1 << 62
