"""The committed OpenAPI document against the real application: generated requests, signed in as each role."""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.central import conftest as small_town
from tests.central.conftest import MARIA, OFFICE
from tests.central.http import conftest as http

from csr_console.central.app import build_app
from csr_console.central.logs import log_to
from csr_console.central.openapi import DEFAULT_PATH
from csr_console.central.service import open_central, prepare
from csr_console.central.settings import CentralSettings
from csr_console.central.tables.staff import staff
from csr_console.contracts.envelope import Envelope, Submission, command_document, seal
from csr_console.contracts.registry import COMMANDS
from csr_console.contracts.signin import SessionTokens, SignIn
from csr_console.domain.ids import uuid7
from csr_console.domain.permissions import GRANTS, Role

ROOT = Path(__file__).parents[2]
CANARY = "heron7731quill"
REAL = {"account": MARIA, "premise": "P0001204", "device": "t:TR3", "place": "P0001204"}
"""What a generated command names, so that some of them are applied."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
GENERATED = 3
"""Examples made at once, since making them takes longer than sending them."""
SIGN_OUT = "DELETE /v1/sessions/current"
"""Ends the session of the role that tries it: tried on its own."""


@dataclass
class Api:
    """The application, the document as it is committed, and the tokens of each role."""

    schema: Any
    app: Any
    tokens: dict[str, SessionTokens]
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    cases: dict[tuple[str, int], list[list[Any]]] = field(default_factory=dict)
    made: int = 0

    def send(self, case: Any, role: str) -> Any:
        tokens = self.tokens.get(role)
        headers = {"authorization": f"Bearer {tokens.access_token}"} if tokens else {}
        response = case.call(app=self.app, headers=headers)
        self.answers[case.operation.label, response.status_code] += 1
        return response

    def made_real(self, case: Any, role: str) -> bool:
        """Put what generation cannot guess in its place: an account of the town, the seal of a person."""
        tokens = self.tokens.get(role)
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = MARIA
            return True
        if tokens is None or not isinstance(case.body, dict):
            return False
        if case.operation.path == "/v1/commands:batch":
            given = [self.sealed(one, tokens) for one in case.body.get("submissions", [])[:5]]
            case.body = {"submissions": [one for one in given if one]}
            return bool(case.body["submissions"])
        if case.operation.path == "/v1/commands/{command_id}" and (one := self.sealed(case.body, tokens)):
            case.path_parameters["command_id"] = one["envelope"]["id"]
            case.body = one
            return True
        return False

    def sealed(self, submission: Any, tokens: SessionTokens) -> dict[str, Any] | None:
        """A command in an envelope whose seal fits; None for what no desk can spell."""
        try:
            given = submission["envelope"]["command"].items()
            command = {name: REAL.get(name, value) for name, value in given}
            self.made += 1
            envelope = Envelope(
                id=uuid7(http.Clock().now, self.made.to_bytes(10)),
                issued_at=http.Clock().now,
                station=station_of(tokens.login),
                counter=self.made,
                actor=tokens.login,
                command=command,
            )
            sealed = seal(bytes.fromhex(tokens.seal_key), envelope.digest())
            return Submission(envelope=envelope, session=tokens.session, seal=sealed).document()
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


def station_of(login: str) -> str:
    return f"S{login.upper()[:6]}"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    path = tmp_path_factory.mktemp("schema") / "central.db"
    clock = http.Clock()
    given = CentralSettings(
        database=f"sqlite:///{path}",
        secret=SecretStr("s" * 40),
        searches_per_minute=1_000_000,
        stream_poll_seconds=0.01,
        stream_heartbeat_seconds=0.01,
    )
    prepare(given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("csr_console.central.staff._HASHER", http._FAST)
        patch.setattr("csr_console.central.staff._NOBODY", http._FAST_HASH)
        central = open_central(given, clock=clock, log=log_to(StringIO()))
        small_town.seed(central.db, OFFICE)
        tokens = {role.value: hired(central, role) for role in Role}
        schema = schemathesis.openapi.from_dict(json.loads((ROOT / DEFAULT_PATH).read_text("utf-8")))
        schema.config.max_stream_events = 3
        yield Api(schema, without_lifespan(build_app(central)), tokens)
        central.db.close()


def hired(central: Any, role: Role) -> SessionTokens:
    """The session of a new member of staff."""
    values = {"login": role.value, "name": role.value.title(), "role": role.value, "office": OFFICE}
    with central.db.write() as connection:
        connection.execute(staff.insert().values(**values, password_hash=http._FAST_HASH, disabled=0))
    station = station_of(role.value)
    asked = SignIn(
        login=role.value,
        password=SecretStr(http.PASSWORD),
        station=station,
        installation=uuid5(UUID(int=0), station),
    )
    tokens: SessionTokens = central.sessions.sign_in(asked)
    return tokens


def without_lifespan(app: Any) -> Any:
    """The client would keep the application's lifespan until the process ends; its database ends before."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("no lifespan")
        await app(scope, receive, send)

    return served


def operations(api: Api) -> list[Any]:
    return [found.ok() for found in api.schema.get_all_operations() if found.ok().label != SIGN_OUT]


def with_canary(value: Any) -> Any:
    """The same document with every text in it marked."""
    if isinstance(value, dict):
        return {key: with_canary(child) for key, child in value.items()}
    if isinstance(value, list):
        return [with_canary(child) for child in value]
    return f"{CANARY}{value}" if isinstance(value, str) else value


def generated(operation: Any, examples: int) -> list[list[Any]]:
    """Requests that fit the document, and as many that do not, always the same."""
    takes = list(operation.iter_parameters()) or operation.body
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if takes else (GenerationMode.POSITIVE,)
    return [drawn(operation.as_strategy(generation_mode=mode), examples) for mode in modes]


def drawn(strategy: Any, examples: int) -> list[Any]:
    cases: list[Any] = []

    @seed(7731)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def keep(case: Any) -> None:
        cases.append(case)

    keep()
    return cases


def try_case(api: Api, case: Any, role: str) -> None:
    """As generated, then with what is real in its place, then with every text marked; left as it was."""
    before = deepcopy((case.path_parameters, case.body))
    try:
        case.validate_response(api.send(case, role), checks=CHECKS)
        if api.made_real(case, role):
            case.validate_response(api.send(case, role), checks=CHECKS)
        if isinstance(case.body, dict):
            case.body = with_canary(case.body)
            answer = api.send(case, role)
            assert answer.status_code < 500
            assert answer.status_code < 400 or CANARY not in answer.text, "an error repeats what was sent"
    finally:
        case.path_parameters, case.body = before


def failures(api: Api, role: str, examples: int) -> list[str]:
    """What does not answer as it should, in words."""
    found = []
    for operation in operations(api):
        made = max(examples, GENERATED)
        if (operation.label, made) not in api.cases:
            api.cases[operation.label, made] = generated(operation, made)
        for case in (case for cases in api.cases[operation.label, made] for case in cases[:examples]):
            try:
                try_case(api, case, role)
            except (Exception, FailureGroup) as error:
                found.append(f"{operation.label} as {role}: {error}")
    return found


EVERYBODY = ["nobody", *{GRANTS[role]: role.value for role in reversed(Role)}.values()]
"""Of roles that may do the same, one."""


@pytest.mark.parametrize("role", [name for name in EVERYBODY if name != "supervisor"])
def test_every_operation_answers_as_the_document_says(api: Api, role: str) -> None:
    assert failures(api, role, 1) == []


@pytest.mark.soak
@pytest.mark.parametrize("role", EVERYBODY)
def test_every_operation_answers_as_the_document_says_for_longer(api: Api, role: str) -> None:
    assert failures(api, role, 12) == []


def test_who_may_do_everything_is_answered_with_success_too(api: Api) -> None:
    """Every operation, but those that need what nobody can guess: the requests were worth sending."""
    api.answers.clear()
    assert failures(api, "supervisor", GENERATED) == []
    reached = {label for label, status in api.answers if status < 400}
    guessed = {
        "PUT /v1/commands/{command_id}",  # by example in the next test
        "POST /v1/sessions", "POST /v1/sessions/refresh", "POST /v1/quotes",
        "POST /v1/sign-in/device", "POST /v1/sign-in/device/poll",
        "GET /v1/accounts/{number}/bills/{which}",
        "POST /v1/accounts/{number}/verification",  # locked after five wrong answers, as it should be
    }  # fmt: skip
    assert {operation.label for operation in operations(api)} - reached <= guessed


def test_the_example_of_every_kind_is_answered_as_the_document_says(api: Api) -> None:
    operation = api.schema["/v1/commands/{command_id}"]["PUT"]
    api.answers.clear()
    for kind in COMMANDS:
        command = {"envelope": {"command": command_document(kind.example())}}
        document = api.sealed(command, api.tokens["supervisor"])
        assert document is not None
        path = {"command_id": document["envelope"]["id"]}
        case = operation.Case(path_parameters=path, body=document, media_type="application/json")
        case.validate_response(api.send(case, "supervisor"), checks=CHECKS)
    assert api.answers["PUT /v1/commands/{command_id}", 201] >= 6


def test_a_document_that_keeps_an_answer_quiet_is_found(api: Api) -> None:
    """The control: without a status in the document, the operations that answer with it fail."""
    document = json.loads((ROOT / DEFAULT_PATH).read_text("utf-8"))
    described = 0
    for operations_of in document["paths"].values():
        for operation in operations_of.values():
            described += operation["responses"].pop("403", None) is not None
    quiet = replace(api, schema=schemathesis.openapi.from_dict(document), cases={})
    quiet.schema.config.max_stream_events = 3
    found = failures(quiet, "administrator", 1)
    assert described > 10
    assert len({failure.partition(" as ")[0] for failure in found}) >= 8
    assert [failure for failure in found if "Undocumented status code" not in failure] == []


def test_an_error_that_repeats_what_was_sent_is_found(api: Api) -> None:
    """The control: the same application behind something that puts the request into its errors."""
    found = failures(replace(api, app=echoing(api.app)), "nobody", 2)
    assert sum("an error repeats what was sent" in failure for failure in found) >= 3


def echoing(app: Any) -> Any:
    async def served(scope: Any, receive: Any, send: Any) -> None:
        taken = b""

        async def heard() -> Any:
            nonlocal taken
            message = await receive()
            taken += message.get("body", b"")
            return message

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {
                    **message,
                    "headers": [one for one in message["headers"] if one[0] != b"content-length"],
                }
            elif message["type"] == "http.response.body" and message["body"].startswith(b'{"code"'):
                text = json.dumps(taken.decode("utf-8", "replace")).encode()
                message = {**message, "body": message["body"][:-1] + b',"sent":' + text + b"}"}
            await send(message)

        await app(scope, heard, told)

    return served
