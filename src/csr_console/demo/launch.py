"""`csr-console demo`: the console on the demo city, its own central and a network that can be pulled."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from csr_console.demo.companion import end_companion, start_companion
from csr_console.demo.embedded import EmbeddedCentral
from csr_console.demo.network import WEATHERS, NetworkThread
from csr_console.demo.prepared import OFFICE, DemoCity, Progress, prepare
from csr_console.settings import APP

if TYPE_CHECKING:
    from csr_console.desk.desk import Desk
    from csr_console.desk.events import DeskEvent

STATION = "D01"
DISPATCH_PHONE = "850 555 0100"
LETTERHEAD = ("Demo City Utilities", "1 Main Street", f"Customer service {DISPATCH_PHONE}")
PAY_PLACES = (
    "City Hall, 1 Main Street, Monday to Friday 8 to 5, with a drop box at the door",
    "Library, 22 Oak Avenue, Tuesday to Saturday 9 to 6",
)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line says about the demo."""

    accounts: int = 5000
    network: str = "good"
    network_model: Path | None = None
    fresh: bool = False
    theme: str = "dark"
    thin: bool = False


class DemoTown:
    """A running demo: central behind a socket, the network before it, desks on either side of the weather."""

    def __init__(self, city: DemoCity, database: Path, weather: str) -> None:
        self.city = city
        self._sockets = Path(tempfile.mkdtemp(prefix="csr-demo-"))
        self.central = EmbeddedCentral(database, self._sockets / "central")
        self._network = NetworkThread(
            self._sockets / "network", self._sockets / "central", weather=WEATHERS[weather]
        )

    def __enter__(self) -> "DemoTown":
        self.central.start()
        self._network.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._network.__exit__(*error)
        self.central.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def set_weather(self, name: str) -> None:
        self._network.set_weather(WEATHERS[name])

    def open_desk(
        self,
        folder: Path,
        on_event: "Callable[[DeskEvent], None]",
        *,
        login: str = "demo",
        station: str = STATION,
        direct: bool = False,
    ) -> "Desk":
        """A desk signed in as `login`; `direct` goes around the weather, as a colleague on another line."""
        from csr_console.desk.desk import Desk
        from csr_console.desk.gateway import Gateway
        from csr_console.desk.model import DeskSettings
        from csr_console.desk.secrets import ThrowAwayKeys
        from csr_console.domain.refusals import Answer

        self.central.wait()
        gateway = Gateway("http://central", uds=str(self._sockets / ("central" if direct else "network")))
        settings = DeskSettings(folder, station, DISPATCH_PHONE)
        desk = Desk.open(settings, ThrowAwayKeys(folder), gateway=gateway, on_event=on_event)
        desk.start()
        try:
            desk.sign_in(login, self.city.passwords[login])
        except Answer:
            if login == "demo":
                desk.unlock(self.city.passwords[login])
            else:
                raise
        return desk


def demo_root() -> Path:
    return user_data_path(APP) / "demo"


def run_demo(options: DemoOptions) -> None:
    """Open the console on the demo city; the city remembers what was done until `--fresh`."""
    from csr_console.app import ConsoleApp, ConsoleOptions
    from csr_console.screens.options import PaperOptions

    city = _prepared(options)
    work = city.folder / "work"
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    database = work / "central.db"
    if not database.exists():
        city.copy_database(work)
    with DemoTown(city, database, options.network) as town, billing(database, city.as_of):
        app = ConsoleApp(
            lambda on_event: town.open_desk(work / "desk", on_event),
            ConsoleOptions(
                theme=options.theme,
                thin=options.thin,
                marker="DEMO",
                weathers=tuple(WEATHERS),
                set_weather=town.set_weather,
                log_folder=work,
                papers=PaperOptions(work / "papers", STATION, LETTERHEAD, pay_places=PAY_PLACES),
            ),
        )
        app.run()
    print(
        f"The demo city keeps what you did; its stores use a throw-away key that lies beside them in {work}."
    )


@contextmanager
def billing(database: Path, as_of: date) -> Iterator[None]:
    """Two years of bills being made for those who have none yet, for as long as the block lasts."""
    process = start_companion(["csr_console.demo.history", str(database), OFFICE, as_of.isoformat()])
    try:
        yield
    finally:
        end_companion(process)


def play_tour(options: DemoOptions, save: Path) -> int:
    """Play the scripted tour on an untouched city; 0 when every step came out as promised."""
    from csr_console.demo.tour import Tour

    city = _prepared(options)
    with tempfile.TemporaryDirectory(prefix="csr-tour-") as folder:
        database = city.copy_database(Path(folder) / "central")
        with DemoTown(city, database, "good") as town:
            return Tour(town, Path(folder), database, save).play()


def _prepared(options: DemoOptions) -> DemoCity:
    """The city; a sentence and exit code 2 when these options make none."""
    try:
        with _progress() as progress:
            return prepare(demo_root(), options.accounts, options.network_model, progress)
    except ValueError as error:
        print(f"csr-console: {error}", file=sys.stderr)
        raise SystemExit(2) from None


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on the terminal for the first start; nothing is drawn when nothing has to be done."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description:<20}"), BarColumn(), TextColumn("{task.completed:,}/{task.total:,}"),
        TimeElapsedColumn(), console=Console(stderr=True),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def show(doing: str, done: int, total: int) -> None:
        if not tasks:
            bars.start()
        if doing not in tasks:
            tasks[doing] = bars.add_task(doing, total=total)
        bars.update(tasks[doing], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()
