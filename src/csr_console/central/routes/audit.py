"""The audit chain and the journal: heads for every desk, rows for those who audit."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Row

from csr_console.central import journal
from csr_console.central.problems import json_bytes
from csr_console.central.reads import cursors
from csr_console.central.reads.commands import head_of, list_rows, witness_at
from csr_console.central.routes.access import HIGHEST_PLACE, Bearer, admit, central_of
from csr_console.central.tables.columns import from_json
from csr_console.contracts.outcome import Witness
from csr_console.contracts.views.audit import AuditList, AuditView, JournalList
from csr_console.domain.permissions import Permission
from csr_console.domain.refusals import Refusal

router = APIRouter(tags=["audit"])

Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/v1/audit/head", response_model=Witness)
def get_head(
    request: Request, bearer: Bearer, seq: Annotated[int | None, Query(ge=1, le=HIGHEST_PLACE)] = None
) -> Response:
    """The head of the office's chain, or the chain at a place, for a desk to check what it was told."""
    office = admit(request, bearer).actor.office
    with central_of(request).db.read() as connection:
        found = head_of(connection, office) if seq is None else witness_at(connection, office, seq)
    if found is None:
        raise Refusal("not-found", "The chain is shorter than that.")
    return json_bytes(found.model_dump_json().encode())


@router.get("/v1/audit", response_model=AuditList)
def get_rows(request: Request, bearer: Bearer, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The rows of the command log, oldest first."""
    office = admit(request, bearer, Permission.AUDIT_READ).actor.office
    after = cursors.decode(cursor, int)[0] if cursor is not None else 0
    with central_of(request).db.read() as connection:
        rows = list_rows(connection, office, after=after, limit=limit)
    items = [_audit_view(row) for row in rows]
    more = cursors.encode([items[-1].seq]) if len(items) == limit else None
    return json_bytes(AuditList(items=items, next=more).model_dump_json().encode())


@router.get("/v1/audit/journal", response_model=JournalList)
def get_journal(request: Request, bearer: Bearer, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Sign-ins, searches, revealed fields, verifications and imports, newest first."""
    office = admit(request, bearer, Permission.AUDIT_READ).actor.office
    before = cursors.decode(cursor, str)[0] if cursor is not None else None
    with central_of(request).db.read() as connection:
        items = journal.page(connection, office, before, limit)
    more = cursors.encode([str(items[-1].id)]) if len(items) == limit else None
    return json_bytes(JournalList(items=items, next=more).model_dump_json().encode())


def _audit_view(row: Row[Any]) -> AuditView:
    told = {"id": row.command_id, "body": from_json(row.body), "outcome": from_json(row.outcome)}
    return AuditView.model_validate({**row._mapping, **told})
