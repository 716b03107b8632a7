"""The change feed and the snapshot over HTTP."""

from typing import Any

from csr_console.central.feed import prune, raise_floor
from csr_console.contracts.feed import ChangeRow, chained
from csr_console.domain.outages.commands import ReportOutage


async def follow(desk: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of a whole snapshot, its hash computed as a desk does, and its last page."""
    rows: list[dict[str, Any]] = []
    running, cursor = "", None
    while True:
        page = (await desk.get("/v1/snapshot", params={"cursor": cursor} if cursor else {})).json()
        running = chained(running, [ChangeRow.model_validate(item) for item in page["items"]])
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            assert (page["count"], page["hash"]) == (len(rows), running)
            return rows, page


async def test_changes_after_the_snapshot_bring_a_desk_up_to_date(
    specialist: Any, numbers: list[str]
) -> None:
    rows, last = await follow(specialist)
    assert [row["key"] for row in rows] == numbers
    made = await specialist.do(ReportOutage(premise="P0001204", scope="all", hazard="none"))
    changes = (await specialist.get("/v1/changes", params={"after": last["seq"]})).json()
    assert changes["items"][-1]["seq"] == changes["head"]
    assert not changes["more"]
    assert made.json()["result"]["report"] in {row["key"] for row in changes["items"]}
    page = (await specialist.get("/v1/changes", params={"after": last["seq"], "limit": 1})).json()
    assert (len(page["items"]), page["more"]) == (1, changes["head"] > page["items"][0]["seq"])


async def test_a_place_that_is_gone_or_never_was_asks_for_a_snapshot(edge: Any, specialist: Any) -> None:
    await specialist.do(ReportOutage(location="Oak & 12th", scope="all", hazard="none"))
    beyond = await specialist.get("/v1/changes", params={"after": 999})
    assert (beyond.status_code, beyond.json()["code"]) == (410, "gone")
    with edge.central.db.write() as connection:
        raise_floor(connection, "main")
    gone = await specialist.get("/v1/changes", params={"after": 0})
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    _, last = await follow(specialist)
    assert (await specialist.get("/v1/changes", params={"after": last["seq"]})).status_code == 200


async def test_pruned_changes_are_gone(edge: Any, specialist: Any) -> None:
    for index in range(4):
        await specialist.do(ReportOutage(location=f"Oak & {index}th", scope="all", hazard="none"))
    with edge.central.db.write() as connection:
        prune(connection, "main", keep=2)
    assert (await specialist.get("/v1/changes", params={"after": 1})).status_code == 410
    assert len((await specialist.get("/v1/changes", params={"after": 2})).json()["items"]) == 2


async def test_reports_hazards_and_planned_outages_are_listed(edge: Any, specialist: Any) -> None:
    from datetime import timedelta

    from csr_console.domain.outages.commands import PlanOutage

    for index in range(3):
        await specialist.do(ReportOutage(location=f"Oak & {index}th", scope="all", hazard="none"))
        edge.clock.pass_(minutes=1)
    await specialist.do(ReportOutage(location="Pine & 1st", scope="all", hazard="wire_down"))
    lead = await edge.sign_in("lead")
    planned = await lead.do(
        PlanOutage(
            device="t:FU2",
            starts_at=edge.clock() + timedelta(hours=1),
            ends_at=edge.clock() + timedelta(hours=3),
            reason="Pole replacement",
        )
    )
    assert planned.status_code == 201, planned.text
    first = (await specialist.get("/v1/outages/reports", params={"limit": 3})).json()
    rest = (await specialist.get("/v1/outages/reports", params={"limit": 3, "cursor": first["next"]})).json()
    places = [report["place"] for report in first["items"] + rest["items"]]
    assert places == ["Pine & 1st", "Oak & 0th", "Oak & 1th", "Oak & 2th"]
    assert rest["next"] is None
    hazards = (await specialist.get("/v1/outages/hazards")).json()["items"]
    assert [hazard["hazard"] for hazard in hazards] == ["wire_down"]
    coming = (await specialist.get("/v1/outages/planned")).json()["items"]
    assert [outage["devices"] for outage in coming] == [["t:TR3", "t:TR4"]]
