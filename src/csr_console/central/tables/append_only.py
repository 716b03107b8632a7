"""Tables that only grow: triggers refuse every UPDATE and DELETE, whoever asks."""

from sqlalchemy import DDL, Table, event

_SQLITE = tuple(
    "CREATE TRIGGER %(table)s_no_"
    + act.lower()
    + " BEFORE "
    + act
    + " ON %(table)s BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
_POSTGRESQL = (
    (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'this table is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER %(table)s_no_change BEFORE UPDATE OR DELETE ON %(table)s"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER %(table)s_no_truncate BEFORE TRUNCATE ON %(table)s"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)
_STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


def append_only_statements(dialect: str, table: str) -> tuple[str, ...]:
    """The DDL that makes a table append-only on `sqlite` or `postgresql`, for migrations."""
    return tuple(statement.replace("%(table)s", table) for statement in _STATEMENTS[dialect])


def append_only(table: Table) -> None:
    """Create the triggers whenever the metadata creates the table."""
    for dialect, statements in _STATEMENTS.items():
        for statement in statements:
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
