"""Outages: the work list of reports, hazards, planned outages, and their live stream."""

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from csr_console.central.problems import json_bytes
from csr_console.central.reads.outages import list_hazards, list_planned, list_reports
from csr_console.central.routes.access import HIGHEST_PLACE, Bearer, admit, central_of
from csr_console.contracts.views.outages import HazardList, PlannedList, ReportList
from csr_console.domain.permissions import Permission

router = APIRouter(tags=["outages"])


@router.get("/v1/outages/reports", response_model=ReportList)
def get_reports(
    request: Request,
    bearer: Bearer,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state: Literal["open", "closed"] = "open",
) -> Response:
    """Reports in work-list order: danger to life first, then critical places, then the oldest."""
    actor = admit(request, bearer, Permission.OUTAGE_READ).actor
    with central_of(request).db.read() as connection:
        page = list_reports(connection, actor.office, cursor=cursor, limit=limit, state=state)
    return json_bytes(page.model_dump_json().encode())


@router.get("/v1/outages/hazards", response_model=HazardList)
def get_hazards(request: Request, bearer: Bearer) -> Response:
    """Every open hazard, the oldest first."""
    actor = admit(request, bearer, Permission.OUTAGE_READ).actor
    with central_of(request).db.read() as connection:
        hazards = HazardList(items=list_hazards(connection, actor.office))
    return json_bytes(hazards.model_dump_json().encode())


@router.get("/v1/outages/planned", response_model=PlannedList)
def get_planned(request: Request, bearer: Bearer) -> Response:
    """The planned outages that have not ended."""
    actor = admit(request, bearer, Permission.OUTAGE_READ).actor
    central = central_of(request)
    with central.db.read() as connection:
        planned = PlannedList(items=list_planned(connection, actor.office, central.clock()))
    return json_bytes(planned.model_dump_json().encode())


@router.get(
    "/v1/outages/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
async def stream_outages(
    request: Request,
    bearer: Bearer,
    after: Annotated[int | None, Query(ge=0, le=HIGHEST_PLACE)] = None,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,18}$")] = None,
) -> Response:
    """Changes of reports, hazards and planned outages as they happen.

    Events `report`, `hazard` and `planned` carry a row of the change feed; `head` says that something else
    changed. The id of each is its place in the feed. 410 gone when the place is below the feed's floor. The
    stream ends with the access token; come back with `Last-Event-ID`, or poll the changes.
    """
    requester = await run_sync(admit, request, bearer, Permission.OUTAGE_READ)
    central, office = central_of(request), requester.actor.office
    start = await central.streams.start(office, int(last_event_id) if last_event_id else after)
    request.state.notes["stream"] = True
    events = central.streams.events(office, start, requester.expires_at)
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
