"""Saved means on disk: the power fails at any moment, and what was acknowledged is there again.

A kill alone cannot show it, since the kernel keeps what a killed process wrote. `powercut.c` keeps only what
was synced; its controls are a store that asks for less, and a disk that lies.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.faults import stream
from tests.faults.power_worker import LOGIN, PASSPHRASE, PowerJob, draft_at, open_desk
from tests.faults.processes import (
    ROOT,
    CentralProcess,
    Office,
    Workers,
    audit_findings,
    is_running,
    read_log,
    until,
)
from tests.faults.wire import Clerk

from csr_console.central.database import Database
from csr_console.contracts.outcome import Outcome
from csr_console.desk.model import Unreachable
from csr_console.desk.secrets import PassphraseKeys
from csr_console.desk.store.cipher import connect
from csr_console.desk.store.database import Store
from csr_console.desk.store.queue_items import verify_outbox
from csr_console.desk.store.reserve import RESERVE_BYTES, Reserve

CALLS_A_COMMAND = 16
"""About how many writes and syncs it takes to enter a command: where to look for the moment of a cut."""


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc to compile powercut.c with")
    library = tmp_path_factory.mktemp("shim") / "powercut.so"
    source = Path(__file__).with_name("powercut.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl", "-lpthread"], check=True
    )
    return str(library)


@pytest.fixture(scope="session")
def mains(shim: str) -> Iterator[Workers]:
    """Where workstations are plugged in."""
    with Workers("tests.faults.power_worker", LD_PRELOAD=shim) as workers:
        yield workers


class Plate:
    """A disk and the folder that is on it: `real` is what programs see, `disk` what would be left of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.real, self.disk = folder / "real", folder / "disk"
        self.real.mkdir(parents=True, exist_ok=True)
        self.restart()

    def restart(self) -> None:
        """Everything that is seen is on the disk."""
        shutil.rmtree(self.disk, ignore_errors=True)
        (self.disk / "data").mkdir(parents=True)
        shutil.copytree(self.real, self.disk / "tree")

    def fail(self) -> None:
        """The power has failed and is back: only what is on the disk is seen."""
        shutil.rmtree(self.real)
        shutil.copytree(self.disk / "tree", self.real)
        self.restart()

    def copy(self) -> Path:
        """A copy to look into, so that looking repairs nothing for the next start."""
        looked = self.folder / "looked"
        shutil.rmtree(looked, ignore_errors=True)
        shutil.copytree(self.real, looked)
        return looked


@dataclass(slots=True)
class Losses:
    """What cuts did: places of the stream acknowledged and gone, and everything else that is wrong."""

    acknowledged: int = 0
    cuts: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def _faults(checked: list[str]) -> list[str]:
    return [found for found in checked if found != "ok"]


def _torn_pages(path: Path, raw_key: bytes) -> list[str]:
    """The pages whose seal is broken once the write-ahead log is in the file: before that a checkpoint that
    was cut off leaves torn ones that the log still has whole."""
    connection = connect(path, raw_key, "full")
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        assert not busy
        return [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
    finally:
        connection.close()


class Workstation:
    """A workstation on a disk of its own, entering the stream through one power cut after another."""

    def __init__(self, folder: Path, mains: Workers, **job: Any) -> None:
        self.plate = Plate(folder)
        self.losses = Losses()
        self._mains = mains
        self._job = job
        self._acknowledgements = folder / "acknowledgements"
        self._next = 0

    def live(self, cut: int, *, count: int = 1_000_000, early: int = 0) -> list[str]:
        """Until the power fails at a call; the acknowledgements of this life."""
        self._acknowledgements.write_text("")
        job = PowerJob(
            str(self.plate.real),
            str(self.plate.disk),
            str(self._acknowledgements),
            self._next,
            count,
            cut,
            early,
            **self._job,
        )
        pid = self._mains.fork(job.line())
        until(lambda: not is_running(pid), "the power cut", 180)
        said = self._acknowledgements.read_text().splitlines()
        self._next = max((int(word) for word in said if word.isdigit()), default=self._next - 1) + 1
        self.plate.fail()
        self.losses.cuts += 1
        self.losses.acknowledged += sum(word.isdigit() for word in said)
        return said

    def check(self, said: list[str]) -> None:
        """Note what was acknowledged in a life and is not there."""
        folder = self.plate.copy()
        keys = PassphraseKeys(folder, lambda: PASSPHRASE).keys()
        store = Store(folder / "outbox.db", keys.outbox, "full")
        try:
            with store.read() as connection:
                self.losses.wrong += _faults(connection.column("PRAGMA integrity_check"))
                ids = set(connection.column("SELECT command_id FROM command"))
                drafts = set(connection.column("SELECT draft_id FROM draft"))
                counters = connection.column("SELECT counter FROM command ORDER BY seq")
                pins = connection.column("SELECT login FROM pin")
            if counters != list(range(1, len(counters) + 1)):
                self.losses.wrong.append("the counters have a gap")
            self.losses.wrong += verify_outbox(store)
        finally:
            store.close()
        self.losses.wrong += _faults(_torn_pages(folder / "outbox.db", keys.outbox))
        for word in said:
            place = int(word.removeprefix("draft ").removeprefix("calls "))
            if word.isdigit() and str(stream.id_at(1, place)) not in ids:
                self.losses.lost.append(word)
            if word.startswith("draft") and str(draft_at(1, place)) not in drafts:
                self.losses.lost.append(word)
        if said and pins != [LOGIN]:
            self.losses.lost.append("the PIN")

    def cut_often(self, cuts: int, commands: int, seed: int) -> Losses:
        """So many cuts, each after about so many commands; every other one with early write-back."""
        chance = random.Random(seed)
        for number in range(cuts):
            calls = CALLS_A_COMMAND * commands
            cut = 400 + calls + chance.randrange(calls // 2)
            self.check(self.live(cut, early=number % 2 * chance.randrange(1, 1 << 30)))
        return self.losses


def test_nothing_acknowledged_is_lost_at_a_power_cut(tmp_path: Path, mains: Workers) -> None:
    losses = Workstation(tmp_path, mains).cut_often(cuts=3, commands=500, seed=1)
    assert (losses.lost, losses.wrong) == ([], [])
    assert losses.acknowledged >= 1_500


def test_nothing_is_lost_where_the_write_ahead_log_is_not_safe(tmp_path: Path, mains: Workers) -> None:
    """Below SQLite 3.51.3 a rollback journal is kept instead: each commit is its own chance of a cut."""
    workstation = Workstation(tmp_path, mains, old_sqlite=True)
    for cut, early in ((5_000, 0), (3_000, 17)):
        workstation.check(workstation.live(cut, early=early))
    assert not list(workstation.plate.real.glob("outbox.db-wal"))
    assert (workstation.losses.lost, workstation.losses.wrong) == ([], [])
    assert workstation.losses.acknowledged > 100


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_at_twenty_power_cuts(tmp_path: Path, mains: Workers) -> None:
    losses = Workstation(tmp_path, mains).cut_often(cuts=22, commands=1_000, seed=2)
    print(f"{losses.acknowledged} acknowledged, {losses.cuts} cuts, {len(losses.lost)} lost {losses.wrong}")
    assert (losses.lost, losses.wrong) == ([], [])
    assert losses.acknowledged >= 20_000


@pytest.mark.parametrize("weaker", [{"synchronous": "NORMAL"}, {"synchronous": "OFF"}, {"lies": True}])
def test_control_a_store_that_asks_for_less_loses(
    tmp_path: Path, mains: Workers, weaker: dict[str, Any]
) -> None:
    """NORMAL and OFF are what this test has to find. A disk that lies is lost on any store: no program can
    do anything about it, and here it shows that the disk of the test is asked at all."""
    Workstation(tmp_path, mains).live(0, count=1)
    weak = Workstation(tmp_path, mains, **weaker)
    weak.check(weak.live(400 + CALLS_A_COMMAND * 250))
    lost = sum(word.isdigit() for word in weak.losses.lost)
    print(f"{lost} of {weak.losses.acknowledged} lost with {weaker}")
    assert weak.losses.acknowledged > 100
    assert lost > 0


def _cut_first_start(folder: Path, mains: Workers, cut: int) -> bool:
    """Cut the power during the first start of a workstation; whether it was cut before the first command was
    acknowledged. Whatever the moment, the next start opens and enters."""
    workstation = Workstation(folder, mains)
    said = workstation.live(cut, count=1, early=cut % 3 * 7)
    looked = workstation.plate.copy()
    desk = open_desk(looked)
    try:
        desk.submit(stream.command_at(1, 5), id=stream.id_at(1, 5), wait_s=0)
        entered = {item.id for item in desk.queue()}
        assert desk.verify_outbox() == []
    finally:
        desk.close()
    assert stream.id_at(1, 5) in entered
    assert not said or stream.id_at(1, 0) in entered
    return not said


def test_a_cut_in_the_first_start_locks_nobody_out(tmp_path: Path, mains: Workers) -> None:
    for cut in (1, 3, 13, 34, 89):
        assert _cut_first_start(tmp_path / str(cut), mains, cut), "the moment is no longer in the first start"


@pytest.mark.soak
@pytest.mark.parametrize("share", range(0, 6, 2))
def test_a_cut_at_any_call_of_the_first_start_locks_nobody_out(
    share: int, tmp_path: Path, mains: Workers
) -> None:
    cut = 1 + share
    while _cut_first_start(tmp_path / str(cut), mains, cut):
        shutil.rmtree(tmp_path / str(cut))
        cut += 6
    print(f"the first start was cut at each sixth of its calls up to {cut - 6}")
    assert cut > 50


def test_a_reserve_that_a_cut_left_without_room_is_taken_again(tmp_path: Path, mains: Workers) -> None:
    workstation = Workstation(tmp_path, mains)
    workstation.live(0, count=1)
    left = workstation.plate.copy() / "reserve"
    assert left.stat().st_size < RESERVE_BYTES, "the disk of this test kept what was never synced"
    reserve = Reserve(left.parent)
    assert reserve.held
    assert left.stat().st_size == RESERVE_BYTES
    assert left.stat().st_blocks * 512 >= RESERVE_BYTES


class Centre:
    """A central service on a disk of its own, and a clerk who puts the stream at its door."""

    def __init__(self, folder: Path, office: Office, socket: Path, shim: str, *program: str) -> None:
        self.plate = Plate(folder)
        database = Path(office.database.removeprefix("sqlite:///"))
        for file in (database, office.secret_file):
            shutil.copy2(file, self.plate.real / file.name)
        self.plate.restart()
        self.office = Office(
            f"sqlite:///{self.plate.real / database.name}", self.plate.real / office.secret_file.name
        )
        self.acknowledged: dict[UUID, Outcome] = {}
        self.place = 0
        self._socket, self._shim, self._program = socket, shim, program

    def live(self, cut: int, *, early: int = 0) -> None:
        """Put one command, then three at once, and so on, until the power fails at a call."""
        central = CentralProcess(
            self.office,
            self._socket,
            *self._program,
            LD_PRELOAD=self._shim,
            POWER_REAL=str(self.plate.real),
            POWER_DISK=str(self.plate.disk),
            POWER_CUT=str(cut),
            POWER_EARLY=str(early),
        )
        with central, Clerk(self._socket) as clerk:
            clerk.sign_in()
            with contextlib.suppress(Unreachable):
                while True:
                    self._keep(clerk.put(self.place))
                    self.place += 1
                    for outcome in clerk.batch(range(self.place, self.place + 3)).outcomes:
                        self._keep(outcome)
                    self.place += 3
            until(lambda: not central.runs, "the power cut")
        self.place += 4
        self.plate.fail()

    def _keep(self, outcome: Outcome) -> None:
        assert outcome.state == "applied", outcome.answer
        self.acknowledged[outcome.id] = outcome

    def lost(self) -> list[UUID]:
        """What was answered and is not in the log as it was answered. Raises AssertionError for a log that
        does not verify, or a database that is not whole."""
        url = f"sqlite:///{self.plate.copy() / 'central.db'}"
        database = Database(url)
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        database.close()
        assert audit_findings(url) == []
        kept = {UUID(row.command_id): row for row in read_log(url)}
        return [
            command_id
            for command_id, outcome in self.acknowledged.items()
            if command_id not in kept
            or outcome.witness is None
            or kept[command_id].seq != outcome.witness.seq
        ]


CALLS_OF_CENTRAL = 12
"""About how many writes and syncs it takes central to apply a command."""


@pytest.fixture
def make_centre(
    make_office: Callable[[str], Office], sockets: Path, shim: str, tmp_path: Path
) -> Callable[..., Centre]:
    def make(*program: str) -> Centre:
        return Centre(tmp_path / "centre", make_office("sqlite"), sockets / "central", shim, *program)

    return make


def test_what_central_answered_is_in_its_log_after_a_cut(make_centre: Callable[..., Centre]) -> None:
    centre = make_centre()
    centre.live(200 + CALLS_OF_CENTRAL * 200, early=5)
    assert len(centre.acknowledged) > 50
    assert centre.lost() == []


@pytest.mark.soak
def test_what_central_answered_is_in_its_log_after_ten_cuts(make_centre: Callable[..., Centre]) -> None:
    centre, chance = make_centre(), random.Random(3)
    for number in range(10):
        calls = CALLS_OF_CENTRAL * 500
        centre.live(200 + calls + chance.randrange(calls), early=number % 2 * 11)
        assert centre.lost() == []
    print(f"{len(centre.acknowledged)} answered, 10 cuts, 0 lost")
    assert len(centre.acknowledged) > 3_000


def test_control_a_central_that_asks_for_less_loses(make_centre: Callable[..., Centre]) -> None:
    centre = make_centre("-m", "tests.faults.central_worker", "--synchronous", "NORMAL")
    centre.live(200 + CALLS_OF_CENTRAL * 200)
    print(f"{len(centre.lost())} of {len(centre.acknowledged)} lost with NORMAL")
    assert len(centre.lost()) > 0


@pytest.mark.parametrize("apart", [pytest.param(False, marks=pytest.mark.soak), True])
def test_a_cut_after_the_first_start_of_central_leaves_its_secret(
    apart: bool, shim: str, tmp_path: Path
) -> None:
    """A database that is bound to a secret which the cut took could never be opened again."""
    plate = Plate(tmp_path)
    folder = plate.real / "secrets" if apart else plate.real
    folder.mkdir(exist_ok=True)
    plate.restart()
    migrate = [
        *(sys.executable, "-m", "csr_console", "central", "migrate"),
        *("--database", f"sqlite:///{plate.real / 'central.db'}", "--secret-file", str(folder / "secret")),
    ]
    power = {"LD_PRELOAD": shim, "POWER_REAL": str(plate.real), "POWER_DISK": str(plate.disk)}
    subprocess.run(migrate, env={**os.environ, **power}, cwd=ROOT, check=True, capture_output=True)
    plate.fail()
    subprocess.run(migrate, cwd=ROOT, check=True, capture_output=True)
