"""What every request passes: its id, its size, the version of the desk, its log line and its metrics."""

import re
import secrets
from time import perf_counter
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from csr_console import __version__
from csr_console.central.logs import where
from csr_console.central.metrics import Metrics
from csr_console.central.problems import problem_response
from csr_console.contracts.envelope import MAX_BODY_BYTES
from csr_console.domain.refusals import Answer, Fault, Refusal

VERSION_HEADER = "csr-console-version"
REQUEST_ID_HEADER = "x-request-id"
MAX_BATCH_BYTES = 4 * 1024 * 1024
LARGE_BODIES = {"/v1/commands:batch": MAX_BATCH_BYTES}
_QUIET = frozenset({"/livez", "/readyz", "/metrics", "/v1/about"})
"""Asked every few seconds: logged only when they fail."""
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_VERSION = re.compile(r"^([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?")


def version_parts(text: str) -> tuple[int, ...] | None:
    """`1.4.0` as (1, 4, 0), None when it is no version."""
    found = _VERSION.match(text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


class Gate:
    """ASGI middleware around the whole application; nothing that goes wrong inside passes it unrendered."""

    def __init__(
        self, app: ASGIApp, *, log: FilteringBoundLogger, metrics: Metrics, min_desk_version: str = ""
    ) -> None:
        self._app = app
        self._log = log
        self._metrics = metrics
        self._min_desk = version_parts(min_desk_version)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Passage(self, scope, receive, send).run()

    def stop(self, headers: Headers, limit: int) -> Answer | None:
        """What is refused by its headers alone."""
        desk = version_parts(headers.get(VERSION_HEADER, ""))
        if self._min_desk and desk and desk < self._min_desk:
            return Fault("other-version", "This workstation is older than the central service allows.")
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            return Refusal("not-acceptable", f"The request is larger than {limit // 1024} KiB.")
        return None

    async def enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def record(self, scope: Scope, status: int, seconds: float, notes: dict[str, Any]) -> None:
        """One log line and one count for a request; 499 when the client left before an answer."""
        status = status or 499
        route = getattr(scope.get("route"), "path", "unmatched")
        streamed = bool(notes.pop("stream", False))
        method = scope["method"] if route != "unmatched" else "ANY"
        self._metrics.request(method, route, status, None if streamed else seconds)
        if route in _QUIET and status < 400:
            return
        line = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1), **notes}
        self._log.info("request", **line)

    def failed(self, error: Exception, notes: dict[str, Any]) -> Answer:
        """The answer for an exception nobody expected; only its type and its places are logged."""
        if isinstance(error, OperationalError | PoolTimeout) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            self._log.warning("database unavailable", error=type(error).__name__, **notes)
            return Fault("unavailable", "The database does not answer right now.")
        self._log.error("request failed", error=type(error).__name__, where=where(error), **notes)
        return Fault("broken", "Something broke at central; nothing is known to be done.")


class _Passage:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self._gate = gate
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = Headers(scope=scope)
        given = self._headers.get(REQUEST_ID_HEADER, "")
        self._request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        self._notes: dict[str, Any] = {"request_id": self._request_id}
        self._limit = LARGE_BODIES.get(scope["path"], MAX_BODY_BYTES)
        self._taken = 0
        self._status = 0

    async def run(self) -> None:
        started = perf_counter()
        self._scope.setdefault("state", {})["notes"] = self._notes
        try:
            if stopped := self._gate.stop(self._headers, self._limit):
                await self._answer(stopped)
            else:
                await self._gate.enter(self._scope, self._counted, self._marked)
        except Exception as error:
            answer = self._gate.failed(error, self._notes)
            if self._status == 0:
                await self._answer(answer)
        finally:
            self._gate.record(self._scope, self._status, perf_counter() - started, self._notes)

    async def _answer(self, answer: Answer) -> None:
        self._notes["code"] = answer.code
        await problem_response(answer)(self._scope, self._receive, self._marked)

    async def _counted(self) -> Message:
        """The next message; the body is counted while it is read, whatever its length header says."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._taken > self._limit:
                raise HTTPException(413)
        return message

    async def _marked(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[VERSION_HEADER] = __version__
            headers[REQUEST_ID_HEADER] = self._request_id
            headers["x-content-type-options"] = "nosniff"
            headers.setdefault("cache-control", "no-store")
        await self._send(message)
