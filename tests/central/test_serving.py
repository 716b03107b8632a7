"""The service as it runs: over a real socket, in several processes, stopped while somebody listens."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from csr_console.central import staff
from csr_console.central.database import Database
from csr_console.central.service import prepare
from csr_console.central.serving import CannotServe, Listening, environment_of, require_servable
from csr_console.central.settings import CentralSettings
from csr_console.contracts.envelope import Envelope, Submission, command_document, seal
from csr_console.domain.ids import uuid7
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.permissions import Actor, Role

PASSWORD = "correct horse battery"
PATIENCE = 30.0
"""How long a test waits for what comes at once on an idle machine."""


@asynccontextmanager
async def serving(settings: CentralSettings, uds: Path, *options: str) -> AsyncIterator[Any]:
    """A service in processes of its own, and a client at its socket; stopped by SIGTERM at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "csr_console", "central", "serve", "--uds", str(uds), *options),
        env={**os.environ, **environment_of(settings)},
        stderr=subprocess.PIPE,
    )
    transport = httpx.AsyncHTTPTransport(uds=str(uds), retries=3)
    async with httpx.AsyncClient(transport=transport, base_url="http://central", timeout=PATIENCE) as http:
        try:
            assert process.stderr is not None
            async with asyncio.timeout(PATIENCE):
                while b"startup complete" not in await process.stderr.readline():
                    assert process.returncode is None
            drained = asyncio.create_task(process.stderr.read())
            yield process, http
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                await process.wait()
                await drained


@pytest.fixture
def served(tmp_path: Path) -> CentralSettings:
    settings = CentralSettings(
        database=f"sqlite:///{tmp_path}/central.db", secret=SecretStr("s" * 40), stream_poll_seconds=0.1
    )
    prepare(settings)
    add_kim(settings)
    return settings


def add_kim(settings: CentralSettings) -> None:
    db = Database(settings.database)
    with db.write() as connection:
        staff.add_staff(
            connection, Actor("kim", "Kim", Role.LEAD, "main"), PASSWORD, by="test", now=datetime.now(UTC)
        )
    db.close()


async def sign_in(http: httpx.AsyncClient) -> dict[str, Any]:
    given = {"login": "kim", "password": PASSWORD, "station": "C07", "installation": str(uuid4())}
    tokens: dict[str, Any] = (await http.post("/v1/sessions", json=given)).json()
    http.headers["authorization"] = f"Bearer {tokens['access_token']}"
    return tokens


def submission(tokens: dict[str, Any], counter: int, place: str = "Oak & 12th") -> Submission:
    now = datetime.now(UTC)
    command = ReportOutage(location=place, scope="all", hazard="none")
    envelope = Envelope(
        id=uuid7(now, os.urandom(10)),
        issued_at=now,
        station="C07",
        counter=counter,
        actor="kim",
        command=command_document(command),
    )
    key = bytes.fromhex(tokens["seal_key"])
    return Submission(envelope=envelope, session=UUID(tokens["session"]), seal=seal(key, envelope.digest()))


async def put(http: httpx.AsyncClient, given: Submission) -> httpx.Response:
    return await http.put(f"/v1/commands/{given.envelope.id}", json=given.document())


class Events:
    """The events of a stream, one at a time; comments are skipped."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> dict[str, str]:
        event: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = value
                elif "data" in event:
                    return event
        raise AssertionError("the stream has ended")


async def test_a_report_reaches_a_listener_and_a_late_one_from_its_place(
    served: CentralSettings, tmp_path: Path
) -> None:
    async with serving(served, tmp_path / "s.sock") as (process, http):
        tokens = await sign_in(http)
        async with http.stream("GET", "/v1/outages/stream") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            events = Events(response)
            made = await put(http, submission(tokens, 1))
            event = await events.next()
            assert (event["event"], event["id"]) == ("report", "1")
            assert made.json()["id"] in event["data"]
            for counter in (2, 3):
                await put(http, submission(tokens, counter, f"Pine & {counter}th"))
            assert [(await events.next())["id"] for _ in range(2)] == ["2", "3"]
        late = http.stream("GET", "/v1/outages/stream", headers={"last-event-id": "1"})
        async with late as response:
            events = Events(response)
            assert [(await events.next())["id"] for _ in range(2)] == ["2", "3"]
            # Told to stop, the service ends the stream instead of waiting for a listener that stays.
            process.send_signal(signal.SIGTERM)
            with pytest.raises(AssertionError, match="ended"):
                await events.next()
            async with asyncio.timeout(PATIENCE):
                await process.wait()


async def test_a_stream_says_that_it_is_alive(served: CentralSettings, tmp_path: Path) -> None:
    settings = CentralSettings(database=served.database, secret=served.secret, stream_heartbeat_seconds=0.05)
    async with serving(settings, tmp_path / "s.sock") as (_, http):
        await sign_in(http)
        async with http.stream("GET", "/v1/outages/stream") as response:
            lines = response.aiter_lines()
            async with asyncio.timeout(PATIENCE):
                beats = 0
                while beats < 3:
                    beats += (await anext(lines)) == ": still here"
        page = (await http.get("/metrics")).text
        assert "csr_stream_listeners" in page


async def test_two_processes_answer_one_id_once(postgresql: str, tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE workers TEMPLATE template0")
    head, _, query = postgresql.partition("?")
    base = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
    settings = CentralSettings(database=f"{base}/workers?{query}", secret=SecretStr("s" * 40))
    prepare(settings)
    add_kim(settings)
    async with serving(settings, tmp_path / "s.sock", "--workers", "2") as (_, http):
        tokens = await sign_in(http)
        given = [submission(tokens, counter, f"Elm & {counter}th") for counter in range(1, 9)]
        answers = await asyncio.gather(*(put(http, one) for one in given for _ in range(10)))
        for index, one in enumerate(given):
            mine = answers[10 * index : 10 * index + 10]
            assert sorted(answer.status_code for answer in mine) == [200] * 9 + [201]
            assert {answer.json()["id"] for answer in mine} == {str(one.envelope.id)}
            assert len({answer.content for answer in mine}) == 1
        assert (await http.get("/v1/audit/head")).json()["seq"] == 8
        applied = 'csr_commands_total{kind="outage.report",state="applied"} 8.0'
        assert applied in (await http.get("/metrics")).text
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP DATABASE workers WITH (FORCE)")


def test_sqlite_takes_one_worker(served: CentralSettings) -> None:
    with pytest.raises(CannotServe, match="one worker"):
        require_servable(served, Listening(port=0, workers=2))


def test_a_place_that_is_taken_is_named(served: CentralSettings, tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotServe, match="cannot be taken"):
            require_servable(served, Listening(port=taken.getsockname()[1]))
    plain = tmp_path / "plain"
    plain.write_text("mine")
    with pytest.raises(CannotServe, match="not a socket"):
        require_servable(served, Listening(uds=plain))
    assert plain.read_text() == "mine"
    path = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
        left.listen()
        with pytest.raises(CannotServe, match="Another service"):
            require_servable(served, Listening(uds=path))
    require_servable(served, Listening(uds=path))
    assert not path.exists()


def test_half_a_certificate_is_refused(served: CentralSettings, tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match="both"):
        require_servable(served, Listening(certificate=tmp_path / "cert.pem"))
    with pytest.raises(CannotServe, match="cannot be read"):
        require_servable(served, Listening(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem"))


@pytest.mark.parametrize(
    ("listening", "exposed"),
    [
        (Listening(), False),
        (Listening(host="0.0.0.0"), True),
        (Listening(host="0.0.0.0", certificate=Path("c"), key=Path("k")), False),
        (Listening(host="0.0.0.0", uds=Path("s")), False),
    ],
)
def test_what_others_can_read_is_said(listening: Listening, exposed: bool) -> None:
    assert listening.exposed == exposed
