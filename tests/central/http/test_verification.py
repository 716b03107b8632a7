"""A caller's answers: compared with what is on file, proven, counted, locked, never written down."""

import re
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select

from csr_console.central.answers import readings
from csr_console.central.secrets import ServerSecret
from csr_console.central.tables.journal import journal
from csr_console.central.tables.verifiers import verifier
from csr_console.central.tokens import Proven
from csr_console.domain.accounts.commands import UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor

ON_FILE = {
    Factor.SSN4: "4821",
    Factor.BIRTH_DATE: "1961-03-14",
    Factor.LICENSE4: "4821",
    Factor.PASSPHRASE: "blue heron",
    Factor.LAST_PAYMENT: "8512",
}
ALONE = r"(?<![\w.-])4821(?![\w.-])"
"""An answer by itself: the same four digits stand by chance inside an id or the fraction of a second."""


@pytest.fixture
def maria(edge: Any, numbers: list[str]) -> str:
    secret = ServerSecret(b"s" * 40)
    with edge.central.db.write() as connection:
        for factor, answer in ON_FILE.items():
            connection.execute(
                insert(verifier).values(
                    office="main",
                    account=numbers[0],
                    factor=factor.value,
                    digest=secret.verifier("main", numbers[0], factor, answer),
                )
            )
    return numbers[0]


async def ask(desk: Any, account: str, *answers: str) -> Any:
    return await desk.post(f"/v1/accounts/{account}/verification", {"answers": list(answers)})


@pytest.mark.parametrize(
    ("answer", "factor"),
    [
        ("March 14, 1961", "birth_date"),
        ("3/14/1961", "birth_date"),
        ("03/14/61", "birth_date"),
        ("1961-03-14", "birth_date"),
        ("March 14th 1961", "birth_date"),
        ("Blue  Heron", "passphrase"),
        ("blué heron", "passphrase"),
        ("$85.12", "last_payment"),
        ("85.12", "last_payment"),
    ],
)
async def test_an_answer_fits_however_it_is_said(
    specialist: Any, maria: str, answer: str, factor: str
) -> None:
    result = (await ask(specialist, maria, answer)).json()
    assert (result["factors"], result["wrong"], result["attempts_left"]) == ([factor], 0, 5)
    assert result["proof"]


async def test_one_answer_proves_one_factor(specialist: Any, maria: str) -> None:
    assert (await ask(specialist, maria, "4821")).json()["factors"] == ["ssn4"]
    assert (await ask(specialist, maria, "4821", "4821")).json()["factors"] == ["license4", "ssn4"]


async def test_wrong_answers_lock_the_questions_for_a_day_for_everybody(
    edge: Any, specialist: Any, maria: str
) -> None:
    first = (await ask(specialist, maria, "0000", "blue heron", "1111")).json()
    assert (first["factors"], first["wrong"], first["attempts_left"]) == (["passphrase"], 2, 3)
    lead = await edge.sign_in("lead")
    assert (await ask(lead, maria, "2222", "3333", "4444")).json()["attempts_left"] == 0
    for desk in (specialist, lead):
        locked = await ask(desk, maria, "4821")
        assert (locked.status_code, locked.json()["code"]) == (409, "locked-out")
    edge.clock.pass_(hours=24, minutes=1)
    again = await edge.sign_in("specialist")
    assert (await ask(again, maria, "4821")).json()["attempts_left"] == 5


async def test_a_proof_carries_the_command_and_the_change_after_it(specialist: Any, maria: str) -> None:
    result = (await ask(specialist, maria, "4821", "blue heron")).json()
    factors = tuple(Factor(factor) for factor in result["factors"])
    verified = await specialist.do(VerifyCaller(account=maria, factors=factors, proof=result["proof"]))
    assert (verified.status_code, verified.json()["answer"]) == (201, "Caller verified at L2.")
    changed = await specialist.do(
        UpdateContact(account=maria, email="maria@example.org"), expects={f"contact:{maria}": 1}
    )
    assert changed.status_code == 201


async def test_a_proof_is_for_one_account_session_and_moment(
    edge: Any, specialist: Any, maria: str, numbers: list[str]
) -> None:
    result = (await ask(specialist, maria, "4821", "blue heron")).json()
    factors = tuple(Factor(factor) for factor in result["factors"])

    def claim(account: str = maria, proof: str = result["proof"]) -> VerifyCaller:
        return VerifyCaller(account=account, factors=factors, proof=proof)

    lead = await edge.sign_in("lead")
    wrong = [
        await specialist.do(claim(account=numbers[1])),
        await specialist.do(claim(proof=result["proof"][:-4] + "AAAA")),
        await specialist.do(
            VerifyCaller(account=maria, factors=(Factor.SSN4, Factor.BIRTH_DATE), proof=None)
        ),
        await specialist.do(
            VerifyCaller(account=maria, factors=(*factors, Factor.BIRTH_DATE), proof=result["proof"])
        ),
        await lead.do(claim()),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in wrong} == {(409, "proof-invalid")}
    queued = specialist.submission(claim())
    edge.clock.pass_(minutes=16)
    specialist = await edge.sign_in("specialist")
    late = await specialist.do(claim())
    assert late.json()["code"] == "proof-invalid"
    assert (await specialist.put(queued)).status_code == 201


async def go_on(desk: Any, account: str, earlier: str | None, *answers: str) -> Any:
    return await desk.post(
        f"/v1/accounts/{account}/verification", {"answers": list(answers), "earlier": earlier}
    )


async def test_answers_of_two_attempts_count_together(edge: Any, specialist: Any, maria: str) -> None:
    first = (await go_on(specialist, maria, None, "4821")).json()
    edge.clock.pass_(minutes=5)
    second = (await go_on(specialist, maria, first["proof"], "blue heron")).json()
    assert (second["factors"], second["wrong"]) == (["passphrase", "ssn4"], 0)
    factors = tuple(Factor(factor) for factor in second["factors"])
    alone = await specialist.do(VerifyCaller(account=maria, factors=factors, proof=first["proof"]))
    assert alone.json()["code"] == "proof-invalid"
    verified = await specialist.do(VerifyCaller(account=maria, factors=factors, proof=second["proof"]))
    assert (verified.status_code, verified.json()["answer"]) == (201, "Caller verified at L2.")


async def test_going_on_does_not_make_an_answer_last_longer(edge: Any, specialist: Any, maria: str) -> None:
    first = (await go_on(specialist, maria, None, "4821")).json()
    assert first["expires_in"] == 900
    edge.clock.pass_(minutes=9)
    second = (await go_on(specialist, maria, first["proof"], "blue heron")).json()
    assert second["expires_in"] == 360
    renewed = {"refresh_token": specialist.tokens["refresh_token"]}
    specialist.tokens = (await specialist.post("/v1/sessions/refresh", renewed)).json()
    edge.clock.pass_(minutes=7)
    for proof in (first["proof"], second["proof"]):
        assert (await go_on(specialist, maria, proof, "8512")).json()["code"] == "proof-invalid"


async def test_a_wrong_answer_takes_nothing_from_what_was_proven(specialist: Any, maria: str) -> None:
    first = (await go_on(specialist, maria, None, "blue heron")).json()
    second = (await go_on(specialist, maria, first["proof"], "0000", "blue heron")).json()
    assert (second["factors"], second["wrong"], second["attempts_left"]) == (["passphrase"], 1, 4)
    nothing = (await go_on(specialist, maria, None, "0000")).json()
    assert (nothing["factors"], nothing["proof"], nothing["expires_in"]) == ([], None, 0)


async def test_a_bad_earlier_proof_tells_nothing_of_the_answers(
    edge: Any, specialist: Any, maria: str, numbers: list[str]
) -> None:
    mine = (await go_on(specialist, maria, None, "4821")).json()["proof"]
    lead = await edge.sign_in("lead")
    edge.hire("across", "specialist", office="north")
    across = await edge.sign_in("across")
    refused = [
        await go_on(specialist, maria, mine[:-4] + "AAAA", "blue heron", "0000"),
        await go_on(specialist, maria, "", "blue heron", "0000"),
        await go_on(specialist, maria, specialist.tokens["access_token"], "blue heron", "0000"),
        await go_on(specialist, numbers[1], mine, "blue heron", "0000"),
        await go_on(lead, maria, mine, "blue heron", "0000"),
        await go_on(across, maria, mine, "blue heron", "0000"),
        await go_on(await edge.sign_in("specialist"), maria, mine, "blue heron", "0000"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(409, "proof-invalid")}
    assert len({answer.json()["detail"] for answer in refused}) == 1
    assert (await ask(lead, maria, "4821")).json()["attempts_left"] == 5


async def test_a_proof_of_one_office_is_worth_nothing_in_another(specialist: Any, edge: Any) -> None:
    proofs, session = edge.central.verifications._proofs, specialist.tokens["session"]
    proof = proofs.sign(
        Proven(frozenset({Factor.SSN4}), edge.clock()), office="main", account="1", session=session
    )
    here = {"account": "1", "session": session, "at": edge.clock()}
    assert proofs.read(proof, office="main", **here).factors == {Factor.SSN4}
    assert proofs.read(proof, office="north", **here) is None


async def test_attempts_are_journalled_without_the_answers(edge: Any, specialist: Any, maria: str) -> None:
    await ask(specialist, maria, "4821", "9999", "blue heron")
    with edge.central.db.read() as connection:
        (line,) = (
            connection.execute(select(journal).where(journal.c.act == "account.verification"))
            .mappings()
            .all()
        )
    assert line["subject"] == maria
    assert line["detail"] == '{"factors":["passphrase","ssn4"],"wrong":1}'
    assert not re.search(ALONE, edge.log.getvalue())
    assert "heron" not in edge.log.getvalue()


async def test_an_account_without_answers_on_file(specialist: Any, numbers: list[str]) -> None:
    result = (await ask(specialist, numbers[1], "4821")).json()
    assert (result["factors"], result["proof"], result["wrong"]) == ([], None, 1)
    missing = await ask(specialist, "999999999", "4821")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")


async def test_too_many_answers_at_once_are_refused_unread(specialist: Any, maria: str) -> None:
    answer = await ask(specialist, maria, *("4821",) * 6)
    assert answer.status_code == 422
    assert not re.search(ALONE, answer.text)


def test_a_birth_date_is_never_in_the_future() -> None:
    from datetime import date

    today = date(2026, 8, 30)
    assert readings("03/14/61", today)[Factor.BIRTH_DATE] == "1961-03-14"
    assert readings("03/14/21", today)[Factor.BIRTH_DATE] == "2021-03-14"
    assert Factor.BIRTH_DATE not in readings("02/30/1961", today)
    assert readings("02/29/28", today).get(Factor.BIRTH_DATE) == "1928-02-29"


def test_a_digest_is_keyed_and_of_one_account() -> None:
    secret, other = ServerSecret(b"a" * 32), ServerSecret(b"b" * 32)
    digests = {
        one.verifier(office, account, factor, "4821")
        for one in (secret, other)
        for office in ("main", "north")
        for account in ("100482771", "100482783")
        for factor in (Factor.SSN4, Factor.LICENSE4)
    }
    assert len(digests) == 16
    assert "a" * 32 not in repr(secret)
    assert str(SecretStr("x")) == "**********"
