"""Sending what is queued: order, batches, doubts, and one bad item that stops only its lane."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.desk.fake_central import FakeCentral, number
from tests.desk.parts import Clock, Parts, note

from csr_console.contracts.envelope import Submission
from csr_console.contracts.problems import MEDIA_TYPE
from csr_console.desk.drainer import FIRST_SIZE, HELD_S, MOST, Pace
from csr_console.desk.model import EQUAL_FAULTS
from csr_console.desk.store.outbox import new_id
from csr_console.domain.outages.commands import OpenHazard, ReportOutage
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

Given = tuple[int, dict[str, str], bytes]
HTML = (200, {"content-type": "text/html"}, b"<html>Please accept</html>")


@pytest.fixture
async def parts(tmp_path: Path, central: FakeCentral) -> AsyncIterator[Parts]:
    made = Parts(tmp_path / "station", central, Clock())
    await made.sign_in()
    yield made
    await made.close()


def report(position: int, hazard: str = "none") -> ReportOutage:
    return ReportOutage.model_validate(
        {"account": number(position), "premise": f"P{position:07d}", "scope": "all", "hazard": hazard}
    )


def refuse(*accounts: int, code: str = "account-closed") -> object:
    """A central that refuses what concerns these accounts."""
    wanted = {number(position) for position in accounts}

    def decide(submission: Submission) -> Answer | None:
        if submission.envelope.command.get("account") in wanted:
            return Conflict("clash", "Changed.") if code == "clash" else Refusal(code, "No.")
        return None

    return decide


async def test_one_command_goes_alone_and_byte_for_byte(parts: Parts, central: FakeCentral) -> None:
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "applied"
    assert central.bodies[one] == [parts.row(one)["body"]]
    assert central.requests[-1] == f"PUT /v1/commands/{one}"


async def test_many_go_in_batches_that_grow_in_the_order_they_were_entered(
    parts: Parts, central: FakeCentral
) -> None:
    entered = [parts.enter(note(position % 50)) for position in range(450)]
    await parts.step(8)
    assert central.applied == entered
    assert central.batch_sizes == [FIRST_SIZE, 32, 64, 128, MOST, 450 - FIRST_SIZE - 224 - MOST]
    assert [counter for _station, counter in central.order] == list(range(1, 451))


async def test_what_was_chosen_is_not_sent_once_the_clerk_works_offline(
    parts: Parts, central: FakeCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = parts.enter(note(1))
    choose = parts.drainer._choose

    def meanwhile() -> object:
        parts.network.work_offline(True)
        return choose()

    monkeypatch.setattr(parts.drainer, "_choose", meanwhile)
    await parts.step()
    assert (parts.state(one), central.applied) == ("queued", [])


async def test_a_refused_command_stops_only_its_lane_until_it_is_fixed(
    parts: Parts, central: FakeCentral
) -> None:
    central.decide = refuse(1)  # type: ignore[assignment]
    bad, behind, other = parts.enter(note(1)), parts.enter(note(1)), parts.enter(note(2))
    await parts.step(4)
    assert [parts.state(one) for one in (bad, behind, other)] == ["refused", "queued", "applied"]
    assert parts.row(behind)["attempts"] == 0
    central.decide = lambda _submission: None
    fixed = parts.enter(note(1, "Corrected"), replaces=bad)
    await parts.step(2)
    assert [parts.state(one) for one in (bad, behind, fixed)] == ["refused", "applied", "applied"]
    assert parts.row(bad)["replaced_by"] == str(fixed)


@pytest.mark.parametrize(("code", "state"), [("clash", "conflict"), ("not-verified", "refused")])
async def test_discarding_opens_the_lane_again(
    parts: Parts, central: FakeCentral, code: str, state: str
) -> None:
    central.decide = refuse(1, code=code)  # type: ignore[assignment]
    bad, behind = parts.enter(note(1)), parts.enter(note(1))
    await parts.step(2)
    assert parts.state(bad) == state
    central.decide = lambda _submission: None
    parts.outbox.discard(bad, "Wrong number", discard_id=new_id(parts.clock()), author=parts.session.author())
    await parts.step(3)
    assert [parts.state(one) for one in (bad, behind)] == ["discarded", "applied"]


async def test_a_danger_to_life_goes_first_and_passes_a_stopped_lane(
    parts: Parts, central: FakeCentral
) -> None:
    def decide(submission: Submission) -> Answer | None:
        calm = submission.envelope.command.get("hazard") == "none"
        return Refusal("not-connected", "No.") if calm else None

    central.decide = decide
    stopped, behind = parts.enter(report(1)), parts.enter(report(1))
    await parts.step(2)
    waits = parts.enter(note(9))
    urgent = parts.enter(report(1, hazard="wire_down"))
    central.decide = lambda _submission: None
    await parts.step()
    assert parts.state(urgent) == "applied"
    assert parts.state(waits) == "queued"
    assert [parts.state(one) for one in (stopped, behind)] == ["refused", "queued"]


async def test_a_lost_answer_is_unconfirmed_and_resolved_by_the_same_id(
    parts: Parts, central: FakeCentral
) -> None:
    async def lose(method: str, _path: str) -> Given | None:
        return HTML if method == "PUT" else None

    central.after = lose
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "unconfirmed"
    assert parts.row(one)["attempts"] == 1
    assert parts.doubts == 1
    central.after = None
    await parts.step()
    assert parts.state(one) == "applied"
    assert central.applied == [one]
    assert central.bodies[one][0] == central.bodies[one][1]


async def test_a_request_that_never_left_stays_queued(parts: Parts) -> None:
    import httpx

    async def refuse_connection(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    parts.gateway._given = httpx.MockTransport(refuse_connection)
    await parts.gateway.close()
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "queued"
    assert parts.doubts == 1


async def test_a_batch_that_is_too_large_is_halved_without_counting(
    parts: Parts, central: FakeCentral
) -> None:
    refused = central.problem(Refusal("not-acceptable", "Send smaller parts."))

    async def small_only(_method: str, path: str) -> Given | None:
        return refused if path.endswith(":batch") and len(central.requests) < 5 else None

    central.hook = small_only
    entered = [parts.enter(note(position)) for position in range(20)]
    await parts.step(8)
    assert sorted(central.applied) == sorted(entered)
    assert central.batch_sizes[0] < FIRST_SIZE


async def test_one_command_that_is_too_large_is_refused_with_the_reason(
    parts: Parts, central: FakeCentral
) -> None:
    async def too_large(method: str, _path: str) -> Given | None:
        return central.problem(Refusal("not-acceptable", "Too long.")) if method == "PUT" else None

    central.hook = too_large
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "refused"


async def test_retry_after_is_obeyed_and_no_attempt_counted(parts: Parts, central: FakeCentral) -> None:
    async def busy(method: str, _path: str) -> Given | None:
        if method != "PUT":
            return None
        status, headers, body = central.problem(Fault("unavailable", "Busy."))
        return status, {**headers, "retry-after": "7"}, body

    central.hook = busy
    one = parts.enter(note(1))
    await parts.drainer.step()
    assert parts.state(one) == "queued"
    assert parts.row(one)["attempts"] == 0
    asked = len(central.requests)
    assert 0 < await parts.drainer.step() <= 14
    assert len(central.requests) == asked
    assert 6 < parts.drainer._pace.left() <= 14


def test_two_hundred_desks_that_were_asked_to_wait_come_back_one_by_one() -> None:
    paces = [Pace() for _ in range(200)]
    for pace in paces:
        pace.obey(2.0)
    left = sorted(pace.left() for pace in paces)
    assert left[0] > 1.9
    assert max(sum(start <= one < start + 0.2 for one in left) for start in left) < 60


async def test_an_expired_token_is_refreshed_and_the_batch_goes_on(
    parts: Parts, central: FakeCentral
) -> None:
    entered = [parts.enter(note(position)) for position in range(5)]
    central.expire_tokens()
    await parts.step()
    assert central.applied == entered
    assert {parts.row(one)["attempts"] for one in entered} == {1}


async def test_without_a_session_the_drain_stops_and_counts_nothing(
    parts: Parts, central: FakeCentral
) -> None:
    one = parts.enter(note(1))
    central.end_sessions()
    await parts.step()
    assert parts.state(one) == "queued"
    assert parts.row(one)["attempts"] == 0
    assert parts.ended == 1
    asked = len(central.requests)
    await parts.step(3)
    assert len(central.requests) == asked
    await parts.sign_in("jdoe", "battery")
    await parts.step()
    assert parts.state(one) == "applied"


async def test_a_colleague_sends_what_the_last_shift_left_under_its_own_seal(
    parts: Parts, central: FakeCentral
) -> None:
    one = parts.enter(note(1))
    first = parts.session.author().session
    await parts.session.sign_out()
    await parts.sign_in("jdoe", "battery")
    await parts.step()
    assert parts.state(one) == "applied"
    sent = Submission.model_validate_json(central.bodies[one][0])
    assert sent.session == first
    assert sent.envelope.actor == "mlopez"


async def test_five_equal_faults_park_a_lane_while_the_rest_flows(parts: Parts, central: FakeCentral) -> None:
    def decide(submission: Submission) -> Answer | None:
        bad = submission.envelope.command.get("account") == number(1)
        return Fault("broken", "Something broke.") if bad else None

    central.decide = decide
    poison, behind = parts.enter(note(1)), parts.enter(note(1))
    others = []
    for _ in range(30):
        others.append(parts.enter(note(2 + len(others))))
        await parts.step()
        parts.clock.jump(seconds=10)
    await parts.step(4)
    assert parts.row(poison)["parked"] == 1
    assert parts.row(poison)["faults"] == EQUAL_FAULTS
    assert parts.state(behind) != "applied"
    assert {parts.state(one) for one in others} == {"applied"}
    central.decide = lambda _submission: None
    parts.outgoing.retry(poison)
    await parts.step(3)
    assert parts.state(poison) == parts.state(behind) == "applied"


async def test_nothing_is_parked_while_all_of_central_is_broken(parts: Parts, central: FakeCentral) -> None:
    central.decide = lambda _submission: Fault("broken", "Something broke.")
    entered = [parts.enter(note(position)) for position in range(4)]
    for _ in range(60):
        await parts.step()
        parts.clock.jump(seconds=10)
    assert {parts.row(one)["parked"] for one in entered} == {0}
    central.decide = lambda _submission: None
    for _ in range(10):
        await parts.step()
        parts.clock.jump(seconds=10)
    assert {parts.state(one) for one in entered} == {"applied"}


async def test_a_held_command_is_asked_about_until_somebody_has_decided(
    parts: Parts, central: FakeCentral
) -> None:
    central.held_kinds = {"note.add"}
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "held"
    decided = central.outcomes[one].model_copy(update={"state": "applied", "answer": "Approved."})
    central.outcomes[one] = decided
    parts.drainer._held_at -= HELD_S
    await parts.step()
    assert parts.state(one) == "applied"


async def test_discarding_what_was_applied_after_all_shows_it_as_applied(
    parts: Parts, central: FakeCentral
) -> None:
    async def lose(method: str, _path: str) -> Given | None:
        return HTML if method == "PUT" else None

    central.after = lose
    one = parts.enter(note(1))
    await parts.step()
    central.after = None

    def decide(submission: Submission) -> Answer | None:
        discard = submission.envelope.kind == "command.discard"
        return Refusal("already-applied", "Central had already applied it.") if discard else None

    central.decide = decide
    given = parts.outbox.discard(
        one, "Not wanted", discard_id=new_id(parts.clock()), author=parts.session.author()
    )
    assert parts.state(one) == "discarded"
    await parts.step(3)
    assert parts.state(one) == "applied"
    assert parts.row(UUID(given["command_id"]))["replaced_by"] == str(one)


async def test_what_is_on_the_wire_is_not_discarded(parts: Parts) -> None:
    one = parts.enter(note(1))
    parts.outgoing.mark([one], "sending")
    with pytest.raises(Conflict, match="being sent"):
        parts.outbox.discard(one, "Wrong", discard_id=new_id(parts.clock()), author=parts.session.author())


async def test_what_a_dead_drainer_left_on_the_wire_is_unconfirmed(
    parts: Parts, tmp_path: Path, central: FakeCentral
) -> None:
    one = parts.enter(note(1))
    parts.outgoing.mark([one], "sending")
    parts.turn.give()
    again = Parts(tmp_path / "station", central, parts.clock)
    assert await again.drainer.take_turn()
    assert again.state(one) == "unconfirmed"
    await again.close()


async def test_only_one_console_of_a_station_drains(
    parts: Parts, tmp_path: Path, central: FakeCentral
) -> None:
    assert await parts.drainer.take_turn()
    second = Parts(tmp_path / "station", central, parts.clock)
    await second.sign_in()
    one = second.enter(note(1))
    await second.step(3)
    assert second.state(one) == "queued"
    await parts.step()
    assert second.state(one) == "applied"
    parts.turn.give()
    two = second.enter(note(2))
    await second.step(2)
    assert second.state(two) == "applied"
    assert central.applied == [one, two]
    await second.close()


@pytest.mark.parametrize("days", [3, -3])
async def test_a_clock_that_jumps_changes_no_order_and_wedges_nothing(
    parts: Parts, central: FakeCentral, days: int
) -> None:
    entered = [parts.enter(note(1, "first"))]
    parts.clock.jump(days=days)
    entered += [parts.enter(note(1, "second"))]
    parts.clock.jump(days=-days)
    entered += [parts.enter(note(1, "third"))]
    await parts.step(2)
    assert central.applied == entered


async def test_a_wait_made_under_another_clock_binds_nobody(parts: Parts, central: FakeCentral) -> None:
    central.decide = lambda _submission: Fault("broken", "Something broke.")
    parts.clock.jump(days=3)
    one = parts.enter(note(1))
    assert await parts.drainer.take_turn()
    await parts.step()
    assert parts.row(one)["faults"] == 1
    parts.clock.jump(days=-3)
    central.decide = lambda _submission: None
    await parts.step()
    assert parts.state(one) == "applied"


async def test_hazards_of_one_record_stay_in_order(parts: Parts, central: FakeCentral) -> None:
    hazard = new_id(parts.clock())
    opened = parts.enter(
        OpenHazard.model_validate({"hazard_id": hazard, "hazard": "gas", "opened_at": parts.clock()})
    )
    parts.enter(note(1))
    await parts.step(3)
    assert central.applied[0] == opened


async def test_another_version_of_central_is_a_sentence_and_nothing_is_lost(
    parts: Parts, central: FakeCentral
) -> None:
    async def too_new(method: str, _path: str) -> Given | None:
        problem = central.problem(Fault("other-version", "Update this workstation to 9.0."))
        return problem if method == "PUT" else None

    central.hook = too_new
    one = parts.enter(note(1))
    await parts.step()
    assert parts.state(one) == "queued"
    assert parts.drainer.sentence == "Update this workstation to 9.0."
    assert MEDIA_TYPE == "application/problem+json"
