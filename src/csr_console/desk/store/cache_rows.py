"""What is cached besides the roster: account views, outages, and the position in the change feed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from csr_console.contracts.envelope import canonical
from csr_console.contracts.feed import ChangeRow
from csr_console.contracts.views.accounts import AccountView
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.desk.store.tables import (
    OutageRow,
    PositionRow,
    ViewRow,
    microseconds,
    moment,
    table,
)

_POSITION = table(PositionRow)
_VIEW = table(ViewRow)
_OUTAGE = table(OutageRow)


@dataclass(frozen=True, slots=True)
class CachedView:
    """An account view as central gave it; `mark` is the outbox's closing number it is older than."""

    view: AccountView
    etag: str
    reader: str
    as_of: datetime
    mark: int
    stale: bool


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """How far a snapshot has come: the cursor of the next page, the feed position it stands for, the count
    and running hash of the rows taken."""

    cursor: str = ""
    seq: int = 0
    count: int = 0
    hash: str = ""


def get(connection: Connection, name: str) -> str:
    """A fact about this file, "" when it is not known."""
    found = connection.execute(select(_POSITION.c.value).where(_POSITION.c.name == name)).scalar()
    return str(found or "")


def put(connection: Connection, facts: Mapping[str, str | int]) -> None:
    rows = [{"name": name, "value": str(value)} for name, value in facts.items()]
    statement = insert(_POSITION)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value}),
        rows,
    )


def is_complete(connection: Connection) -> bool:
    return get(connection, "seq") != ""


def position(connection: Connection) -> int | None:
    """The feed position this file stands for, None before its snapshot is complete."""
    found = get(connection, "seq")
    return int(found) if found else None


def set_position(connection: Connection, seq: int) -> None:
    put(connection, {"seq": seq})


def snapshot_state(connection: Connection) -> SnapshotState:
    if not get(connection, "snapshot.cursor"):
        return SnapshotState()
    return SnapshotState(
        get(connection, "snapshot.cursor"),
        int(get(connection, "snapshot.seq")),
        int(get(connection, "snapshot.count")),
        get(connection, "snapshot.hash"),
    )


def set_snapshot_state(connection: Connection, state: SnapshotState) -> None:
    put(
        connection,
        {
            "snapshot.cursor": state.cursor,
            "snapshot.seq": state.seq,
            "snapshot.count": state.count,
            "snapshot.hash": state.hash,
        },
    )


def find_view(connection: Connection, account: str) -> CachedView | None:
    row = connection.execute(select(_VIEW).where(_VIEW.c.account == account)).one_or_none()
    if row is None:
        return None
    return CachedView(
        AccountView.model_validate_json(row.body),
        row.etag,
        row.reader,
        moment(row.as_of_us),
        row.mark,
        row.newest > row.version,
    )


def save_view(
    connection: Connection, view: AccountView, *, etag: str, reader: str, as_of: datetime, mark: int
) -> None:
    values = {
        "account": view.entry.account,
        "body": view.model_dump_json(),
        "etag": etag,
        "reader": reader,
        "as_of_us": microseconds(as_of),
        "mark": mark,
        "version": view.version,
        "newest": view.version,
    }
    statement = insert(_VIEW).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))


def confirm_view(connection: Connection, account: str, *, as_of: datetime, mark: int) -> None:
    """Central says that the cached view is still the newest."""
    connection.execute(
        update(_VIEW)
        .where(_VIEW.c.account == account)
        .values(as_of_us=microseconds(as_of), mark=mark, newest=_VIEW.c.version)
    )


def outdate_views(connection: Connection, versions: Mapping[str, int]) -> None:
    """The feed tells of these versions; views that are older are stale from now on."""
    for account, version in versions.items():
        connection.execute(
            update(_VIEW).where(_VIEW.c.account == account, _VIEW.c.newest < version).values(newest=version)
        )


def outdate_view(connection: Connection, account: str) -> None:
    """Something of ours was applied to the account: the view lacks it."""
    connection.execute(update(_VIEW).where(_VIEW.c.account == account).values(newest=_VIEW.c.version + 1))


def all_views(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(_VIEW)).mappings()]


def keep_views(connection: Connection, views: Sequence[dict[str, Any]]) -> None:
    """Views of an older file, stale until they are asked for again."""
    for view in views:
        connection.execute(insert(_VIEW).values({**view, "newest": view["version"] + 1}))


def apply_outages(connection: Connection, rows: Collection[ChangeRow]) -> None:
    """Reports, hazards and planned outages of a page of the feed or of a snapshot."""
    for row in rows:
        if row.op == "delete" or row.body is None:
            connection.execute(
                delete(_OUTAGE).where(_OUTAGE.c.entity == row.entity, _OUTAGE.c.key == row.key)
            )
            continue
        values = {
            "entity": row.entity,
            "key": row.key,
            "account": str(row.body.get("account") or ""),
            "premise": str(row.body.get("premise") or ""),
            "body": canonical(row.body).decode(),
        }
        statement = insert(_OUTAGE).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["entity", "key"], set_=values))


def _bodies(connection: Connection, entity: str) -> Sequence[str]:
    return connection.execute(select(_OUTAGE.c.body).where(_OUTAGE.c.entity == entity)).scalars().all()


def reports(connection: Connection) -> list[ReportView]:
    return [ReportView.model_validate_json(body) for body in _bodies(connection, "report")]


def hazards(connection: Connection) -> list[HazardView]:
    return [HazardView.model_validate_json(body) for body in _bodies(connection, "hazard")]


def planned(connection: Connection) -> list[PlannedView]:
    return [PlannedView.model_validate_json(body) for body in _bodies(connection, "planned")]
