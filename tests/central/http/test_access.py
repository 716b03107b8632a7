"""Each role tries each route: the table is the rule, and no route is missing from it."""

from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

ALL = {"clerk", "specialist", "lead", "supervisor", "manager", "auditor", "administrator"}
READERS = ALL - {"administrator"}
DESKS = {"clerk", "specialist", "lead", "supervisor", "manager"}
DECIDERS = {"lead", "supervisor", "manager"}
AUDITORS = {"supervisor", "manager", "auditor", "administrator"}
ANYONE = None

QUOTE = {
    "book": "none", "schedule": "none", "from_read_on": "2026-05-01", "to_read_on": "2026-06-01",
}  # fmt: skip

# method, route, who may (None: without a session), a request that is otherwise in order
ACCESS: list[tuple[str, str, set[str] | None, Any]] = [
    ("POST", "/v1/sessions", ANYONE, {}),
    ("POST", "/v1/sessions/refresh", ANYONE, {}),
    ("GET", "/v1/sign-in", ANYONE, None),
    ("POST", "/v1/sign-in/device", ANYONE, {}),
    ("POST", "/v1/sign-in/device/poll", ANYONE, {}),
    ("DELETE", "/v1/sessions/current", ALL, None),
    ("PUT", "/v1/commands/{command_id}", ALL, "submission"),
    ("POST", "/v1/commands:batch", ALL, "batch"),
    ("GET", "/v1/accounts/{number}", READERS, None),
    ("GET", "/v1/accounts", READERS, None),
    ("POST", "/v1/accounts/search", READERS, {"name": "Person"}),
    ("POST", "/v1/accounts/{number}/verification", DESKS, {"answers": ["1234"]}),
    (
        "POST",
        "/v1/accounts/{number}/reveal",
        DESKS - {"clerk"},
        {"field": "email", "reason": "Asked by the customer"},
    ),
    ("GET", "/v1/accounts/{number}/billing", READERS, None),
    ("GET", "/v1/accounts/{number}/bills/{which}", READERS, None),
    ("POST", "/v1/quotes", READERS, QUOTE),
    ("GET", "/v1/outages/reports", READERS, None),
    ("GET", "/v1/outages/hazards", READERS, None),
    ("GET", "/v1/outages/planned", READERS, None),
    ("GET", "/v1/outages/stream", READERS, "stream"),
    ("GET", "/v1/changes", READERS, None),
    ("GET", "/v1/snapshot", READERS, None),
    ("GET", "/v1/bill-exceptions", READERS, None),
    ("GET", "/v1/approvals", DECIDERS, None),
    ("GET", "/v1/audit/head", ALL, None),
    ("GET", "/v1/audit", AUDITORS, None),
    ("GET", "/v1/audit/journal", AUDITORS, None),
    ("GET", "/v1/about", ANYONE, None),
    ("GET", "/livez", ANYONE, None),
    ("GET", "/readyz", ANYONE, None),
    ("GET", "/metrics", ANYONE, None),
]


def request_for(method: str, route: str, body: Any, number: str, desk: Any) -> dict[str, Any]:
    path = route.replace("{number}", number).replace("{which}", "1")
    document = body
    if body == "submission" or body == "batch":
        submission = desk.submission({"kind": "note.add", "account": number, "text": "A note."})
        path = path.replace("{command_id}", str(submission.envelope.id))
        document = submission.document()
        if body == "batch":
            document = {"submissions": [document]}
    if body == "stream":
        # Beyond the head: whoever may listen is told that this place is gone, and the test goes on.
        path, document = f"{path}?after=999", None
    if route == "/v1/changes":
        path += "?after=0"
    return {"method": method, "url": path, "json": document}


@pytest.mark.parametrize("role", sorted(ALL))
async def test_each_role_on_each_route(edge: Any, role: str, numbers: list[str]) -> None:
    for method, route, allowed, body in ACCESS:
        desk = await edge.sign_in(role)
        request = request_for(method, route, body, numbers[0], desk)
        answer = await edge.http.request(**request, headers=desk.headers)
        if body in ("submission", "batch"):
            # The route is open to all; the command's own permission is judged with the command.
            assert answer.status_code != 401
            continue
        refused = answer.status_code == 403 and answer.json()["code"] == "not-permitted"
        assert refused == (allowed is not None and role not in allowed), (role, route, answer.text)


async def test_without_a_session_only_the_open_routes_answer(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("clerk")
    for method, route, allowed, body in ACCESS:
        answer: httpx.Response = await edge.http.request(**request_for(method, route, body, numbers[0], desk))
        assert (answer.status_code == 401) == (allowed is not None), (route, answer.text)


async def test_the_table_names_every_route(edge: Any) -> None:
    document = edge.app.openapi()
    served = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    assert served == {(method, route) for method, route, _, _ in ACCESS}
    assert not any(isinstance(route, APIRoute) and not route.include_in_schema for route in edge.app.routes)


async def test_a_command_without_its_permission_is_refused_and_audited(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("auditor")
    answer = await desk.put(desk.submission({"kind": "note.add", "account": numbers[0], "text": "A note."}))
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert answer.json()["outcome"]["witness"]["seq"] == 1


async def test_another_office_sees_nothing_of_this_one(edge: Any, numbers: list[str]) -> None:
    edge.hire("olga", "supervisor", "north")
    desk = await edge.sign_in("olga")
    account = await desk.get(f"/v1/accounts/{numbers[0]}")
    assert (account.status_code, account.json()["code"]) == (403, "other-office")
    assert (await desk.get("/v1/accounts")).json()["items"] == []
    assert (await desk.post("/v1/accounts/search", {"name": "Person"})).json()["items"] == []
    assert (await desk.get("/v1/snapshot")).json()["items"] == []
    hidden = await desk.post(f"/v1/accounts/{numbers[0]}/reveal", {"field": "phone_1", "reason": "Curious"})
    assert hidden.json()["code"] == "other-office"
    asked = await desk.post(f"/v1/accounts/{numbers[0]}/verification", {"answers": ["1234"]})
    assert asked.status_code in (403, 404)
