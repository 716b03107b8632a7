"""One encrypted file: one writer at a time, several readers, and the truth about a failed commit."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sqlcipher3.dbapi2 import Error as DriverError

from csr_console.desk.model import StoreLocked, StoreUnsure
from csr_console.desk.store.cipher import Durability, connect, refuse_network_path

_ROOM_BYTES = 256 * 1024
_LOG_BYTES = 4_500_000
"""What a log grows to: at a thousand pages SQLite folds it back into its file and starts it anew."""
_READERS_KEPT = 4
SCHEMA = 1
"""Of both files; an older outbox is brought up to date before this rises, an older cache is taken anew."""
Row = dict[str, Any]
"""A row by the names of its columns."""
Values = Sequence[object] | Mapping[str, object]


class Connection:
    """A connection inside a transaction. Statements are constant texts and their values are always bound."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def cursor(self) -> Any:
        """A cursor of the driver's, whose rows are tuples."""
        return self.driver.cursor()

    def execute(self, statement: str, values: Values = ()) -> int:
        """How many rows it has changed, for a statement that changes rows."""
        return int(self.driver.execute(statement, values).rowcount)

    def execute_many(self, statement: str, values: Iterable[Values]) -> None:
        self.driver.executemany(statement, values)

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        cursor = self.driver.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, found, strict=True)) for found in cursor.fetchall()]

    def row(self, statement: str, values: Values = ()) -> Row | None:
        """The first row; None when there is none."""
        cursor = self.driver.execute(statement, values)
        found = cursor.fetchone()
        if found is None:
            return None
        return {column[0]: value for column, value in zip(cursor.description, found, strict=True)}

    def column(self, statement: str, values: Values = ()) -> list[Any]:
        """The first value of every row."""
        return [found[0] for found in self.driver.execute(statement, values).fetchall()]

    def value(self, statement: str, values: Values = ()) -> Any:
        """The first value of the first row; None when there is none."""
        found = self.driver.execute(statement, values).fetchone()
        return None if found is None else found[0]


class Reads(Protocol):
    """What a reader of the cache needs."""

    def read(self) -> AbstractContextManager[Connection]: ...


class CommitUnknown(StoreUnsure):
    """A commit failed: it may be on disk all the same. Look the id up in a fresh connection."""


class NotWritten(StoreUnsure):
    """The disk failed before there was anything to commit: nothing was changed."""


class Store:
    """`write` gives the one writing connection inside BEGIN IMMEDIATE; `read` one whose snapshot stays the
    same inside the block. Both may be used from any thread."""

    def __init__(self, path: Path, raw_key: bytes, durability: Durability) -> None:
        refuse_network_path(path)
        self.path = path
        self._raw_key = raw_key
        self._durability = durability
        self._lock = threading.RLock()
        self.when_full: Callable[[], bool] = lambda: False
        """Called when the disk is full; True when room was made and it is worth another try."""
        self._writer: Connection | None = Connection(connect(path, raw_key, durability))
        self._idle: list[Connection] = []
        self._idle_lock = threading.Lock()
        self._closed = False

    def _connect(self) -> Connection:
        return Connection(connect(self.path, self._raw_key, self._durability, create=False))

    def create(self, statements: Iterable[str]) -> None:
        """Make the tables that are not there yet. Raises `StoreLocked` for the file of another version."""
        with self.write() as connection:
            made_by = int(connection.value("PRAGMA user_version"))
            if made_by not in (0, SCHEMA):
                raise StoreLocked(
                    f"{self.path.name} was made by another version of csr-console and is not touched:"
                    " start the version that made it, send what is queued, then update."
                )
            if made_by != SCHEMA:
                connection.execute(f"PRAGMA user_version = {SCHEMA:d}")  # takes no bound values
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Raises `StoreUnsure` when the disk does not give what is on it."""
        try:
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)
        except DriverError as error:
            raise StoreUnsure(self._trouble(error)) from error

    def _borrow(self) -> Connection:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: Connection) -> None:
        try:
            connection.driver.rollback()
        except DriverError:
            _close(connection)
            return
        with self._idle_lock:
            if not self._closed and len(self._idle) < _READERS_KEPT:
                self._idle.append(connection)
                return
        _close(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction. Raises `CommitUnknown` when the commit itself failed; any other error means
        that it was rolled back, `NotWritten` that the disk was the reason."""
        with self._lock:
            try:
                connection = self._writing()
                connection.execute("BEGIN IMMEDIATE")
            except DriverError as error:
                self._drop_writer()
                raise NotWritten(self._trouble(error)) from error
            try:
                yield connection
            except DriverError as error:
                self._roll_back(connection)
                raise NotWritten(self._trouble(error)) from error
            except BaseException:
                self._roll_back(connection)
                raise
            try:
                connection.driver.commit()
            except DriverError as error:
                self._drop_writer()
                raise CommitUnknown(self._trouble(error)) from error

    def stretch_log(self) -> None:
        """Give the log the length that it grows to, where there is plenty of room: a commit then waits for
        its own bytes and not for a file to grow, which takes twice as long.

        SQLite has no word for it. A transaction that outgrows its memory is written to the log before it is
        committed; this one is taken back, and the log keeps its length.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        with self._lock, suppress(OSError, DriverError, StoreUnsure):
            if log.stat().st_size >= _LOG_BYTES or shutil.disk_usage(log.parent).free < 4 * _LOG_BYTES:
                return
            driver = self._writing().driver
            (kept,) = driver.execute("PRAGMA cache_size").fetchone()
            driver.execute("PRAGMA cache_size = 10")
            try:
                driver.execute("BEGIN IMMEDIATE")
                driver.execute("CREATE TABLE length (bytes BLOB)")
                driver.execute("INSERT INTO length VALUES (zeroblob(?))", (_LOG_BYTES,))
            finally:
                driver.rollback()
                driver.execute(f"PRAGMA cache_size = {kept:d}")  # takes no bound values
            with self.write() as connection:
                connection.execute(f"PRAGMA user_version = {SCHEMA:d}")  # the first sync is that of all of it

    def _writing(self) -> Connection:
        if self._writer is None:
            self._writer = self._connect()
        return self._writer

    def _roll_back(self, connection: Connection) -> None:
        try:
            connection.driver.rollback()
        except DriverError:
            self._drop_writer()

    def _drop_writer(self) -> None:
        """After a failed commit the state of the connection is anybody's guess: a new one asks the disk."""
        if self._writer is not None:
            _close(self._writer)
            self._writer = None

    def has_room(self, error: BaseException | None = None) -> bool:
        """Whether the disk has room for another commit; SQLite reports a full one in several ways."""
        if "database or disk is full" in str(error):
            return False
        try:
            return shutil.disk_usage(self.path.parent).free >= _ROOM_BYTES
        except OSError:
            return True

    def _trouble(self, error: DriverError) -> str:
        """What is the matter with the disk, and what to do about it."""
        if not self.has_room(error):
            return "The disk of this workstation is full: free some space."
        if "readonly" in str(error):
            return "The disk of this workstation cannot be written to: tell support."
        return "The disk of this workstation reports errors: tell support."

    def data_version(self) -> int:
        """A number that changes when another process has written to the file."""
        with self._lock:
            return int(self._writing().value("PRAGMA data_version"))

    def close(self) -> None:
        with self._lock:
            with self._idle_lock:
                self._closed = True
                idle, self._idle = self._idle, []
            for connection in idle:
                _close(connection)
            self._drop_writer()


def _close(connection: Connection) -> None:
    with suppress(DriverError):
        connection.driver.close()
