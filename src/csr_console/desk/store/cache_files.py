"""The cache: the file in use, and the one a new snapshot grows in.

A snapshot is written to a file of its own, `cache-<n>.db`, that takes the place of the old one when it is
complete and verified. Lookup goes on in the old one meanwhile, nothing is deleted row by row, and a snapshot
that was cut off goes on where it stopped.
"""

import re
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from csr_console.desk.model import StoreLocked, StoreUnsure
from csr_console.desk.store import cache_rows, roster
from csr_console.desk.store.cache_rows import Name
from csr_console.desk.store.database import Connection, Store
from csr_console.desk.store.roster_schema import ROSTER_TABLES
from csr_console.desk.store.tables import CACHE_TABLES

Enter = Callable[[Store], AbstractContextManager[Connection]]
_NAME = re.compile(r"cache-(\d+)\.db")


class CacheFiles:
    """`read` and `write` are those of the file in use."""

    def __init__(self, folder: Path, raw_key: bytes) -> None:
        self._folder = folder
        self._raw_key = raw_key
        self._swap = threading.RLock()
        self._shadow: Store | None = None
        self.on_changes: Callable[[int, int, Set[Name]], None] = lambda _before, _after, _names: None
        """Called with the feed positions before and after each part of the feed, and with what it changes,
        before it is committed."""
        self._current = self._open_newest()

    def _numbers(self) -> list[int]:
        found = (_NAME.fullmatch(file.name) for file in self._folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self._folder / f"cache-{number}.db"

    def _number(self, store: Store) -> int:
        match = _NAME.fullmatch(store.path.name)
        return int(match[1]) if match else 0

    def _open(self, number: int) -> Store:
        store = Store(self._path(number), self._raw_key, "normal")
        try:
            store.create((*CACHE_TABLES, *ROSTER_TABLES))
            with store.write() as connection:
                cache_rows.put(connection, {"file": number})
        except BaseException:
            store.close()
            raise
        return store

    def _open_newest(self) -> Store:
        """The newest complete file; newer ones are a snapshot under way, older ones are left over."""
        numbers = self._numbers()
        for number in reversed(numbers):
            store = self._open(number)
            with store.read() as connection:
                complete = cache_rows.is_complete(connection)
            if complete or number == numbers[0]:
                for old in numbers[: numbers.index(number)]:
                    self._remove(old)
                return store
            store.close()
        return self._open(1)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with ExitStack() as stack:
            yield self._entered(stack, Store.read)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with ExitStack() as stack:
            yield self._entered(stack, Store.write)

    def _entered(self, stack: ExitStack, enter: Enter) -> Connection:
        """The file in use may be exchanged and removed while it is being opened: then the one after it."""
        while True:
            store = self._current
            try:
                return stack.enter_context(enter(store))
            except (StoreLocked, StoreUnsure):
                with self._swap:
                    if store is self._current:
                        raise

    def shadow(self) -> Store:
        """The file of the snapshot under way, begun if there is none."""
        with self._swap:
            if self._shadow is None:
                newer = [number for number in self._numbers() if number > self._number(self._current)]
                self._shadow = self._open(newer[-1] if newer else self._number(self._current) + 1)
            return self._shadow

    def drop_shadow(self) -> None:
        """Forget a snapshot that does not verify."""
        with self._swap:
            if self._shadow is not None:
                number = self._number(self._shadow)
                self._shadow.close()
                self._shadow = None
                self._remove(number)

    def promote(self, seq: int) -> None:
        """The shadow is complete up to feed position `seq`: it takes the place of the file in use. Account
        views go along, marked stale, since they may be older than the snapshot."""
        with self._swap:
            shadow, old = self.shadow(), self._current
            with old.read() as connection:
                views = cache_rows.all_views(connection)
            with shadow.write() as connection:
                roster.complete(connection)
                cache_rows.keep_views(connection, views)
                cache_rows.set_position(connection, seq)
            self._current, self._shadow = shadow, None
            old.close()
            self._remove(self._number(old))

    def follow(self) -> bool:
        """Take up a newer complete file that another console has made; True if there was one."""
        with self._swap:
            numbers = [number for number in self._numbers() if number > self._number(self._current)]
            for number in reversed(numbers):
                try:
                    store = self._open(number)
                except StoreLocked:
                    continue
                with store.read() as connection:
                    complete = cache_rows.is_complete(connection)
                if complete:
                    old, self._current = self._current, store
                    old.close()
                    return True
                store.close()
            return False

    def erase(self, raw_key: bytes) -> None:
        """Erase everything cached and begin again, empty, under another key."""
        with self._swap:
            number = self._number(self._current) + 1
            self._current.close()
            if self._shadow is not None:
                number = self._number(self._shadow) + 1
                self._shadow.close()
                self._shadow = None
            for old in self._numbers():
                self._remove(old)
            self._raw_key = raw_key
            self._current = self._open(number)

    def _remove(self, number: int) -> None:
        _unlink(self._path(number))

    @classmethod
    def discard(cls, folder: Path) -> None:
        """Remove cache files whose key is gone."""
        for file in [file for file in folder.iterdir() if _NAME.fullmatch(file.name)]:
            _unlink(file)

    def close(self) -> None:
        with self._swap:
            self._current.close()
            if self._shadow is not None:
                self._shadow.close()
                self._shadow = None


def _unlink(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()
