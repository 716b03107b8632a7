"""Thousands of bent requests: none breaks the service, each gets an answer or a problem document."""

import base64
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from csr_console.contracts.registry import COMMANDS

HOSTILE: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, 1e308, float("nan"), float("inf"),
    "", " ", "\x00", "a\x00b", "\ud800", "\u202e", "'; DROP TABLE staff; --", "%", "[" * 50, "x" * 5000,
    "4111 1111 1111 1111", "\x1b]0;owned\x07", "0198f2b4-0000-4000-8000-000000000001", "9999-99-99T99:99:99Z",
    "2026-08-30T14:00:00", "99999-01-01T00:00:00Z", [], [[]], [None] * 300, {}, {"": {}}, {"kind": ["x"]},
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the whole of it included."""
    yield path
    children: Any = (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    )
    for key, child in children:
        yield from places(child, (*path, key))


def bend(document: Any, chance: random.Random) -> Any:
    """A copy with one place made hostile, left out or joined by an unknown one."""
    bent = copy.deepcopy(document)
    *way, last = chance.choice([path for path in places(bent) if path])
    node = bent
    for key in way:
        node = node[key]
    act = chance.randrange(10)
    if act == 0 and isinstance(node, dict):
        del node[last]
    elif act == 1 and isinstance(node, dict):
        node[chance.choice(("unknown", "\x00", "__proto__", "x" * 500))] = chance.choice(HOSTILE)
    else:
        node[last] = chance.choice(HOSTILE)
    return bent


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("seed", range(4))
async def test_bent_documents(edge: Any, numbers: list[str], seed: int) -> None:
    chance = random.Random(seed)
    desk = await edge.sign_in("supervisor")

    def requests() -> list[tuple[str, str, Any]]:
        submission = desk.submission(chance.choice(COMMANDS).example())
        document = submission.document()
        return [
            ("PUT", f"/v1/commands/{submission.envelope.id}", document),
            ("POST", "/v1/commands:batch", {"submissions": [document, document]}),
            ("POST", "/v1/sessions", edge.credentials("clerk")),
            ("POST", "/v1/sessions/refresh", {"refresh_token": desk.tokens["refresh_token"]}),
            ("POST", "/v1/accounts/search", {"name": "Person", "limit": 5}),
            ("POST", f"/v1/accounts/{numbers[0]}/verification", {"answers": ["1234", "5678"]}),
            ("POST", f"/v1/accounts/{numbers[0]}/reveal", {"field": "email", "reason": "Asked"}),
        ]

    for _ in range(25):
        for method, path, document in requests():
            edge.clock.pass_(seconds=3)
            content = json.dumps(bend(document, chance)).encode("utf-8", "surrogatepass")
            answer = await edge.http.request(
                method, path, content=content, headers={**desk.headers, "content-type": "application/json"}
            )
            check(answer)
            if answer.status_code == 401 and path != "/v1/sessions":
                desk = await edge.sign_in("supervisor")


@pytest.mark.parametrize("seed", range(2))
async def test_bent_commands_whose_seal_fits(edge: Any, seed: int) -> None:
    chance = random.Random(seed)
    desk = await edge.sign_in("supervisor")
    sent = 0
    for _ in range(40):
        for kind in COMMANDS:
            command = bend(kind.example().model_dump(mode="json", exclude_none=True), chance)
            try:
                submission = desk.submission(command)
                content = json.dumps(submission.document())
            except (ValueError, OverflowError):
                continue  # No desk can seal what cannot be spelled.
            sent += 1
            check(
                await edge.http.put(
                    f"/v1/commands/{submission.envelope.id}",
                    content=content,
                    headers={**desk.headers, "content-type": "application/json"},
                )
            )
    assert sent > 300


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts",
        "/v1/outages/reports",
        "/v1/approvals",
        "/v1/audit",
        "/v1/audit/journal",
        "/v1/snapshot",
    ],
)
async def test_bent_cursors(edge: Any, path: str) -> None:
    desk = await edge.sign_in("supervisor")
    whole: tuple[Any, ...] = (
        ["\x00"], [10**30], [-1], ["x"], [1], [1, "\x00", "\x00"], [2**70, "", ""], [1, "x", 0, 0, ""],
        [0, "\x00", 0, 0, ""], [99, "", 0, 0, ""], [0, "", 0, -5, "\ud800"], [-3, "", 0, 0, ""], {}, None,
    )  # fmt: skip
    for place in whole:
        text = json.dumps(place).encode("utf-8", "surrogatepass")
        cursor = base64.urlsafe_b64encode(text).decode().rstrip("=")
        check(await desk.get(path, params={"cursor": cursor}))
    for cursor in ("", "=", "\x00", "ä", "W10", "x" * 199):
        check(await desk.get(path, params={"cursor": cursor}))


async def test_bent_addresses_and_queries(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("supervisor")
    for path in (
        "/v1/accounts/%00%00%00%00%00%00%00%00%00",
        "/v1/accounts/١٢٣٤٥٦٧٨٩",
        "/v1/accounts/../../etc/passwd",
        f"/v1/accounts/{numbers[0]}%0d%0aset-cookie:x",
        "/v1/changes?after=99999999999999999999999",
        "/v1/changes?after=-1",
        "/v1/changes?after=0&limit=501",
        "/v1/changes",
        "/v1/audit/head?seq=99999999999999999999999",
        "/v1/audit/head?seq=0",
        "/v1/outages/reports?state=%00",
        "/v1/outages/stream?after=99999999999999999999999",
        "/v1/commands/not-an-id",
    ):
        check(await desk.get(path))
    for header in ("last-event-id", "if-none-match", "x-request-id", "csr-console-version", "traceparent"):
        check(await desk.get("/v1/changes?after=0", headers={header: "x" * 5000}))
