"""All benchmarks, each in a process of its own: one table, and one JSON file.

    python -m benchmarks [--quick] [--json FILE] [start | echo | keys | lookup | enqueue | drain ...]

`--quick` leaves out the roster of a million. The exit status is 1 when a bar is missed.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Report, machine

RESULTS = Path(__file__).parents[1] / "build" / "bench" / "results.json"
RUNS: dict[str, list[list[str]]] = {
    "start": [["benchmarks.start"]],
    "echo": [["benchmarks.echo"]],
    "keys": [["benchmarks.keys"]],
    "lookup": [
        ["benchmarks.lookup", "--peer", "--accounts", "100000"],
        ["benchmarks.lookup", "--peer", "--accounts", "1000000"],
    ],
    "rating": [["benchmarks.rating"]],
    "bill_run": [["benchmarks.bill_run"]],
    "enqueue": [["benchmarks.enqueue"]],
    "pipeline": [["benchmarks.pipeline"]],
    "drain": [["benchmarks.drain"]],
    "reconnect": [["benchmarks.reconnect"]],
    "busy": [["benchmarks.busy", "--commands", "4000", "--accounts", "5000", "--lines", "6"]],
}


def run(command: Sequence[str], folder: Path) -> dict[str, object]:
    """Run one benchmark; what it wrote as JSON. Raises `CalledProcessError` when it wrote nothing."""
    module, *options = command
    print(f"{' '.join(command)} ...", file=sys.stderr, flush=True)
    target = folder / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", module, *options, "--json", str(target)],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    written = list(folder.glob("report*.json"))
    if not written:
        raise subprocess.CalledProcessError(done.returncode, command)
    document: dict[str, object] = json.loads(written[0].read_text(encoding="utf-8"))
    written[0].unlink()
    return document


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="benchmark", help=", ".join(RUNS))
    parser.add_argument("--quick", action="store_true", help="leave out the roster of a million")
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(RUNS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    commands = [command for name in options.names or RUNS for command in RUNS[name]]
    if options.quick:
        commands = [command for command in commands if "1000000" not in command]
    with tempfile.TemporaryDirectory(prefix="csr-bench-run-") as folder:
        documents = [run(command, Path(folder)) for command in commands]
    everything = Report("csr-console, measured")
    for document in documents:
        everything.take(document)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps({"machine": machine(), "reports": documents}, indent=1) + "\n", encoding="utf-8"
    )
    return everything.finish(None)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
