"""The two grades of a conflict: other fields are merged and told, the same field is shown side by side."""

from typing import Any

import pytest

from csr_console.central.reads.accounts import account_view
from csr_console.domain.accounts.commands import UpdateContact
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.domain.refusals import Refusal

MARIA = "100482771"
RESOURCE = f"contact:{MARIA}"


@pytest.fixture
def verified(town: Any) -> Any:
    """Two clerks who both have the caller at L2."""
    town.verify(MARIA, by="clara")
    town.verify(MARIA, by="sam")
    return town


def contact(town: Any) -> Any:
    with town.db.read() as connection:
        view = account_view(connection, "main", MARIA, reader=town.staff.actors["clara"], now=town.clock.now)
    return view.contact


def update(town: Any, expected: int | None, *, by: str = "clara", **values: str) -> Any:
    expects = {} if expected is None else {RESOURCE: expected}
    return town.do(UpdateContact(account=MARIA, **values), by=by, expects=expects)


def test_an_update_on_the_version_that_was_seen_is_applied(verified: Any) -> None:
    outcome = update(verified, 1, email="maria@example.org", phone_1="850 555 0199")
    assert (outcome.state, outcome.result["versions"], outcome.merged) == ("applied", {RESOURCE: 2}, [])
    now = contact(verified)
    assert (now.email, now.phone_1, now.language, now.version) == ("maria@example.org", "8505550199", "es", 2)


def test_parallel_changes_are_merged_and_told(verified: Any) -> None:
    first = update(verified, 1, by="sam", email="maria@example.org")
    outcome = update(verified, 1, phone_1="8505550199")
    assert outcome.state == "applied"
    told = outcome.merged[0]
    assert (told["field"], told["value"], told["by"]) == ("email", "maria@example.org", "sam")
    assert told["at"] == first.applied_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert outcome.answer == "Changed phone 1. Meanwhile sam changed email."
    now = contact(verified)
    assert (now.email, now.phone_1, now.version) == ("maria@example.org", "8505550199", 3)


def test_a_clash_shows_both_values_with_who_and_when_and_changes_nothing(verified: Any) -> None:
    first = update(verified, 1, by="sam", email="sam@example.org", phone_2="8505550177")
    submission = verified.submission(
        UpdateContact(account=MARIA, email="clara@example.org", phone_1="8505550199"), expects={RESOURCE: 1}
    )
    outcome = verified.send(submission).outcome
    assert (outcome.state, outcome.problem.code, outcome.problem.status) == ("conflict", "clash", 409)
    assert outcome.problem.facts == {
        "fields": {
            "email": {
                "theirs": "sam@example.org",
                "by": "sam",
                "at": first.applied_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "yours": "clara@example.org",
            }
        },
        "version": 2,
    }
    now = contact(verified)
    assert (now.email, now.phone_1, now.version) == ("sam@example.org", "8505550140", 2)
    assert verified.send(submission) == (outcome, True)
    decided = update(verified, 2, email="clara@example.org", phone_1="8505550199")
    assert decided.state == "applied"


def test_what_a_clerk_changed_before_is_no_news_to_them(verified: Any) -> None:
    """Two changes queued one after the other were both made on version 1."""
    assert update(verified, 1, phone_1="8505550198").state == "applied"
    second = update(verified, 1, phone_1="8505550199", email="maria@example.org")
    assert (second.state, second.merged) == ("applied", [])
    assert contact(verified).phone_1 == "8505550199"
    assert update(verified, 1, by="sam", phone_1="8505550197").problem.code == "clash"


def test_the_same_value_from_both_is_no_clash(verified: Any) -> None:
    update(verified, 1, by="sam", email="maria@example.org")
    outcome = update(verified, 1, email="maria@example.org", phone_1="8505550199")
    assert (outcome.state, outcome.merged) == ("applied", [])
    assert update(verified, 1, email="maria@example.org").problem.code == "nothing-changed"


def test_a_version_central_never_gave_out_counts_as_nothing_seen(verified: Any) -> None:
    update(verified, 1, by="sam", email="sam@example.org")
    assert update(verified, 99, email="clara@example.org").problem.code == "clash"
    assert update(verified, 99, phone_1="8505550199").merged[0]["field"] == "email"


def test_a_command_that_sets_without_a_version_is_not_taken(verified: Any) -> None:
    with pytest.raises(Refusal) as refused:
        update(verified, None, email="maria@example.org")
    assert refused.value.code == "invalid"
    assert refused.value.facts["errors"][0]["field"] == "expects"


def test_only_a_clerk_who_verified_the_caller_within_the_hour_may_change(town: Any) -> None:
    assert update(town, 1, email="a@example.org").problem.code == "not-verified"
    town.verify(MARIA, by="sam")
    assert update(town, 1, email="a@example.org").problem.code == "not-verified"
    assert update(town, 1, by="sam", email="a@example.org").state == "applied"


def test_a_queued_update_speaks_from_the_moment_it_was_entered(town: Any) -> None:
    from datetime import timedelta

    town.verify(MARIA)
    queued = town.submission(UpdateContact(account=MARIA, email="a@example.org"), expects={RESOURCE: 1})
    town.clock.now += timedelta(hours=5)
    late = town.submission(UpdateContact(account=MARIA, phone_1="8505550199"), expects={RESOURCE: 1})
    assert town.send(queued).outcome.state == "applied"
    assert town.send(late).outcome.problem.code == "not-verified"


def test_corrections_of_a_report_merge_and_clash_alike(town: Any) -> None:
    opened = town.do(ReportOutage(premise="P0001204", scope="all", hazard="none"))
    resource = f"report:{opened.id}"
    correct = {"report": opened.id, "place": "P0001204"}
    first = town.do(CorrectReport(**correct, scope="part"), by="sam", expects={resource: 1})
    assert first.result["versions"] == {resource: 2}
    merged = town.do(CorrectReport(**correct, callback="8505550142"), expects={resource: 1})
    assert (merged.state, merged.merged[0]["field"], merged.merged[0]["value"]) == (
        "applied",
        "scope",
        "part",
    )
    clash = town.do(CorrectReport(**correct, scope="flicker"), expects={resource: 1})
    assert clash.problem.facts["fields"]["scope"]["theirs"] == "part"
    assert clash.problem.facts["fields"]["scope"]["yours"] == "flicker"
