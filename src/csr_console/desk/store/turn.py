"""Whose turn it is to drain: one console a station, by a file lock that dies with its process and a lease."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from csr_console.desk.store.station import Station

_RENEW_S = 5.0


def _try_lock(descriptor: int) -> bool:
    """Lock the whole file for this process without waiting."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Turn:
    """The right to send what the station has queued. A second console enters commands and leaves the sending
    to the first; when that one ends, its turn comes."""

    def __init__(self, folder: Path, station: Station, *, lock: Callable[[int], bool] = _try_lock) -> None:
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
        if time.monotonic() - self._renewed < _RENEW_S:
            return True
        mine = self._station.take_lease(self._holder)
        self._renewed = time.monotonic() if mine else float("-inf")
        return mine

    def give(self) -> None:
        if self._descriptor is not None:
            self._station.drop_lease(self._holder)
            os.close(self._descriptor)
            self._descriptor = None
            self._renewed = float("-inf")
