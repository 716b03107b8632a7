"""The parts of a desk without its thread: a test takes each step of the drainer itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from tests.desk.fake_central import FakeCentral, number

from csr_console.desk.drainer import Drainer
from csr_console.desk.gateway import Gateway
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Row, Store
from csr_console.desk.store.outbox import Author, Outbox, new_id
from csr_console.desk.store.outgoing import Outgoing
from csr_console.desk.store.station import Station
from csr_console.desk.store.turn import Turn
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command
from csr_console.domain.permissions import Actor, Role

KEY = bytes(range(32))


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 8, 30, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def jump(self, **by: float) -> None:
        self.now += timedelta(**by)


def note(position: int, text: str = "Gate code changed.") -> AddNote:
    return AddNote(account=number(position), text=text)


AUTHOR = Author(
    Actor("mlopez", "Maria Lopez", Role.SUPERVISOR, "tallahassee"),
    UUID("0198f2b4-0000-4000-8000-000000000001"),
    b"k" * 32,
    "260830-mlopez",
)


class Parts:
    """Everything that drains, on a fake central."""

    def __init__(self, folder: Path, central: FakeCentral, clock: Clock | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.clock = clock or Clock()
        self.central = central
        self.store = Store(folder / "outbox.db", KEY, "full")
        self.station = Station(self.store, self.clock)
        self.outbox = Outbox(self.store, "C07", self.clock)
        self.outgoing = Outgoing(self.store, self.clock)
        self.gateway = Gateway(transport=httpx.ASGITransport(app=central))  # type: ignore[arg-type]
        self.network = Network(self.clock, lambda: None)
        self.ended = self.doubts = 0
        self.network.on_doubt = self._doubt
        self.session = Session(
            self.station, self.gateway, "C07", self.clock, erase_cache=lambda: None, on_end=self._end
        )
        self.turn = Turn(folder, self.station)
        self.drainer = Drainer(
            self.outgoing, self.gateway, self.session, self.network, self.turn, self.clock, lambda: None
        )

    def _doubt(self) -> None:
        self.doubts += 1

    def _end(self) -> None:
        self.ended += 1

    async def sign_in(self, login: str = "mlopez", password: str = "correct horse") -> None:
        await self.session.sign_in(login, password)
        self.network.heard()

    def enter(self, command: Command, **options: object) -> UUID:
        command_id = new_id(self.clock())
        author = self.session.author()
        self.outbox.enqueue(command, command_id=command_id, author=author, **options)  # type: ignore[arg-type]
        return command_id

    async def step(self, times: int = 1) -> None:
        """Steps of the drainer, without its pauses."""
        for _ in range(times):
            pace = self.drainer._pace
            pace.not_before = pace.asked_until = 0.0
            self.network.heard()
            await self.drainer.step()

    def row(self, command_id: UUID) -> Row:
        with self.store.read() as connection:
            found = rows.find(connection, command_id)
        assert found is not None
        return found

    def state(self, command_id: UUID) -> str:
        return str(self.row(command_id)["state"])

    async def close(self) -> None:
        self.turn.give()
        await self.gateway.close()
        self.store.close()
