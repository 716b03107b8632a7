"""The database layer: one writer, bounded retries, and errors that say nothing of anybody."""

import logging
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.dialects import postgresql

from csr_console.central import database
from csr_console.central.database import Database
from csr_console.central.tables import metadata
from csr_console.central.tables.accounts import person
from csr_console.central.tables.commands import office_head
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.refusals import Fault

MARIA = "100482771"
SECRET = "Zyx-Canary-Name"


def test_only_a_file_or_a_server_is_a_central_database() -> None:
    for url in ("sqlite://", "sqlite:///:memory:", "mysql://localhost/x"):
        with pytest.raises(ValueError, match="central database"):
            Database(url)


@pytest.mark.parametrize(
    ("version", "journal", "synchronous"),
    [("3.51.2", "delete", 3), ("3.7.0", "delete", 3), ("3.51.3", "wal", 2), ("4.0.0", "wal", 2)],
)
def test_a_sqlite_that_can_corrupt_a_wal_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, journal: str, synchronous: int
) -> None:
    module = database._sqlite_module()
    monkeypatch.setattr(module, "sqlite_version", version)
    db = Database(f"sqlite:///{tmp_path / 'central.db'}")
    with db.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == journal
        assert connection.execute(text("PRAGMA synchronous")).scalar() == synchronous
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    db.close()


def test_creating_twice_changes_nothing(db: Database) -> None:
    db.create_all()
    with db.read() as connection:
        assert connection.execute(select(office_head)).all() == []


def test_a_write_is_all_or_nothing(db: Database) -> None:
    row = {"office": "main", "person": "p", "name": "n", "name_key": "n", "kind": "residential"}
    with suppress(RuntimeError), db.write() as connection:
        connection.execute(insert(person).values(row))
        raise RuntimeError
    with db.read() as connection:
        assert connection.execute(select(person)).all() == []
    with db.write() as connection:
        connection.execute(insert(person).values(row))
    with db.read() as connection:
        assert len(connection.execute(select(person)).all()) == 1


def test_a_reader_keeps_its_snapshot_while_a_writer_commits(town: Any) -> None:
    with town.db.read() as connection:
        before = connection.execute(select(office_head)).all()
        town.do(AddNote(account=MARIA, text="note"))
        assert connection.execute(select(office_head)).all() == before
    with town.db.read() as connection:
        assert connection.execute(select(office_head)).all() != before


def write(db: Database, work: Callable[[Connection], Any]) -> None:
    with db.write() as connection:
        work(connection)


@pytest.mark.parametrize("way", [write, Database.transact])
def test_an_error_of_the_database_names_no_value(
    db: Database, way: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    row = {"office": "main", "person": "p", "name": SECRET, "name_key": SECRET, "kind": None}
    with caplog.at_level(logging.DEBUG), pytest.raises(Fault) as fault:
        way(db, lambda connection: connection.execute(insert(person).values(row)))
    shown = "".join(traceback.format_exception(fault.value))
    assert "person" in fault.value.sentence
    for said in (shown, fault.value.sentence, repr(fault.value.facts), caplog.text):
        assert SECRET not in said


def test_a_fault_in_the_middle_of_a_command_tells_nothing_and_leaves_nothing(
    town: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The desk sends the same id again, and it is applied then."""
    submission = town.submission(AddNote(account=MARIA, text=SECRET))
    with town.db.write() as connection:
        connection.execute(text("ALTER TABLE timeline RENAME TO timeline_away"))
    with caplog.at_level(logging.DEBUG), pytest.raises(Fault) as fault:
        town.send(submission)
    assert SECRET not in "".join(traceback.format_exception(fault.value)) + caplog.text
    with town.db.write() as connection:
        connection.execute(text("ALTER TABLE timeline_away RENAME TO timeline"))
    verdict = town.send(submission)
    assert (verdict.outcome.state, verdict.outcome.witness.seq, verdict.replayed) == ("applied", 1, False)


def test_a_deadlock_is_tried_again(db: Database) -> None:
    """Two transactions lock two rows in opposite order: PostgreSQL ends one, SQLite has one writer anyway."""
    with db.write() as connection:
        for office in ("a", "b"):
            connection.execute(insert(office_head).values(office=office, chain_hash="0"))
    gate = threading.Barrier(2)
    runs: list[str] = []

    def lock(first: str, second: str) -> None:
        def work(connection: Any) -> None:
            runs.append(first)
            bump = office_head.update().values(chain_seq=office_head.c.chain_seq + 1)
            connection.execute(bump.where(office_head.c.office == first))
            if db.dialect == "postgresql" and runs.count(first) == 1:
                gate.wait(10)
            connection.execute(bump.where(office_head.c.office == second))

        db.transact(work)

    threads = [threading.Thread(target=lock, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        assert connection.execute(select(office_head.c.chain_seq)).scalars().all() == [2, 2]
    assert len(runs) == (3 if db.dialect == "postgresql" else 2)


def test_what_stays_broken_is_a_fault_after_bounded_tries(db: Database) -> None:
    tries = []

    def work(connection: Any) -> None:
        tries.append(1)
        connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(Fault):
        db.transact(work)
    assert len(tries) == 1


def test_a_busy_file_is_tried_again_and_then_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'central.db'}"
    one, other = Database(url), Database(url)
    one.create_all()
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.01)
    other = Database(url)
    with one.write() as connection:
        connection.execute(insert(office_head).values(office="a", chain_hash="0"))
        with pytest.raises(Fault) as fault:
            other.transact(lambda inner: inner.execute(select(office_head)).all())
    assert fault.value.code == "unavailable"
    assert other.transact(lambda inner: len(inner.execute(select(office_head)).all())) == 1
    one.close()
    other.close()


def test_every_table_holds_text_and_integers_only() -> None:
    for table in metadata.sorted_tables:
        for column in table.c:
            stored = column.type.compile(dialect=postgresql.dialect())
            assert stored in ("VARCHAR", "INTEGER", "BIGINT"), (table.name, column.name)
