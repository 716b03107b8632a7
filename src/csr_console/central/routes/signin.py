"""Sessions: sign in, go on, sign out."""

from fastapi import APIRouter, Request, Response

from csr_console.central.problems import json_bytes
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.contracts.signin import Refresh, SessionTokens, SignIn
from csr_console.domain.refusals import Refusal

router = APIRouter(tags=["sessions"])


@router.post("/v1/sessions", response_model=SessionTokens, status_code=201)
def sign_in(request: Request, given: SignIn) -> Response:
    """Sign in at a station. 401 sign-in-failed, 409 station-taken, 429 while the login is locked."""
    central = central_of(request)
    try:
        tokens = central.sessions.sign_in(given)
    except Refusal as refusal:
        central.metrics.sign_in_failed(refusal.code)
        raise
    return json_bytes(tokens.model_dump_json().encode(), 201)


@router.post("/v1/sessions/refresh", response_model=SessionTokens)
def refresh(request: Request, given: Refresh) -> Response:
    """The next pair of tokens. 401 signed-out when the session is over or the token was copied."""
    tokens = central_of(request).sessions.refresh(given)
    return json_bytes(tokens.model_dump_json().encode())


@router.delete("/v1/sessions/current", status_code=204)
def sign_out(request: Request, bearer: Bearer) -> Response:
    """End the session; what is still queued keeps its seals."""
    central_of(request).sessions.sign_out(admit(request, bearer))
    return Response(status_code=204)
