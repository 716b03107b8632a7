"""Real processes for fault tests: central and workstations that are killed and come back, and what they left.

office = Office.prepare(url, folder)            a town with accounts and a clerk, on SQLite or PostgreSQL
central = CentralProcess(office, socket)        start(), wait(), kill(), stop(): always the same socket
lives = Workers()                               the host that workstations are forked from
desk = DeskProcess(lives, office, ...)          start(), kill(), stop(), acknowledged()
read_log(url), read_effects(url)                what central has applied
read_outbox(folder), outbox_findings(folder)    what the workstation holds
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from tests.faults import stream
from tests.faults.desk_worker import Job

from csr_console.central import staff
from csr_console.central.chain import verify_audit
from csr_console.central.database import Database
from csr_console.central.service import prepare
from csr_console.central.settings import CentralSettings
from csr_console.central.tables import accounts
from csr_console.central.tables.commands import command_log
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store.cipher import connect
from csr_console.desk.store.database import Store
from csr_console.desk.store.queue_items import verify_outbox
from csr_console.domain.permissions import Actor, Role

ROOT = Path(__file__).parents[2]
OFFICE = "main"
LOGIN, PASSWORD = "kim", "correct horse battery"
STARTS_WITHIN_S = 60.0
"""How long a process is waited for that starts at once on an idle machine."""


def until(
    holds: Callable[[], bool], what: str, seconds: float = STARTS_WITHIN_S, *, every: float = 0.02
) -> None:
    """Look again and again until something holds. Raises AssertionError with `what` did not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:.0f} s"
        time.sleep(every)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose sockets have paths short enough for the kernel (108 bytes)."""
    with tempfile.TemporaryDirectory(prefix="csr-faults-") as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True)
class Office:
    """A prepared central database: its URL, its secret, and the clerk `LOGIN` with `PASSWORD`."""

    database: str
    secret_file: Path

    @classmethod
    def prepare(cls, database: str, folder: Path) -> "Office":
        """Migrate an empty database and bring in the accounts of the stream and a clerk."""
        office = cls(database, folder / "central.secret")
        prepare(office.settings)
        db = Database(database)
        try:
            _seed(db)
            actor = Actor(LOGIN, "Kim Boone", Role.LEAD, OFFICE)
            with db.write() as connection:
                staff.add_staff(connection, actor, PASSWORD, by="test", now=datetime.now(UTC))
        finally:
            db.close()
        return office

    @property
    def settings(self) -> CentralSettings:
        return CentralSettings(database=self.database, secret_file=self.secret_file)


def _seed(db: Database) -> None:
    """Active accounts, one a premise, as an import would leave them."""
    rows: dict[str, list[dict[str, Any]]] = {"person": [], "premise": [], "account": [], "contact": []}
    money = {f"age_{age}_cents": 0 for age in ("0_30", "31_60", "61_90", "over_90")}
    balances = []
    for position in range(stream.ACCOUNTS):
        number, person, place = stream.account_number(position), f"p{position}", f"P{position:07d}"
        named = {"name": f"Person {position}", "name_key": f"person {position}", "kind": "residential"}
        rows["person"].append({"person": person, **named})
        rows["premise"].append(
            {"premise": place, "street": f"{100 + position} Oak St", "city": "Springfield", "zip": "32301"}
        )
        rows["account"].append(
            {
                "account": number,
                "person": person,
                "premise": place,
                "status": "active",
                "since_on": "2019-04-01",
            }
        )
        rows["contact"].append({"account": number, "phone_1": f"850555{position:04d}"})
        balances.append({"account": number, "balance_cents": 0, "balance_on": "2026-08-01", **money})
    with db.write() as connection:
        for name, values in rows.items():
            table = getattr(accounts, name)
            connection.execute(table.insert(), [{"office": OFFICE, **value} for value in values])
        connection.execute(accounts.balance.insert(), [{"office": OFFICE, **value} for value in balances])


class CentralProcess:
    """`csr-console central serve`, always on the same Unix socket, for as long as the block lasts.

    `program` replaces the command line up to its options, for a service with a clock of its own.
    """

    def __init__(self, office: Office, listen: Path, *program: str, **environment: str) -> None:
        self.listen = listen
        self.starts = self.kills = 0
        self._office = office
        self._program = program or ("-m", "csr_console", "central", "serve")
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._log = listen.with_suffix(".log")

    def __enter__(self) -> "CentralProcess":
        self.start()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process; it answers some time later."""
        options = ("--database", self._office.database, "--secret-file", str(self._office.secret_file))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program, *options, "--uds", str(self.listen)],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether it accepts connections. Raises AssertionError with its last words once it has ended."""
        assert self._process is not None
        assert self._process.poll() is None, f"central ended:\n{self.words()}"
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(self.listen))
            return True
        return False

    def wait(self) -> None:
        until(self.answers, "central")

    def kill(self) -> None:
        """SIGKILL; the socket it leaves behind is taken by the next start."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def words(self) -> str:
        return self._log.read_text(errors="replace")[-3000:] if self._log.exists() else ""


def is_running(pid: int) -> bool:
    """Whether a process that somebody else waits for is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Workers:
    """The host from which workstations are forked: the imports are paid once. A context manager."""

    def __init__(self, module: str = "tests.faults.desk_worker", **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--host"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)

    def fork(self, line: str) -> int:
        """The process id of a new life, which is told what to do in one line."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class DeskProcess:
    """A workstation in a process of its own, killed and started again on the same stores.

    Each start enters the stream from the first place that was not acknowledged: a command that was saved
    but not yet said to be is entered again under its own id, as a form that is open would be.
    """

    def __init__(
        self, workers: Workers, folder: Path, listen: Path, *, count: int, seed: int = 1, **job: Any
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.kills = 0
        self._workers = workers
        self._acknowledgements = folder.with_suffix(f".{job.get('name', 'acks')}")
        job.pop("name", None)
        given: dict[str, Any] = {"station": "C07", "login": LOGIN, "password": PASSWORD, **job}
        self._job = Job(
            folder=str(folder),
            socket=str(listen),
            acknowledgements=str(self._acknowledgements),
            seed=seed,
            first=0,
            count=count,
            **given,
        )
        self._pid: int | None = None

    def __enter__(self) -> "DeskProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Be gone, at the end of a test."""
        if self.alive:
            self._end(signal.SIGKILL)

    @property
    def alive(self) -> bool:
        return self._pid is not None and is_running(self._pid)

    def start(self, *, last: bool = False) -> None:
        """Go on; with `last` enter only what may have been saved and not yet said to be."""
        first = max(self.acknowledged(), default=-1) + 1
        if last:
            self._job = replace(self._job, count=first + 1)
        self._pid = self._workers.fork(replace(self._job, first=first).line())

    @property
    def pid(self) -> int | None:
        return self._pid

    @property
    def last_place(self) -> int:
        return self._job.count - 1

    def kill(self) -> None:
        """SIGKILL in the middle of whatever it does."""
        assert self.alive, "the workstation ended by itself"
        self._end(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        """Leave in peace: what waits stays in the queue."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        assert self._pid is not None
        os.kill(self._pid, number)
        until(lambda: not self.alive, "the end of the workstation")
        self._pid = None

    def acknowledged(self) -> list[int]:
        """The places of the stream for which `submit` has returned, in the order it did."""
        if not self._acknowledgements.exists():
            return []
        text = self._acknowledgements.read_text(encoding="ascii")
        return [int(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of central's command log; `command` is the document of the command as it was sent."""

    seq: int
    command_id: str
    station: str
    counter: int
    kind: str
    state: str
    command: dict[str, Any]

    @property
    def place(self) -> tuple[int, int] | None:
        """Seed and place in the stream."""
        return stream.mark_in(self.command)

    @property
    def lane(self) -> str:
        return f"account:{self.command.get('account')}"


def read_log(database: str) -> list[LogRow]:
    """The whole command log of the office in the order of its chain."""
    columns = command_log.c
    query = select(command_log).where(columns.office == OFFICE).order_by(columns.seq)
    db = Database(database)
    try:
        with db.read() as connection:
            return [
                LogRow(
                    row.seq, row.command_id, row.station, row.counter, row.kind, row.state,
                    json.loads(row.body)["envelope"]["command"],
                )
                for row in connection.execute(query)
            ]  # fmt: skip
    finally:
        db.close()


def count_log(db: Database) -> int:
    """How many commands central has judged."""
    newest = select(func.max(command_log.c.seq)).where(command_log.c.office == OFFICE)
    with db.read() as connection:
        return int(connection.execute(newest).scalar() or 0)


def read_effects(database: str) -> Counter[tuple[int, int]]:
    """How often each place of the stream stands on the customers' timelines: the effect itself."""
    timeline = accounts.timeline
    db = Database(database)
    try:
        with db.read() as connection:
            texts = connection.execute(select(timeline.c.text)).scalars().all()
    finally:
        db.close()
    return Counter(found for text in texts if (found := stream.place_of(text)) is not None)


def audit_findings(database: str) -> list[str]:
    db = Database(database)
    try:
        return [finding.sentence for finding in verify_audit(db, OFFICE)]
    finally:
        db.close()


@contextlib.contextmanager
def opened_outbox(folder: Path) -> Iterator[Store]:
    """The outbox of a workstation that is not running, or beside one that is."""
    store = Store(folder / "outbox.db", ThrowAwayKeys(folder).keys().outbox, "full")
    try:
        yield store
    finally:
        store.close()


def read_outbox(folder: Path) -> list[dict[str, Any]]:
    """Every row of the queue in the order it was entered."""
    connection = connect(folder / "outbox.db", ThrowAwayKeys(folder).keys().outbox, "full", create=False)
    try:
        found = connection.execute("SELECT * FROM command ORDER BY seq")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    finally:
        connection.close()


def outbox_findings(folder: Path) -> list[str]:
    """What is wrong with the queue's own chain; [] when it is whole."""
    with opened_outbox(folder) as store:
        return verify_outbox(store)
