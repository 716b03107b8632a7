"""Every error is a problem document, whatever was sent, and none says what was sent."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from csr_console import __version__
from csr_console.central.app import create_app
from csr_console.central.settings import CentralSettings
from csr_console.domain.refusals import PROBLEMS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MEMBERS = {"type", "title", "status", "detail", "code", "rule", "next_step", "facts"}


def check(answer: Any, status: int, code: str) -> dict[str, Any]:
    document: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(document) >= MEMBERS
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["type"] == f"urn:csr-console:problem:{code}"
    assert PROBLEMS[code].status == status
    assert answer.headers["csr-console-version"] == __version__
    assert answer.headers["x-request-id"]
    return document


async def test_unknown_addresses_and_methods(edge: Any) -> None:
    check(await edge.http.get("/v1/nowhere"), 404, "not-found")
    check(await edge.http.get("/v1/sessions/"), 404, "not-found")
    wrong = await edge.http.get("/v1/sessions")
    check(wrong, 405, "wrong-method")
    assert wrong.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Secret Person",
        b"[1, 2",
        b'"Secret Person"',
        b"\xff\xfe\x00",
        b'{"login": "Secret Person"}',
        b"[" * 5000,
        b'{"login": "clerk", "password": "x", "station": "C07", "installation": "Secret"}',
    ],
    ids=["empty", "text", "cut", "string", "bytes", "wrong-fields", "deep", "no-uuid"],
)
async def test_what_cannot_be_read_is_not_repeated(edge: Any, body: bytes) -> None:
    answer = await edge.http.post("/v1/sessions", content=body, headers={"content-type": "application/json"})
    check(answer, 422, "invalid")
    assert "Secret" not in answer.text


async def test_a_body_that_is_not_json_is_refused(edge: Any) -> None:
    answer = await edge.http.post("/v1/sessions", data={"login": "clerk"})
    check(answer, 422, "invalid")


async def test_fields_at_fault_are_named(edge: Any) -> None:
    answer = await edge.post_session("clerk", station="not a station", extra="Secret Person")
    errors = check(answer, 422, "invalid")["facts"]["errors"]
    assert {error["field"] for error in errors} == {"station", "extra"}
    assert "Secret" not in answer.text
    assert "not a station" not in answer.text


async def test_text_that_is_no_unicode_is_refused(specialist: Any, numbers: list[str]) -> None:
    submission = specialist.submission({"kind": "note.add", "account": numbers[0], "text": "A note."})
    document = submission.document()
    document["envelope"]["command"]["text"] = "lone \ud800 surrogate"
    answer = await specialist.http.put(
        f"/v1/commands/{submission.envelope.id}",
        content=json.dumps(document).encode(),
        headers={**specialist.headers, "content-type": "application/json"},
    )
    check(answer, 422, "invalid")


async def test_large_bodies_are_refused_by_their_header(edge: Any) -> None:
    answer = await edge.http.post("/v1/sessions", content=b"x" * (64 * 1024 + 1))
    check(answer, 413, "not-acceptable")


async def test_large_bodies_are_refused_while_they_are_read(edge: Any) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 4096

    answer = await edge.http.post(
        "/v1/sessions", content=endless(), headers={"content-type": "application/json"}
    )
    check(answer, 413, "not-acceptable")
    assert sent <= 64 * 1024 // 4096 + 1


async def test_a_batch_may_be_larger_but_not_each_of_it(specialist: Any, numbers: list[str]) -> None:
    note = {"kind": "note.add", "account": numbers[0], "text": "n" * 3900}
    many = {"submissions": [specialist.submission(note).document() for _ in range(30)]}
    answer = await specialist.post("/v1/commands:batch", many)
    assert answer.status_code == 200
    wide = specialist.submission(
        {"kind": "note.add", "account": numbers[0], "text": "A note."},
        expects={f"contact:{number}": 1 for number in range(5000)},
    )
    check(
        await specialist.post("/v1/commands:batch", {"submissions": [wide.document()]}),
        413,
        "not-acceptable",
    )


async def test_a_batch_of_more_than_two_hundred_is_too_much(specialist: Any, numbers: list[str]) -> None:
    note = {"kind": "note.add", "account": numbers[0], "text": "A note."}
    many = {"submissions": [specialist.submission(note).document() for _ in range(201)]}
    check(await specialist.post("/v1/commands:batch", many), 413, "not-acceptable")
    check(await specialist.post("/v1/commands:batch", {"submissions": []}), 422, "invalid")


@pytest.mark.parametrize(
    ("desk_version", "status"),
    [("0.9.4", 426), ("1.3", 426), ("1.4.0", 200), ("2.0.0", 200), ("", 200), ("nonsense", 200)],
)
async def test_desks_that_are_too_old_are_told(
    edge: Any, settings: CentralSettings, desk_version: str, status: int
) -> None:
    import httpx

    app = create_app(settings.model_copy(update={"min_desk_version": "1.4.0"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://central") as http:
        answer = await http.get("/v1/about", headers={"csr-console-version": desk_version})
        if status == 426:
            check(answer, 426, "other-version")
        else:
            assert answer.json()["desk_minimum"] == "1.4.0"
    app.state.central.db.close()


async def test_what_breaks_is_named_by_its_place_only(
    edge: Any, specialist: Any, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Secret Person lives at 1204 Oak St")

    monkeypatch.setattr("csr_console.central.routes.accounts.account_view", broken)
    answer = await specialist.get(f"/v1/accounts/{numbers[0]}")
    document = check(answer, 500, "broken")
    assert "Secret" not in answer.text
    failed = next(line for line in edge.lines if line["event"] == "request failed")
    assert failed["error"] == "RuntimeError"
    assert failed["where"][-1].endswith("broken")
    assert failed["request_id"] == answer.headers["x-request-id"]
    assert "Secret" not in edge.log.getvalue()
    assert document["next_step"]


async def test_a_database_that_does_not_answer_is_tried_again(edge: Any, specialist: Any) -> None:
    with edge.central.db.write() as connection:
        connection.execute(text("ALTER TABLE staff RENAME TO staff_away"))
    answer = await specialist.get("/v1/audit/head")
    assert answer.status_code in (500, 503)
    assert answer.json()["code"] in ("broken", "unavailable")
    assert "staff_away" not in answer.text


async def test_not_ready_until_the_schema_is_there(database_url: str) -> None:
    import httpx

    from csr_console.central.service import prepare

    settings = CentralSettings(database=database_url, secret=SecretStr("s" * 40))
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://central") as http:
        assert (await http.get("/livez")).status_code == 200
        waiting = await http.get("/readyz")
        check(waiting, 503, "unavailable")
        assert int(waiting.headers["retry-after"]) > 0
        prepare(settings)
        assert (await http.get("/readyz")).status_code == 200
    app.state.central.db.close()


async def test_a_given_request_id_is_kept_when_it_is_one(edge: Any) -> None:
    kept = await edge.http.get("/livez", headers={"x-request-id": "abc-123.def"})
    made = await edge.http.get("/livez", headers={"x-request-id": "a b\tSecret Person"})
    assert kept.headers["x-request-id"] == "abc-123.def"
    assert made.headers["x-request-id"] != "a b\tSecret Person"


async def test_answers_are_not_kept_by_anybody_between(edge: Any, specialist: Any) -> None:
    answer = await specialist.get("/v1/accounts")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
