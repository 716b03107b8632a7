"""One workstation with its real stores on disk, worked step by step: what its threads do, done when told."""

import shutil
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from tests.property.city import PASSWORD, City, Clock, Killed
from tests.property.crossing import Crossing

from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store import outbox_rows as rows
from csr_console.domain.ids import uuid7

_LEFT_OUT = shutil.ignore_patterns("*-shm", "drain.lock", "reserve")
"""What a process that dies does not leave behind in any useful state."""


class Station:
    """A desk that is opened, killed and opened again on the same files.

    Its background runs nothing by itself: `drain` and `pull` are its steps.
    """

    def __init__(
        self, name: str, folder: Path, city: City, clerk: str, tally: Counter[str] | None = None
    ) -> None:
        self.name = name
        self.clerk = clerk
        self.clock = Clock()
        self.crossing = Crossing(city, Counter() if tally is None else tally)
        self.acknowledged: list[UUID] = []
        """The ids of everything this desk said was saved."""
        self.fetched: set[str] = set()
        self._folder = folder
        self._lives = 0
        self._made = 0
        self.where = folder / "0"
        self.desk = self._open()

    def _open(self) -> Desk:
        settings = DeskSettings(self.where, self.name, submit_wait_s=0.0)
        gateway = Gateway(transport=self.crossing)
        desk = Desk.open(
            settings,
            ThrowAwayKeys(self.where),
            gateway=gateway,
            on_event=lambda _event: None,
            clock=self.clock,
        )
        desk._drainer._pace.size = 2
        desk._drainer._on_change = self._closed(desk._drainer._on_change)
        self.dies_at_change = False
        return desk

    def _closed(self, tell: Any) -> Any:
        """The drainer tells of each change that is on disk: a place to die at."""

        def told() -> None:
            if self.dies_at_change:
                raise Killed
            tell()

        return told

    def new_id(self) -> UUID:
        """An id that is the same in each run of an example."""
        self._made += 1
        return uuid7(self.clock(), f"{self.name}{self._made:07d}"[-10:].encode())

    # the process

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """A step of the background, or of the process as long as it lives."""
        try:
            self.desk._background.ask(work)
        except Killed:
            self.crash()

    def crash(self) -> None:
        """The process dies: another one opens what is on disk at this moment."""
        self._lives += 1
        before, self.where = self.where, self._folder / str(self._lives)
        shutil.copytree(before, self.where, ignore=_LEFT_OUT)
        self.desk.close()
        shutil.rmtree(before)
        self.crossing.fates.clear()
        self.clock.jump(minutes=1)  # the lease of the dead one runs out meanwhile
        self.desk = self._open()

    def close(self) -> None:
        self.desk.close()

    def drain(self) -> None:
        """One step of the drainer without its pauses, and what is told of it."""
        drainer = self.desk._drainer
        drainer._pace.not_before = drainer._pace.asked_until = 0.0
        drainer._held_at = float("-inf")
        self.desk._network.heard()
        self.run(drainer.step())
        self.desk._publisher.publish()

    def pull(self) -> None:
        """One look at the feed; the turn is the drainer's to take."""
        self.desk._network.heard()

        async def look() -> None:
            await self.desk._drainer.take_turn()
            await self.desk._puller.step()

        self.run(look())
        self.desk._publisher.publish()

    def sign_in(self, login: str | None = None) -> None:
        """Over a good network. Raises `Refusal` for a clerk who is disabled."""
        self.crossing.fates.clear()
        self.clerk = login or self.clerk
        if self.desk._network.manual:
            self.desk.work_offline(False)
        self.desk.sign_in(self.clerk, PASSWORD)
        self.desk._network.heard()

    @property
    def staffed(self) -> bool:
        return self.desk.actor is not None and not self.desk.locked

    # what is on disk

    def row(self, command_id: UUID) -> RowMapping | None:
        with self.desk._files.outbox_store.read() as connection:
            return rows.find(connection, command_id)

    def open_rows(self) -> list[RowMapping]:
        """What somebody may still care about."""
        with self.desk._files.outbox_store.read() as connection:
            return list(rows.open_rows(connection))

    def rows(self) -> list[RowMapping]:
        """Every row of the queue in the order entered."""
        with self.desk._files.outbox_store.read() as connection:
            return list(rows.in_order(connection, 0, 10_000))
