"""The workspace of an account and its line of the roster."""

from datetime import date, timedelta
from typing import Any

import pytest

from csr_console.central.reads.accounts import TIMELINE_ENTRIES, account_view, roster_entries
from csr_console.central.tables import accounts
from csr_console.contracts.views.accounts import AccountView
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.ids import damm_digit
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.domain.refusals import Refusal

MARIA, NEIGHBOR, NONPAY, FRAUD, MEDICAL, FINAL = (
    str(digits) + damm_digit(str(digits)) for digits in range(10048277, 10048283)
)
NOBODY = "10048299" + damm_digit("10048299")


def view(town: Any, number: str = MARIA, by: str = "clara") -> AccountView:
    with town.db.read() as connection:
        reader = town.staff.actors[by]
        return account_view(connection, "main", number, reader=reader, now=town.clock.now)


def test_the_workspace_shows_what_is_on_file(town: Any) -> None:
    shown = view(town)
    assert (shown.entry.account, shown.entry.name, shown.entry.status) == (MARIA, "Person 0", "active")
    assert (shown.entry.service_address, shown.entry.zip) == ("1204 Oak St", "32301")
    assert (shown.entry.meters, shown.entry.phones) == (["E1000000", "W1000000"], ["8505550140"])
    assert (shown.entry.supply_point, shown.entry.device) == ("t:C0", "t:TR3")
    assert (shown.entry.electric_state, shown.entry.critical) == ("connected", "")
    assert [service.service for service in shown.services] == ["electric", "water"]
    assert (shown.balance.balance_cents, shown.balance.on) == (12_345, date(2026, 8, 30))
    assert (shown.contact.phone_1, shown.contact.language, shown.contact.version) == ("8505550140", "es", 1)
    assert (shown.since_on, shown.verified_level, shown.version) == (date(2019, 4, 1), 0, 1)
    assert (shown.timeline, shown.open_report) == ([], None)


def test_an_open_report_at_the_premise_is_shown_on_every_account_there(town: Any) -> None:
    outcome = town.do(ReportOutage(account=MARIA, premise="P0001204", scope="all", hazard="none"))
    for number in (MARIA, FINAL):
        shown = view(town, number)
        assert shown.open_report is not None
        assert (shown.open_report.id, shown.open_report.number, shown.open_report.calls) == (outcome.id, 1, 1)
        assert shown.alerts[-1].code == "outage_here"
        assert shown.version == 2
    assert view(town, NEIGHBOR).open_report is None
    withdrawn = CorrectReport(report=outcome.id, place="P0001204", withdrawn=True)
    town.do(withdrawn, expects={f"report:{outcome.id}": 1})
    assert view(town).open_report is None
    assert [alert.code for alert in view(town).alerts] == ["language"]
    assert view(town).version == 3


def test_flags_are_in_the_order_of_the_ribbon_and_only_those_in_force(town: Any) -> None:
    with town.db.write() as connection:
        for code, expires_on in (("tamper", None), ("bankruptcy_stay", "2026-08-30"), ("loan", "2026-08-29")):
            connection.execute(
                accounts.account_alert.insert(),
                {"office": "main", "account": FRAUD, "code": code, "expires_on": expires_on},
            )
    town.do(ReportOutage(premise="P0001210", scope="all", hazard="none"))
    assert view(town, FRAUD).entry.flags == [
        "safety",
        "bankruptcy_stay",
        "fraud_hold",
        "tamper",
        "outage_here",
    ]
    alerts = view(town, FRAUD).alerts
    assert [alert.code for alert in alerts] == view(town, FRAUD).entry.flags
    assert alerts[1].expires_on == date(2026, 8, 30)


def test_the_timeline_is_newest_first_and_ends_at_fifty(town: Any) -> None:
    notes = [town.submission(AddNote(account=MARIA, text=f"note {index}")) for index in range(60)]
    town.clock.now += timedelta(minutes=2)
    for index, submission in enumerate(notes):
        envelope = submission.envelope
        issued = envelope.issued_at + timedelta(seconds=index)
        notes[index] = town.submission(AddNote(account=MARIA, text=f"note {index}"), issued_at=issued)
    town.pipeline.apply_batch(notes[::-1], requester=town.staff.actors["clara"])
    timeline = view(town).timeline
    assert [entry.text for entry in timeline] == [f"note {59 - n}" for n in range(TIMELINE_ENTRIES)]
    assert timeline[0].id == notes[-1].envelope.id


def test_others_are_accounts_of_the_same_person_or_premise(town: Any) -> None:
    assert [(other.account, other.status) for other in view(town).others] == [
        (MEDICAL, "active"), (FINAL, "final"),
    ]  # fmt: skip
    assert [other.service_address for other in view(town).others] == ["1210 Oak St Apt 3", "1204 Oak St"]
    assert view(town, NONPAY).others == []


def test_the_verified_level_is_of_the_clerk_who_reads_and_lasts_an_hour(town: Any) -> None:
    town.verify(MARIA, by="sam")
    assert view(town).verified_level == 0
    shown = view(town, by="sam")
    assert shown.verified_level == 2
    assert shown.verified_at is not None
    town.clock.now += timedelta(hours=1, minutes=1)
    assert (view(town, by="sam").verified_level, view(town, by="sam").verified_at) == (0, None)


def test_a_contact_change_shows_in_the_roster_line(town: Any) -> None:
    town.verify(MARIA)
    command = UpdateContact(account=MARIA, phone_1="", phone_2="8505550188", language="en")
    town.do(command, expects={f"contact:{MARIA}": 1})
    with town.db.read() as connection:
        entry = roster_entries(connection, "main", [MARIA], town.clock.now.date())[MARIA]
    assert (entry.phones, entry.language) == (["8505550188"], "en")
    assert view(town).contact.version == 2


def test_roster_lines_of_many_accounts_are_read_at_once(town: Any) -> None:
    wanted = [MARIA, NEIGHBOR, NONPAY, FRAUD, MEDICAL, FINAL, NOBODY]
    with town.db.read() as connection:
        entries = roster_entries(connection, "main", wanted, town.clock.now.date())
        alone = {
            number: entry
            for number in wanted
            for entry in roster_entries(connection, "main", [number], town.clock.now.date()).values()
        }
        assert roster_entries(connection, "main", [], town.clock.now.date()) == {}
    assert entries == alone
    assert sorted(entries) == sorted(wanted[:-1])
    assert (entries[NONPAY].electric_state, entries[FINAL].electric_state) == ("nonpay", None)
    assert (entries[NEIGHBOR].critical, entries[MEDICAL].critical) == ("CRIT", "MED")


def test_an_account_that_is_not_there_or_not_ours(town: Any, make_town: Any) -> None:
    for office, number, code in (("main", NOBODY, "not-found"), ("west", MARIA, "other-office")):
        with pytest.raises(Refusal) as refused, town.db.read() as connection:
            account_view(connection, office, number, reader=town.staff.actors["clara"], now=town.clock.now)
        assert refused.value.code == code
