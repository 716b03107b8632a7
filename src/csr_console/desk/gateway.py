"""The only module that speaks HTTP: total deadlines, echoes, and every failure as one of three answers.

    Refusal, Conflict, Fault   central said so, in a problem document
    RetryLater                 central asks for time
    Unreachable                no answer of central's: `sent` tells whether the request may have arrived

Success is the expected content type and a body that fits and echoes what was asked: the sign-in page of
a hotel network answers 200 to everything. No address, header or body is ever logged.
"""

import asyncio
import logging
import secrets
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

# Where click is installed httpx imports a command line of its own: 4 MB and 50 ms that no desk needs.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # httpx does without what it cannot import

import httpx
from pydantic import BaseModel, ValidationError

from csr_console import __version__
from csr_console.contracts.envelope import canonical
from csr_console.contracts.feed import Changes, SnapshotPage
from csr_console.contracts.outcome import BatchAnswer, Outcome, ProblemDocument, Witness
from csr_console.contracts.problems import MEDIA_TYPE, from_document
from csr_console.contracts.signin import (
    DeviceCode,
    DevicePoll,
    DeviceProgress,
    DeviceStart,
    Refresh,
    SessionTokens,
    SignIn,
    SignInWays,
    VerificationAnswers,
    VerificationResult,
)
from csr_console.contracts.views.accounts import AccountView
from csr_console.contracts.views.approvals import HeldList
from csr_console.contracts.views.bills import BillingView, BillView
from csr_console.contracts.views.exceptions import ExceptionList
from csr_console.desk.model import RetryLater, Unreachable
from csr_console.domain.refusals import Fault, Refusal

VERSION_HEADER = "csr-console-version"
REQUEST_ID_HEADER = "x-request-id"
PORTAL = "a sign-in page of the network is in the way"
PROBE_S, READ_S, WRITE_S, BATCH_S, PAGE_S = 2.9, 8.0, 8.0, 12.0, 25.0
"""Total deadlines in seconds: the probe, one read, one command, a batch, a page of the snapshot. A connection
that went silent holds up the queue for as long as a batch may take; one that is too slow for it is halved."""
QUIET_S = 12.0
"""A stream that says nothing for this long is taken for dead."""
_JSON = "application/json"

Body = TypeVar("Body", bound=BaseModel)
Measure = Callable[[float], None]


class _Sent:
    """Whether the bytes of a request may have left: told by the transport's own trace, else assumed."""

    def __init__(self, *, traced: bool) -> None:
        self.maybe = not traced

    async def trace(self, name: str, _info: dict[str, Any]) -> None:
        if name == "http11.send_request_headers.started":
            self.maybe = True


class Gateway:
    """Central, seen from the desk. Every method may raise `Answer`, of which `Unreachable` and `RetryLater`
    are kinds; `token` is the access token that goes with a request.

    Over `https`, over a Unix socket (`uds`), or over a `transport` of httpx's (tests, the demo).
    """

    def __init__(
        self,
        base_url: str = "http://central",
        *,
        uds: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._uds = uds
        self._given = transport
        self._client: httpx.AsyncClient | None = None
        self.token: str | None = None
        self.measure: Measure = lambda _seconds: None
        """Called with the seconds of each round trip that central answered."""
        self.dated: Callable[[datetime], None] = lambda _moment: None
        """Called before that with the moment central answered, by its clock and to the second."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every address at INFO
        logging.getLogger("httpcore").setLevel(logging.WARNING)

    def _http(self) -> httpx.AsyncClient:
        """The one persistent client, made inside the loop that uses it."""
        if self._client is None:
            transport = self._given or httpx.AsyncHTTPTransport(
                uds=self._uds,
                verify=self._trusted(),
                limits=httpx.Limits(max_connections=8, keepalive_expiry=60),
            )
            self._client = httpx.AsyncClient(
                base_url=self._base_url,
                transport=transport,
                headers={VERSION_HEADER: __version__, "accept": f"{_JSON}, {MEDIA_TYPE}"},
                timeout=None,  # noqa: S113  the total deadline is around it: httpx has none of its own
                trust_env=False,
                follow_redirects=False,
            )
        return self._client

    def _trusted(self) -> ssl.SSLContext:
        """Whom this machine trusts, read only where TLS is spoken; elsewhere nobody, which costs nothing."""
        if self._uds is None and self._base_url.startswith("https:"):
            return ssl.create_default_context()
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _headers(self, extra: dict[str, str]) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", **extra} if self.token else extra

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        deadline_s: float,
        params: dict[str, str] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Central's own answer of any status, within `deadline_s` in all."""
        sent = _Sent(traced=self._given is None)
        request_id = secrets.token_hex(8)
        extra = {REQUEST_ID_HEADER: request_id, **(headers or {})}
        if content is not None:
            extra["content-type"] = _JSON
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline_s):
                response = await self._http().request(
                    method,
                    path,
                    params=params,
                    content=content,
                    headers=self._headers(extra),
                    extensions={"trace": sent.trace},
                )
        except TimeoutError:
            raise Unreachable("Central did not answer in time.", sent=sent.maybe) from None
        except httpx.HTTPError as error:
            safe = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol))
            raise Unreachable(_words(error), sent=sent.maybe and not safe) from None
        except OSError:
            raise Unreachable("The connection to central broke.", sent=sent.maybe) from None
        if response.headers.get(REQUEST_ID_HEADER, request_id) != request_id:
            raise Unreachable("The answer was for another request.", sent=True)
        if VERSION_HEADER in response.headers:
            with suppress(KeyError, ValueError):
                self.dated(parsedate_to_datetime(response.headers["date"]))
            self.measure(time.monotonic() - began)
        self._judge(response)
        return response

    def _judge(self, response: httpx.Response) -> None:
        """Raise unless this is central speaking; its problems are raised as the class it raised."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind == MEDIA_TYPE:
            raise _problem(response)
        if kind == "text/html" or response.has_redirect_location:
            raise Unreachable(PORTAL, sent=True)
        if response.status_code in (204, 304):
            return
        if response.status_code >= 400:
            raise Unreachable(f"Something before central answered {response.status_code}.", sent=True)
        if kind != _JSON:
            raise Unreachable("What answers at this address is not central.", sent=True)

    async def _read(
        self, shape: type[Body], method: str, path: str, *, deadline_s: float = READ_S, **request: Any
    ) -> Body:
        response = await self._ask(method, path, deadline_s=deadline_s, **request)
        return _body(shape, response)

    async def probe(self) -> str:
        """The version of central, cheaply. Raises `Unreachable` for anything that is not central."""
        response = await self._ask("GET", "/v1/about", deadline_s=PROBE_S)
        document = response.json() if response.content else {}
        if not isinstance(document, dict) or "version" not in document:
            raise Unreachable("What answers at this address is not central.", sent=True)
        return str(document["version"])

    async def sign_in(self, form: SignIn) -> SessionTokens:
        body = canonical({**form.model_dump(mode="json"), "password": form.password.get_secret_value()})
        return await self._read(SessionTokens, "POST", "/v1/sessions", content=body)

    async def sign_in_ways(self) -> SignInWays:
        return await self._read(SignInWays, "GET", "/v1/sign-in")

    async def start_device(self, form: DeviceStart) -> DeviceCode:
        body = canonical(form.model_dump(mode="json"))
        return await self._read(DeviceCode, "POST", "/v1/sign-in/device", content=body)

    async def poll_device(self, form: DevicePoll) -> DeviceProgress:
        body = canonical({"handle": form.handle.get_secret_value()})
        return await self._read(DeviceProgress, "POST", "/v1/sign-in/device/poll", content=body)

    async def refresh(self, form: Refresh) -> SessionTokens:
        body = canonical({"refresh_token": form.refresh_token.get_secret_value()})
        return await self._read(SessionTokens, "POST", "/v1/sessions/refresh", content=body)

    async def sign_out(self) -> None:
        await self._ask("DELETE", "/v1/sessions/current", deadline_s=READ_S)

    async def put(self, command_id: UUID, submission: bytes, *, dry_run: bool = False) -> Outcome:
        """The outcome of one command, refused and conflicting ones too. Raises `Answer` for what has none."""
        params = {"dry_run": "true"} if dry_run else None
        try:
            outcome = await self._read(
                Outcome,
                "PUT",
                f"/v1/commands/{command_id}",
                deadline_s=WRITE_S,
                params=params,
                content=submission,
            )
        except _Decided as decided:
            outcome = decided.outcome
        if outcome.id != command_id:
            raise Unreachable("The answer was for another command.", sent=True)
        return outcome

    async def batch(self, submissions: Sequence[tuple[UUID, bytes]]) -> BatchAnswer:
        """The outcomes of a batch; every id is answered or skipped, and none other."""
        body = b'{"submissions":[' + b",".join(body for _id, body in submissions) + b"]}"
        answer = await self._read(BatchAnswer, "POST", "/v1/commands:batch", deadline_s=BATCH_S, content=body)
        asked = {command_id for command_id, _body in submissions}
        answered = [outcome.id for outcome in answer.outcomes] + answer.skipped
        if set(answered) != asked or len(answered) != len(asked):
            raise Unreachable("The answer was for other commands.", sent=True)
        return answer

    async def changes(self, after: int, limit: int) -> Changes:
        params = {"after": str(after), "limit": str(limit)}
        return await self._read(Changes, "GET", "/v1/changes", params=params)

    async def snapshot(self, cursor: str) -> SnapshotPage:
        params = {"cursor": cursor} if cursor else None
        return await self._read(SnapshotPage, "GET", "/v1/snapshot", deadline_s=PAGE_S, params=params)

    async def account(self, number: str, etag: str = "") -> tuple[AccountView, str] | None:
        """The view and its ETag, or None when `etag` is still the newest."""
        headers = {"if-none-match": etag} if etag else None
        response = await self._ask("GET", _account(number), deadline_s=READ_S, headers=headers)
        if response.status_code == 304:
            return None
        view = _body(AccountView, response)
        if view.entry.account != number:
            raise Unreachable("The answer was for another account.", sent=True)
        return view, response.headers.get("etag", "")

    async def billing(self, number: str, etag: str = "") -> tuple[BillingView, str] | None:
        """The account's money and its ETag, or None when `etag` is still the newest."""
        headers = {"if-none-match": etag} if etag else None
        response = await self._ask("GET", f"{_account(number)}/billing", deadline_s=PAGE_S, headers=headers)
        if response.status_code == 304:
            return None
        view = _body(BillingView, response)
        if view.account != number:
            raise Unreachable("The answer was for another account.", sent=True)
        return view, response.headers.get("etag", "")

    async def bill(self, number: str, bill: str) -> BillView:
        path = f"{_account(number)}/bills/{bill}"
        view = await self._read(BillView, "GET", path, deadline_s=PAGE_S)
        if view.account != number or str(view.bill.bill_id) != bill:
            raise Unreachable("The answer was for another bill.", sent=True)
        return view

    async def verify(self, number: str, form: VerificationAnswers) -> VerificationResult:
        answers = [answer.get_secret_value() for answer in form.answers]
        body = canonical({"answers": answers, "earlier": form.earlier})
        return await self._read(VerificationResult, "POST", f"{_account(number)}/verification", content=body)

    async def approvals(self, cursor: str) -> HeldList:
        params = {"cursor": cursor} if cursor else None
        return await self._read(HeldList, "GET", "/v1/approvals", params=params)

    async def exceptions(self, cursor: str, etag: str = "") -> tuple[ExceptionList, str] | None:
        """A page of what bill runs found and its ETag, or None when `etag` is still the newest."""
        params = {"limit": "200", **({"cursor": cursor} if cursor else {})}
        headers = {"if-none-match": etag} if etag else None
        response = await self._ask(
            "GET", "/v1/bill-exceptions", deadline_s=READ_S, params=params, headers=headers
        )
        if response.status_code == 304:
            return None
        return _body(ExceptionList, response), response.headers.get("etag", "")

    async def audit_head(self, seq: int | None = None) -> Witness:
        """The newest row of the office's audit chain, or the row at `seq`."""
        params = {"seq": str(seq)} if seq is not None else None
        return await self._read(Witness, "GET", "/v1/audit/head", params=params)

    async def outages(self) -> AsyncGenerator[bool, None]:
        """The stream of outages: True for each event, False for each sign of life. Raises `Unreachable` when
        it breaks off or falls silent."""
        try:
            async with asyncio.timeout(READ_S) as connecting:
                async with self._http().stream(
                    "GET", "/v1/outages/stream", headers=self._headers({"accept": "text/event-stream"})
                ) as response:
                    connecting.reschedule(None)
                    if not response.headers.get("content-type", "").startswith("text/event-stream"):
                        await response.aread()
                        self._judge(response)
                        raise Unreachable("There is no stream of outages.", sent=True)
                    lines = response.aiter_lines()
                    while True:
                        async with asyncio.timeout(QUIET_S):
                            line = await anext(lines)
                        yield line.startswith("data:")
        except StopAsyncIteration:
            raise Unreachable("The stream of outages ended.", sent=True) from None
        except TimeoutError:
            raise Unreachable("The stream of outages fell silent.", sent=True) from None
        except (httpx.HTTPError, OSError):
            raise Unreachable("The stream of outages broke.", sent=True) from None


class _Decided(Exception):
    """A problem document that carries the stored outcome of the command."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.state)
        self.outcome = outcome


def _account(number: str) -> str:
    """The path of an account, whatever stands where its number should."""
    return f"/v1/accounts/{quote(number, safe='')}"


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError) and isinstance(error.__context__, ssl.SSLError):
        return "Central's certificate is not trusted: tell support."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Central's certificate is not trusted: tell support."
    return "Central cannot be reached."


def _body(shape: type[Body], response: httpx.Response) -> Body:
    try:
        return shape.model_validate_json(response.content)
    except ValidationError:
        theirs = response.headers.get(VERSION_HEADER, "")
        if theirs and theirs != __version__:
            raise Fault(
                "other-version",
                f"Central is version {theirs}, this workstation {__version__}: they do not understand each"
                " other.",
            ) from None
        raise Unreachable("What answers at this address is not central.", sent=True) from None


def _problem(response: httpx.Response) -> Exception:
    """The answer a problem document stands for, or the outcome that it carries."""
    try:
        document = response.json()
        if document.get("outcome"):
            return _Decided(Outcome.model_validate(document["outcome"]))
        problem = ProblemDocument.model_validate(document)
    except (ValueError, AttributeError):
        return Unreachable(f"Something before central answered {response.status_code}.", sent=True)
    after = response.headers.get("retry-after", "")
    if after.isdigit() and response.status_code in (429, 503):
        return RetryLater(problem.detail, float(after), code=problem.code)
    if response.status_code == 401 and problem.code not in ("sign-in-failed", "signed-out"):
        return Refusal("signed-out", problem.detail)
    return from_document(problem)
