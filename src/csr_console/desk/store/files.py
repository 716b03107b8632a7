"""Both files of a workstation, opened together, and the short transactions the desk asks of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlcipher3.dbapi2 import Error as DriverError

from csr_console.contracts.views.accounts import AccountView
from csr_console.desk.model import DeskSettings, QueueItem, StoreLocked
from csr_console.desk.store import cache_rows, roster
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.cache_rows import CachedView
from csr_console.desk.store.cipher import refuse_network_path
from csr_console.desk.store.database import Row, Store
from csr_console.desk.store.locks import one_at_a_time
from csr_console.desk.store.outbox import Outbox
from csr_console.desk.store.outgoing import Outgoing
from csr_console.desk.store.queue_items import item_of
from csr_console.desk.store.reserve import Reserve
from csr_console.desk.store.station import Station
from csr_console.desk.store.tables import moment
from csr_console.desk.store.turn import Turn

SHOWN_CLOSED = 500
"""Closed commands the queue screen lists: more than a shift's, few enough to draw at once."""


class Keys(Protocol):
    @property
    def outbox(self) -> bytes: ...

    @property
    def cache(self) -> bytes: ...


class KeySource(Protocol):
    def keys(self) -> Keys: ...

    def new_cache_key(self) -> bytes: ...


class Files:
    """Raises `StoreLocked` when a file does not open; nothing is touched then."""

    def __init__(self, settings: DeskSettings, keys: KeySource, clock: Callable[[], datetime]) -> None:
        refuse_network_path(settings.folder)
        try:
            self._open(settings, keys, clock)
        except (OSError, DriverError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise StoreLocked(
                f"The stores cannot be opened ({why}): check the disk and the rights to the folder"
                f" {settings.folder}, or tell support."
            ) from error

    def _open(self, settings: DeskSettings, keys: KeySource, clock: Callable[[], datetime]) -> None:
        folder: Path = settings.folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keys = keys
        self._clock = clock
        with one_at_a_time(folder):
            given = keys.keys()
            self.outbox_store = Store(folder / "outbox.db", given.outbox, "full")
        self.reserve = Reserve(folder)
        self.outbox_store.when_full = self.reserve.free
        self.station = Station(self.outbox_store, clock)
        self.outbox = Outbox(self.outbox_store, settings.station, clock)
        self.outgoing = Outgoing(self.outbox_store, clock)
        self.cache = self._open_cache(folder, given.cache)
        self.turn = Turn(folder, self.station)

    def _open_cache(self, folder: Path, raw_key: bytes) -> CacheFiles:
        """The outbox has opened, so the keys are right: a cache under another key was crypto-erased."""
        try:
            return CacheFiles(folder, raw_key)
        except StoreLocked:
            CacheFiles.discard(folder)
            return CacheFiles(folder, raw_key)

    def close(self) -> None:
        self.turn.give()
        self.cache.close()
        self.outbox_store.close()

    def erase_cache(self) -> None:
        """Forget the cache's key, then its files; the queue stays."""
        self.cache.erase(self._keys.new_cache_key())

    def serve_office(self, office: str) -> None:
        """The cache of another office is not for the clerks of this one."""
        with self.cache.read() as connection:
            cached = cache_rows.get(connection, "office")
        if cached not in ("", office):
            self.erase_cache()

    def last_closing(self) -> int:
        """The number of the newest closing in the queue."""
        with self.outbox_store.read() as connection:
            return rows.last_closing(connection)

    def find_view(self, account: str, reader: str) -> CachedView | None:
        """The cached view, if it was fetched for this clerk."""
        with self.cache.read() as connection:
            found = cache_rows.find_view(connection, account)
        return found if found and found.reader == reader else None

    def save_view(self, view: AccountView, etag: str, *, reader: str, mark: int) -> None:
        with self.cache.write() as connection:
            cache_rows.save_view(connection, view, etag=etag, reader=reader, as_of=self._clock(), mark=mark)

    def confirm_view(self, account: str, mark: int) -> None:
        with self.cache.write() as connection:
            cache_rows.confirm_view(connection, account, as_of=self._clock(), mark=mark)

    def outdate_views(self, accounts: Iterable[str]) -> None:
        """Something of ours was applied to them: the cached views lack it."""
        with self.cache.write() as connection:
            for account in accounts:
                cache_rows.outdate_view(connection, account)

    def _items(self, found: Sequence[Row]) -> list[QueueItem]:
        now = self._clock()
        return [item_of(row, now) for row in found]

    def item(self, command_id: UUID) -> QueueItem:
        """Raises `Refusal` not-found."""
        with self.outbox_store.read() as connection:
            row = rows.get(connection, command_id)
        return item_of(row, self._clock())

    def queue(self, *, open_only: bool) -> list[QueueItem]:
        """What somebody may still care about in the order it was entered, and after it, unless `open_only`,
        the newest closed ones."""
        with self.outbox_store.read() as connection:
            waiting = rows.open_rows(connection)
            newest = [] if open_only else rows.newest_rows(connection, SHOWN_CLOSED)
        known = {row["seq"] for row in waiting}
        return self._items(waiting + [row for row in newest if row["seq"] not in known])

    def closed_since(self, closing: int, newest: int) -> tuple[int, set[str], list[QueueItem]]:
        """What was closed after a closing number, here or in another console: the last number, the subjects
        of all of it, and the `newest` items."""
        with self.outbox_store.read() as connection:
            found = rows.closed_since(connection, closing)
        if not found:
            return closing, set(), []
        return found[-1]["closing"], {row["about"] for row in found}, self._items(found[-newest:])

    def counts(self) -> dict[str, int]:
        with self.outbox_store.read() as connection:
            return rows.counts(connection)

    def roster_count(self) -> int:
        """Customers on this workstation."""
        with self.cache.read() as connection:
            return roster.count(connection)

    def cached_as_of(self) -> datetime | None:
        with self.cache.read() as connection:
            known = cache_rows.get(connection, "as_of_us")
        return moment(int(known)) if known else None
