"""What the outage screens say, from views that a test can write down."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.screens.hazard import facts_lines
from csr_console.screens.hazards import hazard_row
from csr_console.screens.outage_report import insisted, known_lines, place_line, place_of, report_at
from csr_console.screens.outages import near_counts, planned_line, report_row
from csr_console.screens.report import only_changes, report_text
from csr_console.widgets.cells import Toned

NOW = datetime(2026, 9, 1, 18, 0, tzinfo=UTC)
ESCAPE = "\x1b[31m"


def report(number: int = 7, **values: Any) -> ReportView:
    document = {
        "id": UUID(int=number + 1),
        "number": number,
        "state": "open",
        "account": "100482771",
        "premise": "P0001204",
        "place": "1204 Oak St",
        "name": "Dolores Whitfield",
        "scope": "all",
        "hazard": "none",
        "critical": "",
        "priority": 5,
        "device": "demo:TR1",
        "callback": "8505550142",
        "calls": 1,
        "remarks": [],
        "opened_at": NOW - timedelta(minutes=12),
        "last_call_at": NOW,
        "version": 1,
    }
    return ReportView.model_validate({**document, **values})


def planned(start_h: float, end_h: float, **values: Any) -> PlannedView:
    document = {
        "id": UUID(int=99),
        "device": "demo:FU2",
        "devices": ["demo:TR1"],
        "starts_at": NOW + timedelta(hours=start_h),
        "ends_at": NOW + timedelta(hours=end_h),
        "reason": "Transformer swap",
        "version": 1,
    }
    return PlannedView.model_validate({**document, **values})


def hazard(**values: Any) -> HazardView:
    document = {
        "id": UUID(int=5),
        "hazard": "gas",
        "state": "open",
        "account": None,
        "premise": None,
        "place": "1204 Oak St",
        "opened_at": NOW - timedelta(minutes=3),
        "opened_by": "demo",
        "station": "C07",
        "version": 1,
    }
    return HazardView.model_validate({**document, **values})


@pytest.fixture
def entry() -> RosterEntry:
    return RosterEntry.model_validate(
        {
            "account": "100482771",
            "name": "Dolores Whitfield",
            "kind": "residential",
            "language": "en",
            "zip": "32390",
            "supply_point": "demo:C16",
            "status": "active",
            "service_address": "1204 Oak St",
            "premise": "P0001204",
            "phones": ["8505550142"],
            "meters": [],
            "flags": [],
            "electric_state": "connected",
            "device": "demo:TR1",
            "critical": "",
            "version": 1,
        }
    )


@pytest.mark.parametrize(
    ("priority", "word", "tone"),
    [(1, "1 life", "danger"), (2, "2 hazard", "danger"), (3, "3 critical", "warn"), (4, "4 M", "warn")],
)
def test_a_priority_is_a_word_and_a_tone(priority: int, word: str, tone: str) -> None:
    assert report_row(report(priority=priority), 1, NOW)[1] == Toned(word, tone)  # type: ignore[arg-type]


def test_an_ordinary_report_is_plain_and_a_queued_one_has_no_number() -> None:
    assert report_row(report(), 3, NOW) == (
        "#7", "5", "1204 Oak St", "all", "1", "3", "12 min", "", "demo:TR1",
    )  # fmt: skip
    assert report_row(report(0), 1, NOW)[0] == Toned("queued", "warn")


def test_what_others_typed_is_made_inert() -> None:
    assert ESCAPE not in "".join(str(cell) for cell in report_row(report(place=f"{ESCAPE}Oak"), 1, NOW))
    assert "\x1b" not in report_text(report(remarks=[f"{ESCAPE}x"]), NOW).plain
    assert "\x1b" not in "".join(facts_lines(hazard(access=f"{ESCAPE}x"), NOW))


def test_reports_near_each_other_are_counted_by_transformer() -> None:
    reports = [report(1), report(2), report(3, device="demo:TR2"), report(4, device=None)]
    assert near_counts(reports) == [2, 2, 1, 1]


def test_the_planned_outage_under_way_is_named_before_the_next_one() -> None:
    assert planned_line([], NOW) == ""
    line = planned_line([planned(-1, 2), planned(3, 5, reason="Later")], NOW)
    assert line.startswith("◷ Planned until")
    assert "Transformer swap · 1 more" in line
    assert not planned_line([planned(3, 5)], NOW).startswith("◷ Planned until")


def test_the_report_at_a_place_is_the_oldest_of_its_premise_or_its_words(entry: RosterEntry) -> None:
    first, second = report(1, opened_at=NOW - timedelta(hours=2)), report(2)
    elsewhere = report(3, premise="P0000001")
    spoken = report(4, premise=None, place="Oak & 12th")
    assert report_at([elsewhere, second, first, spoken], entry, None) == first
    assert report_at([elsewhere, spoken], entry, None) is None
    assert report_at([first, spoken], None, "oak & 12TH") == spoken
    assert report_at([report(5, premise=None, place="")], None, None) is None


def test_what_the_caller_can_be_told_first(entry: RosterEntry) -> None:
    reports = [report(7, calls=2), report(8, premise="P0000001"), report(9, premise="P2", device="other")]
    lines = known_lines(entry, reports, [planned(-1, 2), planned(1, 2, reason="Not yet")], NOW)
    assert lines[0].startswith("◷ Planned outage until")
    assert "Not yet" not in "".join(lines)
    assert "Already on report #7: 2 calls since" in lines[1]
    assert lines[1].endswith("+ counts this one: 3rd call.")
    assert lines[2] == "◆ 1 more report on transformer demo:TR1."
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"electric_state": "nonpay"}, "disconnected for non-payment"),
        ({"electric_state": "disconnected"}, "disconnected on request"),
        ({"critical": "MED"}, "Priority M"),
        ({"critical": "CRIT"}, "Critical place"),
    ],
)
def test_what_is_special_about_the_premise_is_said(
    entry: RosterEntry, values: dict[str, str], words: str
) -> None:
    (line,) = known_lines(entry.model_copy(update=values), [], [], NOW)
    assert words in line


def test_the_mark_at_the_end_of_a_remark_insists() -> None:
    plain = ReportOutage.model_validate({"location": "Oak & 12th", "scope": "all", "hazard": "none"})
    assert insisted(plain) == plain
    loud = insisted(plain.model_copy(update={"remark": "Tree fell!"}))
    assert (loud.insist, loud.remark) == (True, "Tree fell")
    bare = insisted(plain.model_copy(update={"remark": "!"}))
    assert (bare.insist, bare.remark) == (True, None)


def test_the_place_of_a_report(entry: RosterEntry) -> None:
    assert place_of(entry, "ignored", insist=True) == {
        "account": "100482771",
        "premise": "P0001204",
        "insist": True,
    }
    assert place_of(None, "Oak & 12th", insist=False) == {"location": "Oak & 12th", "insist": False}
    assert place_of(None, None, insist=False) == {"insist": False}
    assert place_line(entry, None) == "Outage at 1204 Oak St · Dolores Whitfield"
    assert place_line(None, "Oak & 12th") == "Outage at Oak & 12th"


def test_a_correction_sends_only_what_differs() -> None:
    command = CorrectReport.model_validate(
        {
            "report": UUID(int=8),
            "place": "P0001204",
            "scope": "part",
            "hazard": "none",
            "callback": "8505550142",
        }
    )
    assert only_changes(command, report()).values == {"scope": "part"}


def test_a_hazard_nobody_has_taken_says_so_and_one_without_a_place_too() -> None:
    assert hazard_row(hazard(), NOW)[1:] == ("1204 Oak St", "3 min", Toned("NOBODY YET", "danger"))
    row = hazard_row(hazard(place="", dispatcher="R. Boone"), NOW)
    assert row[1:] == (Toned("place not known yet", "warn"), "3 min", "R. Boone")


def test_the_facts_of_a_hazard_leave_out_what_is_not_known() -> None:
    lines = facts_lines(hazard(phone="8505550111", remarks=["hissing"]), NOW)
    assert [line.split()[0] for line in lines] == ["Place", "Phone", "Opened", "Remark"]
    assert "(850) 555-0111" in lines[1]
