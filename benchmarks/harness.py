"""What every benchmark shares: percentiles, the table, the JSON, and the facts about the machine."""

import json
import math
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(len(ordered) * share)) - 1]


def timed(action: Callable[..., object], *arguments: object) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    action(*arguments)
    return (time.perf_counter() - began) * 1000


def peak_rss_mb() -> float:
    """The most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rss_mb() -> float:
    """The memory this process holds now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line for line in cpuinfo.read_text().splitlines() if line.startswith("model name"))
        model = next(lines, ":").partition(":")[2].strip()
    return {
        "cpu": model or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.system(),
        "python": platform.python_version(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `bar` is the promise it is held to ("<= 16"), `floor` what it is compared with."""

    name: str
    value: float
    unit: str
    bar: str = ""
    floor: float | None = None
    floor_name: str = ""
    group: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the bar holds; None without one."""
        if not self.bar:
            return None
        sign, limit = self.bar.split()
        return self.value <= float(limit) if sign == "<=" else self.value >= float(limit)


@dataclass(slots=True)
class Report:
    """The figures of one benchmark, printed as a table and, if asked, written as JSON."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    facts: dict[str, str | int | float] = field(default_factory=dict)

    def add(self, *figures: Figure) -> None:
        self.figures += figures

    def take(self, document: Mapping[str, Any]) -> None:
        """Add the figures of a report that was written as JSON, under its title."""
        for figure in document["figures"]:
            fields = {name: value for name, value in figure.items() if name != "holds"}
            self.add(Figure(**{**fields, "group": document["title"]}))

    def spread(self, name: str, unit: str, values: Sequence[float], *, bar: str = "") -> None:
        """p50, p95, p99 and the worst of values; the bar is that of p99."""
        self.add(
            Figure(f"{name}, p50", percentile(values, 0.50), unit),
            Figure(f"{name}, p95", percentile(values, 0.95), unit),
            Figure(f"{name}, p99", percentile(values, 0.99), unit, bar),
            Figure(f"{name}, worst of {len(values)}", max(values), unit),
        )

    def table(self) -> str:
        rows = [("figure", "value", "unit", "bar", "", "beside")]
        group = ""
        for figure in self.figures:
            if figure.group != group:
                group = figure.group
                rows += [("", "", "", "", "", ""), (group, "", "", "", "", "")]
            beside = "" if figure.floor is None else f"{figure.floor_name} {figure.floor:,.3f}"
            verdict = {None: "", True: "holds", False: "MISSED"}[figure.holds]
            rows.append((figure.name, f"{figure.value:,.3f}", figure.unit, figure.bar, verdict, beside))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [self.title]
        for row in rows:
            cells = [row[0].ljust(widths[0]), row[1].rjust(widths[1])]
            cells += [cell.ljust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    def finish(self, json_path: Path | None, facts: Iterable[tuple[str, str | int | float]] = ()) -> int:
        """Print the table, write the JSON, and return the exit status: 1 when a bar is missed."""
        self.facts |= dict(facts)
        print(self.table())
        if json_path is not None:
            document = {
                "title": self.title,
                "machine": machine(),
                "facts": self.facts,
                "figures": [{**asdict(figure), "holds": figure.holds} for figure in self.figures],
            }
            json_path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        sys.stdout.flush()
        return int(any(figure.holds is False for figure in self.figures))
