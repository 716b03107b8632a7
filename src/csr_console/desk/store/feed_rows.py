"""Writing the change feed and the pages of a snapshot into the cache."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from pydantic import ValidationError

from csr_console.contracts.feed import ChangeRow, SnapshotPage, chained
from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.store import cache_rows, roster
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.cache_rows import SnapshotState
from csr_console.desk.store.database import Connection, Store
from csr_console.desk.store.tables import microseconds
from csr_console.domain.refusals import Fault

DELTA_ROWS = 50
"""Rows of a transaction: 500 hold the interpreter for 160 to 290 ms, and a key waits that long."""
_AS_OF_US = 60 * 1_000_000


def position(cache: CacheFiles) -> int | None:
    """The feed position of the cache, None before its first snapshot is complete."""
    with cache.read() as connection:
        return cache_rows.position(connection)


def apply_changes(cache: CacheFiles, part: Sequence[ChangeRow]) -> frozenset[str]:
    """Apply a few rows of the feed in one transaction; the accounts among them."""
    accounts = frozenset(row.key for row in part if row.entity == "account")
    with cache.write() as connection:
        before = cache_rows.position(connection) or 0
        cache_rows.outdate_views(connection, _write(connection, part))
        cache_rows.set_position(connection, part[-1].seq)
        cache.on_changes(before, part[-1].seq, {(row.entity, row.key) for row in part})
    return accounts


def caught_up(cache: CacheFiles, mark: int, now: datetime) -> bool:
    """The cache holds everything central had at `now`, and everything the outbox had closed up to `mark`.
    True when the mark is news."""
    now_us = microseconds(now)
    with cache.read() as connection:
        known = cache_rows.get(connection, "mark") == str(mark)
        if known and now_us - int(cache_rows.get(connection, "as_of_us") or 0) < _AS_OF_US:
            return False
    with cache.write() as connection:
        cache_rows.put(connection, {"mark": mark, "as_of_us": now_us})
    return not known


def snapshot_state(store: Store) -> SnapshotState:
    with store.read() as connection:
        return cache_rows.snapshot_state(connection)


def keep_page(store: Store, page: SnapshotPage, state: SnapshotState) -> SnapshotState:
    """Keep a page and how far it brings the snapshot, in one transaction."""
    newer = SnapshotState(
        cursor=page.next or "",
        seq=state.seq if state.cursor else page.seq,
        count=state.count + len(page.items),
        hash=chained(state.hash, page.items),
    )
    with store.write() as connection:
        for start in range(0, len(page.items), DELTA_ROWS):
            _write(connection, page.items[start : start + DELTA_ROWS], roster.append)
            time.sleep(0)  # lets the thread that reads the keys have the interpreter
        cache_rows.set_snapshot_state(connection, newer)
        cache_rows.put(connection, {"office": page.office})
    return newer


def _write(
    connection: Connection,
    part: Sequence[ChangeRow],
    put: Callable[[Connection, Iterable[RosterEntry]], None] = roster.upsert,
) -> dict[str, int]:
    """Write rows, customers by `put`; the newest version of each. Raises `Fault` other-version."""
    newest = {row.key: row for row in part if row.entity == "account"}
    try:
        entries = [RosterEntry.model_validate(row.body) for row in newest.values() if row.op == "upsert"]
        for row in part:
            if row.op == "upsert" and row.entity != "account":
                cache_rows.OUTAGE_VIEWS[row.entity].model_validate(row.body)
    except ValidationError:
        raise Fault(
            "other-version", "Central sends what this workstation does not understand: update it."
        ) from None
    gone = [account for account, row in newest.items() if row.op == "delete"]
    if entries:
        put(connection, entries)
    if gone:
        roster.delete(connection, gone)
    cache_rows.apply_outages(connection, [row for row in part if row.entity != "account"])
    return {entry.account: entry.version for entry in entries}
