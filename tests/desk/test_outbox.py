"""The queue on disk: what was acknowledged is there, in order, under one id, and nobody has changed it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlcipher3.dbapi2 import OperationalError
from tests.desk.fake_central import number
from tests.desk.parts import AUTHOR, KEY, Clock, note

from csr_console.contracts.envelope import Submission, canonical, command_document, seal_fits
from csr_console.desk.model import StoreUnsure
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import CommitUnknown, Connection, Store
from csr_console.desk.store.outbox import Outbox, new_id
from csr_console.desk.store.queue_items import item_of, verify_outbox
from csr_console.desk.store.reserve import Reserve
from csr_console.desk.store.station import Station
from csr_console.domain.accounts.commands import UpdateContact
from csr_console.domain.refusals import Refusal

ROOT = Path(__file__).parents[2]


class Made:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.store = Store(folder / "outbox.db", KEY, "full")
        Station(self.store, self.clock)
        self.outbox = Outbox(self.store, "C07", self.clock)

    def enter(self, position: int = 1, **options: Any) -> UUID:
        command_id = new_id(self.clock())
        self.outbox.enqueue(note(position), command_id=command_id, author=AUTHOR, **options)
        return command_id

    def rows(self) -> list[dict[str, Any]]:
        with self.store.read() as connection:
            return [dict(row) for row in rows.in_order(connection, 0, 10_000)]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    made.store.close()


def test_the_bytes_that_are_kept_are_a_sealed_submission(made: Made) -> None:
    command = UpdateContact(account=number(1), phone_1="8505550199")
    command_id = new_id(made.clock())
    made.outbox.enqueue(
        command,
        command_id=command_id,
        author=AUTHOR,
        expects={f"contact:{number(1)}": 3},
        reason="Caller asked",
    )
    (row,) = made.rows()
    submission = Submission.model_validate_json(row["body"])
    envelope = submission.envelope
    assert row["body"] == canonical(submission.document())
    assert envelope.command == command_document(command)
    assert (envelope.id, envelope.actor, envelope.station) == (command_id, "mlopez", "C07")
    assert (envelope.counter, envelope.expects) == (1, {f"contact:{number(1)}": 3})
    assert envelope.traceparent is not None
    assert submission.session == AUTHOR.session
    assert seal_fits(AUTHOR.seal_key, envelope.digest(), submission.seal)
    assert (row["lane"], row["about"]) == (f"account:{number(1)}", number(1))


def test_counters_are_dense_and_order_is_by_place_not_by_id_or_time(made: Made) -> None:
    entered = []
    for days in (0, 3, -6, 3):
        made.clock.jump(days=days)
        entered.append(made.enter())
    assert entered != sorted(entered)
    assert [UUID(row["command_id"]) for row in made.rows()] == entered
    assert [row["counter"] for row in made.rows()] == [1, 2, 3, 4]


def test_the_same_id_again_is_the_same_row_and_never_another_act(made: Made) -> None:
    command_id = new_id(made.clock())
    first = made.outbox.enqueue(note(1), command_id=command_id, author=AUTHOR)
    again = made.outbox.enqueue(note(1), command_id=command_id, author=AUTHOR)
    assert dict(first) == dict(again)
    with pytest.raises(Refusal, match="already sent something else"):
        made.outbox.enqueue(note(2), command_id=command_id, author=AUTHOR)
    assert len(made.rows()) == 1


def test_a_new_installation_counts_on_from_what_central_has_seen(made: Made) -> None:
    made.outbox.raise_counter(41)
    made.enter()
    made.outbox.raise_counter(7)
    made.enter()
    assert [row["counter"] for row in made.rows()] == [42, 43]
    assert verify_outbox(made.store) == []


def _change_body(connection: Connection) -> None:
    body = connection.value("SELECT body FROM command WHERE seq = 3")
    changed = body.replace(b"Gate code", b"Back door")
    connection.execute("UPDATE command SET body = ? WHERE seq = 3", (changed,))


def _remove(connection: Connection) -> None:
    connection.execute("DELETE FROM command WHERE seq = 3")


def _cut_tail(connection: Connection) -> None:
    connection.execute("DELETE FROM command WHERE seq = 5")


def _swap(connection: Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute("UPDATE command SET seq = ? WHERE seq = ?", (new, old))


def _other_actor(connection: Connection) -> None:
    connection.execute("UPDATE command SET actor = 'jdoe' WHERE seq = 4")


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (_change_body, "Command 3 (note.add) is not what was entered."),
        (_remove, "3 to 3 are missing from the queue."),
        (_cut_tail, "The queue ends at 4, but 5 commands were entered."),
        (_swap, "Command 2 (note.add) does not follow from the one before it."),
        (_other_actor, "Command 4 (note.add) does not follow from the one before it."),
    ],
)
def test_a_queue_that_was_tampered_with_is_found_out(made: Made, tamper: Any, found: str) -> None:
    for _ in range(5):
        made.enter()
    assert verify_outbox(made.store) == []
    with made.store.write() as connection:
        tamper(connection)
    assert found in verify_outbox(made.store)


class _FailingCommits:
    """Commits that fail, with or without having reached the disk, the way a dying disk makes them."""

    def __init__(self, store: Store, *, failures: int, on_disk: bool) -> None:
        self.left = failures
        self.on_disk = on_disk
        self._connect = store._connect
        store._connect = self._make  # type: ignore[method-assign]
        store._drop_writer()

    def _make(self) -> Connection:
        return Connection(_Driver(self._connect().driver, self))


class _Driver:
    """A connection of the driver's whose commits fail as long as it is told."""

    def __init__(self, driver: Any, failing: _FailingCommits) -> None:
        self._driver = driver
        self._failing = failing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def commit(self) -> None:
        if self._failing.left:
            self._failing.left -= 1
            if self._failing.on_disk:
                self._driver.commit()
            raise OperationalError("disk I/O error")
        self._driver.commit()


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_failed_commit_is_looked_up_and_done_once(made: Made, on_disk: bool) -> None:
    _FailingCommits(made.store, failures=1, on_disk=on_disk)
    command_id = made.enter()
    assert [row["command_id"] for row in made.rows()] == [str(command_id)]
    assert made.rows()[0]["counter"] == 1
    assert verify_outbox(made.store) == []


def test_a_disk_that_keeps_failing_never_says_saved_and_never_says_lost(made: Made) -> None:
    _FailingCommits(made.store, failures=9, on_disk=False)
    with pytest.raises(StoreUnsure, match="not certain that this is saved"):
        made.enter()


def test_a_commit_error_outside_the_queue_is_reported_as_unknown(made: Made) -> None:
    _FailingCommits(made.store, failures=1, on_disk=True)

    def write() -> None:
        with made.store.write() as connection:
            rows.set_fact(connection, "colour", "green")

    with pytest.raises(CommitUnknown):
        write()
    with made.store.read() as connection:
        assert rows.fact(connection, "colour") == "green"


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    acknowledged: list[str] = []
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.enqueue_forever", str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().strip() for _ in range(60)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [line for line in process.stdout.read().split("\n")[:-1] if line]
        process.stdout.close()
        process.wait()
    store = Store(path, KEY, "full")
    with store.read() as connection:
        found = {row["command_id"] for row in rows.in_order(connection, 0, 100_000)}
        counters = [row["counter"] for row in rows.in_order(connection, 0, 100_000)]
    assert len(acknowledged) >= 180
    assert set(acknowledged) <= found
    assert counters == list(range(1, len(counters) + 1))
    assert verify_outbox(store) == []
    store.close()


def test_an_item_reads_as_a_person_needs_it(made: Made) -> None:
    made.enter(4)
    made.clock.jump(minutes=3)
    with made.store.read() as connection:
        (row,) = rows.newest_rows(connection, 1)
    item = item_of(row, made.clock())
    assert (item.title, item.about, item.state, item.age_s) == ("Add a note", number(4), "queued", 180.0)
    assert item.sentence == "Waiting to be sent."
    assert item.command == note(4)


def test_a_kind_from_another_version_is_still_shown(made: Made) -> None:
    made.enter()
    with made.store.write() as connection:
        (row,) = rows.newest_rows(connection, 1)
        document = json.loads(row["body"])
        document["envelope"]["command"] = {"kind": "meter.swap"}
        values = (canonical(document), "meter.swap")
        connection.execute("UPDATE command SET body = ?, kind = ?", values)
        (row,) = rows.newest_rows(connection, 1)
    item = item_of(row, made.clock())
    assert (item.title, item.command) == ("meter.swap", None)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB, where this process may mount one."""
    point = tmp_path / "small"
    point.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(point)]
    try:
        mounted = subprocess.run(command, capture_output=True, timeout=10)
    except FileNotFoundError:
        pytest.skip("there is no mount command to make a small disk with")
    if mounted.returncode:
        pytest.skip("mounting a small tmpfs is not permitted here")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True, timeout=10)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_a_full_disk_frees_the_reserve_and_never_says_saved_without_saving(small_disk: Path) -> None:
    made = Made(small_disk)
    reserve = Reserve(small_disk, size=512 * 1024)
    assert reserve.held
    made.store.when_full = reserve.free
    filler = small_disk / "filler"
    _fill(filler)
    entered = [made.enter() for _ in range(3)]
    assert not reserve.held

    def enter_more() -> None:
        while True:
            entered.append(made.enter())

    with pytest.raises(StoreUnsure, match="is full"):
        enter_more()
    assert [UUID(row["command_id"]) for row in made.rows()] == entered
    made.store.close()
    filler.unlink()
    again = Made(small_disk)
    assert [UUID(row["command_id"]) for row in again.rows()] == entered
    entered.append(again.enter())
    assert verify_outbox(again.store) == []
    again.store.close()
