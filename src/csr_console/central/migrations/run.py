"""Bringing a database to this version's schema."""

import time
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from csr_console.central.database import Database
from csr_console.domain.refusals import Fault

_ATTEMPTS = 5


class SchemaUnknown(Exception):
    """The database was made by a newer version; the text is a sentence for the person who starts this one."""


def alembic_config() -> Config:
    """Alembic's configuration without a file; a connection goes into its `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@lru_cache(maxsize=1)
def newest_revision() -> str:
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema of this version."""
    return MigrationContext.configure(connection).get_current_revision() == newest_revision()


def migrate(db: Database) -> None:
    """Apply every step that is missing, all or none. Raises `Fault`, or `SchemaUnknown` for a newer schema.

    Two services that start at once on PostgreSQL both try; the one that comes second fails on what the
    first just made, looks again and finds nothing left to do.
    """
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
