"""Everybody comes back at once after an outage: 200 counters, and 20 whole desks, before one central process.

    python -m benchmarks.reconnect [--counters 200] [--desks 20] [--each 5] [--outage 5] [--json FILE]

A counter is the queue, the drainer and the probe of a desk, without screens, cache or clerk; all share one
session, since a sign-in is slow on purpose. Waited is from the moment the network heals until the last
command of a counter has its outcome on disk. Tried are connections during the outage: the control is the same
counters without pauses between their tries.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Figure, Report, percentile
from tests.faults.counters import Counters, impatient, sign_in
from tests.faults.drained import Drained
from tests.faults.processes import CentralProcess, Office, short_folder

from csr_console.demo.network import FaultProxy, NetworkThread, Weather
from csr_console.desk import drainer, sync


async def counters_come_back(
    central: CentralProcess, folder: Path, count: int, each: int, outage_s: float
) -> tuple[list[float], int]:
    """Seconds that each counter waited, and connections tried during the outage."""
    folder.mkdir()
    tokens = await sign_in(central.listen, f"{folder.name[:1].upper()}00")
    network = central.listen.with_name(folder.name)
    proxy = FaultProxy(network, central.listen, weather=Weather(down=True))
    await proxy.start()
    counters = Counters(folder, network, count)
    await counters.sign_in(tokens)
    counters.enter(each)
    counters.start()
    await asyncio.sleep(outage_s)
    tried = proxy.connections
    proxy.set_weather(Weather())
    waited = await counters.reconnect(time.monotonic())
    await counters.close()
    await proxy.stop()
    return waited, tried


def desks_come_back(central: CentralProcess, folder: Path, count: int, each: int) -> list[float]:
    """Seconds that each of some whole desks waited."""
    folder.mkdir()
    listen = central.listen.with_name("desks")
    with NetworkThread(listen, central.listen, weather=Weather()) as network, contextlib.ExitStack() as open_:
        desks = [Drained(folder / f"D{serial:02}", network, f"D{serial:02}") for serial in range(count)]
        for place in desks:
            open_.callback(place.desk.close)
        network.set_weather(Weather(down=True))
        while any(place.desk._network.up for place in desks):
            time.sleep(0.05)
        for place in desks:
            place.enter(each)
        network.set_weather(Weather())
        healed, waited = time.monotonic(), dict.fromkeys(range(count), 0.0)
        while not all(waited.values()):
            for serial, place in enumerate(desks):
                if not waited[serial] and place.waiting == 0:
                    waited[serial] = time.monotonic() - healed
            time.sleep(0.02)
        return list(waited.values())


def measure(options: argparse.Namespace) -> Report:
    report = Report(f"coming back at once, {options.each} commands each, SQLite")
    with tempfile.TemporaryDirectory(prefix="csr-bench-reconnect-") as name, short_folder() as sockets:
        folder = Path(name)
        office = Office.prepare(f"sqlite:///{folder / 'central.db'}", folder)
        with CentralProcess(office, sockets / "central") as central:
            given = (options.counters, options.each, options.outage)
            waited, tried = asyncio.run(counters_come_back(central, folder / "patient", *given))
            with impatient(drainer, sync):
                control, hammered = asyncio.run(counters_come_back(central, folder / "rash", *given))
            desks = desks_come_back(central, folder / "desks", options.desks, options.each)
    beside = "without pauses"
    per_second = options.counters * options.outage
    report.add(
        Figure(f"{options.counters} counters, waited, median", percentile(waited, 0.5), "s", "",
               percentile(control, 0.5), beside),
        Figure(f"{options.counters} counters, waited, longest", max(waited), "s", "<= 60",
               max(control), beside),
        Figure("tries during the outage", tried / per_second, "/counter/s", "",
               hammered / per_second, beside),
        Figure(f"{options.desks} desks, waited, median", percentile(desks, 0.5), "s"),
        Figure(f"{options.desks} desks, waited, longest", max(desks), "s", "<= 60"),
    )  # fmt: skip
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counters", type=int, default=200)
    parser.add_argument("--desks", type=int, default=20)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--outage", type=float, default=5.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
