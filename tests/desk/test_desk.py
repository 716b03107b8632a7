"""The workstation from outside: entering, draining, locking, restarting, ending a shift."""

from pathlib import Path
from uuid import UUID

import pytest
from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.desk.opened import OpenDesk, Opened
from tests.desk.parts import note

from csr_console.contracts.envelope import Submission
from csr_console.desk.events import (
    AccountChanged,
    HazardAlarm,
    OutagesChanged,
    OutcomeArrived,
    SignedOut,
    StatusChanged,
)
from csr_console.desk.model import Draft, StoreLocked, Unreachable
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.domain.accounts.commands import UpdateContact
from csr_console.domain.outages.commands import OpenHazard
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

Given = tuple[int, dict[str, str], bytes]
HTML = (200, {"content-type": "text/html"}, b"<html>Please accept</html>")


async def portal(_method: str, _path: str) -> Given | None:
    return HTML


def clash(_submission: Submission) -> Answer:
    fields = {"phone_1": {"theirs": "8505550111", "by": "jdoe", "at": "now", "yours": "8505550199"}}
    return Conflict("clash", "Changed by someone else.", facts={"fields": fields})


def test_a_note_is_applied_and_answered_with_its_witness(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    receipt = desk.submit(note(3), id=desk.new_id(), wait_s=10)
    assert receipt.state == "applied"
    assert receipt.answer == "Done."
    assert receipt.outcome is not None
    assert receipt.outcome.witness == central.witness(1)
    assert central.applied == [receipt.id]
    signed_in.events.until(lambda: len(signed_in.events.of(OutcomeArrived)) == 1)
    assert AccountChanged(number(3)) in signed_in.events.of(AccountChanged)


def test_a_second_enter_is_the_same_receipt(signed_in: Opened, central: FakeCentral) -> None:
    desk, command_id = signed_in.desk, signed_in.desk.new_id()
    first = desk.submit(note(3), id=command_id, wait_s=10)
    assert desk.submit(note(3), id=command_id, wait_s=10) == first
    assert central.applied == [command_id]


def test_every_customer_is_found_after_the_snapshot(signed_in: Opened) -> None:
    found = signed_in.desk.entry(number(77))
    assert found is not None
    assert found.name == "Maria Lopez 77"
    assert signed_in.desk.resolve(number(77)).exact
    beside = signed_in.desk.neighbor(number(77), 1)
    assert beside is not None
    assert beside.service_address == "178 Oak St"


def test_an_account_is_kept_with_its_age(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    assert desk.account(number(5)) is None
    viewed = desk.refresh_account(number(5))
    assert viewed.view.entry.account == number(5)
    assert not viewed.stale
    assert desk.account(number(5)) == viewed
    again = desk.refresh_account(number(5))
    assert again.view == viewed.view
    assert again.as_of > viewed.as_of
    with pytest.raises(Refusal, match="No such account"):
        desk.refresh_account("000000000")
    central.put_entry(entry(5, version=2))
    signed_in.events.until(lambda: desk.account(number(5)).stale)  # type: ignore[union-attr]


def test_a_conflict_is_shown_and_resent_under_a_new_id(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    central.decide = clash
    change = UpdateContact(account=number(5), phone_1="8505550199")
    lost = desk.submit(change, id=desk.new_id(), expects={f"contact:{number(5)}": 1}, wait_s=10)
    assert lost.state == "conflict"
    assert lost.problem is not None
    assert lost.problem.facts["fields"]["phone_1"]["theirs"] == "8505550111"
    assert desk.status().attention == 1
    (item,) = desk.queue(open_only=True)
    assert (item.command, item.expects) == (change, {f"contact:{number(5)}": 1})
    central.decide = lambda _submission: None
    again = desk.resend(lost.id, change, expects={f"contact:{number(5)}": 2}, wait_s=10)
    assert (again.state, again.id == lost.id) == ("applied", False)
    assert desk.queue(open_only=True) == []
    assert desk.status().attention == 0
    assert desk.outcome(lost.id).state == "conflict"  # type: ignore[union-attr]


def test_discarding_is_itself_a_command_with_its_reason(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    desk.work_offline(True)
    unwanted = desk.submit(note(5), id=desk.new_id())
    receipt = desk.discard(unwanted.id, "Customer called back")
    assert receipt.state == "queued"
    desk.work_offline(False)
    signed_in.events.until(lambda: receipt.id in central.applied)
    assert unwanted.id not in central.outcomes
    sent = Submission.model_validate_json(central.bodies[receipt.id][0]).envelope.command
    assert (sent["discarded"], sent["reason"]) == (str(unwanted.id), "Customer called back")


def test_the_clerks_own_switch_stops_everything_that_speaks(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    desk.work_offline(True)
    receipt = desk.submit(note(5), id=desk.new_id(), wait_s=5)
    assert (receipt.state, receipt.answer) == ("queued", "Waiting to be sent.")
    assert desk.status().network == "manual offline"
    for act in (
        lambda: desk.refresh_account(number(5)),
        lambda: desk.online.verify_answers(number(5), ["4417"]),
        desk.online.approvals,
        lambda: desk.online.dry_run(note(5), id=desk.new_id()),
    ):
        with pytest.raises(Unreachable, match="works offline"):
            act()
    assert desk.entry(number(5)) is not None
    desk.work_offline(False)
    signed_in.events.until(lambda: central.applied == [receipt.id])


def test_a_captive_portal_is_offline_with_its_name_and_heals(signed_in: Opened, central: FakeCentral) -> None:
    desk, events = signed_in.desk, signed_in.events
    central.hook = portal
    receipt = desk.submit(note(5), id=desk.new_id(), wait_s=10)
    assert receipt.state in ("unconfirmed", "queued")
    events.until(lambda: desk.status().network == "offline")
    assert desk.status().sentence == "a sign-in page of the network is in the way"
    assert desk.status().since is not None
    central.hook = None
    events.until(lambda: central.applied == [receipt.id])
    events.until(lambda: desk.status().network == "online")
    assert any(event.status.network == "offline" for event in events.of(StatusChanged))


def test_a_central_of_another_version_is_offline_with_a_sentence(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk

    async def too_new(_method: str, _path: str) -> Given | None:
        return central.problem(Fault("other-version", "Update this workstation to 9.0."))

    central.hook = too_new
    receipt = desk.submit(note(5), id=desk.new_id(), wait_s=0)
    signed_in.events.until(lambda: desk.status().sentence == "Update this workstation to 9.0.")
    (kept,) = desk.queue()
    assert kept.id == receipt.id
    assert kept.state in ("queued", "sending", "unconfirmed")
    assert central.applied == []
    central.hook = None


def test_asking_central_beside_the_queue(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    result = desk.online.verify_answers(number(5), ["4417"])
    assert (result.factors, result.proof) == (["ssn4"], "signed")
    both = desk.online.verify_answers(number(5), ["3/8/1961"], result.proof)
    assert (both.factors, both.proof) == (["birth_date", "ssn4"], "signed again")
    assert desk.online.approvals() == []
    tried = desk.online.dry_run(note(5), id=desk.new_id())
    assert tried.state == "applied"
    assert central.applied == []
    assert desk.queue() == []


def test_a_session_that_central_ends_is_told_and_the_queue_waits(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk, events = signed_in.desk, signed_in.events
    central.end_sessions()
    receipt = desk.submit(note(5), id=desk.new_id(), wait_s=3)
    events.until(lambda: bool(events.of(SignedOut)))
    assert desk.queue()[0].state == "queued"
    assert not desk.status().signed_in
    desk.sign_in("jdoe", "battery")
    events.until(lambda: central.applied == [receipt.id])


def test_sign_out_user_switch_and_restart_keep_what_is_queued(
    open_desk: OpenDesk, central: FakeCentral
) -> None:
    central.fill(10)
    first = open_desk()
    first.desk.sign_in("mlopez", "correct horse")
    first.events.until(lambda: first.desk.status().roster_count == 10)
    first.desk.work_offline(True)
    entered = [first.desk.submit(note(position), id=first.desk.new_id()).id for position in range(1, 6)]
    draft = Draft(
        first.desk.new_id(),
        "note.add",
        "Add a note",
        number(1),
        {"text": "half a"},
        first.desk.queue()[0].entered_at,
    )
    first.desk.save_draft(draft)
    first.desk.sign_out()
    first.desk.close()
    again = open_desk()
    assert [item.id for item in again.desk.queue()] == entered
    assert again.desk.drafts() == [draft]
    assert (again.desk.actor, again.desk.locked, again.desk.status().signed_in) == (None, False, False)
    assert again.desk.entry(number(3)) is not None
    again.desk.drop_draft(draft.id)
    assert again.desk.drafts() == []
    again.desk.sign_in("jdoe", "battery")
    again.events.until(lambda: central.applied == entered)
    senders = {Submission.model_validate_json(bodies[0]).envelope.actor for bodies in central.bodies.values()}
    assert senders == {"mlopez"}


def test_the_lock_screen_drains_on_and_the_pin_opens_it(
    signed_in: Opened, open_desk: OpenDesk, central: FakeCentral
) -> None:
    desk = signed_in.desk
    desk.set_pin("4417")
    desk.work_offline(True)
    receipt = desk.submit(note(5), id=desk.new_id())
    desk.lock()
    desk.work_offline(False)
    signed_in.events.until(lambda: central.applied == [receipt.id])
    with pytest.raises(Refusal, match="Unlock"):
        desk.submit(note(6), id=desk.new_id())
    assert desk.unlock("4417").login == "mlopez"
    desk.close()
    again = open_desk()
    assert (again.desk.locked, again.desk.last_login, again.desk.has_pin()) == (True, "mlopez", True)
    assert again.desk.unlock("4417").login == "mlopez"
    assert again.desk.submit(note(6), id=again.desk.new_id(), wait_s=10).state == "applied"


def test_without_a_pin_the_password_unlocks(signed_in: Opened) -> None:
    desk = signed_in.desk
    desk.lock()
    with pytest.raises(Refusal, match="Check the login"):
        desk.unlock("wrong")
    assert desk.unlock("correct horse").login == "mlopez"
    assert not desk.locked


def test_five_wrong_pins_erase_the_customers_and_keep_the_queue(
    signed_in: Opened, central: FakeCentral, tmp_path: Path
) -> None:
    desk = signed_in.desk
    desk.set_pin("4417")
    desk.refresh_account(number(5))
    desk.work_offline(True)
    receipt = desk.submit(note(5), id=desk.new_id())
    desk.lock()
    for _ in range(5):
        with pytest.raises(Refusal):
            desk.unlock("0123")
    assert desk.entry(number(5)) is None
    assert desk.account(number(5)) is None
    assert [item.id for item in desk.queue()] == [receipt.id]
    desk.work_offline(False)
    desk.unlock("correct horse")
    signed_in.events.until(lambda: central.applied == [receipt.id])
    signed_in.events.until(lambda: desk.status().roster_count == 120)
    assert (tmp_path / "desk" / "outbox.db").exists()


def test_a_danger_that_central_does_not_hear_of_alarms_with_the_phone_path(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk, events = signed_in.desk, signed_in.events
    central.hook = portal
    hazard = desk.new_id()
    command = OpenHazard.model_validate(
        {"hazard_id": hazard, "hazard": "gas", "opened_at": "2026-08-30T14:02:00Z"}
    )
    desk.submit(command, id=desk.new_id(), wait_s=0)
    assert [shown.id for shown in desk.hazards()] == [hazard]
    events.until(lambda: bool(events.of(HazardAlarm)), seconds=30)
    alarm = events.of(HazardAlarm)[0]
    assert alarm.hazard_id == hazard
    assert "850-555-0100" in alarm.sentence


def test_outages_of_others_arrive_by_themselves(signed_in: Opened, central: FakeCentral) -> None:
    from tests.desk.test_puller import REPORT

    before = len(signed_in.events.of(OutagesChanged))
    central.tell("report", REPORT["id"], REPORT)
    signed_in.events.until(lambda: [report.number for report in signed_in.desk.reports()] == [7])
    signed_in.events.until(lambda: len(signed_in.events.of(OutagesChanged)) > before)


def test_the_shift_adds_up_against_centrals_log(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    central.decide = lambda one: (
        Refusal("account-closed", "Final.") if one.envelope.command["account"] == number(2) else None
    )
    for position in (1, 2, 3):
        desk.submit(note(position), id=desk.new_id(), wait_s=10)
    result = desk.reconcile()
    assert result.balanced
    assert (result.entered, result.open) == (3, 0)
    assert result.counts == {"applied": 2, "refused": 1}
    assert result.central_head == result.witness == central.witness(3)


def test_a_log_that_was_cut_or_rewritten_at_central_is_found_out(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    for position in (1, 2, 3):
        desk.submit(note(position), id=desk.new_id(), wait_s=10)
    whole = list(central.chain)
    central.chain = [*whole[:2], "f" * 64, "e" * 64]
    assert desk.reconcile().findings == ("Central's audit log was changed at or before 3.",)
    central.chain = whole[:1]
    result = desk.reconcile()
    assert not result.balanced
    assert "ends at 1, but it gave this station 3" in result.findings[0]
    desk.work_offline(True)
    assert "could not be compared" in desk.reconcile().findings[0]


def test_what_is_open_counts_as_open_at_the_end_of_the_shift(signed_in: Opened) -> None:
    desk = signed_in.desk
    desk.work_offline(True)
    desk.submit(note(1), id=desk.new_id())
    result = desk.reconcile()
    assert (result.entered, result.open, result.counts) == (1, 1, {"queued": 1})


def test_a_queue_row_that_vanished_is_found_at_the_end_of_the_shift(signed_in: Opened) -> None:
    desk = signed_in.desk
    desk.work_offline(True)
    for position in (1, 2, 3):
        desk.submit(note(position), id=desk.new_id())
    with desk._files.outbox_store.write() as connection:
        connection.execute("DELETE FROM command WHERE seq = 2")
    result = desk.reconcile()
    assert not result.balanced
    assert (result.entered, sum(result.counts.values())) == (3, 2)
    assert desk.verify_outbox() == [
        "2 to 2 are missing from the queue.",
        "Command 3 (note.add) does not follow from the one before it.",
    ]


def test_two_consoles_of_one_station_share_the_queue_and_send_nothing_twice(
    open_desk: OpenDesk, central: FakeCentral
) -> None:
    central.fill(10)
    first = open_desk()
    first.desk.sign_in("mlopez", "correct horse")
    first.events.until(lambda: first.desk.status().roster_count == 10)
    second = open_desk()
    second.desk.sign_in("jdoe", "battery")
    second.events.until(lambda: second.desk.status().roster_count == 10)
    assert (first.desk.status().drains, second.desk.status().drains) == (True, False)
    receipts = []
    for position in range(1, 9):
        desk = (first, second)[position % 2].desk
        receipts.append(desk.submit(note(position), id=desk.new_id(), wait_s=10))
    assert {receipt.state for receipt in receipts} == {"applied"}
    assert central.applied == [receipt.id for receipt in receipts]
    assert all(len(bodies) == 1 for bodies in central.bodies.values())
    first.desk.close()
    second.events.until(lambda: second.desk.status().drains)
    last = second.desk.submit(note(9), id=second.desk.new_id(), wait_s=10)
    assert last.state == "applied"
    assert second.desk.verify_outbox() == []


def test_a_workstation_under_another_key_does_not_open_and_is_not_touched(
    open_desk: OpenDesk, central: FakeCentral, tmp_path: Path
) -> None:
    open_desk().desk.close()
    folder = tmp_path / "desk"
    before = (folder / "outbox.db").read_bytes()
    (folder / "throw-away.key").unlink()
    other = ThrowAwayKeys(folder)
    other.keys()
    with pytest.raises(StoreLocked, match="was not touched"):
        open_desk()
    assert (folder / "outbox.db").read_bytes() == before
    assert central.applied == []


def test_the_cache_of_another_office_is_erased_before_a_clerk_sees_it(
    signed_in: Opened, central: FakeCentral
) -> None:
    desk = signed_in.desk
    central.office = "quincy"
    central.roster.clear()
    desk.sign_in("jdoe", "battery")
    assert desk.entry(number(5)) is None


def test_a_view_of_a_verified_caller_comes_with_its_level(signed_in: Opened, central: FakeCentral) -> None:
    central.views[number(5)] = account_view(entry(5), verified_level=1, version=2)
    assert signed_in.desk.refresh_account(number(5)).view.verified_level == 1


def test_a_disk_that_is_nearly_full_is_said_until_there_is_room_again(
    signed_in: Opened, central: FakeCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = signed_in.desk
    assert desk.status().sentence == ""
    with monkeypatch.context() as no_room:
        no_room.setattr(desk._files.reserve, "hold", lambda: None)
        assert desk._files.reserve.free()
        assert "nearly full" in desk.status().sentence
    receipt = desk.submit(note(1), id=desk.new_id(), wait_s=10)
    assert central.applied == [receipt.id]
    signed_in.events.until(lambda: desk.status().sentence == "")


def test_ids_are_made_by_the_desk_and_never_repeat(signed_in: Opened) -> None:
    made = [signed_in.desk.new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {UUID(str(one)).version for one in made} == {7}
