"""Everybody comes back at once after an outage: nobody waits long, and central is not asked to death."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.faults.counters import Counters, impatient, sign_in
from tests.faults.drained import Drained, lost_and_doubled
from tests.faults.processes import CentralProcess, Office, audit_findings, read_log
from tests.faults.test_drain import GENEROUS_S, bar

from csr_console.demo.network import FaultProxy, NetworkThread, Weather
from csr_console.desk import drainer, sync

EACH = 5


@pytest.fixture
def central(make_office: Callable[[str], Office], sockets: Path) -> Iterator[tuple[Office, CentralProcess]]:
    office = make_office("sqlite")
    with CentralProcess(office, sockets / "central") as process:
        yield office, process


async def reconnect(
    process: CentralProcess, sockets: Path, folder: Path, count: int, outage_s: float
) -> tuple[list[float], int, list[str]]:
    """Counters enter during an outage; the seconds each waited after it, the connections they tried during
    it, and the ids."""
    folder.mkdir()
    tokens = await sign_in(process.listen, folder.name[:1].upper() + "00")
    proxy = FaultProxy(sockets / f"{folder.name}", process.listen, weather=Weather(down=True))
    await proxy.start()
    counters = Counters(folder, sockets / folder.name, count)
    try:
        await counters.sign_in(tokens)
        counters.enter(EACH)
        counters.start()
        await asyncio.sleep(outage_s)
        tried = proxy.connections
        proxy.set_weather(Weather())
        return await counters.reconnect(time.monotonic()), tried, counters.entered
    finally:
        await counters.close()
        await proxy.stop()


def assert_once(office: Office, entered: list[str]) -> None:
    log = read_log(office.database)
    assert lost_and_doubled(log, [(one, "") for one in entered]) == (0, 0)
    assert len(log) == len(entered)
    assert audit_findings(office.database) == []


async def test_counters_come_back_at_once_and_try_in_moderation(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path
) -> None:
    office, process = central
    spent, tried, entered = await reconnect(process, sockets, tmp_path / "patient", 12, 2.0)
    assert len(spent) == 12
    with impatient(drainer, sync):
        _, control, more = await reconnect(process, sockets, tmp_path / "impatient", 12, 2.0)
    assert_once(office, entered + more)
    assert tried <= 12 * 4, "a probe every two seconds"
    assert control > 3 * tried, "the control has to try far more often"


@pytest.mark.soak
async def test_two_hundred_counters_wait_no_minute(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path
) -> None:
    office, process = central
    spent, _, entered = await reconnect(process, sockets, tmp_path / "k", 200, 5.0)
    assert_once(office, entered)
    assert max(spent) <= bar("storm"), max(spent)


def desks_come_back(process: CentralProcess, sockets: Path, folder: Path, count: int) -> list[str]:
    """Whole desks, each with its cache, its stream and its clerk's queue, after one outage; the ids."""
    folder.mkdir()
    with ExitStack() as open_:
        network = open_.enter_context(NetworkThread(sockets / "network", process.listen, weather=Weather()))
        desks = [Drained(folder / f"D{serial:02}", network, f"D{serial:02}") for serial in range(count)]
        for place in desks:
            open_.callback(place.desk.close)
        network.set_weather(Weather(down=True))
        for place in desks:
            assert place.until(lambda place=place: not place.desk._network.up, GENEROUS_S)  # type: ignore[misc]
            place.enter(EACH)
        network.set_weather(Weather())
        for place in desks:
            assert place.until_empty(GENEROUS_S)
            assert place.until(lambda place=place: place.desk.status().roster_count > 0, GENEROUS_S)  # type: ignore[misc]
        return [one for place in desks for one, _account in place.entered]


@pytest.mark.parametrize("count", [4, pytest.param(20, marks=pytest.mark.soak)])
def test_whole_desks_come_back_at_once(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path, count: int
) -> None:
    office, process = central
    assert_once(office, desks_come_back(process, sockets, tmp_path / "desks", count))
