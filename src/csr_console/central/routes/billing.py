"""Bills of an account, and quotes: what a schedule would come to, with nothing posted."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from csr_console.central.problems import json_bytes
from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.central.routes.accounts import Number
from csr_console.central.routes.tagged import UNCHANGED, IfNoneMatch, tagged
from csr_console.central.tariffs import get_book
from csr_console.contracts.quotes import BookQuote, quote
from csr_console.contracts.views.bills import BillingView, BillView, SegmentView
from csr_console.domain.permissions import Permission

router = APIRouter(tags=["billing"])

Which = Annotated[str, Path(pattern=r"^[0-9a-f-]{1,36}$", description="A bill's number or its id.")]


@router.get(
    "/v1/accounts/{number}/billing",
    response_model=BillingView,
    responses=UNCHANGED,
)
def get_billing(
    request: Request, number: Number, bearer: Bearer, if_none_match: IfNoneMatch = None
) -> Response:
    """Bills, movements and use of two years, the newest bill whole, the arrangement in force."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    central = central_of(request)
    with central.db.read() as connection:
        view = billing_view(connection, actor.office, number, central.clock().date())
    return tagged(view.model_dump_json().encode(), if_none_match)


@router.get("/v1/accounts/{number}/bills/{which}", response_model=BillView)
def get_bill(request: Request, number: Number, which: Which, bearer: Bearer) -> Response:
    """One bill, rated again from what was kept: every line with its reason, and why it differs."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    with central_of(request).db.read() as connection:
        view = bill_view(connection, actor.office, number, which)
    return json_bytes(view.model_dump_json().encode())


@router.post("/v1/quotes", response_model=SegmentView)
def post_quote(request: Request, body: BookQuote, bearer: Bearer) -> Response:
    """The lines, the taxes and the reasons of one service over one period."""
    admit(request, bearer, Permission.ACCOUNT_READ)
    return json_bytes(quote(get_book(body.book), body).model_dump_json().encode())
