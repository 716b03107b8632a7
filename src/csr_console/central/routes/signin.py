"""Sessions: sign in, go on, sign out."""

from fastapi import APIRouter, Request, Response

from csr_console.central.device_sign_in import DeviceSignIn
from csr_console.central.problems import json_bytes
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.contracts.signin import (
    DeviceCode,
    DevicePoll,
    DeviceProgress,
    DeviceStart,
    Refresh,
    SessionTokens,
    SignIn,
    SignInWays,
)
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


@router.get("/v1/sign-in")
async def ways(request: Request) -> SignInWays:
    """How one may sign in here; asked before anybody has."""
    device = central_of(request).device
    return SignInWays(provider=device.provider if device else "")


@router.post("/v1/sign-in/device", response_model=DeviceCode, status_code=201)
async def start_device(request: Request, given: DeviceStart) -> Response:
    """A code to enter at the identity provider (RFC 8628). 404 without a provider, 409 station-taken, 503
    while the provider does not answer."""
    code = await _device(request).start(given)
    return json_bytes(code.model_dump_json().encode(), 201)


@router.post("/v1/sign-in/device/poll", response_model=DeviceProgress)
async def poll_device(request: Request, given: DevicePoll) -> Response:
    """Whether the code was entered, and then a session. 403 sign-in-ended when it never will be, 403
    not-staff for somebody whom this service does not know: nobody is added by signing in."""
    try:
        progress = await _device(request).poll(given.handle.get_secret_value())
    except Refusal as refusal:
        central_of(request).metrics.sign_in_failed(refusal.code)
        raise
    return json_bytes(progress.model_dump_json().encode())


def _device(request: Request) -> DeviceSignIn:
    device = central_of(request).device
    if device is None:
        raise Refusal("not-found", "This service takes no sign-in of an identity provider.")
    return device


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
