"""Held for a second person: nothing happens, then the facts of that moment decide."""

from typing import Any

import pytest
from sqlalchemy import select

from csr_console.central.chain import verify_audit
from csr_console.central.reads.accounts import account_view
from csr_console.central.reads.commands import find_outcome, list_held
from csr_console.central.tables.accounts import account, account_alert
from csr_console.central.tables.commands import command_log
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.ids import damm_digit
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand

MARIA = "100482771"
FRAUD = "10048280" + damm_digit("10048280")


@pytest.fixture
def held(town: Any) -> Any:
    """A contact change of clara on an account under a fraud hold."""
    town.verify(FRAUD)
    submission = town.submission(
        UpdateContact(account=FRAUD, email="new@example.org"), expects={f"contact:{FRAUD}": 1}
    )
    outcome = town.send(submission).outcome
    assert outcome.state == "held"
    return submission


def decide(town: Any, held: Any, *, by: str = "lea", approve: bool = True, digest: str | None = None) -> Any:
    command = DecideApproval(
        held=held.envelope.id,
        digest=digest or held.envelope.digest(),
        approve=approve,
        reason="called the number on file",
    )
    return town.do(command, by=by, station="C09")


def waiting(town: Any) -> list[str]:
    with town.db.read() as connection:
        return [row.command_id for row in list_held(connection, "main")]


def email(town: Any, number: str = FRAUD) -> str:
    with town.db.read() as connection:
        reader = town.staff.actors["lea"]
        return str(account_view(connection, "main", number, reader=reader, now=town.clock.now).contact.email)


def stored(town: Any, submission: Any) -> Any:
    with town.db.read() as connection:
        return find_outcome(connection, "main", str(submission.envelope.id))


def test_a_change_under_a_fraud_hold_waits_and_does_nothing(town: Any, held: Any) -> None:
    outcome, replayed = town.send(held)
    assert replayed
    assert (outcome.state, outcome.problem) == ("held", None)
    assert outcome.result["policy"] == "contact-under-fraud-hold"
    assert outcome.answer.startswith("The account is under a fraud hold")
    assert email(town) == ""
    assert waiting(town) == [str(held.envelope.id)]


def test_an_approval_applies_it_in_the_name_of_who_entered_it(town: Any, held: Any) -> None:
    approval = decide(town, held)
    assert (approval.state, approval.result["state"]) == ("applied", "applied")
    assert approval.answer == "Approved. Changed email."
    assert email(town) == "new@example.org"
    assert waiting(town) == []
    outcome, replayed = town.send(held)
    assert replayed
    assert (outcome.state, outcome.result["decided_by"]) == ("applied", "lea")
    assert outcome.result["versions"] == {f"contact:{FRAUD}": 2}
    with town.db.read() as connection:
        rows = connection.execute(select(command_log).order_by(command_log.c.seq)).all()
        view = account_view(connection, "main", FRAUD, reader=town.staff.actors["lea"], now=town.clock.now)
    assert [(row.kind, row.state, row.actor) for row in rows[-3:]] == [
        ("contact.update", "held", "clara"),
        ("approval.decide", "applied", "lea"),
        ("contact.update", "applied", "clara"),
    ]
    assert (view.timeline[0].kind, view.timeline[0].actor) == ("contact", "clara")
    assert verify_audit(town.db, "main") == []


def test_a_decline_ends_it_with_the_reason(town: Any, held: Any) -> None:
    approval = decide(town, held, approve=False)
    assert (approval.state, approval.result["state"]) == ("applied", "declined")
    outcome = stored(town, held)
    assert (outcome.state, outcome.problem.code) == ("declined", "declined")
    assert "called the number on file" in outcome.answer
    assert email(town) == ""
    assert decide(town, held).problem.code == "not-held"


def test_nobody_approves_their_own_command(town: Any) -> None:
    town.verify(FRAUD, by="lea")
    mine = town.submission(
        UpdateContact(account=FRAUD, email="lea@example.org"), by="lea", expects={f"contact:{FRAUD}": 1}
    )
    assert town.send(mine).outcome.state == "held"
    assert decide(town, mine, by="lea").problem.code == "own-command"
    assert decide(town, mine, by="sue").result["state"] == "applied"


def test_an_approval_signs_the_digest_it_saw_and_needs_the_permission(town: Any, held: Any) -> None:
    assert decide(town, held, digest="0" * 64).problem.code == "digest-differs"
    assert decide(town, held, by="sam").problem.code == "not-permitted"
    assert waiting(town) == [str(held.envelope.id)]
    assert email(town) == ""


def test_changed_facts_are_judged_again(town: Any, held: Any) -> None:
    with town.db.write() as connection:
        connection.execute(account.update().where(account.c.account == FRAUD).values(status="final"))
    approval = decide(town, held)
    assert (approval.state, approval.result["state"]) == ("applied", "refused")
    assert approval.answer.startswith("Approved, but not applied:")
    assert stored(town, held).problem.code == "account-closed"
    assert waiting(town) == []
    assert email(town) == ""


def test_a_clash_that_arose_meanwhile_is_a_conflict_of_the_held_command(town: Any, held: Any) -> None:
    with town.db.write() as connection:
        connection.execute(account_alert.delete().where(account_alert.c.account == FRAUD))
    town.verify(FRAUD, by="sam")
    other = town.do(
        UpdateContact(account=FRAUD, email="sam@example.org"), by="sam", expects={f"contact:{FRAUD}": 1}
    )
    assert other.state == "applied"
    assert decide(town, held).result["state"] == "conflict"
    assert stored(town, held).problem.facts["fields"]["email"]["theirs"] == "sam@example.org"
    assert email(town) == "sam@example.org"


def test_a_disabled_actors_command_waits_and_is_neither_lost_nor_applied(town: Any) -> None:
    submission = town.submission(AddNote(account=MARIA, text="Entered before the dismissal."))
    town.staff.disable("clara")
    outcome = town.send(submission).outcome
    assert (outcome.state, outcome.result["policy"]) == ("held", "actor-disabled")
    assert waiting(town) == [str(submission.envelope.id)]
    assert decide(town, submission).answer == "Approved. Note added."
    assert stored(town, submission).state == "applied"


def test_each_policy_is_answered_on_its_own(town: Any) -> None:
    """Yes to a dismissed clerk's command is not yet yes to a change under a fraud hold."""
    town.verify(FRAUD)
    submission = town.submission(
        UpdateContact(account=FRAUD, email="new@example.org"), expects={f"contact:{FRAUD}": 1}
    )
    town.staff.disable("clara")
    assert town.send(submission).outcome.result["policy"] == "actor-disabled"
    assert decide(town, submission).result["state"] == "held"
    assert stored(town, submission).result["policy"] == "contact-under-fraud-hold"
    assert waiting(town) == [str(submission.envelope.id)]
    assert email(town) == ""
    assert decide(town, submission, by="sue").result["state"] == "applied"
    assert email(town) == "new@example.org"


def test_an_approval_by_somebody_dismissed_meanwhile_waits_itself_and_then_does_all_of_it(
    town: Any, held: Any
) -> None:
    command = DecideApproval(
        held=held.envelope.id, digest=held.envelope.digest(), approve=True, reason="checked"
    )
    approval = town.submission(command, by="lea")
    town.staff.disable("lea")
    assert town.send(approval).outcome.result["policy"] == "actor-disabled"
    assert sorted(waiting(town)) == sorted([str(held.envelope.id), str(approval.envelope.id)])
    assert decide(town, approval, by="sue").answer == "Approved. Approved. Changed email."
    assert (stored(town, approval).state, stored(town, held).state) == ("applied", "applied")
    assert waiting(town) == []
    assert email(town) == "new@example.org"
    assert verify_audit(town.db, "main") == []


def test_a_dry_run_of_an_approval_shows_what_it_would_do(town: Any, held: Any) -> None:
    command = DecideApproval(
        held=held.envelope.id, digest=held.envelope.digest(), approve=True, reason="look first"
    )
    would = town.send(town.submission(command, by="lea"), dry_run=True).outcome
    assert would.answer == "Approved. Changed email."
    assert stored(town, held).state == "held"
    assert email(town) == ""


def test_a_held_command_that_is_discarded_ends(town: Any, held: Any) -> None:
    discard = DiscardCommand(
        discarded=held.envelope.id, discarded_kind="contact.update", reason="customer changed their mind"
    )
    assert town.do(discard).state == "applied"
    assert stored(town, held).state == "discarded"
    assert waiting(town) == []
    assert decide(town, held).problem.code == "not-held"
    assert verify_audit(town.db, "main") == []
