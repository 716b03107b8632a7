"""A small city with its own central service and a network that can be pulled, inside the test's process."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from tests.desk.opened import Events
from tests.widgets.keys import burst, human, keys_of, settled, strips

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.central.app import create_app
from csr_console.central.settings import CentralSettings
from csr_console.demo.network import WEATHERS, NetworkThread
from csr_console.demo.prepared import DemoCity
from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys


class Town:
    """Central on a copy of the city's database behind a Unix socket, and the weather before it."""

    def __init__(self, city: DemoCity, folder: Path) -> None:
        self.city = city
        self.folder = folder
        self._sockets = Path(tempfile.mkdtemp(prefix="csr-town-"))
        settings = CentralSettings(database=f"sqlite:///{city.copy_database(folder / 'central')}")
        config = uvicorn.Config(
            create_app(settings), uds=str(self._sockets / "central"), log_config=None, log_level="critical"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="central", daemon=True)
        self._network = NetworkThread(
            self._sockets / "network", self._sockets / "central", weather=WEATHERS["good"]
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "central did not start"
        self._network.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._network.__exit__(kind, error, trace)
        self._server.should_exit = True
        self._thread.join(10)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def set_weather(self, name: str) -> None:
        self._network.set_weather(WEATHERS[name])

    def fact(self, who: str) -> dict[str, str]:
        """A resident worth calling: caller, maria, nonpay, medical."""
        return dict(self.city.facts[who])

    def open_desk(
        self,
        on_event: Callable[[DeskEvent], None],
        *,
        login: str = "demo",
        station: str = "C07",
        folder: Path | None = None,
        direct: bool = False,
    ) -> Desk:
        """A signed-in desk with the whole roster; `direct` goes around the weather."""
        events = Events()

        def tell(event: DeskEvent) -> None:
            events(event)
            on_event(event)

        where = folder or self.folder / station
        where.mkdir(parents=True, exist_ok=True)
        gateway = Gateway(uds=str(self._sockets / ("central" if direct else "network")))
        settings = DeskSettings(where, station, dispatch_phone="850-555-0100")
        desk = Desk.open(settings, ThrowAwayKeys(where), gateway=gateway, on_event=tell)
        desk.start()
        desk.sign_in(login, self.city.passwords[login])
        events.until(lambda: desk.status().roster_count == self.city.facts["accounts"])
        return desk

    @asynccontextmanager
    async def console(
        self, *, size: tuple[int, int] = (80, 24), options: ConsoleOptions | None = None, **desk: Any
    ) -> AsyncIterator["Console"]:
        """A console on a desk of the town, open and at home.

        A context inside the test, not a fixture: Textual keeps the running application in context variables,
        which have to be set in the context that the test runs in.
        """
        app = ConsoleApp(lambda on_event: self.open_desk(on_event, **desk), options)
        async with app.run_test(size=size):
            await app.opened()
            await settled(app)
            try:
                yield Console(app)
            finally:
                await app.leave_desk()


class Console:
    """The running console of a test: keys in, text out."""

    def __init__(self, app: ConsoleApp) -> None:
        self.app = app

    async def type(self, script: str) -> None:
        """Every key of the script in one burst; comes back when the last has had its effect."""
        await burst(self.app, keys_of(script))

    async def press(self, *keys: str) -> None:
        """Named keys (`f9`, `escape`, `at`) in one burst."""
        await burst(self.app, keys)

    async def type_slowly(self, script: str) -> None:
        await human(self.app, keys_of(script))

    @property
    def lines(self) -> list[str]:
        """The text on the screen, line by line."""
        return [strip.text.rstrip() for strip in strips(self.app)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def said(self) -> str:
        """What the alert line says, whole."""
        return str(self.app.screen.said[1])  # type: ignore[attr-defined]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds on the screen."""
        for _ in range(600):
            if holds():
                return
            await asyncio.sleep(0.025)
        raise AssertionError(f"it did not come to hold; the screen:\n{self.text}")
