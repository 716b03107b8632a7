"""Run as a program in a terminal: a console full of canaries, told over two pipes how to break.

`python -m tests.faults.leak_console FOLDER IN OUT CASES`, as `tests.faults.hostile_console`; CASES is
`canary`, or `careless`: the control, in which a crash is shown as Textual shows it.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.faults.corpus import Case
from tests.faults.hostile_central import HostileCentral
from tests.faults.hostile_console import HostileConsole
from textual.app import App
from textual.widgets import Static

from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.screens.host import HostApp
from csr_console.screens.work import begin

CANARY = "Zebedee Quillfeather"


class Broken(Static):
    """A widget that cannot draw a name."""

    def render(self) -> str:
        name = CANARY
        raise LookupError(f"cannot draw {name}")


class LeakConsole(HostileConsole):
    """Breaks in every place where code of the console runs, with a name among its variables and its words."""

    async def do_crash(self, kind: str) -> None:
        await self.go_home()
        await self.customer(0)
        getattr(self, f"crash_{kind}")()
        await asyncio.sleep(0.1)

    def fail(self) -> None:
        name, entry = CANARY, self.entry(0)
        raise LookupError(f"{name} {entry}")

    async def afail(self) -> None:
        self.fail()

    async def action_fail(self) -> None:
        self.fail()

    def crash_worker(self) -> None:
        begin(self, self.afail, group="crash")

    def crash_callback(self) -> None:
        self.screen.call_later(self.fail)

    def crash_action(self) -> None:
        self.run_gated(lambda: self.run_action("app.fail"))

    def crash_render(self) -> None:
        self.screen.mount(Broken())

    def crash_timer(self) -> None:
        self.screen.set_timer(0.01, self.fail)

    def crash_thread(self) -> None:
        thread = threading.Thread(target=self.fail)
        thread.start()
        thread.join()

    def crash_background(self) -> None:
        self.desk._background.tell(self.fail)
        self.desk._background.ask(asyncio.sleep(0.05))

    def crash_task(self) -> None:
        asyncio.get_running_loop().create_task(self.afail())

    def crash_logged(self) -> None:
        for name in ("", "httpx", "httpcore", "sqlalchemy", "asyncio", "csr_console"):
            logging.getLogger(name).error("a line about %s", CANARY)


def main() -> None:
    folder, given, taken, cases = sys.argv[1:]
    central = HostileCentral((Case("canary", CANARY, CANARY, CANARY),))
    if cases == "careless":
        HostApp._handle_exception = App._handle_exception  # type: ignore[method-assign]

    def open_desk(on_event: Callable[[DeskEvent], None]) -> Desk:
        gateway = Gateway(transport=httpx.ASGITransport(app=central))  # type: ignore[arg-type]
        settings = DeskSettings(Path(folder), "C07", dispatch_phone="850-555-0100")
        desk = Desk.open(settings, ThrowAwayKeys(Path(folder)), gateway=gateway, on_event=on_event)
        desk.start()
        return desk

    app = LeakConsole(open_desk, central, (int(given), int(taken)), Path(folder))
    app.run()
    sys.stderr.flush()
    os._exit(app.return_code or 0)


if __name__ == "__main__":
    main()
