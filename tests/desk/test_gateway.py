"""Answers that are central's, answers that are not, and whether a request may have left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from csr_console import __version__
from csr_console.contracts.envelope import canonical
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.problems import MEDIA_TYPE, to_document
from csr_console.desk import gateway as module
from csr_console.desk.gateway import PORTAL, Gateway
from csr_console.desk.model import RetryLater, Unreachable
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

JSON = {"content-type": "application/json", "csr-console-version": __version__}
Handler = Callable[[httpx.Request], httpx.Response]


def answering(status: int, headers: dict[str, str], content: bytes) -> Gateway:
    return Gateway(
        transport=httpx.MockTransport(
            lambda _request: httpx.Response(status, headers=headers, content=content)
        )
    )


def outcome(command_id: object) -> bytes:
    document = {
        "id": str(command_id),
        "kind": "note.add",
        "state": "applied",
        "answer": "Done.",
        "applied_at": "2026-08-30T14:02:00Z",
    }
    return canonical(document)


async def failure(gateway: Gateway) -> Answer:
    with pytest.raises(Answer) as caught:
        await gateway.put(uuid4(), b"{}")
    await gateway.close()
    return caught.value


async def test_a_captive_portal_is_named_and_what_was_sent_is_in_doubt() -> None:
    error = await failure(answering(200, {"content-type": "text/html"}, b"<html>Please accept</html>"))
    assert isinstance(error, Unreachable)
    assert (error.sentence, error.sent) == (PORTAL, True)


async def test_a_redirect_is_a_sign_in_page_too() -> None:
    error = await failure(answering(302, {"location": "http://hotel.example/login"}, b""))
    assert isinstance(error, Unreachable)
    assert error.sentence == PORTAL


async def test_an_answer_to_another_command_is_no_answer() -> None:
    error = await failure(answering(201, JSON, outcome(uuid4())))
    assert isinstance(error, Unreachable)
    assert error.sent


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b'{"id": 7}', b"\xff\xfe"])
async def test_a_body_that_is_no_outcome_is_no_answer(content: bytes) -> None:
    error = await failure(answering(200, JSON, content))
    assert isinstance(error, Unreachable)


async def test_a_body_from_another_version_says_so() -> None:
    error = await failure(answering(200, {**JSON, "csr-console-version": "9.0"}, b'{"new": "shape"}'))
    assert error.code == "other-version"
    assert "9.0" in error.sentence


async def test_a_bad_gateway_page_counts_as_unreachable() -> None:
    error = await failure(answering(502, {"content-type": "text/plain"}, b"Bad gateway"))
    assert isinstance(error, Unreachable)
    assert "502" in error.sentence


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (Refusal("not-permitted", "No."), Refusal),
        (Conflict("gone", "Take a snapshot."), Conflict),
        (Fault("broken", "Something broke."), Fault),
    ],
)
async def test_a_problem_comes_back_as_the_class_it_was(raised: Answer, kind: type[Answer]) -> None:
    body = canonical(to_document(raised).model_dump(mode="json"))
    error = await failure(answering(raised.problem.status, {**JSON, "content-type": MEDIA_TYPE}, body))
    assert type(error) is kind
    assert (error.code, error.sentence) == (raised.code, raised.sentence)


async def test_a_wish_for_time_is_kept_in_seconds() -> None:
    body = canonical(to_document(Refusal("too-many", "Slow down.")).model_dump(mode="json"))
    headers = {"content-type": MEDIA_TYPE, "retry-after": "3"}
    error = await failure(answering(429, headers, body))
    assert isinstance(error, RetryLater)
    assert (error.after_s, error.code) == (3.0, "too-many")


async def test_a_refused_command_gives_its_outcome() -> None:
    command_id = uuid4()
    refused = Refusal("account-closed", "Final.")
    stored = Outcome.model_validate_json(outcome(command_id)).model_copy(
        update={"state": "refused", "problem": to_document(refused)}
    )
    document = {**to_document(refused).model_dump(mode="json"), "outcome": stored.model_dump(mode="json")}
    gateway = answering(409, {**JSON, "content-type": MEDIA_TYPE}, canonical(document))
    given = await gateway.put(command_id, b"{}")
    assert given == stored
    await gateway.close()


@pytest.mark.parametrize("missing", ["all", "one", "foreign"])
async def test_a_batch_answers_exactly_what_was_asked(missing: str) -> None:
    ids = [uuid4(), uuid4()]
    answered = {"all": [], "one": ids[:1], "foreign": [*ids, uuid4()]}[missing]
    content = b'{"outcomes":[' + b",".join(outcome(one) for one in answered) + b'],"skipped":[]}'
    gateway = answering(200, JSON, content)
    with pytest.raises(Unreachable, match="other commands"):
        await gateway.batch([(one, b"{}") for one in ids])
    await gateway.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def socket_server(path: Path, serve: Serve) -> AsyncIterator[str]:
    """A server on a Unix socket that answers each connection by `serve`."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_unix_server(accept, str(path))
    try:
        yield str(path)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_nobody_listening_means_it_never_left(tmp_path: Path) -> None:
    error = await failure(Gateway(uds=str(tmp_path / "nobody")))
    assert isinstance(error, Unreachable)
    assert not error.sent


async def test_a_connection_cut_after_the_request_leaves_a_doubt(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with socket_server(tmp_path / "s", hang_up) as uds:
        error = await failure(Gateway(uds=uds))
    assert isinstance(error, Unreachable)
    assert error.sent


async def test_a_trickle_does_not_outlive_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITE_S", 0.3)
    bytes_sent = 0

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal bytes_sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b" ")
            await writer.drain()
            bytes_sent += 1
            await asyncio.sleep(0.02)

    async with socket_server(tmp_path / "s", trickle) as uds:
        error = await failure(Gateway(uds=uds))
    assert isinstance(error, Unreachable)
    assert error.sent
    assert 0 < bytes_sent < 200


async def test_a_connection_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROBE_S", 0.1)

    async def stay_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with socket_server(tmp_path / "s", stay_silent) as uds:
        gateway = Gateway(uds=uds)
        with pytest.raises(Unreachable, match="in time"):
            await gateway.probe()
        await gateway.close()


async def test_the_stream_tells_events_from_signs_of_life_and_ends_loudly(tmp_path: Path) -> None:
    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        writer.write(b": hello\n\nevent: report\ndata: {}\n\n")
        await writer.drain()

    heard = []
    async with socket_server(tmp_path / "s", stream) as uds:
        gateway = Gateway(uds=uds)
        events = gateway.outages()

        async def listen() -> None:
            while True:
                heard.append(await anext(events))

        with pytest.raises(Unreachable, match="stream of outages"):
            await listen()
        await gateway.close()
    assert heard.count(True) == 1
    assert heard.count(False) >= 1


async def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    connections = 0

    async def about(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n"
                b'{"version":"0.1"}'
            )
            await writer.drain()

    async with socket_server(tmp_path / "s", about) as uds:
        gateway = Gateway(uds=uds)
        assert [await gateway.probe() for _ in range(5)] == ["0.1"] * 5
        await gateway.close()
    assert connections == 1


async def test_the_answer_to_another_request_is_no_answer() -> None:
    """What a middlebox kept and gives once more fits every reading: only the id of the request tells it."""
    asked: list[str] = []

    def stale(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["x-request-id"])
        content = canonical({"office": "tallahassee", "items": [], "head": 7, "more": False})
        return httpx.Response(200, headers={**JSON, "x-request-id": asked[0]}, content=content)

    gateway = Gateway(transport=httpx.MockTransport(stale))
    assert (await gateway.changes(7, 50)).head == 7
    with pytest.raises(Unreachable, match="another request"):
        await gateway.changes(7, 50)
    assert len(set(asked)) == 2
    await gateway.close()


@pytest.mark.parametrize("number", ["A/../B", "Q41A\nB?x=1#y", "ü" * 200])
async def test_an_account_whatever_stands_for_its_number_is_one_part_of_the_path(number: str) -> None:
    asked: list[str] = []

    def nowhere(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        refusal = to_document(Refusal("not-found", "There is no such account."))
        content = refusal.model_dump_json().encode()
        return httpx.Response(404, headers={**JSON, "content-type": MEDIA_TYPE}, content=content)

    gateway = Gateway(transport=httpx.MockTransport(nowhere))
    for ask in (gateway.account, gateway.billing):
        with pytest.raises(Refusal, match="no such account"):
            await ask(number)
    await gateway.close()
    assert [path.count("/") for path in asked] == [3, 4]
    assert not any(mark in path for mark in "?#\n" for path in asked)
