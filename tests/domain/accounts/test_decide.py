"""Decisions on accounts, each with its refusals."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from csr_console.domain.accounts.commands import AddNote, LogInteraction, UpdateContact, VerifyCaller
from csr_console.domain.accounts.decide import (
    AccountFacts,
    CallerVerified,
    ContactSet,
    EntryAdded,
    decide_add_note,
    decide_log_interaction,
    decide_update_contact,
    decide_verify_caller,
)
from csr_console.domain.accounts.verification import Factor, Level
from csr_console.domain.command import Context
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal

NOON = datetime(2026, 8, 30, 12, tzinfo=UTC)
ACCOUNT = "100482771"
MARTA = Actor("m.reyes", "Marta Reyes", Role.SPECIALIST, "tallahassee")
NOW = Context(MARTA, NOON, "0198f2b4-0000-7000-8000-000000000009", "C07")


def facts(
    *,
    status: str = "active",
    level: Level = Level.L2,
    verified_at: datetime | None = NOON - timedelta(minutes=5),
    contact: Mapping[str, str] | None = None,
) -> AccountFacts:
    return AccountFacts(
        ACCOUNT,
        status,
        contact=contact or {"phone_1": "8505550142", "email": "maria@example.org"},
        verified_at=verified_at,
        verified_level=level,
    )


def test_a_note_is_taken_on_a_closed_account_too() -> None:
    plan = decide_add_note(AddNote(account=ACCOUNT, text="Moved to Quincy."), facts(status="final"), NOW)
    assert plan.changes == (EntryAdded(ACCOUNT, NOW.command_id, "note", NOON, "m.reyes", "Moved to Quincy."),)


def test_what_was_queued_happened_when_the_clerk_did_it() -> None:
    earlier = NOON - timedelta(hours=9)
    late = Context(MARTA, NOON, NOW.command_id, "C07", issued_at=earlier)
    (entry,) = decide_add_note(AddNote(account=ACCOUNT, text="x"), facts(), late).changes
    assert isinstance(entry, EntryAdded)
    assert entry.at == earlier


def test_a_wrap_up_tells_its_disposition_outcome_and_call_time() -> None:
    plan = decide_log_interaction(LogInteraction.example(), facts(), NOW)
    (entry,) = plan.changes
    assert isinstance(entry, EntryAdded)
    assert entry.text.splitlines() == [
        "OUTAGE-NEW · resolved · phone 1:35",
        "Reported an outage at 1204 Oak St, no hazard.",
    ]


def test_a_wrap_up_without_a_customer_belongs_to_no_timeline() -> None:
    command = LogInteraction.example().model_copy(update={"account": None})
    (entry,) = decide_log_interaction(command, None, NOW).changes
    assert isinstance(entry, EntryAdded)
    assert entry.account is None


def test_only_what_differs_is_changed() -> None:
    command = UpdateContact(account=ACCOUNT, phone_1="850-555-0199", email="maria@example.org")
    plan = decide_update_contact(command, facts(), NOW)
    assert plan.answer == "Changed phone 1."
    assert plan.changes[0] == ContactSet(ACCOUNT, {"phone_1": "8505550199"})
    assert isinstance(plan.changes[1], EntryAdded)
    assert "8505550199" not in plan.changes[1].text


def test_an_empty_field_clears_and_a_missing_one_stays() -> None:
    plan = decide_update_contact(UpdateContact(account=ACCOUNT, email=""), facts(), NOW)
    assert plan.changes[0] == ContactSet(ACCOUNT, {"email": ""})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (facts(status="final"), "account-closed"),
        (facts(level=Level.L1), "not-verified"),
        (facts(verified_at=None), "not-verified"),
        (facts(verified_at=NOON - timedelta(hours=2)), "not-verified"),
        (facts(contact={"phone_1": "8505550199"}), "nothing-changed"),
    ],
)
def test_a_change_of_contact_details_is_refused(given: AccountFacts, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        decide_update_contact(UpdateContact(account=ACCOUNT, phone_1="8505550199"), given, NOW)
    assert refused.value.code == code


def test_a_change_queued_within_the_verified_call_holds_when_it_arrives_hours_later() -> None:
    entered = NOON - timedelta(minutes=1)
    late = Context(MARTA, NOON + timedelta(hours=9), NOW.command_id, "C07", issued_at=entered)
    command = UpdateContact(account=ACCOUNT, phone_1="8505550199")
    assert decide_update_contact(command, facts(), late).changes


def test_clearing_what_is_empty_changes_nothing() -> None:
    with pytest.raises(Refusal) as refused:
        decide_update_contact(UpdateContact(account=ACCOUNT, phone_2=""), facts(), NOW)
    assert refused.value.code == "nothing-changed"


def test_a_caller_is_verified_at_the_level_of_the_factors() -> None:
    plan = decide_verify_caller(VerifyCaller.example(), facts(), NOW)
    assert plan.answer == "Caller verified at L1."
    assert plan.changes[0] == CallerVerified(ACCOUNT, "m.reyes", Level.L1, NOON)


def test_secret_factors_need_a_proof_of_exactly_them() -> None:
    command = VerifyCaller(account=ACCOUNT, factors=(Factor.SSN4, Factor.BIRTH_DATE), proof="signed")
    proven = AccountFacts(ACCOUNT, "active", proven={Factor.SSN4, Factor.BIRTH_DATE})
    assert decide_verify_caller(command, proven, NOW).answer == "Caller verified at L2."
    for vouched in (None, (), {Factor.SSN4}):
        with pytest.raises(Refusal) as refused:
            decide_verify_caller(command, AccountFacts(ACCOUNT, "active", proven=vouched), NOW)
        assert refused.value.code == "proof-invalid"


def test_an_invalid_proof_is_refused_even_when_nothing_secret_is_claimed() -> None:
    with pytest.raises(Refusal):
        decide_verify_caller(VerifyCaller.example(), AccountFacts(ACCOUNT, "active", proven=None), NOW)
