"""Central behind its real application: signed-in clerks, a clock that tests move, every log line kept."""

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import insert

from csr_console.central.app import build_app
from csr_console.central.logs import log_to
from csr_console.central.service import Central, open_central
from csr_console.central.settings import CentralSettings
from csr_console.central.tables.staff import staff
from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.domain.command import Command
from csr_console.domain.ids import damm_digit, uuid7

OFFICE = "main"
PASSWORD = "correct horse battery"
_FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_FAST_HASH = _FAST.hash(PASSWORD)
ROLES = ("clerk", "specialist", "lead", "supervisor", "manager", "auditor", "administrator")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Desk:
    """A signed-in clerk at a station."""

    http: httpx.AsyncClient
    clock: Clock
    tokens: dict[str, Any]
    station: str
    counter: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    def submission(
        self, command: Command | dict[str, Any], *, id: UUID | None = None, **rest: Any
    ) -> Submission:
        self.counter += 1
        envelope = Envelope(
            **{
                "id": id or uuid7(self.clock.now, secrets.token_bytes(10)),
                "issued_at": self.clock.now,
                "station": self.station,
                "counter": self.counter,
                "actor": self.tokens["login"],
                "command": command if isinstance(command, dict) else command_document(command),
            }
            | rest
        )
        key = bytes.fromhex(self.tokens["seal_key"])
        return Submission(
            envelope=envelope, session=self.tokens["session"], seal=seal(key, envelope.digest())
        )

    async def put(self, submission: Submission, **query: Any) -> httpx.Response:
        return await self.http.put(
            f"/v1/commands/{submission.envelope.id}",
            content=canonical(submission.document()),
            headers={**self.headers, "content-type": "application/json"},
            params=query,
        )

    async def do(self, command: Command, **rest: Any) -> httpx.Response:
        return await self.put(self.submission(command, **rest))

    async def get(self, path: str, **rest: Any) -> httpx.Response:
        return await self.http.get(path, headers={**self.headers, **rest.pop("headers", {})}, **rest)

    async def post(self, path: str, document: Any) -> httpx.Response:
        return await self.http.post(path, json=document, headers=self.headers)


@dataclass
class Edge:
    """The service, its clock, and everything it logged."""

    app: FastAPI
    central: Central
    clock: Clock
    log: StringIO
    http: httpx.AsyncClient
    password: str = PASSWORD
    desks: dict[str, Desk] = field(default_factory=dict)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def hire(self, login: str, role: str, office: str = OFFICE) -> None:
        with self.central.db.write() as connection:
            connection.execute(
                insert(staff).values(
                    login=login,
                    name=login.title(),
                    role=role,
                    office=office,
                    password_hash=_FAST_HASH,
                    disabled=0,
                )
            )

    def credentials(self, login: str, **changed: Any) -> dict[str, Any]:
        station = f"S{login.upper()[:6]}"
        return {
            "login": login,
            "password": PASSWORD,
            "station": station,
            "installation": str(uuid5(UUID(int=0), station)),
        } | changed

    async def post_session(self, login: str, **changed: Any) -> httpx.Response:
        return await self.http.post("/v1/sessions", json=self.credentials(login, **changed))

    async def sign_in(self, login: str, **changed: Any) -> Desk:
        response = await self.post_session(login, **changed)
        assert response.status_code == 201, response.text
        station = self.credentials(login, **changed)["station"]
        tokens = response.json()
        self.desks[login] = Desk(self.http, self.clock, tokens, station, tokens["last_counter"])
        return self.desks[login]


@pytest.fixture
def settings(database_url: str) -> CentralSettings:
    return CentralSettings(database=database_url, secret=SecretStr("s" * 40), stream_poll_seconds=0.05)


@pytest.fixture
async def edge(town: Any, settings: CentralSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Edge]:
    """One member of staff for each role, named after it, and the small town."""
    monkeypatch.setattr("csr_console.central.staff._HASHER", _FAST)
    monkeypatch.setattr("csr_console.central.staff._NOBODY", _FAST_HASH)
    log, clock = StringIO(), Clock()
    central = open_central(settings, clock=clock, log=log_to(log))
    app = build_app(central)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://central") as http:
        made = Edge(app, central, clock, log, http)
        for role in ROLES:
            made.hire(role, role)
        yield made
    central.db.close()


@pytest.fixture
async def specialist(edge: Edge) -> Desk:
    return await edge.sign_in("specialist")


@pytest.fixture
def numbers() -> list[str]:
    """The account numbers of the town, in its order."""
    return [f"{index}{damm_digit(str(index))}" for index in range(10048277, 10048283)]
