"""Prepared offices on both databases, and sockets with short paths."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from tests.central.conftest import database_url, db, postgresql, sqlite_file, town
from tests.faults.processes import Office, Workers, short_folder

__all__ = ["database_url", "db", "postgresql", "sqlite_file", "town"]
_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a prepared office on SQLite, to be copied."""
    folder = tmp_path_factory.mktemp("office")
    Office.prepare(f"sqlite:///{folder / 'central.db'}", folder)
    return folder


@pytest.fixture
def make_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Office]]:
    """A prepared office on `sqlite` or `postgresql`, a new one at each call."""
    made: list[str] = []

    def make(dialect: str) -> Office:
        number = next(_numbers)
        folder = tmp_path / f"central-{number}"
        if dialect == "sqlite":
            shutil.copytree(request.getfixturevalue("sqlite_office"), folder)
            return Office(f"sqlite:///{folder / 'central.db'}", folder / "central.secret")
        folder.mkdir()
        uri = request.getfixturevalue("postgresql")
        name = f"faults_{number}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        head, _, query = uri.partition("?")
        base = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
        return Office.prepare(f"{base}/{name}?{query}", folder)

    yield make
    if made:
        with psycopg.connect(request.getfixturevalue("postgresql"), autocommit=True) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sockets() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    with Workers() as workers:
        yield workers
