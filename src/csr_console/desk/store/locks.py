"""Locks between the consoles of one workstation: on a file, held by a process, gone when it is."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csr_console.desk.model import StoreLocked

_OPENS_WITHIN_S = 30.0


def try_lock(descriptor: int) -> bool:
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


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """While a console makes its keys and its queue, another waits: two that were started at once in a new
    folder would each make a key, and one of the two would be lost. Raises `StoreLocked`."""
    try:
        descriptor = os.open(folder / "open.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield  # a disk that takes no lock takes no new key either
        return
    try:
        deadline = time.monotonic() + _OPENS_WITHIN_S
        while not try_lock(descriptor):
            if time.monotonic() > deadline:
                raise StoreLocked(
                    "Another console of this workstation has been starting for half a minute: end it first."
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
