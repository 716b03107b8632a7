"""Statements of the write path: SQLAlchemy writes the SQL once, the driver runs it from then on.

SQLAlchemy's own execution costs three times what SQLite needs for the statement. Central's tables hold text
and integers only, so nothing has to be converted on the way in or out: a driver needs the SQL and the values
in order.

On PostgreSQL a turn is pipelined: a statement is sent without waiting for the answer of the one before. An
answer is awaited when its rows are looked at, and all of them by `settle` and at the commit; what went wrong
with a statement that returns no rows is raised there.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, Executable, Insert, event, text
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError

_pipelines: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The pipeline that a driver's connection is in."""
_STYLES: Final[Mapping[str, Any]] = {"sqlite": "qmark", "postgresql": "numeric_dollar"}


class _Written(NamedTuple):
    """The SQL for one kind of database, the names of its values in order, and values that never change."""

    sql: str
    names: Sequence[str]
    fixed: Mapping[str, Any]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        known = {**self.fixed, **given} if self.fixed else given
        return [known[name] for name in self.names]


_NO_ROWS: Final[Any] = IteratorResult(SimpleResultMetaData(()), iter(()))


class Statement(Executable):
    """A statement for `Connection.execute`, which takes it like any other; every value has a name.

    An INSERT takes a row or a list of rows; what a row leaves out has its column's default. A value that
    expands to a list is not for this: its SQL is another one each time.
    """

    def __init__(self, clause: Any) -> None:
        self._clause = clause
        names = [column.key for column in getattr(clause, "exported_columns", ())]
        self._row = SimpleResultMetaData(names)
        self._returns_rows = bool(names)
        self._written: dict[str, _Written] = {}

    def _execute_on_connection(
        self, connection: Connection, parameters: Sequence[Mapping[str, Any]], _options: Any
    ) -> Any:
        """What `Connection.execute` calls."""
        kind = connection.dialect.name
        sql, names, _ = written = self._written.get(kind) or self._write(connection.dialect)
        try:
            cursor = _cursor(connection)
            if len(parameters) > 1:
                cursor.executemany(sql, [written.values(given) for given in parameters])
            else:
                cursor.execute(sql, written.values(parameters[0]) if names else ())
            if not self._returns_rows:
                return _NO_ROWS
            rows = iter(cursor.fetchall()) if kind == "sqlite" else _awaited(connection, sql, cursor)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, sql, error) from None
        return IteratorResult(self._row, rows)

    def _write(self, dialect: Dialect) -> _Written:
        clause, defaults = self._clause, dict[str, Any]()
        if isinstance(clause, Insert):
            for column in clause.table.c:
                defaults[column.key] = getattr(column.default, "arg", None)
        in_order: Any = type(dialect)
        compiled = clause.compile(
            dialect=in_order(paramstyle=_STYLES[dialect.name]), column_keys=list(defaults) or None
        )
        literals = {name: value for name, value in compiled.params.items() if value is not None}
        written = _Written(str(compiled), tuple(compiled.positiontup or ()), {**literals, **defaults})
        self._written[dialect.name] = written
        return written


_COMMIT = Statement(text("COMMIT"))


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Have the statements of the block not wait for each other, where the database can do that, nor the
    COMMIT at its end for the last of them. Raises `DBAPIError` for what nobody waited for."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver, failure = _driver(connection), connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline() as pipeline:
            _pipelines[driver] = pipeline
            try:
                yield
                if connection.in_transaction():
                    connection.execute(_COMMIT)
            except BaseException:
                with suppress(failure):
                    pipeline.sync()  # the pipeline would log what went wrong, values and all
                raise
            finally:
                del _pipelines[driver]
    except failure as error:
        raise _told(connection, "COMMIT", error) from None


def settle(connection: Connection) -> None:
    """Wait for every answer that is due. Raises `DBAPIError` for the first statement that failed."""
    if pipeline := _pipeline(connection):
        try:
            pipeline.sync()
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, "", error) from None


def recover(connection: Connection) -> None:
    """Have the connection take statements again after one failed, so that a savepoint can be gone back to."""
    if pipeline := _pipeline(connection):
        with suppress(connection.dialect.loaded_dbapi.Error):
            pipeline.sync()


def settle_others(engine: Engine) -> None:
    """Settle after each statement that is no `Statement`: SQLAlchemy looks at its answer at once."""

    @event.listens_for(engine, "do_execute")
    def _execute(cursor: Any, sql: str, parameters: Any, _context: Any) -> bool:
        cursor.execute(sql, parameters)
        return _settled(cursor)

    @event.listens_for(engine, "do_executemany")
    def _executemany(cursor: Any, sql: str, parameters: Any, _context: Any) -> bool:
        cursor.executemany(sql, parameters)
        return _settled(cursor)


def _settled(cursor: Any) -> bool:
    """True: the statement has been executed, SQLAlchemy need not."""
    if pipeline := _pipelines.get(cursor.connection):
        pipeline.sync()
    return True


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _pipeline(connection: Connection) -> Any:
    """The pipeline the connection is in, None without one; SQLite has none."""
    return None if connection.dialect.name == "sqlite" else _pipelines.get(_driver(connection))


def _cursor(connection: Connection) -> Any:
    """A cursor that takes values in order."""
    if connection.dialect.name == "sqlite":
        return _driver(connection).cursor()
    from psycopg import RawCursor

    return RawCursor(_driver(connection))


def _awaited(connection: Connection, sql: str, cursor: Any) -> Iterator[Any]:
    """The rows of a statement that was sent, awaited when the first of them is asked for."""
    try:
        rows = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, sql, error) from None
    yield from rows


def _told(connection: Connection, sql: str, error: Any) -> Exception:
    """The driver's error as SQLAlchemy tells it, without values; a lost connection is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, _driver(connection), None)
    if lost:
        connection.invalidate(error)
    told: Exception = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
    return told
