"""Start and memory of the console on prepared local stores, against a bare Textual Input application.

    python -m benchmarks.start [--starts 9] [--accounts 100000] [--navigations 1000] [--json FILE]

Each start is a process in a terminal of its own, console and bare application by turns, the first of each
dropped. Usable means: what is typed as soon as the program has the terminal stands on the screen, and so
does its prompt. Memory is that of a console at work: signed in at a central over TLS, the changes taken and
the stream open. Growth is from the moment when every view was shown once.
"""

import argparse
import contextlib
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answering import Answering, trusting
from benchmarks.harness import Figure, Report
from benchmarks.prepared import LOGIN, OFFICE, known, prepared
from benchmarks.terminal import Painted, Terminal, shows

HAS_TERMINAL = b"\x1b[?1049h"
"""The terminal is switched to its alternate screen: from here on the program reads the keys."""
TYPED = "zq"
ROUND = 8
"""Navigations of one round: home, customer, reports, queue and back."""


@dataclass(frozen=True, slots=True)
class Start:
    usable_ms: float
    open_ms: float
    cpu_s: float
    pss_mb: float
    rss_mb: float


def start(command: Sequence[str], ready: Painted, *, opens: str = "") -> Start:
    """Start a program once. `ready` is what it shows when it is usable, `opens` when its stores are open."""
    with Terminal(command) as terminal:
        terminal.wait_bytes(HAS_TERMINAL)
        terminal.send(TYPED)
        if opens:
            terminal.wait_text(opens)
        terminal.wait_quiet(0.5)
        usable, opened = terminal.moments([(0, ready), (0, shows(opens or TYPED))])
        if usable is None or opened is None:
            raise RuntimeError(f"it never became usable:\n{terminal.text()}")
        began = terminal.started_at
        return Start(
            (usable - began) * 1000, (opened - began) * 1000, terminal.cpu_s(), *terminal.memory_mb()
        )


def console_command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.console", str(folder)]


BARE = [sys.executable, "-m", "benchmarks.bare"]


def measure_starts(folder: Path, starts: int) -> tuple[list[Start], list[Start]]:
    console: list[Start] = []
    bare: list[Start] = []
    for _ in range(starts + 1):
        console.append(start(console_command(folder), shows(f"> {TYPED}", "F1"), opens="open reports"))
        bare.append(start(BARE, shows(TYPED)))
    return console[1:], bare[1:]


def measure_memory(folder: Path, times: int) -> tuple[list[tuple[float, float]], list[float]]:
    """Proportional and resident MiB of consoles at work, and proportional MiB of the bare application, by
    turns while the same programs run."""
    console: list[tuple[float, float]] = []
    bare: list[float] = []
    with Answering(folder, LOGIN, OFFICE) as central:
        for _ in range(times):
            central.expect()
            command = [*console_command(folder), str(central.port)]
            with Terminal(command, environment=trusting(folder)) as terminal:
                terminal.wait_text("open reports")
                if not central.heard.wait(60):
                    raise RuntimeError(f"it did not come to its central:\n{terminal.text()}")
                terminal.wait_text("online")
                terminal.wait_quiet(1.0)
                console.append(terminal.memory_mb())
            bare.append(start(BARE, shows(TYPED)).pss_mb)
    return console, bare


def measure_growth(folder: Path, accounts: int, navigations: int) -> tuple[float, float]:
    """MiB when every view was shown once, and after all navigations."""
    first, second = known(accounts, 2)
    with Terminal(console_command(folder)) as terminal:
        terminal.wait_text("open reports")
        for entry in (first, second):
            terminal.send(f"/{entry.account}\r")
            terminal.wait_text(entry.name)
            terminal.wait_quiet()
        early = 0.0
        for done in range(ROUND, navigations + 1, ROUND):
            # Customer, the other one, reports, back, queue, back, home, and the customer again.
            for keys in ("`", "`", "O", "\x1b[13~", "q", "\x1b[13~", "\x1b[13~", "`"):
                terminal.send(keys)
                terminal.wait_quiet(0.03)
            if done == ROUND:
                terminal.wait_quiet(1.0)
                early, _ = terminal.memory_mb()
        terminal.wait_quiet(1.0)
        return early, terminal.memory_mb()[0]


def measure(options: argparse.Namespace) -> Report:
    folder = prepared(options.accounts)
    console, bare = measure_starts(folder, options.starts)
    median = statistics.median
    online, quiet = measure_memory(folder, options.starts)
    report = Report("start and memory, against a bare Textual Input application")
    floor_ms, usable_ms = median(s.usable_ms for s in bare), median(s.usable_ms for s in console)
    floor_mb, used_mb = median(quiet), median(pss for pss, _ in online)
    report.add(
        Figure("start to usable, median", usable_ms, "ms", "", floor_ms, "bare"),
        Figure("start to usable, ratio", usable_ms / floor_ms, "x", "<= 1.5"),
        Figure("start to stores open and home painted, median", median(s.open_ms for s in console), "ms"),
        Figure("start, processor time", median(s.cpu_s for s in console), "s", "",
               median(s.cpu_s for s in bare), "bare"),
        Figure("memory at work, median", used_mb, "MiB", "", floor_mb, "bare"),
        Figure("memory at work, ratio", used_mb / floor_mb, "x", "<= 2.5"),
        Figure("memory at work with what is shared in full, median", median(rss for _, rss in online), "MiB",
               "", median(s.rss_mb for s in bare), "bare"),
        Figure("memory with stores open and no network, median", median(s.pss_mb for s in console), "MiB",
               "", median(s.pss_mb for s in bare), "bare"),
    )  # fmt: skip
    if options.navigations:
        early, late = measure_growth(folder, options.accounts, options.navigations)
        report.add(
            Figure("memory when every view was shown once", early, "MiB"),
            Figure(f"growth over {options.navigations:,} navigations", late - early, "MiB", "<= 10"),
        )
    report.facts = {"accounts": options.accounts, "starts": options.starts}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=9)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--navigations", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
