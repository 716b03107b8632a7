"""Commands that wait for a second person."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Row

from csr_console.central.problems import json_bytes
from csr_console.central.reads import cursors
from csr_console.central.reads.commands import list_held
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.central.tables.columns import from_json
from csr_console.contracts.views.approvals import HeldList, HeldView
from csr_console.domain.permissions import Permission

_OF_POLICY = frozenset({"policy", "rule", "approved"})
router = APIRouter(tags=["approvals"])


@router.get("/v1/approvals", response_model=HeldList)
def get_held(
    request: Request,
    bearer: Bearer,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Held commands, oldest first. The command `approval.decide` decides one; its dry run shows what a yes
    would come to today."""
    office = admit(request, bearer, Permission.APPROVAL_DECIDE).actor.office
    after = cursors.decode(cursor, int)[0] if cursor is not None else 0
    with central_of(request).db.read() as connection:
        rows = list_held(connection, office, after=after, limit=limit)
    more = cursors.encode([rows[-1].seq]) if len(rows) == limit else None
    page = HeldList(items=[_held_view(row) for row in rows], next=more)
    return json_bytes(page.model_dump_json().encode())


def _held_view(row: Row[Any]) -> HeldView:
    outcome = from_json(row.outcome)
    return HeldView.model_validate(
        {
            "id": row.command_id,
            "kind": row.kind,
            "digest": row.digest,
            "command": from_json(row.body)["envelope"]["command"],
            "actor": row.actor,
            "station": row.station,
            "issued_at": row.issued_at,
            "held_at": row.applied_at,
            "policy": outcome["result"].get("policy", ""),
            "sentence": outcome["answer"],
            "shown": {name: value for name, value in outcome["result"].items() if name not in _OF_POLICY},
        }
    )
