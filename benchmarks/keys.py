"""Keys of the tasks that exist, through the real screens on a real desk and central, beside their budgets.

    python -m benchmarks.keys [--json FILE]

Each physical key is one and each modifier one more; nothing is pasted or clicked. A task counts only when its
effect came about, which is asserted. The budgets are those the tests hold: tests/scenario/budgets.py.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Figure, Report
from tests.scenario.budgets import TASKS, Cost, Task, carry_out
from tests.scenario.town import Town

from csr_console.demo.prepared import DemoCity, prepare

ACCOUNTS = 120


def measure() -> Report:
    report = Report("keys of the tasks, data of the caller and ours")
    with tempfile.TemporaryDirectory(prefix="csr-keys-") as folder:
        city = prepare(Path(folder) / "city", ACCOUNTS, None, lambda _doing, _done, _total: None)
        for task in TASKS:
            with tempfile.TemporaryDirectory(prefix="csr-keys-") as work:
                cost = asyncio.run(_cost(task, city, Path(work)))
            name = f"task {task.number}: {task.name} ({cost.data} + {cost.ours})"
            report.add(Figure(name, cost.keys, "keys", f"<= {task.budget}"))
    return report


async def _cost(task: Task, city: DemoCity, folder: Path) -> Cost:
    with Town(city, folder) as town:
        async with town.console() as console:
            return await carry_out(task, console, town, paced=False)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure().finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
