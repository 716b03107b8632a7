"""Documents that a desk reads again and again: answered whole only when they have changed."""

import hashlib
from typing import Annotated, Any

from fastapi import Header, Response

from csr_console.central.problems import json_bytes

IfNoneMatch = Annotated[str | None, Header()]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As it was when the given ETag was read."}}


def tagged(body: bytes, if_none_match: str | None) -> Response:
    """The JSON with its ETag, or 304 without it where the reader has this very document (RFC 9110 13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if if_none_match and tag in (given.strip().removeprefix("W/") for given in if_none_match.split(",")):
        return Response(status_code=304, headers=headers)
    return json_bytes(body, headers=headers)
