"""The change feed of an office and the snapshot it starts from.

Rows are written while the head of the office is locked and numbered from it, so a reader never sees a later
row before an earlier one. Closed reports and hazards leave the feed as tombstones: what a desk holds after
following the feed is what a fresh snapshot gives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import Connection, Select, bindparam, delete, select, update

from csr_console.central.command_log import Head, lock_head
from csr_console.central.reads import cursors
from csr_console.central.reads.accounts import roster_entries
from csr_console.central.reads.outages import (
    hazard_view,
    hazard_views,
    planned_view,
    planned_views,
    report_view,
    report_views,
)
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account
from csr_console.central.tables.columns import AnyRow, from_json, to_json, to_text
from csr_console.central.tables.commands import office_head
from csr_console.central.tables.feed import feed_row
from csr_console.central.tables.outages import hazard, planned, report
from csr_console.contracts.feed import MAX_CHANGES, ChangeRow, Changes, Entity, SnapshotPage, chained
from csr_console.domain.refusals import Conflict

SNAPSHOT_ROWS: Final = 500
_STAGES: Final[tuple[Entity, ...]] = ("account", "report", "hazard", "planned")

_NEW_ROW = Statement(feed_row.insert())
_HEAD = Statement(
    select(office_head.c.feed_seq, office_head.c.feed_floor).where(office_head.c.office == bindparam("key"))
)
_CHANGES = Statement(
    select(feed_row)
    .where(feed_row.c.office == bindparam("office"), feed_row.c.seq > bindparam("after"))
    .order_by(feed_row.c.seq)
    .limit(bindparam("limit"))
)
_KEYS: Mapping[Entity, Select[Any]] = {
    "account": select(account.c.account)
    .where(account.c.office == bindparam("office"), account.c.account > bindparam("after"))
    .order_by(account.c.account),
    "report": select(report.c.report_id)
    .where(
        report.c.office == bindparam("office"),
        report.c.report_id > bindparam("after"),
        report.c.state == "open",
    )
    .order_by(report.c.report_id),
    "hazard": select(hazard.c.hazard_id)
    .where(
        hazard.c.office == bindparam("office"),
        hazard.c.hazard_id > bindparam("after"),
        hazard.c.state == "open",
    )
    .order_by(hazard.c.hazard_id),
    "planned": select(planned.c.planned_id)
    .where(
        planned.c.office == bindparam("office"),
        planned.c.planned_id > bindparam("after"),
        planned.c.ends_at > bindparam("now"),
    )
    .order_by(planned.c.planned_id),
}
Touched = dict[tuple[Entity, str], Iterable[AnyRow]]
"""The entities that a turn has changed, each with its row as the last change left it."""
_VIEWS: Mapping[Entity, Callable[[AnyRow], BaseModel]] = {
    "report": report_view,
    "hazard": hazard_view,
    "planned": planned_view,
}
_PAGES = {entity: keys.limit(bindparam("limit")) for entity, keys in _KEYS.items()}


def _views(
    connection: Connection, office: str, entity: Entity, keys: Sequence[str], today: date
) -> Mapping[str, BaseModel]:
    if entity == "account":
        return roster_entries(connection, office, keys, today)
    if entity == "report":
        return report_views(connection, office, keys)
    if entity == "hazard":
        return hazard_views(connection, office, keys)
    return planned_views(connection, office, keys)


def _bodies(views: Mapping[str, BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON of each entity that a desk is to hold; what is closed or gone is not in it."""
    return {
        key: view.model_dump(mode="json")
        for key, view in views.items()
        if getattr(view, "state", "open") == "open"
    }


def write_changes(connection: Connection, head: Head, touched: Touched, now: datetime) -> None:
    """A feed row for each touched entity with its new state; the head moves and is saved by the caller."""
    rows = []
    changed = {kind for kind, _ in touched}
    for entity in (stage for stage in _STAGES if stage in changed):
        returned = {key: result for (kind, key), result in touched.items() if kind == entity}
        if entity == "account":
            views = _views(connection, head.office, entity, list(returned), now.date())
        else:
            views = {key: _VIEWS[entity](row) for key, result in returned.items() for row in result}
        bodies = _bodies(views)
        for key in returned:
            head.feed_seq += 1
            body = bodies.get(key)
            rows.append(
                {
                    "office": head.office,
                    "seq": head.feed_seq,
                    "entity": entity,
                    "key": key,
                    "op": "delete" if body is None else "upsert",
                    "body": None if body is None else to_json(body),
                }
            )
    if rows:
        connection.execute(_NEW_ROW, rows if len(rows) > 1 else rows[0])


def _position(connection: Connection, office: str) -> tuple[int, int]:
    row = connection.execute(_HEAD, {"key": office}).one_or_none()
    return (row.feed_seq, row.feed_floor) if row else (0, 0)


def _gone() -> Conflict:
    return Conflict("gone", "These changes are no longer kept: a fresh snapshot is needed.")


def changes(connection: Connection, office: str, after: int, limit: int = MAX_CHANGES) -> Changes:
    """The rows after `after`, oldest first, on one consistent snapshot (`Database.read`).

    Raises `Conflict` gone below the floor, and beyond the head: that desk knows another history.
    """
    head, floor = _position(connection, office)
    if not floor <= after <= head:
        raise _gone()
    limit = max(1, min(limit, MAX_CHANGES))
    rows = connection.execute(_CHANGES, {"office": office, "after": after, "limit": limit}).all()
    items = [
        ChangeRow.model_validate({**row._mapping, "body": None if row.body is None else from_json(row.body)})
        for row in rows
    ]
    last = items[-1].seq if items else after
    return Changes(office=office, items=items, head=head, more=last < head)


def snapshot(
    connection: Connection, office: str, cursor: str | None, *, now: datetime, limit: int = SNAPSHOT_ROWS
) -> SnapshotPage:
    """A page of everything a desk is to hold: accounts, open reports, open hazards, planned outages.

    Any page can be asked for again; the cursor carries the feed position of the first page, the count and the
    running hash. Raises `Refusal` invalid, or `Conflict` gone when the feed no longer reaches back to the
    first page: the snapshot starts again.
    """
    head, floor = _position(connection, office)
    stage, after, seq, count, running = 0, "", head, 0, ""
    if cursor is not None:
        stage, after, seq, count, running = cursors.decode(cursor, int, str, int, int, str)
    if not floor <= seq <= head:
        raise _gone()
    items: list[ChangeRow] = []
    while len(items) < limit and 0 <= stage < len(_STAGES):
        entity = _STAGES[stage]
        wanted = limit - len(items)
        values = {"office": office, "after": after, "limit": wanted}
        if entity == "planned":
            values["now"] = to_text(now)
        keys: list[str] = list(connection.execute(_PAGES[entity], values).scalars())
        bodies = _bodies(_views(connection, office, entity, keys, now.date())) if keys else {}
        items += [ChangeRow(seq=seq, entity=entity, key=key, op="upsert", body=bodies[key]) for key in keys]
        stage, after = (stage, keys[-1]) if len(keys) == wanted else (stage + 1, "")
    count += len(items)
    running = chained(running, items)
    done = not 0 <= stage < len(_STAGES)
    return SnapshotPage(
        office=office,
        seq=seq,
        items=items,
        next=None if done else cursors.encode([stage, after, seq, count, running]),
        count=count,
        hash=running,
    )


def raise_floor(connection: Connection, office: str) -> int:
    """Forget the feed, so that every desk takes a snapshot: after an import. The new floor."""
    head = lock_head(connection, office)
    floor = head.feed_seq + 1
    connection.execute(
        update(office_head).where(office_head.c.office == office).values(feed_seq=floor, feed_floor=floor)
    )
    connection.execute(delete(feed_row).where(feed_row.c.office == office))
    return floor


def prune(connection: Connection, office: str, keep: int) -> int:
    """Drop all but the newest `keep` rows of the feed; the floor, below which a desk takes a snapshot."""
    head = lock_head(connection, office)
    _, known = _position(connection, office)
    floor = max(known, head.feed_seq - max(0, keep))
    connection.execute(update(office_head).where(office_head.c.office == office).values(feed_floor=floor))
    connection.execute(delete(feed_row).where(feed_row.c.office == office, feed_row.c.seq <= floor))
    return floor
