"""Saving a command for good, against the least that any durable queue on SQLite can cost.

    python -m benchmarks.enqueue [--items 1000] [--folder DIR] [--json FILE]

The floor is one INSERT of the same bytes and its COMMIT by the driver of the desk, without a key, synced at
every commit. Beside it the same with a key; the same by Python's own module (another build of SQLite, which
syncs by fdatasync); and three queues that anybody could have embedded, each in the mode in which it loses
nothing when the power goes. All run in one process on one file system by turns of a few items, so that
whatever else the machine does hits all of them; then once more on a RAM disk, where a sync costs nothing.
"""

import argparse
import contextlib
import gc
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import persistqueue
import sqlcipher3
from benchmarks.console import PIN
from benchmarks.harness import Figure, Report, percentile
from benchmarks.prepared import NOBODY, OFFICE, STATION, known, prepared
from huey import SqliteHuey
from litequeue import LiteQueue

from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store.cipher import filesystem_type
from csr_console.desk.store.database import Store
from csr_console.desk.store.outbox import Author, Outbox, new_id
from csr_console.desk.store.station import Station
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.permissions import Actor, Role

TURN = 10
"""Items of a turn."""
ACCOUNTS = 1_000
FULL = 2
BAR = 0.6
KEY = bytes(range(32))
RAM = Path("/dev/shm")
Put = Callable[[int], object]


def _now() -> datetime:
    return datetime.now(UTC)


def notes() -> list[AddNote]:
    """What is entered: as long as what clerks write, about customers of the prepared workstation."""
    text = "Gate code changed; dog is friendly."
    return [AddNote(account=entry.account, text=text) for entry in known(ACCOUNTS, ACCOUNTS)]


def _author() -> Author:
    actor = Actor("bench", "Dana Reyes", Role.SPECIALIST, OFFICE)
    return Author(actor, UUID(int=1), bytes(32), f"{_now():%y%m%d}-bench")


def _must_sync(connection: Any) -> None:
    """A contender that does not sync every commit has no place beside the others."""
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    if level < FULL:
        raise RuntimeError(f"synchronous is {level}")


@contextmanager
def raw(folder: Path, body: bytes, driver: Any, key: str = "") -> Iterator[Put]:
    """One table, one INSERT, one COMMIT."""
    connection = driver.connect(str(folder / "raw.db"), isolation_level=None)
    if key:
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE item (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    _must_sync(connection)

    def put(_position: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO item (body) VALUES (?)", (body,))
        connection.execute("COMMIT")

    yield put
    connection.close()


@contextmanager
def ours(folder: Path, commands: Sequence[AddNote]) -> Iterator[Put]:
    """The outbox: sealed, numbered, chained, in its lane, in an encrypted file."""
    store = Store(folder / "outbox.db", KEY, "full")
    Station(store, _now)
    store.stretch_log()  # as the console does once its desk is open
    outbox, author = Outbox(store, STATION, _now), _author()
    with store.read() as connection:
        _must_sync(connection.driver)

    def put(position: int) -> None:
        outbox.enqueue(commands[position % ACCOUNTS], command_id=new_id(_now()), author=author)

    yield put
    store.close()


@contextmanager
def whole(folder: Path, commands: Sequence[AddNote]) -> Iterator[Put]:
    """What the clerk's Enter costs: decided on what is known here, saved, and the receipt read."""
    shutil.copytree(prepared(ACCOUNTS), folder, dirs_exist_ok=True)
    settings = DeskSettings(folder, STATION)
    desk = Desk.open(settings, ThrowAwayKeys(folder), gateway=Gateway(NOBODY), on_event=lambda _: None)
    desk.unlock(PIN)

    def put(position: int) -> None:
        command = commands[position % ACCOUNTS]
        desk.preview(command)
        desk.submit(command, id=desk.new_id(), wait_s=0)

    yield put
    desk.close()


@contextmanager
def lite(folder: Path, body: bytes) -> Iterator[Put]:
    """It sets NORMAL and has no durable mode: FULL is set on its connection here."""
    queue = LiteQueue(str(folder / "lite.db"))
    queue.conn.execute("PRAGMA synchronous = FULL")
    _must_sync(queue.conn)
    text = body.decode()
    yield lambda _position: queue.put(text)
    queue.close()


@contextmanager
def persisted(folder: Path, body: bytes) -> Iterator[Put]:
    """Its `auto_commit` is its durable mode: SQLite's own default then is FULL."""
    queue = persistqueue.SQLiteQueue(str(folder), auto_commit=True)
    _must_sync(queue._putter)
    yield lambda _position: queue.put(body)
    queue.close()


@contextmanager
def huey(folder: Path, body: bytes) -> Iterator[Put]:
    """`fsync=True` is its durable mode."""
    storage = SqliteHuey(filename=str(folder / "huey.db"), fsync=True).storage
    _must_sync(storage.conn)
    yield lambda _position: storage.enqueue(body)
    storage.close()


def sealed_bytes(folder: Path, command: AddNote) -> bytes:
    """The submission of a note as it goes into the queue."""
    store = Store(folder / "sample.db", KEY, "full")
    Station(store, _now)
    outbox = Outbox(store, STATION, _now)
    body = outbox.unsaved(command, command_id=new_id(_now()), author=_author(), expects=None)
    store.close()
    return body


def measure_in(folder: Path, items: int) -> dict[str, list[float]]:
    """Milliseconds of every item of every contender, by turns."""
    commands = notes()
    body = sealed_bytes(folder, commands[0])
    with ExitStack() as stack:

        def begun(name: str, contender: Callable[..., Any], *arguments: Any) -> Put:
            own = folder / name
            own.mkdir()
            put: Put = stack.enter_context(contender(own, *arguments))
            return put

        puts = {
            "raw": begun("raw", raw, body, sqlcipher3),
            "python": begun("python", raw, body, sqlite3),
            "cipher": begun("cipher", raw, body, sqlcipher3, KEY.hex()),
            "enqueue": begun("enqueue", ours, commands),
            "submit": begun("submit", whole, commands),
            "litequeue": begun("litequeue", lite, body),
            "persist-queue": begun("persist-queue", persisted, body),
            "huey": begun("huey", huey, body),
        }
        gc.collect()
        gc.freeze()  # as the console does once its desk is open
        spent: dict[str, list[float]] = {name: [] for name in puts}
        for turn in range(-2, items // TURN):
            for name, put in puts.items():
                for position in range(TURN):
                    began = time.perf_counter()
                    put(max(turn, 0) * TURN + position)
                    if turn >= 0:
                        spent[name].append((time.perf_counter() - began) * 1000)
    return spent


def figures(place: str, spent: dict[str, list[float]], *, bar: bool) -> Iterator[Figure]:
    floor = percentile(spent["raw"], 0.5)
    for name, what in (
        ("raw", "raw INSERT and COMMIT"),
        ("cipher", "raw with a key"),
        ("python", "raw by Python's own module"),
        ("enqueue", "durable enqueue"),
        ("submit", "whole submit: decided, saved, receipt"),
        ("litequeue", "litequeue, FULL set from outside"),
        ("persist-queue", "persist-queue, auto_commit"),
        ("huey", "huey, fsync"),
    ):
        beside = {} if name == "raw" else {"floor": floor, "floor_name": "raw"}
        yield Figure(f"{place}: {what}, p50", percentile(spent[name], 0.5), "ms", **beside)
        yield Figure(f"{place}: {what}, p95", percentile(spent[name], 0.95), "ms")
        yield Figure(f"{place}: {what}, a second", len(spent[name]) / sum(spent[name]) * 1000, "items")
    asked = f">= {BAR}" if bar else ""
    rate = sum(spent["raw"]) / sum(spent["enqueue"])
    middle = floor / percentile(spent["enqueue"], 0.5)
    keyed = percentile(spent["cipher"], 0.5) / percentile(spent["enqueue"], 0.5)
    yield Figure(f"{place}: durable enqueue to raw, p50", middle, "x", asked)
    yield Figure(f"{place}: durable enqueue to raw, items a second", rate, "x")
    yield Figure(f"{place}: durable enqueue to raw with a key, p50", keyed, "x")


def measure(options: argparse.Namespace) -> Report:
    report = Report("durable enqueue, against INSERT and COMMIT and against other queues")
    options.folder.mkdir(parents=True, exist_ok=True)
    mounts = Path("/proc/self/mountinfo")
    known_mounts = mounts.read_text(encoding="utf-8") if mounts.exists() else ""
    report.facts = {"items": options.items, "sqlite": sqlite3.sqlite_version}
    report.facts["sqlite in sqlcipher"] = sqlcipher3.sqlite_version
    for place, where, bar in (("disk", options.folder, True), ("RAM disk", RAM, False)):
        if not (where.is_dir() and os.access(where, os.W_OK)):
            continue
        report.facts[place] = filesystem_type(where.resolve(), known_mounts)
        with tempfile.TemporaryDirectory(prefix="csr-enqueue-", dir=where) as folder:
            report.add(*figures(place, measure_in(Path(folder), options.items), bar=bar))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1] / "build" / "bench")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
