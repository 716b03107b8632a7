"""The file in use is exchanged under readers and writers: they get the one after it, and never an error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.parts import KEY

from csr_console.desk.model import StoreLocked, StoreUnsure
from csr_console.desk.store import cache_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.database import Connection, Store

SEQ = 77


@pytest.fixture
def files(tmp_path: Path) -> Iterator[CacheFiles]:
    files = CacheFiles(tmp_path, KEY)
    yield files
    files.close()


def exchanged_meanwhile(
    files: CacheFiles, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    """A snapshot takes the place of the file in use while the next connection to it is being made, which
    finds no file, or fails with `failure`."""
    connect, old = Store._connect, files._current

    def late(store: Store) -> Connection:
        if store is old:
            monkeypatch.setattr(Store, "_connect", connect)
            files.promote(SEQ)
            if failure is not None:
                raise failure
        return connect(store)

    old._idle.clear()
    monkeypatch.setattr(Store, "_connect", late)


@pytest.mark.parametrize("failure", [None, StoreUnsure("The disk of this workstation reports errors.")])
def test_a_reader_gets_the_file_after_it(
    files: CacheFiles, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    exchanged_meanwhile(files, monkeypatch, failure)
    with files.read() as connection:
        assert cache_rows.position(connection) == SEQ


def test_the_control_reads_the_file_that_is_gone(files: CacheFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    exchanged_meanwhile(files, monkeypatch, None)
    with pytest.raises(StoreLocked), files._current.read():
        pass


def test_what_fails_without_an_exchange_is_said(files: CacheFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(store: Store) -> Connection:
        raise StoreUnsure("The disk of this workstation reports errors.")

    files._current._idle.clear()
    monkeypatch.setattr(Store, "_connect", broken)
    with pytest.raises(StoreUnsure), files.read():
        pass
