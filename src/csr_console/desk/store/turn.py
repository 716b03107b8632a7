"""Whose turn it is to drain: one console a station, by a file lock that dies with its process and a lease.

The lock is enough wherever locks hold; the lease is for a folder where they do not. A console that is killed
leaves its lease behind: whoever gets the lock next reads in the locked file which process that was, and waits
for the lease to run out only where it cannot tell that the process is gone.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from csr_console.desk.store.locks import try_lock
from csr_console.desk.store.station import Station

_RENEW_S = 5.0
_TRACE_BYTES = 200


def _here() -> str:
    """Where process ids mean what they mean here: this boot and this process namespace; "" if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is there and somebody else's
    return False


class Turn:
    """The right to send what the station has queued. A second console enters commands and leaves the sending
    to the first; when that one ends, its turn comes."""

    def __init__(self, folder: Path, station: Station, *, lock: Callable[[int], bool] = try_lock) -> None:
        self._path = folder / "drain.lock"
        self._station = station
        self._lock = lock
        self._holder = uuid4().hex
        self._descriptor: int | None = None
        self._renewed = float("-inf")

    def take(self) -> bool:
        """Take the turn or renew it; False while another console has it."""
        if self._descriptor is None:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            if not self._lock(descriptor):
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            self._follow(descriptor)
        if time.monotonic() - self._renewed < _RENEW_S:
            return True
        mine = self._station.take_lease(self._holder)
        self._renewed = time.monotonic() if mine else float("-inf")
        return mine

    def _follow(self, descriptor: int) -> None:
        """Drop the lease of a predecessor that was killed, and leave word of this process for the next."""
        here = _here()
        if not here:
            return
        trace = os.read(descriptor, _TRACE_BYTES).decode("ascii", errors="replace").split()
        if len(trace) == 3 and trace[0] == here and trace[1].isdigit() and _is_gone(int(trace[1])):
            self._station.drop_lease(trace[2])
        with suppress(OSError):  # a full disk takes no word, and then the next console waits a little
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{here} {os.getpid()} {self._holder}\n".encode("ascii"), 0)

    def give(self) -> None:
        if self._descriptor is not None:
            self._station.drop_lease(self._holder)
            os.close(self._descriptor)
            self._descriptor = None
            self._renewed = float("-inf")
