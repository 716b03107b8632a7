"""Databases of the small town for the storms."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.central.conftest import _sqlalchemy_url, postgresql
from tests.property.city import HASHER, copied, furnish

from csr_console.central.database import Database

__all__ = ["postgresql"]

MakeUrl = Callable[[Path], str]
"""The address of a fresh database of the town; a folder for the one that is a file."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that cost nothing, and a small reserve on the disk."""
    monkeypatch.setattr("csr_console.central.staff._HASHER", HASHER)
    monkeypatch.setattr("csr_console.desk.store.reserve.RESERVE_BYTES", 4096)


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> MakeUrl:
    template = tmp_path_factory.mktemp("town") / "central.db"
    database = Database(f"sqlite:///{template}")
    database.create_all()
    furnish(database)
    database.close()
    return lambda folder: copied(template, folder)


@pytest.fixture(scope="session")
def postgresql_town(postgresql: str) -> Iterator[MakeUrl]:
    """Databases made of a template with the town in it; the one before goes when the next comes."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE town TEMPLATE central")
        town = Database(_sqlalchemy_url(postgresql, "town"))
        furnish(town)
        town.close()
        numbers = itertools.count()

        def make(_folder: Path) -> str:
            number = next(numbers)
            connection.execute(
                f"DROP DATABASE IF EXISTS storm_{number - 1} WITH (FORCE)" if number else "SELECT 1"
            )
            connection.execute(f"CREATE DATABASE storm_{number} TEMPLATE town")
            return _sqlalchemy_url(postgresql, f"storm_{number}")

        yield make
