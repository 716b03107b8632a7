"""Signing in, going on, being locked out, being copied."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from csr_console.central import staff
from csr_console.central.signin_locks import lock_after
from csr_console.central.tables.journal import journal
from csr_console.central.tables.staff import refresh_token
from csr_console.central.tables.staff import staff as staff_table
from csr_console.central.tokens import Proven
from csr_console.domain.outages.commands import ReportOutage


async def refresh(edge: Any, token: str) -> httpx.Response:
    return await edge.http.post("/v1/sessions/refresh", json={"refresh_token": token})


def acts(edge: Any) -> list[str]:
    with edge.central.db.read() as connection:
        rows = connection.execute(select(journal.c.act).order_by(journal.c.at, journal.c.id))
        return list(rows.scalars())


async def test_a_session_says_who_and_lets_in(edge: Any) -> None:
    desk = await edge.sign_in("lead")
    assert (desk.tokens["role"], desk.tokens["office"], desk.tokens["name"]) == ("lead", "main", "Lead")
    assert desk.tokens["expires_in"] == 600
    assert (await desk.get("/v1/approvals")).status_code == 200


async def test_every_wrong_sign_in_reads_the_same(edge: Any) -> None:
    with edge.central.db.write() as connection:
        staff.set_disabled(connection, "clerk", True, by="test", now=edge.clock())
    answers = [
        await edge.post_session("lead", password="not the password"),
        await edge.post_session("nobody"),
        await edge.post_session("clerk"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "sign-in-failed"
    assert answers[0].headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("login", ["lead", "nobody"])
async def test_five_failures_lock_a_login_that_exists_or_not(edge: Any, login: str) -> None:
    for _ in range(5):
        assert (await edge.post_session(login, password="wrong wrong wrong")).status_code == 401
    locked = await edge.post_session(login)
    assert (locked.status_code, locked.json()["code"]) == (429, "too-many")
    assert int(locked.headers["retry-after"]) == 60
    edge.clock.pass_(seconds=61)
    opened = await edge.post_session(login)
    assert opened.status_code == (201 if login == "lead" else 401)


async def test_guesses_that_come_at_once_each_count(edge: Any) -> None:
    guesses = [edge.post_session("lead", password=f"guess number {index}") for index in range(12)]
    answers = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert set(answers) <= {401, 429}
    assert answers.count(401) <= 8, "at most four are under way when the fifth locks"
    assert (await edge.post_session("lead")).status_code == 429


async def test_a_good_sign_in_starts_the_count_again(edge: Any) -> None:
    for _ in range(3):
        for _ in range(4):
            await edge.post_session("lead", password="wrong wrong wrong")
        assert (await edge.post_session("lead")).status_code == 201


def test_passwords_are_kept_by_argon2id_of_the_rfc() -> None:
    kept = staff.hash_password("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert staff._NOBODY.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "nobody takes as long as somebody"
    assert not staff.password_fits(None, "correct horse battery")


def test_locks_grow_to_a_quarter_of_an_hour() -> None:
    minutes = [
        lock.total_seconds() / 60 if (lock := lock_after(failures)) else 0 for failures in range(4, 12)
    ]
    assert minutes == [0, 1, 2, 4, 8, 15, 15, 15]


async def test_a_station_name_belongs_to_one_machine(edge: Any) -> None:
    await edge.sign_in("lead", station="C07", installation=str(uuid4()))
    taken = await edge.post_session("clerk", station="C07", installation=str(uuid4()))
    assert (taken.status_code, taken.json()["code"]) == (409, "station-taken")
    with edge.central.db.write() as connection:
        staff.release_station(connection, "C07", office="main", by="test", now=edge.clock())
    assert (await edge.post_session("clerk", station="C07")).status_code == 201


async def test_an_access_token_ends(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    edge.clock.pass_(seconds=599)
    assert (await desk.get("/v1/audit/head")).status_code == 200
    edge.clock.pass_(seconds=1)
    over = await desk.get("/v1/audit/head")
    assert (over.status_code, over.json()["code"]) == (401, "signed-out")
    assert over.headers["www-authenticate"] == "Bearer"


async def test_a_refresh_gives_a_new_pair_in_the_same_session(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    edge.clock.pass_(minutes=11)
    answer = await refresh(edge, desk.tokens["refresh_token"])
    after = answer.json()
    assert answer.status_code == 200
    assert after["refresh_token"] != desk.tokens["refresh_token"]
    assert (after["session"], after["seal_key"]) == (desk.tokens["session"], desk.tokens["seal_key"])
    desk.tokens = after
    assert (await desk.get("/v1/audit/head")).status_code == 200


async def test_a_lost_response_is_given_again_within_the_grace(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    first = (await refresh(edge, desk.tokens["refresh_token"])).json()["refresh_token"]
    edge.clock.pass_(seconds=59)
    again = (await refresh(edge, desk.tokens["refresh_token"])).json()["refresh_token"]
    assert again == first
    assert (await refresh(edge, again)).status_code == 200


async def test_a_token_used_after_the_grace_ends_the_whole_session(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    after = (await refresh(edge, desk.tokens["refresh_token"])).json()
    edge.clock.pass_(seconds=61)
    assert (await refresh(edge, desk.tokens["refresh_token"])).status_code == 401
    assert (await refresh(edge, after["refresh_token"])).status_code == 401
    desk.tokens = after
    assert (await desk.get("/v1/audit/head")).status_code == 401
    assert "session.reused" in acts(edge)


async def test_a_copy_used_after_its_successor_ends_the_session_even_in_the_grace(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    after = (await refresh(edge, desk.tokens["refresh_token"])).json()["refresh_token"]
    newest = (await refresh(edge, after)).json()["refresh_token"]
    assert (await refresh(edge, desk.tokens["refresh_token"])).status_code == 401
    assert (await refresh(edge, newest)).status_code == 401


async def test_eight_refreshes_at_once_agree_on_one_successor(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    answers = await asyncio.gather(*(refresh(edge, desk.tokens["refresh_token"]) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_session_ends_after_twelve_hours(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    token = desk.tokens["refresh_token"]
    edge.clock.pass_(hours=11, minutes=59)
    token = (await refresh(edge, token)).json()["refresh_token"]
    edge.clock.pass_(minutes=1)
    assert (await refresh(edge, token)).status_code == 401


async def test_signing_out_ends_every_token(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    gone = await edge.http.delete("/v1/sessions/current", headers=desk.headers)
    assert gone.status_code == 204
    assert (await desk.get("/v1/audit/head")).status_code == 401
    assert (await refresh(edge, desk.tokens["refresh_token"])).status_code == 401
    assert sorted(acts(edge)) == ["session.closed", "session.opened"]


async def test_disabled_staff_are_out_at_their_next_request(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    with edge.central.db.write() as connection:
        staff.set_disabled(connection, "clerk", True, by="test", now=edge.clock())
    assert (await desk.get("/v1/audit/head")).status_code == 401
    assert (await refresh(edge, desk.tokens["refresh_token"])).status_code == 401


async def test_a_new_role_counts_at_once(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    assert (await desk.get("/v1/approvals")).status_code == 403
    with edge.central.db.write() as connection:
        connection.execute(update(staff_table).where(staff_table.c.login == "clerk").values(role="lead"))
    assert (await desk.get("/v1/approvals")).status_code == 200


async def test_foreign_and_bent_tokens_are_nobody(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("clerk")
    head, body, tail = desk.tokens["access_token"].split(".")
    proof = edge.central.verifications._proofs.sign(
        Proven(frozenset(), edge.clock()),
        office="main",
        account=numbers[0],
        session=desk.tokens["session"],
    )
    none = "eyJhbGciOiJub25lIn0." + body + "."
    for token in ("", "x", f"{head}.{body}.{tail[::-1]}", proof, none, desk.tokens["refresh_token"]):
        answer = await edge.http.get("/v1/audit/head", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token


async def test_the_counter_goes_on_where_the_station_stopped(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    for _ in range(3):
        answer = await desk.do(ReportOutage(location="Oak & 12th", scope="all", hazard="none"))
        assert answer.status_code == 201, answer.text
    again = await edge.sign_in("clerk")
    assert again.tokens["last_counter"] == 3


async def test_tokens_are_kept_as_digests_and_forgotten_with_their_session(edge: Any) -> None:
    desk = await edge.sign_in("clerk")
    with edge.central.db.read() as connection:
        kept = connection.execute(select(refresh_token.c.digest)).scalars().all()
    assert len(kept) == 1
    assert desk.tokens["refresh_token"] not in kept
    edge.clock.pass_(hours=14)
    await edge.sign_in("lead")
    with edge.central.db.read() as connection:
        assert len(connection.execute(select(refresh_token.c.digest)).all()) == 1


async def test_a_short_password_is_refused(edge: Any) -> None:
    from csr_console.domain.refusals import Refusal

    with pytest.raises(Refusal, match="12 to 200"), edge.central.db.write() as connection:
        staff.set_password(connection, "clerk", "short", by="test", now=edge.clock())


async def test_a_new_password_lifts_the_lock(edge: Any) -> None:
    for _ in range(5):
        await edge.post_session("clerk", password="wrong wrong wrong")
    with edge.central.db.write() as connection:
        staff.set_password(connection, "clerk", "another good password", by="test", now=edge.clock())
    assert (await edge.post_session("clerk", password="another good password")).status_code == 201
