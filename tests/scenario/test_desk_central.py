"""Desks on the real central service, through weather: once each, in order, and the books agree."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select
from tests.desk.opened import Events
from tests.scenario.town import Town

from csr_console.central.chain import verify_audit
from csr_console.central.database import Database
from csr_console.central.tables.commands import command_log
from csr_console.demo.network import Weather
from csr_console.desk.desk import Desk
from csr_console.domain.accounts.commands import AddNote, UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.outages.commands import OpenHazard, ReportOutage
from csr_console.domain.oversight.commands import DecideApproval

OFFICE = "demo"


class Staffed:
    """A desk with somebody at it, and what it told."""

    def __init__(self, town: Town, **options: Any) -> None:
        self.events = Events()
        self.desk: Desk = town.open_desk(self.events, **options)


def customers(desk: Desk, count: int) -> list[str]:
    """Some active customers of the roster."""
    with desk._workspace.roster.reader() as reader:
        found = [entry for digit in "123456789" for entry in reader.by_account(digit, 200)]
    return [entry.account for entry in found if entry.status == "active" and not entry.flags][:count]


def books(town: Town, *desks: Desk) -> list[Any]:
    """Central's log, verified row by row and against what the desks were told."""
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    try:
        told = [witness for desk in desks if (witness := desk.reconcile().witness)]
        assert verify_audit(db, OFFICE, told) == []
        with db.read() as connection:
            statement = select(command_log).where(command_log.c.office == OFFICE)
            return list(connection.execute(statement.order_by(command_log.c.seq)))
    finally:
        db.close()


def report(desk: Desk, account: str, **values: Any) -> ReportOutage:
    entry = desk.entry(account)
    assert entry is not None
    document = {"account": account, "premise": entry.premise, "scope": "all", "hazard": "none"}
    return ReportOutage.model_validate({**document, **values})


@pytest.mark.parametrize(
    "weather", [Weather(lost_answer=0.15, reset=0.1), Weather(jitter=0.05, lost_answer=0.3)]
)
def test_lost_answers_and_restarts_apply_everything_once_and_in_order(town: Town, weather: Weather) -> None:
    staffed = Staffed(town)
    people = customers(staffed.desk, 8)
    entered: list[tuple[str, str]] = []
    for round_ in range(3):
        town._network.set_weather(weather)
        for position in range(20):
            account = people[position % len(people)]
            command_id = staffed.desk.new_id()
            staffed.desk.submit(
                AddNote(account=account, text=f"{round_}.{position}"), id=command_id, wait_s=0.05
            )
            entered.append((str(command_id), account))
        staffed.desk.close()
        town.set_weather("good")
        staffed = Staffed(town)
    desk = staffed.desk
    staffed.events.until(lambda: not desk.queue(open_only=True), seconds=60)
    rows = books(town, desk)
    applied = [row.command_id for row in rows if row.state == "applied"]
    assert Counter(applied) == Counter(command_id for command_id, _account in entered)
    for account in people:
        of_lane = [command_id for command_id, owner in entered if owner == account]
        assert [command_id for command_id in applied if command_id in of_lane] == of_lane
    assert [row.counter for row in rows] == sorted(row.counter for row in rows)
    result = desk.reconcile()
    assert result.balanced
    assert (result.entered, result.counts, result.open) == (60, {"applied": 60}, 0)
    assert desk.verify_outbox() == []
    desk.close()


def test_a_thousand_queued_commands_drain_and_stand_in_the_log_once(town: Town) -> None:
    staffed = Staffed(town)
    desk = staffed.desk
    people = customers(desk, 60)
    desk.work_offline(True)
    for position in range(1000):
        desk.submit(AddNote(account=people[position % 60], text=f"Note {position}"), id=desk.new_id())
    assert desk.status().queued == 1000
    desk.work_offline(False)
    staffed.events.until(lambda: desk.status().queued + desk.status().unconfirmed == 0, seconds=120)
    assert len(books(town, desk)) == 1000
    desk.close()


def test_two_clerks_change_the_same_field_and_one_of_them_decides(town: Town) -> None:
    mine, theirs = Staffed(town), Staffed(town, login="colleague", station="C08")
    account = customers(mine.desk, 1)[0]
    for staffed in (mine, theirs):
        staffed.desk.refresh_account(account)
        verified = VerifyCaller(account=account, factors=(Factor.PHOTO_ID,))
        assert staffed.desk.submit(verified, id=staffed.desk.new_id(), wait_s=20).state == "applied"
    seen = mine.desk.refresh_account(account).view.contact.version
    resource = f"contact:{account}"
    mine.desk.work_offline(True)
    change = UpdateContact(account=account, phone_1="8505550198")
    mine.desk.submit(change, id=mine.desk.new_id(), expects={resource: seen})
    viewed = mine.desk.account(account)
    assert viewed is not None
    assert (viewed.view.contact.phone_1, viewed.pending_fields) == ("8505550198", {"phone_1"})
    other = UpdateContact(account=account, phone_1="8505550111")
    answered = theirs.desk.submit(other, id=theirs.desk.new_id(), expects={resource: seen}, wait_s=20)
    assert answered.state == "applied", answered
    mine.desk.work_offline(False)
    mine.events.until(lambda: mine.desk.status().attention == 1)
    (item,) = mine.desk.queue(open_only=True)
    assert item.state == "conflict"
    assert item.problem is not None
    clash = item.problem.facts["fields"]["phone_1"]
    assert (clash["theirs"], clash["yours"], clash["by"]) == ("8505550111", "8505550198", "colleague")
    newer = mine.desk.refresh_account(account).view.contact.version
    again = mine.desk.resend(item.id, change, expects={resource: newer}, wait_s=20)
    assert again.state == "applied"
    assert mine.desk.refresh_account(account).view.contact.phone_1 == "8505550198"
    for staffed in (mine, theirs):
        staffed.desk.close()


def test_what_one_desk_reports_the_other_sees_and_joins(town: Town) -> None:
    first, second = Staffed(town), Staffed(town, login="colleague", station="C08")
    account = customers(first.desk, 1)[0]
    receipt = first.desk.submit(report(first.desk, account), id=first.desk.new_id(), wait_s=20)
    assert receipt.state == "applied"
    second.events.until(lambda: len(second.desk.reports()) == 1)
    (shown,) = second.desk.reports()
    assert (shown.account, shown.calls) == (account, 1)
    assert shown.number == receipt.outcome.result["number"]  # type: ignore[union-attr]
    again = report(second.desk, account, remark="Neighbors too.")
    assert second.desk.preview(again).answer == f"Already on report #{shown.number}: 2nd call."
    assert second.desk.submit(again, id=second.desk.new_id(), wait_s=20).state == "applied"
    first.events.until(lambda: [one.calls for one in first.desk.reports()] == [2])
    for staffed in (first, second):
        staffed.desk.close()


def test_a_gas_leak_taken_offline_reaches_central_first_and_is_seen_by_all(town: Town) -> None:
    first, second = Staffed(town), Staffed(town, login="colleague", station="C08")
    desk = first.desk
    desk.work_offline(True)
    account = customers(desk, 1)[0]
    desk.submit(AddNote(account=account, text="First"), id=desk.new_id())
    hazard = desk.new_id()
    opened = OpenHazard.model_validate(
        {"hazard_id": hazard, "hazard": "gas", "account": account, "opened_at": "2026-08-30T14:02:00Z"}
    )
    desk.submit(opened, id=desk.new_id())
    assert [one.id for one in desk.hazards()] == [hazard]
    desk.work_offline(False)
    second.events.until(lambda: [one.id for one in second.desk.hazards()] == [hazard])
    first.events.until(lambda: desk.status().queued == 0)
    assert [row.kind for row in books(town, desk)] == ["hazard.open", "note.add"]
    for staffed in (first, second):
        staffed.desk.close()


def test_a_held_change_is_approved_by_a_lead_and_the_first_desk_learns_of_it(town: Town) -> None:
    first, lead = Staffed(town), Staffed(town, login="lead", station="C09")
    desk = first.desk
    with desk._workspace.roster.reader() as reader:
        found = [entry for digit in "123456789" for entry in reader.by_account(digit, 200)]
    flagged = [entry.account for entry in found if "fraud_hold" in entry.flags and entry.status == "active"]
    if not flagged:
        pytest.skip("nobody in this city is under a fraud hold")
    account = flagged[0]
    verified = VerifyCaller(account=account, factors=(Factor.PHOTO_ID,))
    desk.submit(verified, id=desk.new_id(), wait_s=20)
    version = desk.refresh_account(account).view.contact.version
    change = UpdateContact(account=account, phone_2="8505550177")
    receipt = desk.submit(change, id=desk.new_id(), expects={f"contact:{account}": version}, wait_s=20)
    assert receipt.state == "held"
    (held,) = lead.desk.online.approvals()
    assert held.id == receipt.id
    decision = DecideApproval(held=held.id, digest=held.digest, approve=True, reason="Called the customer")
    assert lead.desk.submit(decision, id=lead.desk.new_id(), wait_s=20).state == "applied"
    desk._drainer._held_at -= 60
    first.events.until(lambda: desk.outcome(receipt.id).state == "applied")  # type: ignore[union-attr]
    assert desk.refresh_account(account).view.contact.phone_2 == "8505550177"
    for staffed in (first, lead):
        staffed.desk.close()


def test_a_captive_portal_before_central_is_named_within_seconds(town: Town) -> None:
    staffed = Staffed(town)
    town._network.set_weather(Weather(captive=True))
    staffed.events.until(lambda: staffed.desk.status().network == "offline")
    assert staffed.desk.status().sentence == "a sign-in page of the network is in the way"
    account = customers(staffed.desk, 1)[0]
    receipt = staffed.desk.submit(AddNote(account=account, text="Later"), id=staffed.desk.new_id())
    assert receipt.state == "queued"
    town.set_weather("good")
    staffed.events.until(lambda: staffed.desk.outcome(receipt.id) is not None)
    staffed.desk.close()
