"""When the machine itself stood still, as a virtual one does while its host gives the processor to others.

On each processor a thread of the highest priority does nothing but sleep for a millisecond at a time: nothing
of this machine can keep it from waking, so where it wakes late the processor was not there. Needs the right
to that priority; without it no stop is known.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Thread

SLEEP_S, LATE_S = 0.001, 0.003
Stretch = tuple[float, float]
"""From and to, in `time.perf_counter` seconds, which all processes of a machine share."""


@contextmanager
def watched() -> Iterator[list[Stretch]]:
    """The list has the stops of the time in between when it is over."""
    stops: list[Stretch] = []
    watchers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stops", str(processor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for processor in os.sched_getaffinity(0)
    ]
    try:
        yield stops
    finally:
        for watcher in watchers:
            told, _ = watcher.communicate("over\n")
            stops += [(float(began), float(ended)) for began, ended in map(str.split, told.splitlines())]


def touched(began: float, ended: float, stops: Sequence[Stretch]) -> bool:
    """Whether the machine stood still in a stretch of time."""
    return any(stopped < ended and began < again for stopped, again in stops)


def watch(processor: int) -> None:
    """Print the stops of a processor when the input says that it is over."""
    os.sched_setaffinity(0, {processor})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_max(os.SCHED_FIFO)))
    except PermissionError:
        return
    over = Thread(target=sys.stdin.readline, daemon=True)
    over.start()
    found = []
    while over.is_alive():
        began = time.perf_counter()
        time.sleep(SLEEP_S)
        if (ended := time.perf_counter()) - began > SLEEP_S + LATE_S:
            found.append((began + SLEEP_S, ended))
    for stop in found:
        print(*stop)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        watch(int(sys.argv[1]))
