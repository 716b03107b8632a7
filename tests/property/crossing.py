"""The way between one desk and central, with everything that can happen to a request or an answer on it."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import httpx
from tests.property.city import City, Killed

Fate = Literal[
    "good",
    "request lost",
    "answer lost",
    "late",
    "twice",
    "answer cut",
    "answers crossed",
    "portal",
    "busy",
    "too large",
    "central dies before the commit",
    "central dies after the commit",
    "desk dies before the answer",
    "desk dies after the answer",
]
FATES: tuple[Fate, ...] = Fate.__args__  # type: ignore[attr-defined]
REMEMBERED = 40


@dataclass(frozen=True)
class Sent:
    """A request as it left the desk."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    content: bytes

    @property
    def writes(self) -> bool:
        return "/v1/commands" in self.url.path


@dataclass(frozen=True)
class Given:
    """An answer, whole."""

    status: int
    headers: dict[str, str]
    content: bytes

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, content=self.content)


_PORTAL = Given(200, {"content-type": "text/html"}, b"<html>sign in</html>")
_BUSY = Given(
    503,
    {"content-type": "application/problem+json", "retry-after": "1"},
    b'{"type":"about:blank","title":"Busy","status":503,"detail":"Busy.","code":"unavailable"}',
)


class Crossing(httpx.AsyncBaseTransport):
    """Each request takes the next of `fates`; with none left, the way is good."""

    def __init__(self, city: City, tally: Counter[str]) -> None:
        self.city = city
        self.tally = tally
        self.fates: list[Fate] = []
        self.late: list[Sent] = []
        """Requests that the desk has given up and central has not had yet."""
        self.seen: list[Sent] = []
        """Submissions that central has had."""
        self._previous: dict[tuple[str, str], Given] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sent = Sent(request.method, request.url, dict(request.headers), await request.aread())
        fate = self.fates.pop(0) if self.fates else "good"
        self.tally[f"fate: {fate}"] += 1
        if (given := await self._on_the_way_there(sent, fate)) is None:
            given = self._on_the_way_back(sent, await self.deliver(sent), fate)
        return given.response()

    async def _on_the_way_there(self, sent: Sent, fate: Fate) -> Given | None:
        """An answer that is not central's, or None when the request arrives."""
        match fate:
            case "request lost":
                raise httpx.ReadError("reset")
            case "late":
                self.late.append(sent)
                raise httpx.ReadTimeout("no answer")
            case "desk dies before the answer":
                raise Killed
            case "portal":
                return _PORTAL
            case "busy":
                return _BUSY
            case "too large" if len(sent.content) > 2000:
                return Given(413, {"content-type": "text/plain"}, b"")
            case "central dies before the commit":
                self.city.dies_before_commit()
            case "twice":
                await self.deliver(sent)
        return None

    def _on_the_way_back(self, sent: Sent, given: Given, fate: Fate) -> Given:
        where = (sent.method, sent.url.path)
        before, self._previous[where] = self._previous.get(where, given), given
        match fate:
            case "answer lost":
                raise httpx.ReadError("reset")
            case "central dies after the commit":
                self.city.restart()
                raise httpx.ReadError("reset")
            case "desk dies after the answer":
                raise Killed
            case "answer cut":
                return Given(given.status, given.headers, given.content[: len(given.content) // 2])
            case "answers crossed":
                return before
        return given

    async def deliver(self, sent: Sent, token: str | None = None) -> Given:
        """What central answers. Raises `httpx.ReadError` when it dies over it."""
        if sent.writes:
            self.seen = [*self.seen[1 - REMEMBERED :], sent]
        headers = {**sent.headers, "authorization": f"Bearer {token}"} if token else sent.headers
        request = httpx.Request(sent.method, sent.url, headers=headers, content=sent.content)
        try:
            response = await httpx.ASGITransport(app=self.city.app).handle_async_request(request)
        except Killed:
            self.city.restart()
            raise httpx.ReadError("reset") from None
        content = await response.aread()
        names = ("content-type", "etag", "csr-console-version", "retry-after")
        kept = {name: response.headers[name] for name in names if name in response.headers}
        return Given(response.status_code, kept, content)

    async def arrive(self, position: int) -> None:
        """A request that was long on the way reaches central; nobody waits for the answer."""
        sent = self.late.pop(position)
        with suppress(httpx.ReadError):
            await self.deliver(sent)
