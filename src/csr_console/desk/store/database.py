"""One encrypted file: one writer at a time, several readers, and the truth about a failed commit."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from csr_console.desk.model import StoreLocked, StoreUnsure
from csr_console.desk.store.cipher import Durability, connect, refuse_network_path

_ROOM_BYTES = 256 * 1024
SCHEMA = 1
"""Of both files; an older outbox is brought up to date before this rises, an older cache is taken anew."""


class Reads(Protocol):
    """What a reader of the cache needs."""

    def read(self) -> AbstractContextManager[Connection]: ...


class CommitUnknown(StoreUnsure):
    """A commit failed: it may be on disk all the same. Look the id up in a fresh connection."""


class Store:
    """`write` gives the one writing connection inside BEGIN IMMEDIATE; `read` a pooled one whose snapshot
    stays the same inside the block. Both are SQLAlchemy Core connections and may be used from any thread."""

    def __init__(self, path: Path, raw_key: bytes, durability: Durability) -> None:
        refuse_network_path(path)
        self.path = path
        self._raw_key = raw_key
        self._durability = durability
        self._lock = threading.RLock()
        self.when_full: Callable[[], bool] = lambda: False
        """Called when the disk is full; True when room was made and it is worth another try."""
        connect(path, raw_key, durability).close()
        self._writer = self._engine(StaticPool)
        self._readers = self._engine(QueuePool, pool_size=4, max_overflow=8)

    def _connect(self) -> Any:
        return connect(self.path, self._raw_key, self._durability, create=False)

    def _engine(self, pool: type[QueuePool | StaticPool | NullPool], **options: int) -> Engine:
        import sqlcipher3

        engine = sqlalchemy.create_engine(
            "sqlite://",
            module=sqlcipher3.dbapi2,
            creator=self._connect,
            poolclass=pool,
            hide_parameters=True,
            **options,
        )
        begin = "BEGIN IMMEDIATE" if pool is StaticPool else "BEGIN"

        @sqlalchemy.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def create(self, metadata: MetaData, *also: Callable[[Connection], None]) -> None:
        """Make the tables that are not there yet. Raises `StoreLocked` for the file of another version."""
        with self.write() as connection:
            made_by = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if made_by not in (0, SCHEMA):
                raise StoreLocked(
                    f"{self.path.name} was made by another version of csr-console and is not touched:"
                    " start the version that made it, send what is queued, then update."
                )
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA:d}")  # takes no bound values
            metadata.create_all(connection)
            for make in also:
                make(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._readers.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction. Raises `CommitUnknown` when the commit itself failed; any other error means
        that it was rolled back."""
        with self._lock:
            connection = self._writer.connect()
            try:
                transaction = connection.begin()
                try:
                    yield connection
                except BaseException:
                    self._roll_back(transaction)
                    raise
                try:
                    transaction.commit()
                except DBAPIError as error:
                    self._reopen_writer()
                    raise CommitUnknown(
                        "The disk reported an error while saving; whether it is saved is being checked."
                    ) from error
            finally:
                connection.close()

    def _roll_back(self, transaction: sqlalchemy.RootTransaction) -> None:
        try:
            transaction.rollback()
        except DBAPIError:
            self._reopen_writer()

    def _reopen_writer(self) -> None:
        """After a failed commit the state of the connection is anybody's guess: a new one asks the disk."""
        self._writer.dispose()
        self._writer = self._engine(StaticPool)

    def has_room(self, error: BaseException | None = None) -> bool:
        """Whether the disk has room for another commit; SQLite reports a full one in several ways."""
        if "database or disk is full" in str(getattr(error, "orig", "")):
            return False
        try:
            return shutil.disk_usage(self.path.parent).free >= _ROOM_BYTES
        except OSError:
            return True

    def data_version(self) -> int:
        """A number that changes when another process has written to the file."""
        with self._lock, self._writer.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchall()[0]
            return int(version)

    def close(self) -> None:
        with self._lock:
            self._readers.dispose()
            self._writer.dispose()
