"""Quotes: what a schedule would come to. Nothing is posted."""

from fastapi import APIRouter, Request, Response

from csr_console.central.problems import json_bytes
from csr_console.central.routes.access import Bearer, admit
from csr_console.central.tariffs import get_book
from csr_console.contracts.quotes import BookQuote, quote
from csr_console.contracts.views.bills import SegmentView
from csr_console.domain.permissions import Permission

router = APIRouter(tags=["quotes"])


@router.post("/v1/quotes", response_model=SegmentView)
def post_quote(request: Request, body: BookQuote, bearer: Bearer) -> Response:
    """The lines, the taxes and the reasons of one service over one period."""
    admit(request, bearer, Permission.ACCOUNT_READ)
    return json_bytes(quote(get_book(body.book), body).model_dump_json().encode())
