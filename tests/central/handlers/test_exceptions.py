"""What runs found, settled, and reads entered, through the pipeline on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.central.conftest import MARIA, Town
from tests.central.test_billing_run import FIRST, billed, month, read, rows, run

from csr_console.central.reads.exceptions import list_exceptions
from csr_console.central.tables import billing
from csr_console.central.tables.accounts import timeline
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.views.exceptions import ExceptionList
from csr_console.domain.billing.commands import EnterRead, SettleException
from csr_console.domain.billing.exceptions import ExceptionCode
from csr_console.domain.refusals import Refusal

__all__ = ["billed"]
RUN = "2024-08-31"
STATIONS = {"clara": "C07", "sam": "C08", "cleo": "C09"}
ELECTRIC = {"account": MARIA, "run": RUN, "service": "electric", "code": "read-refused"}


@pytest.fixture
def found(billed: Town) -> Town:
    """A run that refused a read of the electric meter and missed one of the water meter."""
    on = FIRST + timedelta(days=30)
    read(billed, "E1000000", on, 73_000)
    run(billed, on)
    billed.clock.now = datetime(2024, 9, 5, 14, tzinfo=UTC)
    return billed


def listed(town: Town, **asked: Any) -> ExceptionList:
    with town.db.read() as connection:
        return list_exceptions(connection, "main", **asked)


def settle(town: Town, reason: str, *, by: str = "clara", seen: int = 1, **values: Any) -> Outcome:
    command = SettleException.model_validate({**ELECTRIC, "reason": reason, **values})
    seen_as = {command.resource: seen}
    return town.do(command, by=by, station=STATIONS[by], expects=seen_as)


def enter(town: Town, **values: Any) -> Outcome:
    given = {"account": MARIA, "service": "electric", "read_on": RUN, **values}
    return town.do(EnterRead.model_validate(given))


def test_the_list_tells_what_waits_where_and_what_the_meter_showed_last(found: Town) -> None:
    page = listed(found)
    assert [(one.service, one.code) for one in page.items] == [
        ("electric", "read-refused"), ("sewer", "missing-read"), ("water", "missing-read")
    ]  # fmt: skip
    electric = page.items[0]
    assert (electric.run, electric.name, electric.service_address) == (RUN, "Person 0", "1204 Oak St")
    assert (electric.meter, electric.last_value, electric.version) == ("E1000000", "73000", 1)
    assert "is below the last one, 73670" in electric.sentence
    assert [(one.code, one.waiting) for one in page.counts] == [("missing-read", 2), ("read-refused", 1)]
    assert page.next is None


def test_it_is_listed_by_kind_and_page_the_newest_run_first(found: Town) -> None:
    run(found, FIRST + timedelta(days=33))
    runs = [one.run for one in listed(found).items]
    assert runs == sorted(runs, reverse=True)
    assert set(runs) == {RUN, "2024-09-03"}
    seen, cursor = [], None
    while True:
        page = listed(found, cursor=cursor, limit=2)
        seen += [(one.run, one.service, one.code) for one in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == [(one.run, one.service, one.code) for one in listed(found).items]
    assert len(set(seen)) == len(seen) == 6
    only = listed(found, code=ExceptionCode.READ_REFUSED)
    assert {one.code for one in only.items} == {"read-refused"}
    with pytest.raises(Refusal, match="not a cursor"):
        listed(found, cursor="bm90aGluZw")


def test_settled_it_leaves_the_list_with_who_and_when_and_why(found: Town) -> None:
    outcome = settle(found, "Reader comes again")
    assert (outcome.state, outcome.answer) == (
        "applied", "Settled: read refused of electric, run of 2024-08-31."
    )  # fmt: skip
    assert [one.service for one in listed(found).items] == ["sewer", "water"]
    (done,) = listed(found, which="settled").items
    assert (done.settled_by, done.reason, done.version) == ("clara", "Reader comes again", 2)
    assert done.settled_at is not None
    assert listed(found).as_settled == done.settled_at
    lines = [row.text for row in rows(found, timeline) if row.account == MARIA]
    assert lines == ["Settled: read refused of electric, run of 2024-08-31. Reader comes again"]
    assert settle(found, "Reader comes again", seen=2).answer == (
        "clara has settled it already, in the same words."
    )


def test_two_who_settle_one_in_other_words_see_both_and_in_the_same_words_agree(found: Town) -> None:
    settle(found, "Reader comes again")
    clash = settle(found, "Customer sent a photo", by="sam")
    assert clash.state == "conflict"
    assert clash.problem is not None
    field = clash.problem.facts["fields"]["reason"]
    assert (field["theirs"], field["by"], field["yours"]) == (
        "Reader comes again", "clara", "Customer sent a photo"
    )  # fmt: skip
    again = settle(found, "Customer sent a photo", by="sam", seen=2)
    assert again.state == "applied"
    (done,) = listed(found, which="settled").items
    assert (done.settled_by, done.version) == ("sam", 3)


def test_what_no_run_found_and_who_may_not(found: Town) -> None:
    missing = settle(found, "Nothing there", code="high-use")
    assert missing.answer == (f"The run of 2024-08-31 found no high use of electric on account {MARIA}.")
    refused = settle(found, "I may not", by="cleo")
    assert refused.problem is not None
    assert refused.problem.code == "not-permitted"


def test_the_right_read_in_its_place_is_billed_by_the_next_run_and_settles_what_waited(found: Town) -> None:
    assert enter(found, value=74_573).answer == (
        "A read of 2024-08-31 is known: 73000, actual. If it is wrong, say that this one comes in its place."
    )
    entered = enter(found, value=74_573, replaces=True)
    assert entered.answer == (
        "Read of electric: 74573, actual, 2024-08-31: 903 in 30 days. The next run bills it."
    )
    assert [one.service for one in listed(found).items] == ["sewer", "water"]
    (done,) = listed(found, which="settled").items
    assert (done.settled_by, done.reason) == ("clara", "Read of 2024-08-31 entered: 74573")
    water = enter(found, service="water", value=555, how="customer")
    assert water.answer.startswith("Read of water: 555, customer, 2024-08-31: 5,500 in 30 days.")
    assert listed(found).items == []
    assert run(found, FIRST + timedelta(days=31)).exceptions == {}
    segments = {row.service: row.usage for row in rows(found, billing.bill_segment)}
    assert (segments["electric"], segments["water"], segments["sewer"]) == ("903", "5500", "5500")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"value": 73_000}, "That read of 2024-08-31 is known already."),
        ({"value": 73_001, "replaces": True}, "The read 73001 of 2024-08-31 is below the last one, 73670"),
        ({"value": 999_999, "replaces": True}, "The read 999999 of 2024-08-31 does not fit a register of 5"),
        (
            {"value": 75_000, "replaces": True, "rolled_over": True},
            "A rollover is marked, but 75000 is not below the last read, 73670.",
        ),
        ({"value": 1, "read_on": "2024-09-06"}, "2024-09-06 is still to come"),
        ({"value": 1, "read_on": "2024-08-01"}, "Service is billed up to the read of 2024-08-01"),
        ({"replaces": True}, "What does the register show?"),
        ({"replaces": True, "how": "estimated"}, "There is no use of before to estimate by: read the meter."),
        ({"service": "gas", "value": 1}, f"Account {MARIA} has no meter of gas."),
    ],
)
def test_a_read_keeps_the_rules_of_reads(found: Town, values: dict[str, Any], sentence: str) -> None:
    outcome = enter(found, **values)
    assert outcome.state == "refused"
    assert outcome.answer.startswith(sentence), outcome.answer
    assert {row.value for row in rows(found, billing.meter_read)} == {"73670", "500", "73000"}


def test_past_zero_the_register_began_again(found: Town) -> None:
    entered = enter(found, value=573, rolled_over=True, replaces=True)
    assert "26,903 in 30 days" in entered.answer
    kept = next(row for row in rows(found, billing.meter_read) if row.value == "573")
    assert kept.rolled_over == 1


def test_an_estimate_is_by_the_use_of_before_and_never_the_fifth_in_a_year(billed: Town) -> None:
    for number in range(1, 4):
        run(billed, month(billed, number))
    said = []
    for number in range(4, 9):
        on = FIRST + timedelta(days=30 * number)
        billed.clock.now = datetime(on.year, on.month, on.day, 15, tzinfo=UTC)
        outcome = enter(billed, how="estimated", read_on=None)
        said.append(outcome.answer)
        if outcome.state == "applied":
            read(billed, "W1000000", on, 500 + 55 * number)
            run(billed, on)
    assert said[0] == (
        "Read of electric: 77282, estimated, 2024-11-29: 903 in 30 days. The next run bills it."
        " This bill is estimated and says so."
    )
    assert "The second estimate in six months: a letter explains why." in said[1]
    assert said[4].startswith("4 bills of the last twelve months were estimated: read the meter.")


def test_use_that_is_unusual_is_said_before_the_bill_is_made(billed: Town) -> None:
    run(billed, month(billed, 1))
    billed.clock.now = datetime(2024, 10, 1, 14, tzinfo=UTC)
    entered = enter(billed, value=77_573, read_on=date(2024, 9, 30))
    assert "3,000 in 30 days, +232% a day." in entered.answer
