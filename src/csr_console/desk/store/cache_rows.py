"""What is cached besides the roster: account views, outages, and the position in the change feed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from csr_console.contracts.envelope import canonical
from csr_console.contracts.feed import ChangeRow
from csr_console.contracts.views.accounts import AccountView
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.desk.store.database import Connection, Row
from csr_console.desk.store.tables import microseconds, moment

Name = tuple[str, str]
"""What the feed tells of: an entity and its key."""
OUTAGE_VIEWS: Mapping[str, type[ReportView] | type[HazardView] | type[PlannedView]] = {
    "report": ReportView,
    "hazard": HazardView,
    "planned": PlannedView,
}
"""What the feed tells of beside customers."""
_PUT = """INSERT INTO position (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
_SAVE_VIEW = """INSERT OR REPLACE INTO account_view
    (account, body, etag, reader, as_of_us, mark, version, newest)
    VALUES (:account, :body, :etag, :reader, :as_of_us, :mark, :version, :newest)"""
_SAVE_OUTAGE = "INSERT OR REPLACE INTO outage (entity, key, account, premise, body) VALUES (?, ?, ?, ?, ?)"


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
    return str(connection.value("SELECT value FROM position WHERE name = ?", (name,)) or "")


def put(connection: Connection, facts: Mapping[str, str | int]) -> None:
    connection.execute_many(_PUT, [(name, str(value)) for name, value in facts.items()])


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
    row = connection.row("SELECT * FROM account_view WHERE account = ?", (account,))
    if row is None:
        return None
    return CachedView(
        AccountView.model_validate_json(row["body"]),
        row["etag"],
        row["reader"],
        moment(row["as_of_us"]),
        row["mark"],
        row["newest"] > row["version"],
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
    connection.execute(_SAVE_VIEW, values)


def confirm_view(connection: Connection, account: str, *, as_of: datetime, mark: int) -> None:
    """Central says that the cached view is still the newest."""
    connection.execute(
        "UPDATE account_view SET as_of_us = ?, mark = ?, newest = version WHERE account = ?",
        (microseconds(as_of), mark, account),
    )


def outdate_views(connection: Connection, versions: Mapping[str, int]) -> None:
    """The feed tells of these versions; views that are older are stale from now on."""
    connection.execute_many(
        "UPDATE account_view SET newest = :version WHERE account = :account AND newest < :version",
        [{"account": account, "version": version} for account, version in versions.items()],
    )


def outdate_view(connection: Connection, account: str) -> None:
    """Something of ours was applied to the account: the view lacks it."""
    connection.execute("UPDATE account_view SET newest = version + 1 WHERE account = ?", (account,))


def all_views(connection: Connection) -> list[Row]:
    return connection.rows("SELECT * FROM account_view")


def keep_views(connection: Connection, views: Sequence[Row]) -> None:
    """Views of an older file, stale until they are asked for again."""
    connection.execute_many(_SAVE_VIEW, [{**view, "newest": view["version"] + 1} for view in views])


def apply_outages(connection: Connection, rows: Collection[ChangeRow]) -> None:
    """Reports, hazards and planned outages of a page of the feed or of a snapshot."""
    for row in rows:
        if row.op == "delete" or row.body is None:
            connection.execute("DELETE FROM outage WHERE entity = ? AND key = ?", (row.entity, row.key))
            continue
        account, premise = (str(row.body.get(name) or "") for name in ("account", "premise"))
        body = canonical(row.body).decode()
        connection.execute(_SAVE_OUTAGE, (row.entity, row.key, account, premise, body))


def outages(connection: Connection) -> dict[Name, str]:
    """Every report, hazard and planned outage: its document by its entity and key."""
    found = connection.cursor().execute("SELECT entity, key, body FROM outage ORDER BY entity, key")
    return {(entity, key): body for entity, key, body in found.fetchall()}


def outages_of(connection: Connection, names: Iterable[Name]) -> dict[Name, str]:
    """The documents of some, by their entities and keys."""
    statement = "SELECT body FROM outage WHERE entity = ? AND key = ?"
    found = {name: connection.value(statement, name) for name in names}
    return {name: body for name, body in found.items() if body is not None}


def outage_view(entity: str, document: str) -> ReportView | HazardView | PlannedView:
    return OUTAGE_VIEWS[entity].model_validate_json(document)
