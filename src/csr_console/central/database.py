"""The database of the central service: SQLite embedded, PostgreSQL for several workers, the same code.

SQLite has one writer: a process lock and BEGIN IMMEDIATE. SQLite 3.7.0 to 3.51.2 can corrupt a WAL with two
writing connections, so WAL is used from 3.51.3 on and DELETE with `synchronous=EXTRA` below; the sqlcipher3
module carries a newer SQLite than most systems and is taken when it is there. PostgreSQL runs READ COMMITTED
for writing, where the head row of an office is the lock, and one REPEATABLE READ snapshot for reading.

Whatever the database says about rows stays here: errors leave as `Fault` with the SQLSTATE and the names of
table and constraint, never with values.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnection

from csr_console.central.statements import Statement, pipelined, settle_others
from csr_console.domain.refusals import Fault

T = TypeVar("T")
WAL_SAFE_FROM: Final = (3, 51, 3)
_ATTEMPTS: Final = 6
_BUSY_SECONDS: Final = 10.0
_ALIVE_SECONDS: Final = 1.0
"""A connection that was idle for longer is asked whether it is still there."""
_BEGIN: Final = Statement(text("BEGIN IMMEDIATE"))
_RETRIED_STATES: Final = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected (PostgreSQL, appendix A)."""


def _sqlite_module() -> ModuleType:
    try:
        import sqlcipher3
    except ImportError:
        return sqlite3
    return sqlcipher3.dbapi2  # type: ignore[no-any-return]


class Database:
    """One database. Connections are Core connections; nothing is kept between transactions."""

    def __init__(self, url: str) -> None:
        """`url` is `sqlite:///path` or `postgresql+psycopg://...`. Raises ValueError for anything else."""
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._writing = threading.Lock()
        self._writer: Connection | None = None
        """The connection that wrote last on SQLite, as long as nothing went wrong with it."""
        if self.dialect == "sqlite":
            if not self.url.database or self.url.database == ":memory:":
                raise ValueError("the central database is a file: sqlite:///path/to/central.db")
            self.engine = _sqlite_engine(url)
        elif self.dialect == "postgresql":
            self.engine = _postgresql_engine(url)
        else:
            raise ValueError("the central database is sqlite:///... or postgresql+psycopg://...")
        self._reader = (
            self.engine
            if self.dialect == "sqlite"
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    def create_all(self) -> None:
        """Create every table, index and trigger that is missing: what the migrations make, in one step."""
        from csr_console.central.tables import metadata

        with self.write() as connection:
            metadata.create_all(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot for reading. Raises `Fault` when the database does not answer."""
        with _answered(), self._reader.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block and rolled back by an exception.

        Raises `Fault`; after one of a commit nothing is known to be done or not done.
        """
        with _answered(), self._write() as connection:
            yield connection

    def transact(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in one transaction, tried again after a deadlock, a busy file or a lost
        connection: `work` must be one that may run twice. Raises `Fault`."""
        with _answered():
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    with self._write() as connection, pipelined(connection):
                        return work(connection)
                except DBAPIError as error:
                    if attempt == _ATTEMPTS or not _worth_another_try(error):
                        raise
                time.sleep(secrets.randbelow(20_000 << attempt) / 1_000_000)
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        if self.dialect == "postgresql":
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writing:
            writer, self._writer = self._writer or self.engine.connect(), None
            try:
                with writer.begin():
                    writer.execute(_BEGIN)
                    yield writer
            except BaseException:
                writer.close()
                raise
            self._writer = writer


def _sqlite_engine(url: str) -> Engine:
    module = _sqlite_module()
    wal = tuple(int(part) for part in str(module.sqlite_version).split(".")) >= WAL_SAFE_FROM
    engine = create_engine(
        url,
        module=module,
        hide_parameters=True,
        pool_size=8,
        max_overflow=56,
        # the modules' own cache of a hundred statements loses those of the write path between two commands
        connect_args={
            "cached_statements": 1000,
            "check_same_thread": False,
            "timeout": _BUSY_SECONDS,
            "isolation_level": None,
        },
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=" + ("WAL" if wal else "DELETE"))
        cursor.execute("PRAGMA synchronous=" + ("FULL" if wal else "EXTRA"))
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA wal_autocheckpoint=4000")  # a page that changes often is copied less often
        cursor.close()

    return engine


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    settle_others(engine)

    @event.listens_for(engine, "checkin")
    def _put_back(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _require_alive(connection: Any, record: Any, _proxy: Any) -> None:
        """One used a moment ago is not asked: that would be a question more for every transaction."""
        idle_since = record.info.get("idle_since", time.monotonic())
        if time.monotonic() - idle_since > _ALIVE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except DBAPIError as error:
                raise DisconnectionError("the connection was lost while it was idle") from error

    return engine


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _worth_another_try(error: DBAPIError) -> bool:
    busy = type(error.orig).__name__ == "OperationalError" and "locked" in str(error.orig)
    return error.connection_invalidated or busy or _state(error) in _RETRIED_STATES


def fault_of(error: DBAPIError | NoConnection) -> Fault:
    """The error without what it says of rows: PostgreSQL puts whole ones into DETAIL, SQLite only names."""
    if not isinstance(error, DBAPIError):
        return Fault("unavailable", "Every connection to the database is taken.")
    diagnostics = getattr(error.orig, "diag", None)
    named = (
        [_state(error), diagnostics.table_name or "", diagnostics.constraint_name or ""]
        if diagnostics
        else [str(error.orig)]
    )
    kind = type(error.orig).__name__
    sentence = " ".join(part for part in (kind, *named) if part)
    code = "unavailable" if kind == "OperationalError" else "broken"
    return Fault(code, f"The database refused ({sentence}).")


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, NoConnection) as error:
        raise fault_of(error) from None
