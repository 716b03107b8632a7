"""A workstation in the test's process before a real central, and a network between them that breaks."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import stream
from tests.faults.processes import LOGIN, PASSWORD, CentralProcess, LogRow

from csr_console.demo.network import NetworkThread, Weather
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, QueueItem
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.domain.accounts.commands import AddNote

WAITING = ("queued", "sending", "unconfirmed")
FAULTS: dict[str, Weather] = {
    "delay": Weather(delay=0.3),
    "jitter": Weather(delay=0.05, jitter=0.5),
    "down": Weather(down=True),
    "half-open": Weather(half_open=True),
    "trickle": Weather(trickle=0.002),
    "lost answers": Weather(lost_answer=0.4),
    "resets": Weather(reset=0.4),
    "twice": Weather(twice=0.6),
    "stale answers": Weather(stale_answer=0.4),
    "captive portal": Weather(captive=True),
}


class Drained:
    """A signed-in desk; what it enters goes into the queue under the station's own counter."""

    def __init__(self, folder: Path, network: NetworkThread, station: str = "C07") -> None:
        folder.mkdir(exist_ok=True)
        self.network = network
        self.changed = threading.Event()
        self.desk = Desk.open(
            DeskSettings(folder, station),
            ThrowAwayKeys(folder),
            gateway=Gateway(uds=str(network.proxy.listen)),
            on_event=lambda _event: self.changed.set(),
        )
        self.entered: list[tuple[str, str]] = []
        """Ids and accounts in the order they were entered."""
        self.desk.start()
        self.desk.sign_in(LOGIN, PASSWORD)

    def enter(self, count: int, accounts: int = stream.ACCOUNTS) -> None:
        for _ in range(count):
            serial = len(self.entered)
            account = stream.account_number(serial % accounts)
            command_id = self.desk.new_id()
            self.desk.submit(AddNote(account=account, text=f"Note {serial}."), id=command_id, wait_s=0)
            self.entered.append((str(command_id), account))

    @property
    def waiting(self) -> int:
        counts = self.desk._files.counts()
        return sum(counts.get(state, 0) for state in WAITING)

    @property
    def sending(self) -> int:
        return self.desk._files.counts().get("sending", 0)

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether it came to hold in time."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            self.changed.wait(0.05)
            self.changed.clear()
        return True

    def until_empty(self, seconds: float) -> bool:
        return self.until(lambda: self.waiting == 0, seconds)

    def item(self, command_id: str) -> QueueItem:
        return next(item for item in self.desk.queue() if str(item.id) == command_id)

    def suffer(self, seed: int, spells: int, longest_s: float) -> list[str]:
        """Live through a random schedule of faults, the network cut between some; the names of them."""
        chance = random.Random(seed)
        names = [chance.choice(list(FAULTS)) for _ in range(spells)]
        for name in names:
            self.network.set_weather(FAULTS[name])
            if chance.random() < 0.3:
                self.network.cut()
            time.sleep(chance.uniform(0.2, longest_s))
        self.network.set_weather(Weather())
        return names


@contextmanager
def drained(folder: Path, central: CentralProcess, sockets: Path) -> Iterator[Drained]:
    """The workstation behind its network, closed at the end whatever waits."""
    with NetworkThread(sockets / "network", central.listen, weather=Weather()) as network:
        made = Drained(folder, network)
        try:
            yield made
        finally:
            network.set_weather(Weather())
            made.desk.close()


def out_of_order(log: list[LogRow], entered: list[tuple[str, str]]) -> list[str]:
    """Accounts whose commands central applied in another order than they were entered in."""
    place = {command_id: serial for serial, (command_id, _account) in enumerate(entered)}
    by_lane: dict[str, list[int]] = {}
    for row in log:
        by_lane.setdefault(row.lane, []).append(place[row.command_id])
    return [lane for lane, places in by_lane.items() if places != sorted(places)]


def lost_and_doubled(log: list[LogRow], entered: list[tuple[str, str]]) -> tuple[int, int]:
    """Commands that central does not have, and rows it has of one it had before."""
    applied = Counter(row.command_id for row in log if row.state == "applied")
    lost = sum(command_id not in applied for command_id, _account in entered)
    return lost, sum(applied.values()) - len(applied)
