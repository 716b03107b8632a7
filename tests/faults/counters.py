"""Counters without a clerk: the queue, the drainer and the probe of a desk each, many of them in one loop."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from pydantic import SecretStr
from tests.faults import stream
from tests.faults.processes import LOGIN, PASSWORD

from csr_console.contracts.signin import SessionTokens, SignIn
from csr_console.desk.drainer import Drainer
from csr_console.desk.gateway import Gateway
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Store
from csr_console.desk.store.outbox import Outbox, new_id
from csr_console.desk.store.outgoing import Outgoing
from csr_console.desk.store.station import Station
from csr_console.desk.store.turn import Turn
from csr_console.desk.sync import Sync
from csr_console.domain.accounts.commands import AddNote

KEY = bytes(range(32))
LONGEST_S = 600.0
"""How long a test waits for what must come; no promise."""


def _now() -> datetime:
    return datetime.now(UTC)


async def sign_in(socket: Path, station: str) -> SessionTokens:
    """One session for all counters: a sign-in is meant to be slow, and is not what is measured here."""
    gateway = Gateway(uds=str(socket))
    form = SignIn(login=LOGIN, password=SecretStr(PASSWORD), station=station, installation=uuid4())
    try:
        return await gateway.sign_in(form)
    finally:
        await gateway.close()


class Counter:
    """One workstation's sending half. `emptied_at` is the moment its queue became empty."""

    def __init__(self, folder: Path, socket: Path, station: str) -> None:
        folder.mkdir()
        self.store = Store(folder / "outbox.db", KEY, "full")
        held = Station(self.store, _now)
        self.outbox = Outbox(self.store, station, _now)
        self.gateway = Gateway(uds=str(socket))
        self.network = Network(_now, lambda: None)
        self.session = Session(
            held, self.gateway, station, _now, erase_cache=lambda: None, on_end=lambda: None
        )
        self.turn = Turn(folder, held)
        self.drainer = Drainer(
            Outgoing(self.store, _now),
            self.gateway,
            self.session,
            self.network,
            self.turn,
            _now,
            self._look,
        )
        absent = cast("Any", None)
        self.sync = Sync(
            self.gateway,
            self.network,
            self.drainer,
            absent,
            absent,
            absent,
            absent,
            clock=_now,
            publish=lambda: None,
        )
        self.sync.wake = self.drainer.wake  # type: ignore[method-assign]
        self.emptied = asyncio.Event()
        self.emptied_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def enter(self, first: int, count: int) -> list[str]:
        """Notes on the accounts of the town; their ids."""
        self.emptied.clear()
        entered = []
        for serial in range(first, first + count):
            command_id = new_id(_now())
            note = AddNote(account=stream.account_number(serial % stream.ACCOUNTS), text=f"Note {serial}.")
            self.outbox.enqueue(note, command_id=command_id, author=self.session.author())
            entered.append(str(command_id))
        return entered

    @property
    def waiting(self) -> int:
        with self.store.read() as connection:
            counts = rows.counts(connection)
        return sum(counts.get(state, 0) for state in ("queued", "sending", "unconfirmed"))

    def _look(self) -> None:
        if not self.emptied.is_set() and not self.waiting:
            self.emptied_at = time.monotonic()
            self.emptied.set()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self.sync._probe()), asyncio.create_task(self.drainer.run())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.turn.give()
        await self.gateway.close()
        self.store.close()


class Counters:
    """Many counters, named after their folder; `reconnect` gives the seconds that each waited for an empty
    queue."""

    def __init__(self, folder: Path, socket: Path, count: int) -> None:
        names = [f"{folder.name[:1].upper()}{serial:03}" for serial in range(count)]
        self.all = [Counter(folder / name, socket, name) for name in names]
        self.entered: list[str] = []

    async def sign_in(self, tokens: SessionTokens) -> None:
        for counter in self.all:
            await counter.session.enter(tokens)

    def enter(self, each: int) -> None:
        for serial, counter in enumerate(self.all):
            self.entered += counter.enter(serial * each, each)

    def start(self) -> None:
        for counter in self.all:
            counter.start()

    async def reconnect(self, healed_at: float) -> list[float]:
        async with asyncio.timeout(LONGEST_S):
            await asyncio.gather(*(counter.emptied.wait() for counter in self.all))
        return [counter.emptied_at - healed_at for counter in self.all]

    async def close(self) -> None:
        for counter in self.all:
            await counter.close()


@contextmanager
def impatient(drainer: Any, sync: Any) -> Iterator[None]:
    """Counters without back-off and jitter: a probe and a request as soon as the last one failed."""
    kept = drainer.LONGEST_BACKOFF_S, sync.PROBE_EVERY_S
    drainer.LONGEST_BACKOFF_S, sync.PROBE_EVERY_S = 0.0, 0.01
    try:
        yield
    finally:
        drainer.LONGEST_BACKOFF_S, sync.PROBE_EVERY_S = kept
