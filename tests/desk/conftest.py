"""Desks on the fake central, opened and closed again."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.desk.fake_central import FakeCentral
from tests.desk.opened import Events, OpenDesk, Opened

from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys


@pytest.fixture
def central() -> FakeCentral:
    return FakeCentral()


@pytest.fixture
def open_desk(tmp_path: Path, central: FakeCentral) -> Iterator[OpenDesk]:
    """Open a desk on the fake central; the same folder again is the same workstation."""
    opened: list[Desk] = []

    def make(
        *, folder: Path | None = None, start: bool = True, station: str = "C07", **options: object
    ) -> Opened:
        where = folder or tmp_path / "desk"
        where.mkdir(exist_ok=True)
        events = Events()
        gateway = Gateway(transport=httpx.ASGITransport(app=central))  # type: ignore[arg-type]
        settings = DeskSettings(where, station, dispatch_phone="850-555-0100")
        desk = Desk.open(settings, ThrowAwayKeys(where), gateway=gateway, on_event=events, **options)  # type: ignore[arg-type]
        opened.append(desk)
        if start:
            desk.start()
        return Opened(desk, events)

    yield make
    for desk in opened:
        if not desk.closed:
            desk.close()


@pytest.fixture
def signed_in(open_desk: OpenDesk, central: FakeCentral) -> Opened:
    """A desk with a clerk and a roster of 120."""
    central.fill(120)
    opened = open_desk()
    opened.desk.sign_in("mlopez", "correct horse")
    opened.events.until(lambda: opened.desk.status().roster_count == 120)
    return opened
