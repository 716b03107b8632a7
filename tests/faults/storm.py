"""A storm over a workstation and central: kills on both sides, answers lost and repeated, what came of it."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.desk_worker import PIN
from tests.faults.processes import (
    LOGIN,
    OFFICE,
    ROOT,
    CentralProcess,
    DeskProcess,
    Office,
    Workers,
    audit_findings,
    count_log,
    outbox_findings,
    read_effects,
    read_log,
    read_outbox,
    until,
)

from csr_console.central.database import Database
from csr_console.demo.network import NetworkThread, Weather
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, Reconciliation
from csr_console.desk.secrets import ThrowAwayKeys

WORSE = Weather(delay=0.01, jitter=0.02, lost_answer=0.16, reset=0.1, twice=0.1, stale_answer=0.04)
"""For short storms, in which something is to happen as well."""
BAD = Weather(delay=0.01, jitter=0.02, lost_answer=0.08, reset=0.05, twice=0.05, stale_answer=0.02)
GOOD = Weather()
SETTLES_WITHIN_S = 60.0
LONGER_AT_MOST_S = 110.0
"""By how much a storm may last longer on a machine that has other work."""


@dataclass(slots=True)
class Toll:
    """What a storm came to: places of the stream by what is wrong with them, and what was done to them."""

    acknowledged: int = 0
    desk_kills: int = 0
    central_kills: int = 0
    lost_answers: int = 0
    resets: int = 0
    repeated: int = 0
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    out_of_order: list[int] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} acknowledged; kills: desk {self.desk_kills}, central {self.central_kills};"
            f" lost answers {self.lost_answers}, resets {self.resets}, repeated {self.repeated};"
            f" lost {len(self.lost)}, twice {len(self.twice)}, out of order {len(self.out_of_order)},"
            f" findings {self.findings}"
        )


class _Kills:
    """Kills of one side: one in each of so many equal parts of the time, once it has got on."""

    def __init__(
        self,
        count: int,
        seconds: float,
        chance: random.Random,
        progress: Sequence[Callable[[], int]],
        kill: Callable[[], None],
    ) -> None:
        part = seconds / max(1, count)
        self.left = [(number + chance.uniform(0.1, 0.9)) * part for number in range(count)]
        self._chance = chance
        self._progress = progress
        self._kill = kill
        self._next()

    def _next(self) -> None:
        self._measure = self._chance.choice(self._progress)
        self._enough = self._measure() + self._chance.randrange(1, 5)

    def look(self, now: float) -> None:
        if self.left and now >= self.left[0] and self._measure() >= self._enough:
            self.left.pop(0)
            self._kill()
            self._next()


class Storm:
    """Central on a database, the network before it, and one workstation; a context manager.

    `program` replaces central's; `station` goes to the workstation: `fresh_ids=True` is the control.
    """

    def __init__(
        self,
        office: Office,
        sockets: Path,
        folder: Path,
        workers: Workers,
        *,
        seed: int,
        weather: Weather = BAD,
        program: Sequence[str] = (),
        **station: Any,
    ) -> None:
        self.office = office
        self.folder = folder
        self.sockets = sockets
        self.chance = random.Random(seed)
        self.central = CentralProcess(office, sockets / "central", *program)
        self.network = NetworkThread(sockets / "network", sockets / "central", weather=weather, seed=seed)
        self.desk = DeskProcess(workers, folder, sockets / "network", count=1_000_000, seed=seed, **station)
        self.seed = seed
        self._db = Database(office.database)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Storm":
        self._open.enter_context(self.central)
        self._open.enter_context(self.network)
        self._open.enter_context(self.desk)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._db.close()

    def get_on(self, count: int = 5) -> None:
        """Wait until more was entered and more was answered."""
        entered, answered = self._entered() + count, self._answered() + count
        until(lambda: self._entered() >= entered and self._answered() >= answered, "any progress", every=0.05)

    def rage(self, seconds: float, *, desk_kills: int, central_kills: int) -> None:
        """Kill both sides so often, spread over the time; each comes back at once.

        A kill waits until what it kills has done something since it came back: entered or had answered a
        few, for the workstation; answered some, for central. On a slow machine that takes longer.
        """
        began = time.monotonic()
        desk = _Kills(desk_kills, seconds, self.chance, [self._entered, self._answered], self.restart_desk)
        central = _Kills(central_kills, seconds, self.chance, [self._answered], self.restart_central)
        while desk.left or central.left or time.monotonic() - began < seconds:
            assert time.monotonic() - began < seconds + LONGER_AT_MOST_S, "nothing gets on"
            for kills in (desk, central):
                kills.look(time.monotonic() - began)
            time.sleep(0.03)

    def _entered(self) -> int:
        return len(self.desk.acknowledged())

    def _answered(self) -> int:
        return count_log(self._db)

    def restart_desk(self) -> None:
        self.desk.kill()
        self.desk.start()

    def restart_central(self) -> None:
        self.central.kill()
        self.central.start()

    def heal(self) -> None:
        """Good weather; enter only what was saved and not yet said to be, until nothing waits."""
        self.network.set_weather(GOOD)
        self.central.wait()
        self.desk.kill()
        self.desk.start(last=True)
        until(self._settled, "an empty queue", SETTLES_WITHIN_S, every=0.2)
        self.desk.stop()

    def _settled(self) -> bool:
        last = self.desk.last_place
        return last in self.desk.acknowledged() and not any(
            row["state"] in ("queued", "sending", "unconfirmed") for row in read_outbox(self.folder)
        )

    def toll(self) -> Toll:
        """Count what was lost, done twice or out of order, by the effects at central and by its log."""
        proxy = self.network.proxy
        toll = Toll(
            len(set(self.desk.acknowledged())),
            self.desk.kills,
            self.central.kills,
            proxy.lost_answers,
            proxy.resets,
            proxy.repeated,
        )
        effects = read_effects(self.office.database)
        toll.lost = [place for place in set(self.desk.acknowledged()) if not effects[self.seed, place]]
        toll.twice = [place for (_, place), times in effects.items() if times > 1]
        newest: dict[str, int] = {}
        for row in read_log(self.office.database):
            if row.state != "applied" or row.place is None:
                toll.findings.append(f"row {row.seq} is {row.kind} {row.state}")
                continue
            place = row.place[1]
            if place < newest.get(row.lane, -1):
                toll.out_of_order.append(place)
            newest[row.lane] = max(place, newest.get(row.lane, -1))
        toll.findings += audit_findings(self.office.database) + outbox_findings(self.folder)
        return toll

    def reconcile(self) -> Reconciliation:
        """The end of the shift at the workstation, the network in order again."""
        desk = Desk.open(
            DeskSettings(self.folder, "C07"),
            ThrowAwayKeys(self.folder),
            gateway=Gateway(uds=str(self.sockets / "central")),
            on_event=lambda _event: None,
        )
        try:
            desk.start()
            desk.unlock(PIN, LOGIN)
            return desk.reconcile()
        finally:
            desk.close()

    def verify_audit(self) -> subprocess.CompletedProcess[str]:
        """`central verify-audit`, as whoever keeps the books runs it."""
        options = ("--database", self.office.database, "--secret-file", str(self.office.secret_file))
        return subprocess.run(
            [sys.executable, "-m", "csr_console", "central", "verify-audit", "--office", OFFICE, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
