"""Bringing a database to this version's schema."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from csr_console.central.database import Database
from csr_console.domain.refusals import Fault

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0007"
"""The revision of this version. Alembic, which takes long to load, is only asked to get there."""
_ATTEMPTS = 5
_VERSION = table("alembic_version", column("version_num"))


class SchemaUnknown(Exception):
    """The database was made by a newer version; the text is a sentence for the person who starts this one."""


def alembic_config() -> "Config":
    """Alembic's configuration without a file; a connection goes into its `attributes`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema of this version."""
    if not inspect(connection).has_table(_VERSION.name):
        return False
    return connection.execute(select(_VERSION.c.version_num)).scalar() == NEWEST


def migrate(db: Database) -> None:
    """Apply every step that is missing, all or none. Raises `Fault`, or `SchemaUnknown` for a newer schema.

    Two services that start at once on PostgreSQL both try; the one that comes second fails on what the
    first just made, looks again and finds nothing left to do.
    """
    with db.read() as connection:
        if is_current(connection):
            return
    from alembic import command
    from alembic.util import CommandError

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with db.write() as connection:
                config = alembic_config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError:
            raise SchemaUnknown(
                "A newer version of this service made the database: install that version or a later one."
            ) from None
        except Fault:
            if attempt == _ATTEMPTS:
                raise
            time.sleep(0.2 * attempt)
        else:
            return
