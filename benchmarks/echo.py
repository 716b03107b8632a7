"""Echo of keys and change of views on a workstation of 100,000 customers, against a bare Textual Input.

    python -m benchmarks.echo [--lines 12] [--switches 20] [--accounts 100000] [--json FILE]

Console and bare application run side by side and are typed into by turns. Echo: from the key to the moment
the terminal has what was typed, at ten keys a second, with the list of hits following every key. Settle: from
the key to the last byte before a silence of 250 ms, one key at a time. Switch: from the key to the moment the
other view stands on the screen, and to the last byte of it.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.harness import Figure, Report, percentile
from benchmarks.prepared import REPORTED, VIEWED, known, prepared
from benchmarks.start import BARE, HAS_TERMINAL, console_command
from benchmarks.terminal import Painted, Terminal, shows

KEY_S = 0.1
CLEAR = "\x15"
F3, F9 = "\x1b[13~", "\x1b[20~"
REPORTS_SHOWN = f"{REPORTED} open reports"


def lines_of(accounts: int, count: int) -> list[str]:
    """What clerks type to find somebody: names, addresses, numbers by turns."""
    random = Random(11)
    people = known(accounts, 2000)
    found: list[str] = []
    for serial in range(count):
        entry = random.choice(people)
        found.append((entry.name, entry.service_address, entry.phones[0])[serial % 3].lower())
    return found


def echoes(terminal: Terminal, prompt: str, line: str) -> list[float]:
    """Milliseconds from each key of the line to its echo, typed without waiting for any."""
    sent: list[float] = []
    waited_for: list[tuple[int, Painted]] = []
    for end in range(1, len(line) + 1):
        if line[end - 1] == " ":
            terminal.send(" ")  # a space at the end of a line cannot be seen
        else:
            waited_for.append((terminal.mark, shows(prompt + line[:end])))
            sent.append(terminal.send(line[end - 1]))
        time.sleep(KEY_S)
    terminal.wait_quiet()
    _clear(terminal)
    seen = terminal.moments(waited_for)
    if None in seen:
        raise RuntimeError(f"a key of {line!r} was never echoed:\n{terminal.text()}")
    return [(at - began) * 1000 for at, began in zip(seen, sent, strict=True) if at is not None]


def settles(terminal: Terminal, line: str) -> tuple[list[float], list[int]]:
    """Milliseconds until the filter has settled and bytes written, for each key, one at a time."""
    spent: list[float] = []
    written: list[int] = []
    for key in line:
        mark, began = terminal.mark, terminal.send(key)
        spent.append((terminal.wait_quiet(after=mark) - began) * 1000)
        written.append(terminal.bytes_since(mark))
    _clear(terminal)
    return spent, written


def _clear(terminal: Terminal) -> None:
    terminal.send(CLEAR)
    terminal.wait_quiet()


def switch(terminal: Terminal, keys: str, wanted: str) -> tuple[float, float]:
    """Milliseconds until the view shows what is wanted, and until its last byte."""
    mark, began = terminal.mark, terminal.send(keys)
    painted = terminal.wait_painted(shows(wanted), mark)
    return (painted - began) * 1000, (terminal.wait_quiet() - began) * 1000


def measure_typing(report: Report, console: Terminal, lines: Sequence[str]) -> None:
    ours: list[float] = []
    floor: list[float] = []
    settled: list[float] = []
    written: list[int] = []
    with Terminal(BARE) as bare:
        bare.wait_bytes(HAS_TERMINAL)
        bare.wait_quiet()
        for line in lines:
            ours += echoes(console, "> ", line)
            floor += echoes(bare, "", line)
            spent, volume = settles(console, line)
            settled += spent
            written += volume
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        report.add(
            Figure(
                f"echo of a key, {name}", percentile(ours, share), "ms", "", percentile(floor, share), "bare"
            )
        )
    ratio = percentile(ours, 0.95) / percentile(floor, 0.95)
    report.add(
        Figure("echo of a key, p95, ratio", ratio, "x", "<= 2"),
        Figure("filter settled, p50", percentile(settled, 0.5), "ms"),
        Figure("filter settled, p95", percentile(settled, 0.95), "ms", "<= 50"),
        Figure("bytes a key, p95", percentile(written, 0.95), "B"),
    )
    report.facts |= {"keys_echoed": len(ours), "keys_settled": len(settled)}


def measure_switches(report: Report, console: Terminal, accounts: int, switches: int) -> None:
    first, second = known(accounts, VIEWED)[3:5]
    for entry in (first, second):
        console.send(f"/{entry.account}\r")
        console.wait_text(entry.account, entry.name)
        console.wait_quiet()
    kinds: dict[str, list[tuple[float, float]]] = {"customer to customer": [], "customer and reports": []}
    switch(console, "O", REPORTS_SHOWN)
    switch(console, F3, second.account)
    for _ in range(switches):
        for entry in (first, second):
            kinds["customer to customer"].append(switch(console, F9, entry.account))
        kinds["customer and reports"].append(switch(console, "O", REPORTS_SHOWN))
        kinds["customer and reports"].append(switch(console, F3, second.account))
    both = [at for spent in kinds.values() for at in spent]
    for name, spent in kinds.items():
        report.add(Figure(f"{name}, painted, p95", percentile([at for at, _ in spent], 0.95), "ms"))
    report.add(
        Figure("change of view, painted, p95", percentile([at for at, _ in both], 0.95), "ms", "<= 60"),
        Figure("change of view, last byte, p95", percentile([at for _, at in both], 0.95), "ms"),
    )


def measure(options: argparse.Namespace) -> Report:
    report = Report(f"echo and views, {options.accounts:,} customers, encrypted")
    with Terminal(console_command(prepared(options.accounts))) as console:
        console.wait_text("open reports")
        console.wait_quiet(1.0)
        measure_typing(report, console, lines_of(options.accounts, options.lines))
        measure_switches(report, console, options.accounts, options.switches)
    report.facts["accounts"] = options.accounts
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--switches", type=int, default=20)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
