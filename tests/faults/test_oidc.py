"""Signing in at an identity provider on a real socket: honest, slow, rotated, down and forged."""

import atexit
import base64
import hmac
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from joserfc import jws, jwt
from pydantic import SecretStr
from sqlalchemy import func, select
from tests.central.http.conftest import Clock, Desk, Edge
from tests.faults.issuer import CLIENT, Issuer, ec_key, rsa_key, serving

from csr_console.central import oidc, staff
from csr_console.central.app import build_app
from csr_console.central.logs import log_to
from csr_console.central.service import open_central, prepare
from csr_console.central.settings import CentralSettings
from csr_console.central.tables.journal import journal
from csr_console.central.tables.staff import session
from csr_console.central.tables.staff import staff as staff_table

STATION = {"station": "C07", "installation": str(uuid5(UUID(int=0), "C07"))}
CANNOT_BE_VERIFIED = "What City ID sent cannot be verified: tell support."


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Any:
    with serving(Issuer(clock)) as issuer:
        yield issuer


@cache
def empty_database() -> Path:
    """A database with every table, made once."""
    path = Path(tempfile.mkdtemp(prefix="csr-oidc-")) / "central.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    prepare(CentralSettings(database=f"sqlite:///{path}", secret=SecretStr("s" * 40)))
    return path


@asynccontextmanager
async def central_for(issuer: Issuer, clock: Clock, folder: Path, **changed: Any) -> AsyncIterator[Edge]:
    """Central with this provider and one member of staff of each role that matters here."""
    given = {
        "database": f"sqlite:///{folder / 'central.db'}",
        "secret": SecretStr("s" * 40),
        "oidc_issuer": issuer.address,
        "oidc_client_id": CLIENT,
        "oidc_name": "City ID",
    }
    settings = CentralSettings(**(given | changed))
    shutil.copy(empty_database(), folder / "central.db")
    log = StringIO()
    central = open_central(settings, clock=clock, log=log_to(log))
    app = build_app(central)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://central") as http:
        edge = Edge(app, central, clock, log, http)
        for login in ("clerk", "lead"):
            edge.hire(login, login)
        yield edge
    central.db.close()


@pytest.fixture
async def edge(issuer: Issuer, clock: Clock, tmp_path: Path) -> AsyncIterator[Edge]:
    async with central_for(issuer, clock, tmp_path) as edge:
        yield edge


async def start(edge: Edge, **changed: Any) -> dict[str, Any]:
    answer = await edge.http.post("/v1/sign-in/device", json=STATION | changed)
    assert answer.status_code == 201, answer.text
    code: dict[str, Any] = answer.json()
    return code


async def poll(edge: Edge, handle: str) -> httpx.Response:
    return await edge.http.post("/v1/sign-in/device/poll", json={"handle": handle})


async def enter(edge: Edge) -> httpx.Response:
    """A code, and the first question after its interval."""
    code = await start(edge)
    edge.clock.pass_(seconds=code["interval"])
    return await poll(edge, code["handle"])


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    document = answer.json()
    return answer.status_code, document["code"], document["detail"]


def sessions(edge: Edge) -> int:
    with edge.central.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(session)).scalar_one())


async def test_central_says_how_one_may_sign_in(edge: Edge) -> None:
    assert (await edge.http.get("/v1/sign-in")).json() == {"provider": "City ID"}


async def test_a_code_that_was_entered_gives_an_ordinary_session(edge: Edge, issuer: Issuer) -> None:
    issuer.answers = ["authorization_pending", "granted"]
    code = await start(edge)
    assert (code["user_code"], code["interval"], code["expires_in"]) == ("WDJB-MJHT", 5, 600)
    assert code["verification_uri"] == f"{issuer.address}/enter"
    edge.clock.pass_(seconds=5)
    waiting = (await poll(edge, code["handle"])).json()
    assert (waiting["state"], waiting["interval"]) == ("pending", 5)
    edge.clock.pass_(seconds=5)
    done = (await poll(edge, waiting["handle"])).json()
    assert done["state"] == "signed-in"
    tokens = done["tokens"]
    assert (tokens["login"], tokens["role"], tokens["expires_in"]) == ("clerk", "clerk", 600)
    desk = Desk(edge.http, edge.clock, tokens, "C07")
    assert (await desk.get("/v1/audit/head")).status_code == 200
    sealed = await desk.put(desk.submission({"kind": "note.add", "account": "100482771", "text": "A note."}))
    assert sealed.json()["code"] == "not-found", "the seal fits: what is refused is the unknown account"
    rotated = await edge.http.post("/v1/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert rotated.json()["refresh_token"] != tokens["refresh_token"]
    assert (await edge.http.delete("/v1/sessions/current", headers=desk.headers)).status_code == 204
    with edge.central.db.read() as connection:
        rows = connection.execute(select(journal.c.act, journal.c.detail).order_by(journal.c.id)).all()
    details = {row.act: json.loads(row.detail) for row in rows}
    assert details == {"session.opened": {"vouched_by": "City ID"}, "session.closed": {}}


async def test_the_provider_is_asked_at_its_own_pace(edge: Edge, issuer: Issuer) -> None:
    issuer.answers = ["authorization_pending", "slow_down", "slow_down", "authorization_pending", "granted"]
    code = await start(edge)
    handle, intervals = code["handle"], []
    for _ in range(4):
        early = (await poll(edge, handle)).json()
        assert early["state"] == "pending"
        edge.clock.pass_(seconds=early["interval"])
        answer = (await poll(edge, early["handle"])).json()
        handle = answer["handle"]
        intervals.append(answer["interval"])
    assert intervals == [5, 10, 15, 15], "each slow_down adds five seconds, for good"
    assert issuer.paths("/token") == 4, "the early questions never reached it"


async def test_an_answer_that_was_lost_is_given_again_and_a_code_makes_one_session(
    edge: Edge, issuer: Issuer
) -> None:
    code = await start(edge)
    edge.clock.pass_(seconds=5)
    first = (await poll(edge, code["handle"])).json()["tokens"]
    again = (await poll(edge, code["handle"])).json()["tokens"]
    assert (first["session"], first["refresh_token"], first["seal_key"]) == (
        again["session"], again["refresh_token"], again["seal_key"],
    )  # fmt: skip
    assert (issuer.paths("/token"), sessions(edge)) == (1, 1)
    edge.clock.pass_(seconds=61)
    assert refused(await poll(edge, code["handle"])) == (403, "sign-in-ended", "This code was used before.")


async def test_a_handle_is_worth_nothing_once_its_token_is_in_use(edge: Edge) -> None:
    code = await start(edge)
    edge.clock.pass_(seconds=5)
    tokens = (await poll(edge, code["handle"])).json()["tokens"]
    await edge.http.post("/v1/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refused(await poll(edge, code["handle"]))[1] == "sign-in-ended"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("access_denied", "The sign-in was declined at City ID."),
        ("expired_token", "The code has run out before it was entered."),
        ("invalid_grant", "City ID does not know this code any more."),
    ],
)
async def test_what_the_provider_ends_is_over(edge: Edge, issuer: Issuer, said: str, sentence: str) -> None:
    issuer.answers = [said]
    assert refused(await enter(edge)) == (403, "sign-in-ended", sentence)
    assert sessions(edge) == 0


async def test_a_code_that_ran_out_is_not_asked_about(edge: Edge, issuer: Issuer) -> None:
    code = await start(edge)
    edge.clock.pass_(seconds=600)
    assert refused(await poll(edge, code["handle"]))[1] == "sign-in-ended"
    assert issuer.paths("/token") == 0


async def test_a_handle_of_somebody_else_is_none(edge: Edge) -> None:
    handle = (await start(edge))["handle"]
    for bent in ("", "x", handle[:-4] + "AAAA", handle.swapcase(), "eyJhbGciOiJub25lIn0.e30."):
        assert refused(await poll(edge, bent))[:2] == (403, "sign-in-ended")


def by(key: Any, **header: Any) -> Callable[[dict[str, Any]], str]:
    """A token signed by a key under a header of one's own."""
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "first", **header}, claims, key)


def spelled(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def unsigned(claims: dict[str, Any]) -> str:
    return spelled(b'{"alg":"none","kid":"first"}', json.dumps(claims).encode(), b"")


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    parts = (b'{"alg":"HS256","kid":"first"}', json.dumps(claims).encode())
    public = rsa_key("first").as_pem(private=False)
    return spelled(*parts, hmac.digest(public, spelled(*parts).encode(), "sha256"))


def truncated(claims: dict[str, Any]) -> str:
    return by(rsa_key("first"))(claims)[:-8]


DAY = 86_400
NOW = int(Clock().now.timestamp())
FORGERIES: dict[str, dict[str, Any]] = {
    "another key under the same name": {"forge": by(rsa_key("mallory"))},
    "a key nobody published": {"forge": by(rsa_key("mallory"), kid="mallory")},
    "no signature": {"forge": unsigned},
    "the public key as an HMAC secret": {"forge": signed_with_the_public_key},
    "a cut signature": {"forge": truncated},
    "no token at all": {"forge": lambda _claims: "not.a.token"},
    "another audience": {"claims": {"aud": "some-other-client"}},
    "an audience too many": {"claims": {"aud": [CLIENT, "some-other-client"], "azp": CLIENT}},
    "no audience": {"claims": {"aud": None}},
    "issued to another client": {"claims": {"azp": "some-other-client"}},
    "another issuer": {"claims": {"iss": "https://login.example.org"}},
    "no issuer": {"claims": {"iss": None}},
    "run out": {"claims": {"exp": NOW - DAY}},
    "without an end": {"claims": {"exp": None}},
    "an end that is no number": {"claims": {"exp": "tomorrow"}},
    "not valid yet": {"claims": {"nbf": NOW + DAY}},
    "from the future": {"claims": {"iat": NOW + DAY}},
    "made yesterday": {"claims": {"iat": NOW - DAY}},
    "without a beginning": {"claims": {"iat": None}},
    "in answer to somebody else": {"claims": {"nonce": "another"}},
    "about nobody": {"claims": {"sub": None}},
}


def prepare_forgery(issuer: Issuer, forgery: dict[str, Any]) -> None:
    issuer.forge = forgery.get("forge")
    issuer.claims = forgery.get("claims", {})


@pytest.mark.parametrize("name", FORGERIES)
async def test_no_forged_token_opens_a_session(edge: Edge, issuer: Issuer, name: str) -> None:
    prepare_forgery(issuer, FORGERIES[name])
    assert refused(await enter(edge)) == (403, "sign-in-ended", CANNOT_BE_VERIFIED)
    assert sessions(edge) == 0
    assert [line["reason"] for line in edge.lines if line["event"] == "id token refused"]


async def test_the_forgeries_would_pass_a_verifier_that_only_reads(
    edge: Edge, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each of them is refused by the check and by nothing else."""
    monkeypatch.setattr(
        oidc, "read_id_token", lambda token, *_: json.loads(jws.extract_compact(token.encode()).payload)
    )
    passed = []
    for name, forgery in FORGERIES.items():
        prepare_forgery(issuer, forgery)
        if name != "no token at all" and (await enter(edge)).status_code == 200:
            passed.append(name)
    assert len(passed) == len(FORGERIES) - 1
    assert sessions(edge) == len(passed)


async def test_a_short_key_is_not_believed(edge: Edge, issuer: Issuer) -> None:
    with pytest.warns(Warning, match="2048"):
        short = rsa_key("short", 1024)
    issuer.published, issuer.key = [short], short
    assert refused(await enter(edge))[2] == CANNOT_BE_VERIFIED


async def test_a_curve_key_and_an_honest_token_without_a_nonce_are_believed(
    edge: Edge, issuer: Issuer
) -> None:
    issuer.key, issuer.published = ec_key("curve"), [rsa_key("first"), ec_key("curve")]
    issuer.claims = {"nonce": None}
    assert (await enter(edge)).status_code == 200


async def test_clocks_may_differ_by_a_little(edge: Edge, issuer: Issuer) -> None:
    now = int(edge.clock().timestamp())
    issuer.claims = {"iat": now + 40, "nbf": now + 40, "exp": now + 300}
    assert (await enter(edge)).status_code == 200


async def test_new_keys_of_the_provider_are_found_at_once(edge: Edge, issuer: Issuer) -> None:
    assert (await enter(edge)).status_code == 200
    issuer.key, issuer.published = rsa_key("second"), [rsa_key("second")]
    assert (await enter(edge)).status_code == 200
    assert issuer.paths("/keys") == 2
    assert issuer.paths("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("settings", "person", "login"),
    [
        ({}, {"preferred_username": "Clerk"}, "clerk"),
        ({"oidc_suffix": "@Example.gov"}, {"preferred_username": "clerk@example.gov"}, "clerk"),
        ({"oidc_claim": "sub"}, {"sub": "lead"}, "lead"),
        ({"oidc_claim": "email", "oidc_suffix": "@example.gov"},
         {"email": "lead@example.gov", "email_verified": True}, "lead"),
        ({"oidc_audiences": f"{CLIENT} the-portal"}, {"aud": ["the-portal", CLIENT], "azp": CLIENT}, "clerk"),
    ],
)  # fmt: skip
async def test_which_claim_is_the_login(
    issuer: Issuer, clock: Clock, tmp_path: Path, settings: Any, person: dict[str, Any], login: str
) -> None:
    issuer.person |= person
    async with central_for(issuer, clock, tmp_path, **settings) as edge:
        assert (await enter(edge)).json()["tokens"]["login"] == login


@pytest.mark.parametrize(
    ("settings", "person"),
    [
        ({}, {"preferred_username": "stranger"}),
        ({}, {"preferred_username": None}),
        ({}, {"preferred_username": ["clerk"]}),
        ({}, {"preferred_username": "clerk'; --"}),
        ({"oidc_suffix": "@example.gov"}, {"preferred_username": "clerk@example.org"}),
        ({"oidc_suffix": "@example.gov"}, {"preferred_username": "clerk"}),
        ({"oidc_claim": "email", "oidc_suffix": "@example.gov"}, {"email": "clerk@example.gov"}),
    ],
)
async def test_nobody_becomes_staff_by_signing_in(
    issuer: Issuer, clock: Clock, tmp_path: Path, settings: Any, person: dict[str, Any]
) -> None:
    issuer.person |= person
    async with central_for(issuer, clock, tmp_path, **settings) as edge:
        status, code, sentence = refused(await enter(edge))
        assert (status, code) == (403, "not-staff")
        assert sentence.startswith("City ID ")
        with edge.central.db.read() as connection:
            logins = connection.execute(select(staff_table.c.login).order_by(staff_table.c.login)).scalars()
            assert list(logins) == ["clerk", "lead"]
        assert sessions(edge) == 0


async def test_disabled_staff_stay_out(edge: Edge) -> None:
    with edge.central.db.write() as connection:
        staff.set_disabled(connection, "clerk", True, by="test", now=edge.clock())
    assert refused(await enter(edge))[1] == "not-staff"
    assert sessions(edge) == 0


async def test_the_role_is_ours_whatever_the_token_says(edge: Edge, issuer: Issuer) -> None:
    issuer.person |= {"role": "supervisor", "roles": ["supervisor"], "groups": ["supervisor"]}
    assert (await enter(edge)).json()["tokens"]["role"] == "clerk"


async def test_a_station_of_another_machine_is_refused_before_anybody_enters_a_code(
    edge: Edge, issuer: Issuer
) -> None:
    assert (await enter(edge)).status_code == 200
    other = await edge.http.post("/v1/sign-in/device", json={**STATION, "installation": str(UUID(int=1))})
    assert refused(other)[:2] == (409, "station-taken")
    assert issuer.paths("/device") == 1


async def test_without_a_provider_there_is_no_such_way(issuer: Issuer, clock: Clock, tmp_path: Path) -> None:
    async with central_for(issuer, clock, tmp_path, oidc_issuer="") as edge:
        assert (await edge.http.get("/v1/sign-in")).json() == {"provider": ""}
        answer = await edge.http.post("/v1/sign-in/device", json=STATION)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert (await edge.post_session("clerk")).status_code == 201


async def test_a_provider_that_is_down_is_said_and_passwords_go_on(clock: Clock, tmp_path: Path) -> None:
    with serving(Issuer(clock)) as issuer:
        pass
    async with central_for(issuer, clock, tmp_path) as edge:
        answer = await edge.http.post("/v1/sign-in/device", json=STATION)
        assert refused(answer) == (503, "unavailable", "City ID does not answer right now.")
        assert (await edge.post_session("clerk")).status_code == 201


async def test_a_provider_that_goes_down_meanwhile_is_asked_half_as_often(edge: Edge, issuer: Issuer) -> None:
    code = await start(edge)
    issuer.raw["/token"], issuer.answers = b"<html>maintenance</html>", ["authorization_pending"]
    handle, intervals = code["handle"], []
    edge.clock.pass_(seconds=5)
    for _ in range(5):
        waiting = (await poll(edge, handle)).json()
        handle = waiting["handle"]
        intervals.append(waiting["interval"])
        assert waiting["state"] == "pending"
        assert waiting["sentence"].endswith("Still trying.")
        edge.clock.pass_(seconds=waiting["interval"])
    assert intervals == [10, 20, 40, 60, 60]
    issuer.raw, issuer.answers = {}, ["granted"]
    assert (await poll(edge, handle)).json()["state"] == "signed-in"


async def test_a_provider_that_trickles_is_cut_off(
    edge: Edge, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "DEADLINE_S", 0.4)
    issuer.trickles = True
    answer = await edge.http.post("/v1/sign-in/device", json=STATION)
    assert refused(answer)[2] == "City ID does not answer right now."


@pytest.mark.parametrize(
    "strange",
    [
        {"metadata": {"issuer": "https://login.example.org"}},
        {"metadata": {"device_authorization_endpoint": None}},
        {"metadata": {"token_endpoint": "http://login.example.org/token"}},
        {"grant": {"verification_uri": "javascript:alert(1)"}},
        {"grant": {"user_code": None}},
        {"grant": {"expires_in": "soon"}},
        {"raw": {"/device": b"<html>sign in to the network first</html>"}},
        {"raw": {"/device": b"[]"}},
        {"raw": {"/device": b"{" + b" " * 300_000 + b"}"}},
    ],
)
async def test_what_is_no_provider_is_not_taken_for_one(
    edge: Edge, issuer: Issuer, strange: dict[str, dict[str, Any]]
) -> None:
    for name, value in strange.items():
        getattr(issuer, name).update(value)
    answer = await edge.http.post("/v1/sign-in/device", json=STATION)
    assert refused(answer) == (
        503, "unavailable", "City ID does not answer as a provider of sign-ins: tell support.",
    )  # fmt: skip


async def test_what_a_provider_shows_is_only_text(edge: Edge, issuer: Issuer) -> None:
    issuer.grant = {"user_code": "\x1b]0;owned\x07AB\u202eCD", "interval": None}
    code = await start(edge)
    assert not {"\x1b", "\x07", "\u202e"} & set(code["user_code"])
    assert code["interval"] == 5, "RFC 8628 section 3.2"


@pytest.mark.parametrize("methods", [[], ["client_secret_basic"], ["client_secret_post"]])
async def test_a_client_secret_goes_as_the_provider_takes_it(
    issuer: Issuer, clock: Clock, tmp_path: Path, methods: list[str]
) -> None:
    issuer.secret, issuer.auth_methods = "s3cr:t/ü", methods
    async with central_for(issuer, clock, tmp_path, oidc_client_secret=SecretStr(issuer.secret)) as edge:
        assert (await enter(edge)).status_code == 200


async def test_nothing_of_a_sign_in_is_logged(edge: Edge, issuer: Issuer) -> None:
    tokens = (await enter(edge)).json()["tokens"]
    issuer.claims = {"aud": "another"}
    await enter(edge)
    log = edge.log.getvalue()
    secrets = ("device-code", "WDJB", "4711", issuer.address, tokens["refresh_token"], tokens["seal_key"])
    assert [text for text in secrets if text in log] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://login.example.org", "oidc_client_id": CLIENT},
        {"oidc_issuer": "https://login.example.org"},
        {"oidc_issuer": "login.example.org", "oidc_client_id": CLIENT},
    ],
)
def test_half_a_provider_is_no_setting(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="oidc_issuer"):
        CentralSettings(**wrong)
