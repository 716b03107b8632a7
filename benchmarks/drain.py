"""The queue of a storm sent to a real central: one by one and in batches, near and far, on both databases.

    python -m benchmarks.drain [--commands 10000] [--singles 300] [--databases sqlite] [--json FILE]

The commands are entered offline, each synced to the disk; then the network is there and the clock runs until
the queue is empty. 300 ms is the round trip of a bad mobile network; both databases sync what they answer.
One by one is measured on fewer commands and told as a rate: 10,000 would take an hour.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from benchmarks.harness import Figure, Report
from benchmarks.served import DATABASES, Work, Workstation, central_on

from csr_console.demo.network import NetworkThread, Weather
from csr_console.desk import drainer

ROUND_TRIPS_MS = (0, 300)
PROMISED = 10_000
"""The promise is about this many: 60 s and 110 requests at 300 ms."""


class Case:
    """One drain: how many commands over which network."""

    def __init__(self, folder: Path, network: NetworkThread, pid: int, name: str, delay_ms: int) -> None:
        self.folder, self.network, self.pid = folder, network, pid
        self.name, self.delay_ms = name, delay_ms

    def run(self, station: str, commands: int, most: int = drainer.MOST) -> tuple[float, int, float]:
        """Seconds, requests, and central's processor milliseconds a command; `most` are sent at once."""
        self.network.set_weather(Weather())
        with Workstation(self.folder, Path(str(self.network.proxy.listen)), station) as place:
            place.enter(commands)
            self.network.set_weather(Weather(delay=self.delay_ms / 1000))
            work = Work(self.pid)
            with patch.object(drainer, "MOST", most):
                place.desk._drainer._pace.size = min(most, drainer.FIRST_SIZE)
                seconds = place.drain()
            return seconds, place.gateway.requests, work.seconds * 1000 / commands


def measure_case(report: Report, case: Case, stations: list[str], options: argparse.Namespace) -> None:
    named = f"{case.name}, {case.delay_ms} ms"
    seconds, _, _ = case.run(stations.pop(), options.singles, most=1)
    single = options.singles / seconds
    seconds, requests, work = case.run(stations.pop(), options.commands)
    promised = options.commands == PROMISED and case.delay_ms == 300
    report.add(
        Figure(f"{named}, one by one ({options.singles:,})", single, "/s"),
        Figure(f"{named}, in batches", options.commands / seconds, "/s", "", single, "one by one"),
        Figure(f"{named}, {options.commands:,} drained", seconds, "s", "<= 60" if promised else ""),
        Figure(f"{named}, requests", requests, "", "<= 110" if promised else ""),
        Figure(f"{named}, central's processor time", work, "ms/command"),
    )


def measure(options: argparse.Namespace) -> Report:
    report = Report(f"drain of a storm's queue, {options.commands:,} commands, a desk and a central process")
    for dialect in options.databases:
        with tempfile.TemporaryDirectory(prefix="csr-bench-drain-") as name:
            folder = Path(name)
            stations = [f"D{serial:02}" for serial in range(2 * len(ROUND_TRIPS_MS))]
            with (
                central_on(dialect, folder) as central,
                NetworkThread(folder / "network.sock", central.listen, weather=Weather()) as network,
            ):
                for delay_ms in options.round_trips:
                    case = Case(folder, network, central.pid, dialect, delay_ms)
                    measure_case(report, case, stations, options)
    report.facts = {"commands": options.commands, "singles": options.singles}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=PROMISED)
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--round-trips", nargs="+", type=int, default=ROUND_TRIPS_MS, metavar="MS")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
