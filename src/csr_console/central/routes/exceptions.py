"""What bill runs found, as a work list."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from csr_console.central.reads.exceptions import Which, list_exceptions
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.central.routes.tagged import UNCHANGED, IfNoneMatch, tagged
from csr_console.contracts.views.exceptions import ExceptionList
from csr_console.domain.billing.exceptions import ExceptionCode
from csr_console.domain.permissions import Permission

router = APIRouter(tags=["billing"])


@router.get("/v1/bill-exceptions", response_model=ExceptionList, responses=UNCHANGED)
def get_exceptions(
    request: Request,
    bearer: Bearer,
    which: Annotated[Which, Query(description="Those that wait, those settled, or all.")] = "waiting",
    code: Annotated[ExceptionCode | None, Query(description="Only what was found of this kind.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What the runs of the requester's office found, the newest run first. The command `exception.settle`
    settles one, `read.enter` gives the read that one waits for."""
    office = admit(request, bearer, Permission.ACCOUNT_READ).actor.office
    with central_of(request).db.read() as connection:
        page = list_exceptions(connection, office, which=which, code=code, cursor=cursor, limit=limit)
    return tagged(page.model_dump_json().encode(), if_none_match)
