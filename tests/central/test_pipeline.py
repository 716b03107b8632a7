"""One transaction from a submission to its outcome: exactly once, in order, refused by rule, or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select

from csr_console.central.reads.commands import find_outcome, head_of, last_counter
from csr_console.central.tables import metadata
from csr_console.central.tables.accounts import timeline
from csr_console.central.tables.commands import command_log
from csr_console.contracts.envelope import Submission, Unspellable, seal
from csr_console.domain.accounts.commands import AddNote, LogInteraction, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.ids import damm_digit, uuid7
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.oversight.commands import DiscardCommand
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Refusal

MARIA = "100482771"
NOBODY = "10048299" + damm_digit("10048299")


def note(text: str = "Gate code changed.", account: str = MARIA) -> AddNote:
    return AddNote(account=account, text=text)


def wrap_up(town: Any) -> LogInteraction:
    return LogInteraction(
        disposition="WRONG-NO", started_at=town.clock.now, talk_seconds=9, summary="Wrong number."
    )


def everything(town: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with town.db.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
            for table in metadata.sorted_tables
        }


def count(town: Any, table: Any) -> int:
    with town.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_command_is_applied_and_answered_with_its_place_in_the_chain(town: Any) -> None:
    submission = town.submission(note())
    outcome, replayed = town.send(submission)
    assert (outcome.state, outcome.answer, replayed) == ("applied", "Note added.", False)
    assert outcome.id == submission.envelope.id
    with town.db.read() as connection:
        assert outcome.witness == head_of(connection, "main")
        assert find_outcome(connection, "main", str(outcome.id)) == outcome
    assert town.outcomes == [outcome]


def test_the_same_id_again_is_the_stored_outcome_and_changes_nothing(town: Any) -> None:
    submission = town.submission(note())
    first = town.send(submission).outcome
    before = everything(town)
    for _ in range(3):
        assert town.send(submission) == (first, True)
    assert everything(town) == before
    assert town.outcomes == [first]


def test_a_replay_years_later_by_somebody_else_is_the_first_outcome(town: Any) -> None:
    submission = town.submission(note(), not_after=town.clock.now + timedelta(days=1))
    first = town.send(submission).outcome
    town.staff.disable("clara")
    town.clock.now += timedelta(days=400)
    assert town.pipeline.apply(submission, requester=town.staff.actors["sam"]) == (first, True)


def test_a_refusal_is_stored_and_replayed_the_same(town: Any) -> None:
    submission = town.submission(note(account=NOBODY))
    first = town.send(submission).outcome
    assert first.state == "refused"
    assert first.problem.code == "not-found"
    assert first.witness is not None
    assert town.send(submission) == (first, True)
    assert count(town, command_log) == 1


def test_an_id_with_another_body_is_refused_and_the_first_outcome_stays(town: Any) -> None:
    submission = town.submission(note("one"))
    first = town.send(submission).outcome
    other = town.submission(note("two"), id=submission.envelope.id)
    with pytest.raises(Refusal, match="Another command") as refused:
        town.send(other)
    assert refused.value.code == "id-reused"
    assert town.send(submission).outcome == first
    assert count(town, timeline) == 1


def test_an_id_of_another_office_is_not_given_away(town: Any, make_town: Callable[[str], Any]) -> None:
    submission = town.submission(note())
    town.send(submission)
    other = make_town("west")
    with pytest.raises(Refusal) as refused:
        other.pipeline.apply(submission, requester=other.staff.actors["sam"])
    assert refused.value.code == "other-office"


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(town: Any) -> None:
    town.do(note())
    before = everything(town)
    submission = town.submission(ReportOutage(premise="P0001204", scope="all", hazard="gas"))
    would, replayed = town.send(submission, dry_run=True)
    assert (would.state, would.result["number"], would.witness, replayed) == ("applied", 1, None, False)
    refused = town.send(town.submission(note(account=NOBODY)), dry_run=True).outcome
    assert refused.problem.code == "not-found"
    assert everything(town) == before
    assert len(town.outcomes) == 1
    assert town.send(submission).outcome.answer == would.answer


def test_a_dry_run_of_a_done_command_is_its_outcome(town: Any) -> None:
    submission = town.submission(note())
    first = town.send(submission).outcome
    assert town.send(submission, dry_run=True) == (first, True)


def _tampered(submission: Submission, **parts: Any) -> Submission:
    return submission.model_copy(update=parts)


def test_a_seal_that_does_not_fit_is_nobodys_command(town: Any) -> None:
    good = town.submission(note())
    forged_actor = good.envelope.model_copy(update={"actor": "lea"})
    for bad in (
        _tampered(good, seal="0" * 64),
        _tampered(good, session=town.staff.session_of("sam")),
        _tampered(good, session=town.staff.session_of("nobody")),
        _tampered(good, envelope=forged_actor),
        _tampered(good, envelope=good.envelope.model_copy(update={"station": "C08"})),
    ):
        with pytest.raises(Refusal) as refused:
            town.pipeline.apply(bad, requester=town.staff.actors["lea"])
        assert refused.value.code == "seal-invalid"
    assert count(town, command_log) == 0
    assert town.pipeline.apply(good, requester=town.staff.actors["sam"]).outcome.state == "applied"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"kind": "tariff.change"}, "unknown-kind"),
        ({"kind": "note.add", "account": MARIA}, "invalid"),
        ({"kind": "note.add", "account": "100482770", "text": "check digit"}, "invalid"),
        ({"kind": "note.add", "account": MARIA, "text": "x", "extra": 1}, "invalid"),
        ({"kind": "outage.plan", "device": "t:FU2", "starts_at": "0001-01-01T00:00:00+14:00",
          "ends_at": "2026-09-01T10:00:00Z", "reason": "because"}, "invalid"),
        ({"kind": "note.add", "account": MARIA, "text": "\ud800"}, "invalid"),
    ],
)  # fmt: skip
def test_what_is_no_command_is_not_stored(town: Any, document: dict[str, Any], code: str) -> None:
    good = town.submission(note(), by="lea")
    envelope = good.envelope.model_copy(update={"command": document})
    try:
        digest = envelope.digest()
    except Unspellable:
        digest = ""
    bad = _tampered(good, envelope=envelope, seal=seal(town.staff.key_of("lea"), digest))
    with pytest.raises(Refusal) as refused:
        town.send(bad)
    assert refused.value.code == code
    assert "extra" not in refused.value.sentence
    assert count(town, command_log) == 0
    assert town.send(good).outcome.state == "applied"


def test_a_counter_or_time_that_no_database_holds_is_invalid(town: Any) -> None:
    too_early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    for bad in (
        town.submission(note(), counter=1 << 63),
        town.submission(note(), id=uuid7(town.clock.now, bytes(10)), issued_at=too_early),
    ):
        with pytest.raises(Refusal) as refused:
            town.send(bad)
        assert refused.value.code == "invalid"
    assert count(town, command_log) == 0


def test_roles_bound_what_is_applied_at_the_time_of_applying(town: Any) -> None:
    submission = town.submission(note())
    town.staff.actors["clara"] = replace(town.staff.actors["clara"], role=Role.AUDITOR)
    outcome = town.send(submission).outcome
    assert (outcome.state, outcome.problem.code) == ("refused", "not-permitted")


def test_an_account_of_another_office_is_named_as_such(town: Any, make_town: Callable[[str], Any]) -> None:
    make_town("west")
    with town.db.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name in ("account", "contact", "service", "account_alert", "balance"):
                connection.execute(table.delete().where(table.c.office == "main", table.c.account == MARIA))
    outcome = town.do(note())
    assert (outcome.state, outcome.problem.code) == ("refused", "other-office")


def test_a_carrier_of_another_office_cannot_hand_a_command_in(
    town: Any, make_town: Callable[[str], Any]
) -> None:
    submission = town.submission(note())
    stranger = town.staff.hire("wanda", Role.LEAD, "west")
    with pytest.raises(Refusal) as refused:
        town.pipeline.apply(submission, requester=stranger)
    assert refused.value.code == "other-office"


def test_not_after_is_judged_by_the_clock_of_central(town: Any) -> None:
    late = town.submission(note(), not_after=town.clock.now + timedelta(minutes=5))
    town.clock.now += timedelta(minutes=6)
    first = town.send(late).outcome
    assert (first.state, first.problem.code) == ("expired", "expired")
    assert town.send(late) == (first, True)
    in_time = town.submission(note(), not_after=town.clock.now + timedelta(minutes=5))
    assert town.send(in_time).outcome.state == "applied"
    assert count(town, timeline) == 1


def test_a_command_discarded_before_it_arrives_is_answered_discarded(town: Any) -> None:
    lost = town.submission(note())
    discard = DiscardCommand(discarded=lost.envelope.id, discarded_kind="note.add", reason="wrong person")
    assert town.do(discard).state == "applied"
    arrived = town.send(lost).outcome
    assert (arrived.state, arrived.problem.code) == ("discarded", "discarded")
    assert town.send(lost) == (arrived, True)
    with pytest.raises(Refusal, match="Another command"):
        town.send(town.submission(note("other"), id=lost.envelope.id))
    assert count(town, timeline) == 0


def test_a_done_command_cannot_be_discarded_and_a_refused_one_keeps_its_outcome(town: Any) -> None:
    done, refused = town.submission(note()), town.submission(note(account=NOBODY))
    town.send(done)
    first = town.send(refused).outcome
    discard = {"discarded_kind": "note.add", "reason": "not wanted"}
    outcome = town.do(DiscardCommand(discarded=done.envelope.id, **discard))
    assert (outcome.state, outcome.problem.code) == ("refused", "already-applied")
    assert town.do(DiscardCommand(discarded=refused.envelope.id, **discard)).state == "applied"
    assert town.send(refused) == (first, True)


def test_a_gap_in_a_stations_counter_is_accepted_and_told(town: Any) -> None:
    assert "counter_gap" not in town.do(note(), counter=1).result
    jumped = town.do(note(), counter=5)
    assert (jumped.state, jumped.result["counter_gap"]) == ("applied", {"first": 2, "last": 4})
    assert "counter_gap" not in town.do(note(), counter=3).result
    assert "counter_gap" not in town.do(note(), counter=6).result
    assert "counter_gap" not in town.do(note(), counter=1, station="C08").result
    with town.db.read() as connection:
        assert last_counter(connection, "main", "C07") == 6


def test_a_wrap_up_without_a_customer_counts_for_the_office(town: Any) -> None:
    outcome = town.do(wrap_up(town))
    assert outcome.state == "applied"
    with town.db.read() as connection:
        row = connection.execute(select(timeline)).one()
    assert (row.account, row.kind, row.entry_id) == (None, "interaction", str(outcome.id))


def test_secret_factors_need_a_proof_of_central(town: Any) -> None:
    factors = (Factor.SSN4, Factor.BIRTH_DATE)
    town.staff.proofs[f"{MARIA}:good"] = frozenset(factors)
    for proof, code in ((None, "proof-invalid"), ("bad", "proof-invalid")):
        outcome = town.do(VerifyCaller(account=MARIA, factors=factors, proof=proof))
        assert outcome.problem.code == code
    more = VerifyCaller(account=MARIA, factors=(*factors, Factor.LICENSE4), proof="good")
    assert town.do(more).problem.code == "proof-invalid"
    outcome = town.do(VerifyCaller(account=MARIA, factors=factors, proof="good"))
    assert (outcome.state, outcome.result["level"]) == ("applied", 2)


def test_a_batch_answers_each_in_order_and_a_refused_one_stops_only_its_lane(town: Any) -> None:
    notes = [town.submission(note(f"note {index}")) for index in range(3)]
    wrong = town.submission(note(account=NOBODY))
    after = town.submission(note("later", account=NOBODY))
    batch = [notes[0], wrong, notes[1], after, notes[2]]
    answer = town.pipeline.apply_batch(batch, requester=town.staff.actors["sam"])
    assert [outcome.id for outcome in answer.outcomes] == [
        submission.envelope.id for submission in (notes[0], wrong, notes[1], notes[2])
    ]
    assert [outcome.state for outcome in answer.outcomes] == ["applied", "refused", "applied", "applied"]
    assert answer.skipped == [after.envelope.id]
    assert town.outcomes == answer.outcomes
    with town.db.read() as connection:
        assert find_outcome(connection, "main", str(after.envelope.id)) is None
        assert answer.outcomes[-1].witness == head_of(connection, "main")


def test_a_batch_of_200_with_replays_and_twins_in_it(town: Any) -> None:
    old = town.submission(note("old"))
    first = town.send(old).outcome
    fresh = [town.submission(note(f"note {index}")) for index in range(198)]
    answer = town.pipeline.apply_batch([old, *fresh, fresh[7]], requester=town.staff.actors["clara"])
    assert answer.outcomes[0] == first
    assert answer.outcomes[-1] == answer.outcomes[8]
    assert {outcome.state for outcome in answer.outcomes} == {"applied"}
    assert count(town, timeline) == 199
    assert [outcome.id for outcome in town.outcomes] == [old.envelope.id, *(s.envelope.id for s in fresh)]


def test_what_is_no_command_leaves_the_rest_of_its_batch_alone(town: Any) -> None:
    forged = _tampered(town.submission(note("forged")), seal="0" * 64)
    other_lane = town.submission(wrap_up(town))
    broken = town.submission(note("broken"))
    broken = _tampered(
        broken,
        envelope=broken.envelope.model_copy(update={"command": {"kind": "note.add", "account": "1"}}),
    )
    same_lane = town.submission(note("waits"))
    batch = [broken, other_lane, forged, same_lane]
    answer = town.pipeline.apply_batch(batch, requester=town.staff.actors["clara"])
    assert [(o.state, o.problem.code if o.problem else "") for o in answer.outcomes] == [
        ("refused", "invalid"), ("applied", ""), ("refused", "seal-invalid"),
    ]  # fmt: skip
    assert [outcome.witness is None for outcome in answer.outcomes] == [True, False, True]
    assert answer.skipped == [same_lane.envelope.id]
    assert count(town, command_log) == 1
    assert len(town.outcomes) == 1


def test_a_command_that_central_breaks_on_leaves_its_batch_and_its_lane_to_be_tried_again(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from csr_console.central.handlers import WRITES
    from csr_console.domain.accounts.decide import EntryAdded

    write = WRITES[EntryAdded]

    def breaking(applying: Any, change: EntryAdded) -> None:
        write(applying, change)
        if change.text == "poison":
            raise KeyError(change.text)
        if change.text == "twice":
            write(applying, change)

    poison, twice, waits = (town.submission(note(text)) for text in ("poison", "twice", "waits"))
    other = town.submission(wrap_up(town))
    with monkeypatch.context() as patch:
        patch.setitem(WRITES, EntryAdded, breaking)
        requester = town.staff.actors["clara"]
        answer = town.pipeline.apply_batch([poison, other, waits], requester=requester)
        assert [(o.state, o.problem and o.problem.code) for o in answer.outcomes] == [
            ("refused", "broken"), ("applied", None),
        ]  # fmt: skip
        assert answer.skipped == [waits.envelope.id]
        assert town.pipeline.apply_batch([twice], requester=requester).outcomes[0].problem.code == "broken"
        with pytest.raises(KeyError):
            town.send(poison)
    assert count(town, timeline) == 1
    for submission in (poison, twice, waits):
        assert town.send(submission).outcome.state == "applied"


def test_the_head_of_the_chain_follows_a_batch_with_savepoints_rolled_back(town: Any) -> None:
    forged = [_tampered(town.submission(note("x", MARIA)), seal="0" * 64) for _ in range(2)]
    good = [
        town.submission(ReportOutage(location=f"Oak & {n}", scope="all", hazard="none")) for n in range(3)
    ]
    answer = town.pipeline.apply_batch(
        [good[0], forged[0], good[1], forged[1], good[2]], requester=town.staff.actors["clara"]
    )
    witnesses = [outcome.witness for outcome in answer.outcomes if outcome.witness]
    assert [witness.seq for witness in witnesses] == [1, 2, 3]
    assert [o.result["number"] for o in answer.outcomes if o.state == "applied"] == [1, 2, 3]
