"""Run as a program in a terminal: the console whose disk is about to fail, told over two pipes what to do.

`python -m tests.faults.disk_console FOLDER IN OUT CASES`, as `tests.faults.hostile_console`; CASES is
`plain`, `swallow` (the control: an error of the disk is taken for a yes) or `network` (the folder is on a
share). What central knows is kept beside the folder, on a disk that does not fail.
"""

import asyncio
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from tests.desk.fake_central import FakeCentral, number
from tests.faults.hostile_console import HostileConsole

from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, Receipt, StoreUnsure
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store import cipher
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.refusals import Answer
from csr_console.screens import acts
from csr_console.screens.runs import Order

CUSTOMERS = 3


class LastingCentral(FakeCentral):
    """The central of the tests, which remembers over a restart of the process that it lives in."""

    MEMORY = ("sessions", "tokens", "refreshes", "outcomes", "digests", "order", "chain", "applied", "feed")

    def __init__(self, memory: Path) -> None:
        super().__init__()
        self.cases: tuple[Any, ...] = ()
        self.fill(CUSTOMERS)
        self._memory = memory
        if memory.exists():
            self.__dict__.update(pickle.loads(memory.read_bytes()))

    def answer(self, *request: Any) -> tuple[int, dict[str, str], bytes]:
        given = super().answer(*request)
        beside = self._memory.with_suffix(".new")
        beside.write_bytes(pickle.dumps({name: getattr(self, name) for name in self.MEMORY}))
        beside.replace(self._memory)  # whole or not at all: the process may be killed at any moment
        return given


class DiskConsole(HostileConsole):
    """The console, with a note for each thing that is asked."""

    async def _open(self) -> None:
        await super()._open()
        if self._desk is None:  # it says why on the screen; the pipe goes on all the same
            self._tour = asyncio.create_task(self._follow())

    def _state(self) -> dict[str, Any]:
        front = self.console_screens[-1]
        state: dict[str, Any] = {
            "screen": type(self.screen).__name__,
            "said": front.said[1],
            "tone": front.said[0],
        }
        if self._desk is None:
            return state
        return {**state, "queue": self._queue(), "status": self.desk.status().sentence}

    def _queue(self) -> dict[str, str]:
        """The state of each note in the queue by its text; empty when the queue cannot be read."""
        try:
            items = self.desk.queue()
        except Answer:
            return {}
        return {item.command.text: item.state for item in items if isinstance(item.command, AddNote)}

    async def do_sign_in(self) -> None:
        await self.desk_call(self.desk.sign_in, "mlopez", "correct horse")
        await self.until(lambda: self.desk.status().roster_count == CUSTOMERS)
        await self.go_home()

    async def do_note(self, position: int = 1) -> None:
        """Open the form of a note; the text and Enter come from the keyboard."""
        await self.go_home()
        entry = await asyncio.to_thread(self.desk.entry, number(position))
        assert entry is not None
        await self.open_customer(entry)
        await acts.run_verb(self, "note", Order(entry))

    async def do_fill_log(self) -> None:
        """Save notes until there is nothing left of the room that the queue has taken before."""
        reserve = self.desk._files.reserve
        held = reserve.held
        for text in ("x" * 4000, "y"):
            command = AddNote(account=number(1), text=text)
            saved = -1
            with suppress(StoreUnsure):
                while reserve.held == held and saved < (saved := self.desk.status().queued):
                    await asyncio.to_thread(self.desk.submit, command, id=self.desk.new_id(), wait_s=0)

    async def do_verb(self, code: str) -> None:
        await acts.run_verb(self, code, Order(self.console_screens[-1].here))

    async def do_offline(self, on: bool) -> None:
        await self.desk_call(self.desk.work_offline, on)

    async def do_home(self) -> None:
        await self.go_home()
        self.console_screens[-1].hush()
        await self.console_screens[-1].refresh_now()
        await asyncio.sleep(0.1)

    async def do_central_slow(self, seconds: float) -> None:
        """From now on central answers commands this much later."""

        async def later(method: str, path: str) -> None:
            if "/commands" in path:
                await asyncio.sleep(seconds)

        self.central.after = later

    async def do_reaches(self, state: str) -> None:
        await self.until(lambda: state in self._queue().values())

    async def do_drained(self) -> None:
        await self.until(lambda: self.desk.status().queued + self.desk.status().unconfirmed == 0)


def swallow(desk: Desk) -> None:
    """The control: whatever the disk says, the clerk reads that it is saved."""
    submit = desk.submit

    def careless(command: Any, **rest: Any) -> Receipt:
        try:
            return submit(command, **rest)
        except StoreUnsure:
            return Receipt(rest["id"], 0, "queued", "")

    desk.submit = careless  # type: ignore[method-assign]


def main() -> None:
    folder, given, taken, cases = sys.argv[1:]
    central: Any = LastingCentral(Path(folder).parent / "central.pickle")
    if cases == "network":
        cipher.filesystem_type = lambda path, mounts: "nfs4"

    def open_desk(on_event: Callable[[DeskEvent], None]) -> Desk:
        gateway = Gateway(transport=httpx.ASGITransport(app=central))
        settings = DeskSettings(Path(folder), "C07", dispatch_phone="850-555-0100")
        desk = Desk.open(settings, ThrowAwayKeys(Path(folder)), gateway=gateway, on_event=on_event)
        if cases == "swallow":
            swallow(desk)
        desk.start()
        return desk

    app = DiskConsole(open_desk, central, (int(given), int(taken)), Path(folder))
    app.run()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
