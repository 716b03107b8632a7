"""The change feed of an office, and the snapshot it starts from."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from csr_console.central import feed
from csr_console.central.problems import json_bytes
from csr_console.central.routes.access import HIGHEST_PLACE, Bearer, admit, central_of
from csr_console.contracts.feed import MAX_CHANGES, Changes, SnapshotPage
from csr_console.domain.permissions import Permission, require

router = APIRouter(tags=["feed"])


@router.get("/v1/changes", response_model=Changes)
def get_changes(
    request: Request,
    bearer: Bearer,
    after: Annotated[int, Query(ge=0, le=HIGHEST_PLACE)],
    limit: Annotated[int, Query(ge=1, le=MAX_CHANGES)] = MAX_CHANGES,
) -> Response:
    """The changes after a place, oldest first. 410 gone when they are not kept any more."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    require(actor, Permission.OUTAGE_READ, actor.office)
    with central_of(request).db.read() as connection:
        changes = feed.changes(connection, actor.office, after, limit)
    return json_bytes(changes.model_dump_json().encode())


@router.get("/v1/snapshot", response_model=SnapshotPage)
def get_snapshot(
    request: Request, bearer: Bearer, cursor: Annotated[str | None, Query(max_length=600)] = None
) -> Response:
    """A page of everything in the office; the last one states count and hash over all of them."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    require(actor, Permission.OUTAGE_READ, actor.office)
    central = central_of(request)
    with central.db.read() as connection:
        page = feed.snapshot(connection, actor.office, cursor, now=central.clock())
    return json_bytes(page.model_dump_json().encode())
