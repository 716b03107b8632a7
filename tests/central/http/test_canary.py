"""What a customer said never reaches a log line, a problem document or the metrics."""

import json
import re
from typing import Any

import pytest

from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.outages.commands import ReportOutage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NAME = "Zebedee Quillfeather"
PHONE = "8505557731"
NOTE = "lends his spare key to the heron"
PASSWORD = "tangerine submarine choir"
CANARIES = (
    "Zebedee",
    "Quillfeather",
    "quillfeather",
    PHONE,
    "555-7731",
    "heron",
    PASSWORD,
    "1204 Oak",
)
LAST_FOUR = re.compile(r"(?<![\w.+-])7731(?![\w.-])")
"""Four digits stand by chance inside an id or the fraction of a second; alone they are the answer given."""


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text] + LAST_FOUR.findall(text)


async def test_nothing_personal_in_logs_problems_or_metrics(
    edge: Any, specialist: Any, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, maria, final = specialist, numbers[0], numbers[5]
    answers = [
        await desk.post("/v1/accounts/search", {"name": NAME}),
        await desk.post("/v1/accounts/search", {"phone": PHONE}),
        await desk.post("/v1/accounts/search", {"phone": PHONE, "name": NAME}),
        await desk.post("/v1/accounts/search", {"phone": f"{PHONE}99999", "who": NAME}),
        await desk.post(f"/v1/accounts/{maria}/verification", {"answers": [NOTE, "7731"]}),
        await desk.post(f"/v1/accounts/{maria}/verification", {"answers": [[NOTE]]}),
        await desk.post(f"/v1/accounts/{maria}/reveal", {"field": NAME, "reason": NOTE}),
        await desk.do(UpdateContact(account=maria, phone_1=PHONE)),
        await desk.do(UpdateContact(account=final, phone_1=PHONE)),
        await desk.do(ReportOutage(premise="P0001208", scope="all", hazard="none", caller=NAME, remark=NOTE)),
        await desk.put(desk.submission({"kind": "note.add", "account": maria, "text": NOTE, "who": NAME})),
        await desk.put(desk.submission({"kind": NAME, "text": NOTE})),
        await desk.put(desk.submission({"kind": "note.add", "account": NAME, "text": NOTE})),
        await desk.get(f"/v1/accounts/{NAME}"),
        await desk.get(f"/v1/nowhere/{NAME}", params={"q": PHONE}),
        await desk.get("/v1/changes", params={"after": NAME}),
        await desk.get("/v1/accounts", params={"cursor": NAME}),
        await desk.get("/v1/accounts", headers={"x-request-id": NAME, "csr-console-version": NAME}),
        await edge.post_session("clerk", password=PASSWORD),
        await edge.post_session(NAME, password=PASSWORD, station=PHONE),
        await edge.http.post("/v1/sessions/refresh", json={"refresh_token": NOTE}),
        await edge.http.get("/v1/accounts", headers={"authorization": f"Bearer {NAME}"}),
    ]
    assert await desk.do(AddNote(account=maria, text=f"{NAME} {NOTE}, call {PHONE}"))

    def broken(*_: Any, **__: Any) -> None:
        raise LookupError(f"{NAME} {PHONE} {NOTE}")

    for target in (
        "routes.accounts.find_accounts",
        "routes.accounts.account_view",
        "pipeline.Pipeline.apply",
    ):
        monkeypatch.setattr(f"csr_console.central.{target}", broken)
    answers += [
        await desk.post("/v1/accounts/search", {"name": NAME}),
        await desk.get(f"/v1/accounts/{maria}"),
        await desk.do(AddNote(account=maria, text=NOTE)),
    ]
    assert [answer.status_code for answer in answers[-3:]] == [500, 500, 500]
    failures = [answer for answer in answers if answer.status_code >= 400]
    assert len(failures) >= 20
    for answer in failures:
        assert not leaks(answer.text), answer.text
    assert not leaks(edge.log.getvalue())
    assert not leaks((await edge.http.get("/metrics")).text)


async def test_a_database_error_tells_no_values(
    edge: Any, specialist: Any, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    def violated(connection: Any, *_: Any, **__: Any) -> None:
        connection.execute(
            text(
                "INSERT INTO person (office, person, name, name_key, kind) VALUES ('main', 'p0', :n, :n, :n)"
            ),
            {"n": NAME},
        )

    monkeypatch.setattr("csr_console.central.routes.accounts.find_accounts", violated)
    answer = await specialist.post("/v1/accounts/search", {"name": NAME})
    assert answer.status_code >= 500
    assert not leaks(answer.text)
    assert not leaks(edge.log.getvalue())


async def test_a_log_line_says_who_where_and_what_came_of_it(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    await specialist.do(ReportOutage(premise="P0001208", scope="all", hazard="none"))
    await edge.http.get("/livez")
    await edge.http.get("/v1/about")
    line = edge.lines[-1]
    assert set(line) == {
        "event", "level", "pid", "timestamp", "request_id",
        "method", "route", "status", "ms", "actor", "office", "role", "kind", "state", "code",
    }  # fmt: skip
    assert (line["method"], line["route"], line["status"]) == ("PUT", "/v1/commands/{command_id}", 409)
    assert (line["actor"], line["office"], line["role"]) == ("specialist", "main", "specialist")
    assert (line["kind"], line["state"], line["code"]) == ("outage.report", "refused", "not-connected")
    assert numbers[0] not in json.dumps(edge.lines)
