"""A migrated database and one made from the metadata are the same, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, text

from csr_console.central.database import Database
from csr_console.central.migrations.run import NEWEST, alembic_config, is_current, migrate
from csr_console.central.secrets import SecretUnusable
from csr_console.central.service import prepare
from csr_console.central.settings import CentralSettings
from csr_console.central.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield db
        db.close()
        return
    uri = request.getfixturevalue("postgresql")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty TEMPLATE template0")
    head, _, query = uri.partition("?")
    base = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
    db = Database(f"{base}/empty?{query}")
    yield db
    db.close()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def triggers(connection: Connection) -> set[tuple[str, str]]:
    """Every trigger with its text."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            " UNION SELECT proname, prosrc FROM pg_proc WHERE proname = 'refuse_change'"
        )
    return {(name, " ".join(body.split())) for name, body in connection.execute(text(query))}


def test_the_migrated_schema_is_the_metadata(empty: Database) -> None:
    migrate(empty)
    with empty.read() as connection:
        assert is_current(connection)
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        migrated = triggers(connection)
    with empty.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
    empty.create_all()
    with empty.read() as connection:
        assert triggers(connection) == migrated
    assert {name for name, _ in migrated} >= {
        f"{table}_no_{'update' if empty.dialect == 'sqlite' else 'change'}"
        for table in ("command_log", "journal")
    }


def test_indexes_of_the_migration_are_those_of_the_metadata(empty: Database) -> None:
    def indexes() -> set[tuple[str, str]]:
        """Every index with its text, operator classes and all."""
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            if empty.dialect == "sqlite"
            else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
        with empty.read() as connection:
            found = connection.execute(text(query))
            return {(name, body) for name, body in found if "alembic" not in name}

    migrate(empty)
    migrated = indexes()
    with empty.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
    empty.create_all()
    assert indexes() == migrated


def test_the_newest_revision_is_the_last_of_the_scripts() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [NEWEST]


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("INSERT INTO mark (name, value) VALUES ('kept', 'yes')"))
    migrate(empty)
    with empty.read() as connection:
        assert connection.execute(text("SELECT value FROM mark")).scalar_one() == "yes"


def test_premises_that_are_there_get_the_name_of_their_street(empty: Database) -> None:
    from alembic import command

    streets = {"P1": "1204 NW Oak Street, Apt 3", "P2": "8 North Ave", "P3": ""}
    with empty.write() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for premise, street in streets.items():
            connection.execute(
                text(
                    "INSERT INTO premise (office, premise, street, unit, city, zip)"
                    " VALUES ('main', :premise, :street, '', '', '')"
                ),
                {"premise": premise, "street": street},
            )
    migrate(empty)
    with empty.read() as connection:
        found = connection.execute(text("SELECT premise, street_key FROM premise ORDER BY premise")).all()
    assert [tuple(row) for row in found] == [("P1", "oak"), ("P2", "n"), ("P3", None)]


def test_services_that_start_at_once_both_find_the_schema(empty: Database, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    url = empty.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "csr_console", "central", "migrate", "--database", url]
    started = [
        subprocess.Popen([*command, "--secret-file", str(secret)], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [(process.communicate()[1], process.returncode) for process in started] == [("", 0)] * 2
    with empty.read() as connection:
        assert is_current(connection)


def test_a_database_of_a_later_version_is_left_alone(empty: Database) -> None:
    from csr_console.central.migrations.run import SchemaUnknown

    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaUnknown, match="newer version"):
        migrate(empty)


def test_another_secret_is_noticed_at_the_start(tmp_path: Path) -> None:
    settings = CentralSettings(database=f"sqlite:///{tmp_path}/central.db", secret=SecretStr("a" * 40))
    prepare(settings)
    prepare(settings)
    with pytest.raises(SecretUnusable, match="not the one"):
        prepare(settings.model_copy(update={"secret": SecretStr("b" * 40)}))


def test_the_secret_file_is_private_and_made_once(tmp_path: Path) -> None:
    from csr_console.central.secrets import load_secret

    settings = CentralSettings(database=f"sqlite:///{tmp_path}/data/central.db")
    first = load_secret(settings)
    path = tmp_path / "data" / "central.db.secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_secret(settings).fingerprint() == first.fingerprint()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    path.chmod(0o640)
    with pytest.raises(SecretUnusable, match="chmod 600"):
        load_secret(settings)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(SecretUnusable, match="too short"):
        load_secret(settings)


def test_a_new_database_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    prepare(CentralSettings(database=f"sqlite:///{tmp_path}/new/central.db"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
