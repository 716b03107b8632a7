"""Run as a program: a workstation without a network that enters commands until the power fails.

Started with `powercut.c` preloaded it forks a life for each job; the stores are opened as the console opens
them, keys wrapped by a passphrase, and each command is acknowledged in a file on another disk.
"""

import ctypes
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher
from tests.faults import stream
from tests.faults.desk_worker import host

from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, Draft
from csr_console.desk.secrets import PassphraseKeys
from csr_console.desk.store import cipher
from csr_console.desk.store.station import Pin, StoredSession
from csr_console.domain.permissions import Actor, Role

PASSPHRASE = "a long passphrase"
LOGIN, PIN = "kim", "2580"
DRAFT_EVERY = 20


@dataclass(frozen=True, slots=True)
class PowerJob:
    """`real` is the folder of the stores, `disk` what survives of it. The power fails at call `cut` (0: when
    `count` commands are entered); `early` seeds what reaches the disk before it is synced; `synchronous`
    makes the stores ask for less than they do (a control), `lies` the disk do nothing (another). With
    `old_sqlite` the stores take the library for one whose write-ahead log is not safe."""

    real: str
    disk: str
    acknowledgements: str
    first: int
    count: int
    cut: int = 0
    early: int = 0
    lies: bool = False
    synchronous: str = ""
    old_sqlite: bool = False
    seed: int = 1

    def line(self) -> str:
        return json.dumps(asdict(self))


def draft_at(seed: int, place: int) -> UUID:
    return stream.id_at(-seed, place)


def open_desk(folder: Path) -> Desk:
    """The desk of a workstation that reaches nobody; somebody had signed in there before."""
    desk = Desk.open(
        DeskSettings(folder, "C07"),
        PassphraseKeys(folder, lambda: PASSPHRASE),
        gateway=Gateway(uds=str(folder / "nobody")),
        on_event=lambda _event: None,
    )
    if not desk.has_pin(LOGIN):
        actor = Actor(LOGIN, "Kim Boone", Role.LEAD, "main")
        session = StoredSession(
            UUID(int=1), actor, "260830-kim", b"k" * 32, "", datetime.now(UTC), active=True
        )
        desk._files.station.save_session(session)
        desk._files.station.save_pin(LOGIN, Pin(PasswordHasher(time_cost=1, memory_cost=64).hash(PIN), 0))
    desk.unlock(PIN, LOGIN)
    return desk


def weaken(synchronous: str) -> None:
    """The stores this project does not have: they ask the disk for less."""
    pragmas = ("PRAGMA journal_mode = WAL", f"PRAGMA synchronous = {synchronous}")
    cipher.journal_pragmas = lambda version, durability: pragmas


def live(line: str) -> None:
    job = PowerJob(**json.loads(line))
    if job.synchronous:
        weaken(job.synchronous)
    if job.old_sqlite:
        cipher.sqlite_version = lambda: (3, 40, 1)
    shim = ctypes.CDLL(None)
    shim.power_begin(
        *(job.real.encode(), job.disk.encode()), *map(ctypes.c_long, (job.cut, job.early)), int(job.lies)
    )
    acknowledgements = os.open(job.acknowledgements, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    desk = open_desk(Path(job.real))
    desk.start()
    for place in range(job.first, job.count):
        desk.submit(stream.command_at(job.seed, place), id=stream.id_at(job.seed, place), wait_s=0)
        os.write(acknowledgements, f"{place}\n".encode())
        if place % DRAFT_EVERY == 0:
            draft = draft_at(job.seed, place)
            desk.save_draft(Draft(draft, "note", "Note", None, {"text": str(place)}, datetime.now(UTC)))
            os.write(acknowledgements, f"draft {place}\n".encode())
    shim.power_calls.restype = ctypes.c_long
    os.write(acknowledgements, f"calls {shim.power_calls()}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    host(live)
