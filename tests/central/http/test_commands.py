"""Commands over HTTP: statuses, replays, dry runs, batches, whose seal it is."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from csr_console.contracts.envelope import Submission
from csr_console.contracts.outcome import Outcome
from csr_console.domain.accounts.commands import AddNote, UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.oversight.commands import DecideApproval


def report(insist: bool = False, premise: str = "P0001204") -> ReportOutage:
    return ReportOutage(premise=premise, scope="all", hazard="none", insist=insist)


async def test_applied_once_and_answered_ever_after(edge: Any, specialist: Any) -> None:
    submission = specialist.submission(report())
    first = await specialist.put(submission)
    edge.clock.pass_(minutes=5)
    again = await specialist.put(submission)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["id"] == str(submission.envelope.id)
    assert first.headers["content-type"] == "application/json"


async def test_forty_at_once_apply_one(specialist: Any) -> None:
    submission = specialist.submission(report())
    answers = await asyncio.gather(*(specialist.put(submission) for _ in range(40)))
    assert sorted(answer.status_code for answer in answers) == [200] * 39 + [201]
    assert len({answer.content for answer in answers}) == 1


async def test_a_refusal_is_a_problem_with_its_outcome(specialist: Any) -> None:
    submission = specialist.submission(report(premise="P0001208"))
    first = await specialist.put(submission)
    assert first.headers["content-type"] == "application/problem+json"
    assert (first.status_code, first.json()["code"]) == (409, "not-connected")
    outcome = Outcome.model_validate(first.json()["outcome"])
    assert (outcome.id, outcome.state) == (submission.envelope.id, "refused")
    assert outcome.witness is not None
    assert (await specialist.put(submission)).json() == first.json()


async def test_a_dry_run_leaves_nothing(specialist: Any) -> None:
    submission = specialist.submission(report())
    previewed = await specialist.put(submission, dry_run="true")
    assert (previewed.status_code, previewed.json()["state"]) == (200, "applied")
    assert (await specialist.get("/v1/outages/reports")).json()["items"] == []
    assert (await specialist.put(submission)).status_code == 201


async def test_a_held_command_waits_and_is_listed_for_its_approver(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    fraud = numbers[3]
    await specialist.do(VerifyCaller(account=fraud, factors=(Factor.PHOTO_ID,)))
    change = specialist.submission(
        UpdateContact(account=fraud, email="new@example.org"), expects={f"contact:{fraud}": 1}
    )
    held = await specialist.put(change)
    assert (held.status_code, held.json()["state"]) == (202, "held")
    lead = await edge.sign_in("lead")
    (item,) = (await lead.get("/v1/approvals")).json()["items"]
    assert item["id"] == str(change.envelope.id)
    assert item["digest"] == change.envelope.digest()
    assert item["command"]["email"] == "new@example.org"
    assert item["policy"] == "contact-under-fraud-hold"
    assert "fraud hold" in item["sentence"]
    yes = DecideApproval(
        held=change.envelope.id, digest=item["digest"], approve=True, reason="Called the customer back"
    )
    assert (await lead.do(yes)).status_code == 201
    assert (await lead.get("/v1/approvals")).json()["items"] == []
    assert (await specialist.put(change)).json()["state"] == "applied"


async def test_a_clash_shows_both_sides(edge: Any, specialist: Any, numbers: list[str]) -> None:
    maria = numbers[0]
    other = await edge.sign_in("lead")
    for desk in (specialist, other):
        await desk.do(VerifyCaller(account=maria, factors=(Factor.PHOTO_ID,)))
    seen = {f"contact:{maria}": 1}
    await other.do(UpdateContact(account=maria, phone_2="8505550111"), expects=seen)
    clash = await specialist.do(UpdateContact(account=maria, phone_2="8505550122"), expects=seen)
    assert (clash.status_code, clash.json()["code"]) == (409, "clash")
    sides = clash.json()["facts"]["fields"]["phone_2"]
    assert (sides["theirs"], sides["yours"], sides["by"]) == ("8505550111", "8505550122", "lead")


async def test_too_late_by_central_s_clock(edge: Any, specialist: Any, numbers: list[str]) -> None:
    late = specialist.submission(
        AddNote(account=numbers[0], text="Call back today."),
        not_after=edge.clock() + timedelta(minutes=1),
    )
    edge.clock.pass_(minutes=2)
    answer = await specialist.put(late)
    assert (answer.status_code, answer.json()["outcome"]["state"]) == (409, "expired")


async def test_an_address_of_another_command_is_refused(specialist: Any) -> None:
    one, other = specialist.submission(report()), specialist.submission(report())
    answer = await specialist.http.put(
        f"/v1/commands/{one.envelope.id}", json=other.document(), headers=specialist.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_an_id_with_another_body_is_refused(specialist: Any) -> None:
    first = specialist.submission(report())
    await specialist.put(first)
    second = specialist.submission(report(insist=True), id=first.envelope.id)
    answer = await specialist.put(second)
    assert (answer.status_code, answer.json()["code"]) == (422, "id-reused")


async def test_a_kind_nobody_knows(specialist: Any) -> None:
    answer = await specialist.put(specialist.submission({"kind": "refund.cheque", "payee": "Secret Person"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-kind")
    assert "Secret" not in answer.text


async def test_a_colleague_may_carry_but_not_sign(edge: Any, specialist: Any, numbers: list[str]) -> None:
    carrier = await edge.sign_in("clerk")
    written = specialist.submission(AddNote(account=numbers[0], text="Queued before the shift ended."))
    carried = await carrier.put(written)
    assert carried.status_code == 201
    entry = (await specialist.get(f"/v1/accounts/{numbers[0]}")).json()["timeline"][0]
    assert entry["actor"] == "specialist"
    forged = carrier.submission(AddNote(account=numbers[0], text="In another name."), actor="specialist")
    answer = await carrier.put(forged)
    assert (answer.status_code, answer.json()["code"]) == (403, "seal-invalid")
    bent = Submission(envelope=written.envelope, session=written.session, seal="0" * 64)
    changed = bent.model_copy(update={"envelope": written.envelope.model_copy(update={"counter": 99})})
    assert (await carrier.put(changed)).status_code in (403, 422)


async def test_the_seal_of_a_session_that_is_over_still_fits(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    written = specialist.submission(AddNote(account=numbers[0], text="Queued in the storm."))
    await edge.http.delete("/v1/sessions/current", headers=specialist.headers)
    edge.clock.pass_(days=400)
    carrier = await edge.sign_in("clerk")
    assert (await carrier.put(written)).status_code == 201


async def test_a_disabled_author_s_command_waits_for_a_lead(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    from csr_console.central import staff

    written = specialist.submission(AddNote(account=numbers[0], text="Written before they left."))
    with edge.central.db.write() as connection:
        staff.set_disabled(connection, "specialist", True, by="test", now=edge.clock())
    carrier = await edge.sign_in("clerk")
    answer = await carrier.put(written)
    assert (answer.status_code, answer.json()["state"]) == (202, "held")


async def test_a_batch_answers_each_and_stops_only_a_lane(specialist: Any, numbers: list[str]) -> None:
    maria, neighbor = numbers[0], numbers[1]
    contact = UpdateContact(account=maria, email="a@example.org")
    batch = [
        specialist.submission(AddNote(account=maria, text="First.")),
        specialist.submission(contact, expects={f"contact:{maria}": 1}),
        specialist.submission(AddNote(account=maria, text="After the refusal, in its lane.")),
        specialist.submission(AddNote(account=neighbor, text="In another lane.")),
    ]
    answer = await specialist.post(
        "/v1/commands:batch", {"submissions": [submission.document() for submission in batch]}
    )
    assert answer.status_code == 200
    states = [(outcome["id"], outcome["state"]) for outcome in answer.json()["outcomes"]]
    assert states == [
        (str(batch[0].envelope.id), "applied"),
        (str(batch[1].envelope.id), "refused"),
        (str(batch[3].envelope.id), "applied"),
    ]
    assert [UUID(skipped) for skipped in answer.json()["skipped"]] == [batch[2].envelope.id]


async def test_metrics_count_commands_requests_and_heads(edge: Any, specialist: Any) -> None:
    submission = specialist.submission(report(), counter=7)
    await specialist.put(submission)
    await specialist.put(submission)
    await specialist.do(report(premise="P0001208"))
    await edge.post_session("clerk", password="wrong wrong wrong")
    page = (await edge.http.get("/metrics")).text
    for line in (
        'csr_commands_total{kind="outage.report",state="applied"} 1.0',
        'csr_commands_total{kind="outage.report",state="refused"} 1.0',
        "csr_command_replays_total 1.0",
        "csr_counter_gaps_total 1.0",
        'csr_sign_in_failures_total{code="sign-in-failed"} 1.0',
        'csr_requests_total{method="PUT",route="/v1/commands/{command_id}",status="201"} 1.0',
        'csr_request_seconds_count{method="PUT",route="/v1/commands/{command_id}"} 3.0',
        'csr_chain_seq{office="main"} 2.0',
    ):
        assert line in page
    assert 'csr_feed_head{office="main"}' in page
