"""Commands that wait for a second person."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, Row

from csr_console.central.problems import json_bytes
from csr_console.central.reads import cursors
from csr_console.central.reads.commands import list_held
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.central.tables.columns import from_json, from_text
from csr_console.central.waiting import amount_of, held_since, linked_cents
from csr_console.contracts.views.approvals import HeldList, HeldView
from csr_console.domain.approvals import LIMITS, expires_at, refuse_over_limit
from csr_console.domain.oversight.decide import OWN_COMMAND
from csr_console.domain.permissions import Actor, Permission
from csr_console.domain.refusals import Refusal

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
    reader = admit(request, bearer, Permission.APPROVAL_DECIDE).actor
    after = cursors.decode(cursor, int)[0] if cursor is not None else 0
    central = central_of(request)
    now = central.clock()
    with central.db.read() as connection:
        rows = list_held(connection, reader.office, after=after, limit=limit, since=held_since(now))
        held = [_held_view(connection, row, reader, now) for row in rows]
    more = cursors.encode([rows[-1].seq]) if len(rows) == limit else None
    page = HeldList(items=held, next=more)
    return json_bytes(page.model_dump_json().encode())


def _held_view(connection: Connection, row: Row[Any], reader: Actor, now: datetime) -> HeldView:
    outcome, command = from_json(row.outcome), from_json(row.body)["envelope"]["command"]
    amount = amount_of(outcome["result"]) if row.kind in LIMITS else None
    linked = 0
    if amount is not None:
        linked = linked_cents(connection, reader.office, row.kind, command.get("account", ""), now)
    return HeldView.model_validate(
        {
            "id": row.command_id,
            "kind": row.kind,
            "digest": row.digest,
            "command": command,
            "actor": row.actor,
            "station": row.station,
            "issued_at": row.issued_at,
            "held_at": row.applied_at,
            "policy": outcome["result"].get("policy", ""),
            "sentence": outcome["answer"],
            "amount_cents": amount,
            "linked_cents": linked,
            "expires_at": expires_at(from_text(row.applied_at)),
            "why_not": _why_not(row, reader, amount or 0, linked),
            "shown": {name: value for name, value in outcome["result"].items() if name not in _OF_POLICY},
        }
    )


def _why_not(row: Row[Any], reader: Actor, amount: int, linked: int) -> str:
    """Why this reader may not say yes, in the words that the decision would be refused with; empty for one
    who may."""
    refusal = Refusal("own-command", OWN_COMMAND)
    if row.actor != reader.login:
        try:
            refuse_over_limit(row.kind, reader, amount, linked)
            return ""
        except Refusal as over:
            refusal = over
    return f"{refusal.sentence} {refusal.next_step}"
