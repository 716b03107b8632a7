"""The change feed: no gap, tombstones, `gone` below the floor, and a snapshot that can be checked."""

from typing import Any

import pytest

from csr_console.central import feed
from csr_console.contracts.feed import ChangeRow, chained
from csr_console.contracts.views.accounts import RosterEntry
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.outages.commands import (
    CloseHazard,
    CorrectReport,
    OpenHazard,
    PlanOutage,
    ReportOutage,
)
from csr_console.domain.refusals import Conflict, Refusal

MARIA = "100482771"
Held = dict[tuple[str, str], dict[str, Any]]


def changes(town: Any, after: int = 0, limit: int = 500) -> Any:
    with town.db.read() as connection:
        return feed.changes(connection, "main", after, limit)


def snapshot(town: Any, limit: int) -> list[Any]:
    """Every page of a snapshot."""
    pages, cursor = [], None
    while True:
        with town.db.read() as connection:
            page = feed.snapshot(connection, "main", cursor, now=town.clock.now, limit=limit)
        pages.append(page)
        cursor = page.next
        if cursor is None:
            return pages


def lay(held: Held, items: list[ChangeRow]) -> Held:
    """What a desk holds after these rows."""
    for item in items:
        if item.op == "delete":
            held.pop((item.entity, item.key), None)
        else:
            held[item.entity, item.key] = item.body or {}
    return held


def busy(town: Any) -> None:
    """Something of everything: reports opened and closed, hazards, a planned outage, a note."""
    town.do(AddNote(account=MARIA, text="note"))
    open_report = town.do(ReportOutage(account=MARIA, premise="P0001204", scope="all", hazard="wire_down"))
    closed = town.do(ReportOutage(premise="P0001206", scope="all", hazard="gas"))
    withdrawn = CorrectReport(report=closed.id, place="P0001206", withdrawn=True)
    assert town.do(withdrawn, expects={f"report:{closed.id}": 1}).state == "applied"
    assert town.do(CloseHazard(hazard_id=closed.id, verified_by="J. Ortiz"), by="sue").state == "applied"
    plan = {"starts_at": "2026-09-01T09:00:00Z", "ends_at": "2026-09-01T12:00:00Z", "reason": "pole change"}
    assert town.do(PlanOutage.model_validate({"device": "t:FU2", **plan}), by="lea").state == "applied"
    assert open_report.state == "applied"


def test_rows_carry_the_whole_new_state_and_are_numbered_without_a_gap(town: Any) -> None:
    busy(town)
    page = changes(town)
    assert [item.seq for item in page.items] == list(range(1, page.head + 1))
    assert not page.more
    views = {"account": RosterEntry, "report": ReportView, "hazard": HazardView, "planned": PlannedView}
    for item in page.items:
        if item.op == "upsert":
            views[item.entity].model_validate(item.body)
    last = lay({}, page.items)
    assert last["account", MARIA]["flags"] == ["language", "outage_here"]
    assert {entity for entity, _ in last} == {"account", "report", "hazard", "planned"}


def test_closed_reports_and_hazards_are_tombstones(town: Any) -> None:
    busy(town)
    gone = [(item.entity, item.body) for item in changes(town).items if item.op == "delete"]
    assert gone == [("report", None), ("hazard", None)]


def test_pages_go_on_where_the_last_one_ended(town: Any) -> None:
    busy(town)
    after, seen = 0, []
    while True:
        page = changes(town, after, 2)
        seen += page.items
        after = page.items[-1].seq
        if not page.more:
            break
        assert len(page.items) == 2
    assert seen == changes(town).items
    assert changes(town, after).items == []


def test_refused_commands_and_dry_runs_leave_no_row(town: Any) -> None:
    town.do(ReportOutage(premise="P0009999", scope="all", hazard="none"))
    dry = town.submission(AddNote(account=MARIA, text="note"))
    town.send(dry, dry_run=True)
    assert changes(town).head == 0


def test_a_batch_is_one_row_an_entity_with_its_last_state(town: Any) -> None:
    notes = [town.submission(AddNote(account=MARIA, text=f"note {index}")) for index in range(20)]
    town.pipeline.apply_batch(notes, requester=town.staff.actors["clara"])
    page = changes(town)
    assert [(item.seq, item.key) for item in page.items] == [(1, MARIA)]
    assert page.items[0].body["version"] == 21


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_a_snapshot_is_what_following_the_feed_gives(town: Any, limit: int) -> None:
    pages = snapshot(town, limit)
    held = lay({}, [item for page in pages for item in page.items])
    busy(town)
    followed = lay(held, changes(town, pages[0].seq).items)
    fresh = lay({}, [item for page in snapshot(town, limit) for item in page.items])
    assert followed == fresh
    assert len(fresh) == 6 + 1 + 1 + 1


def test_every_page_of_a_snapshot_can_be_checked_and_asked_for_again(town: Any) -> None:
    busy(town)
    pages = snapshot(town, 2)
    running, count = "", 0
    for page in pages:
        running, count = chained(running, page.items), count + len(page.items)
        assert (page.hash, page.count, page.seq) == (running, count, pages[0].seq)
    with town.db.read() as connection:
        again = feed.snapshot(connection, "main", pages[1].next, now=town.clock.now, limit=2)
    assert again == pages[2]


def test_changes_while_a_snapshot_is_taken_are_in_the_feed_after_its_first_page(town: Any) -> None:
    with town.db.read() as connection:
        first = feed.snapshot(connection, "main", None, now=town.clock.now, limit=2)
    busy(town)
    items, cursor = list(first.items), first.next
    while cursor:
        with town.db.read() as connection:
            page = feed.snapshot(connection, "main", cursor, now=town.clock.now, limit=2)
        assert page.seq == first.seq
        items += page.items
        cursor = page.next
    held = lay(lay({}, items), changes(town, first.seq).items)
    assert held == lay({}, [item for page in snapshot(town, 500) for item in page.items])


def test_below_the_floor_and_beyond_the_head_the_feed_is_gone(town: Any) -> None:
    busy(town)
    head = changes(town).head
    with town.db.write() as connection:
        assert feed.prune(connection, "main", keep=3) == head - 3
    for after in (0, head - 4, head + 1):
        with pytest.raises(Conflict) as gone:
            changes(town, after)
        assert gone.value.code == "gone"
    assert [item.seq for item in changes(town, head - 3).items] == [head - 2, head - 1, head]
    with town.db.write() as connection:
        assert feed.prune(connection, "main", keep=10) == head - 3


def test_an_import_sends_every_desk_to_the_snapshot(town: Any) -> None:
    busy(town)
    head = changes(town).head
    with town.db.read() as connection:
        cursor = feed.snapshot(connection, "main", None, now=town.clock.now, limit=2).next
    with town.db.write() as connection:
        floor = feed.raise_floor(connection, "main")
    for after in (0, head):
        with pytest.raises(Conflict):
            changes(town, after)
    with pytest.raises(Conflict), town.db.read() as connection:
        feed.snapshot(connection, "main", cursor, now=town.clock.now)
    assert snapshot(town, 500)[0].seq == floor
    town.do(AddNote(account=MARIA, text="note"))
    assert [item.seq for item in changes(town, floor).items] == [floor + 1]


@pytest.mark.parametrize("cursor", [
    "", "x", "é", "AAAA", "W10", "bnVsbA", "WzAsIiIsMCwwXQ", "WzEuMCwiIiwwLDAsIiJd",
    "WzAsIlx1MDAwMCIsMCwwLCIiXQ", "WzAsIiIsMTAwMDAwMDAwMDAwMDAwMDAwMDAwMCwwLCIiXQ", "W" * 4000,
])  # fmt: skip
def test_a_cursor_nobody_gave_out_is_refused(town: Any, cursor: str) -> None:
    with pytest.raises(Refusal) as refused, town.db.read() as connection:
        feed.snapshot(connection, "main", cursor, now=town.clock.now)
    assert refused.value.code == "invalid"


def test_a_stage_that_does_not_exist_ends_the_snapshot(town: Any) -> None:
    from csr_console.central.reads import cursors

    with town.db.read() as connection:
        page = feed.snapshot(connection, "main", cursors.encode([9, "", 0, 0, ""]), now=town.clock.now)
    assert (page.items, page.next) == ([], None)


def test_a_hazard_is_in_the_feed_with_its_first_words(town: Any) -> None:
    opened = OpenHazard.model_validate(
        {"hazard_id": "0198f2b4-0000-7000-8000-000000000002", "hazard": "gas", "opened_at": town.clock.now}
    )
    town.do(opened)
    row = changes(town).items[0]
    assert (row.entity, row.key, row.body["hazard"]) == ("hazard", str(opened.hazard_id), "gas")
