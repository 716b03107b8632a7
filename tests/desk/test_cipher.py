"""Encrypted files: the right key, the version gate, the refused places."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from csr_console.desk.model import StoreLocked
from csr_console.desk.store import cipher, database
from csr_console.desk.store.database import Store
from csr_console.desk.store.roster_schema import ROSTER_TABLES
from csr_console.desk.store.tables import CACHE_TABLES, OUTBOX_TABLES

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
PUT = "INSERT INTO station (name, value) VALUES (?, ?)"


def _filled(path: Path) -> Store:
    store = Store(path, KEY, "full")
    store.create(OUTBOX_TABLES)
    with store.write() as connection:
        connection.execute(PUT, ("canary", "Maria Lopez"))
    return store


def test_what_is_written_is_read_again_by_another_opening(tmp_path: Path) -> None:
    _filled(tmp_path / "outbox.db").close()
    again = Store(tmp_path / "outbox.db", KEY, "full")
    with again.read() as connection:
        assert connection.value("SELECT value FROM station") == "Maria Lopez"
    again.close()


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    store = _filled(tmp_path / "outbox.db")
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert b"Maria Lopez" not in data
        assert b"SQLite format 3" not in data
    store.close()


def test_a_wrong_key_is_a_sentence_and_leaves_the_file_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _filled(tmp_path / "outbox.db").close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StoreLocked, match="was not touched"):
        Store(tmp_path / "outbox.db", OTHER, "full")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    printed = capfd.readouterr()
    assert printed.err == ""
    assert printed.out == ""


def test_a_key_of_another_length_is_refused_before_any_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreLocked, match="wrong length"):
        Store(tmp_path / "outbox.db", b"short", "full")
    assert list(tmp_path.iterdir()) == []


def test_the_outbox_is_synced_at_every_commit_and_the_cache_is_not(tmp_path: Path) -> None:
    for durability, level in (("full", 2), ("normal", 1)):
        store = Store(tmp_path / f"{durability}.db", KEY, durability)  # type: ignore[arg-type]
        with store.read() as connection:
            assert connection.value("PRAGMA synchronous") == level
            assert connection.value("PRAGMA journal_mode") == "wal"
        store.close()


def test_the_log_has_its_whole_length_before_the_first_commit_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _filled(tmp_path / "outbox.db")
    log = tmp_path / "outbox.db-wal"
    short = log.stat().st_size
    with monkeypatch.context() as little:
        little.setattr(database.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=10_000_000))
        store.stretch_log()
    assert log.stat().st_size == short
    store.stretch_log()
    length = log.stat().st_size
    assert length > 1000 * 4096
    with store.write() as connection:
        for position in range(300):
            connection.execute(PUT, (f"filler {position}", "x" * 4000))
    store.stretch_log()
    assert log.stat().st_size == length
    with store.read() as connection:
        assert connection.value("SELECT value FROM station WHERE name = 'canary'") == "Maria Lopez"
        assert connection.column("SELECT name FROM sqlite_master WHERE name = 'length'") == []
    store.close()


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 50)])
def test_below_the_safe_version_the_rollback_journal_is_used(version: tuple[int, ...]) -> None:
    pragmas = cipher.journal_pragmas(version, "normal")
    assert pragmas == ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = EXTRA")


def test_the_gate_holds_for_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher, "sqlite_version", lambda: (3, 51, 2))
    store = Store(tmp_path / "outbox.db", KEY, "full")
    with store.read() as connection:
        assert connection.value("PRAGMA journal_mode") == "delete"
        assert connection.value("PRAGMA synchronous") == 3
    store.close()


def test_the_sqlite_that_comes_with_the_cipher_is_safe() -> None:
    assert cipher.sqlite_version() >= cipher.SAFE_WAL


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /home/desk rw,relatime shared:2 - nfs4 files:/desk rw
31 22 0:27 / /mnt/with\\040blank rw - fuse.sshfs host:/ rw
"""


@pytest.mark.parametrize("path", ["/home/desk/csr", "/home/desk", "/mnt/with blank/x", "//server/share"])
def test_a_network_share_is_refused(path: str) -> None:
    with pytest.raises(StoreLocked, match="network share"):
        cipher.refuse_network_path(
            Path(path) if not path.startswith("//") else Path("//server/share"), MOUNTS
        )


def test_a_local_folder_is_not_refused() -> None:
    cipher.refuse_network_path(Path("/home/desktop/csr"), MOUNTS)
    assert cipher.filesystem_type(Path("/home/desktop/csr"), MOUNTS) == "ext4"


def test_the_two_files_never_share_a_table(tmp_path: Path) -> None:
    names = []
    for file, statements in (("outbox.db", OUTBOX_TABLES), ("cache-1.db", (*CACHE_TABLES, *ROSTER_TABLES))):
        store = Store(tmp_path / file, KEY, "full")
        store.create(statements)
        with store.read() as connection:
            names.append(set(connection.column("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")))
        store.close()
    assert "command" in names[0]
    assert "roster_entry" in names[1]
    assert not names[0] & names[1] - {"sqlite_sequence"}


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    store = _filled(tmp_path / "outbox.db")

    def half_done() -> None:
        with store.write() as connection:
            connection.execute(PUT, ("half", "done"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    with store.read() as connection:
        assert connection.column("SELECT name FROM station") == ["canary"]
    store.close()


def test_the_file_of_another_version_is_refused_and_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _filled(tmp_path / "outbox.db")
    monkeypatch.setattr(database, "SCHEMA", 2)
    with pytest.raises(StoreLocked, match="another version"):
        store.create(OUTBOX_TABLES)
    with store.read() as connection:
        assert connection.value("PRAGMA user_version") == 1
    store.close()


def test_the_data_version_tells_of_writes_by_others(tmp_path: Path) -> None:
    mine = _filled(tmp_path / "outbox.db")
    theirs = Store(tmp_path / "outbox.db", KEY, "full")
    before = mine.data_version()
    assert mine.data_version() == before
    with theirs.write() as connection:
        connection.execute(PUT, ("other", "console"))
    assert mine.data_version() != before
    mine.close()
    theirs.close()
