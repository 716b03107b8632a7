"""A reserve on the disk: freed when there is no room, so that what is queued is still saved and sent."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 16 * 1024 * 1024


class Reserve:
    """A file of `size` bytes that is held while there is room for it."""

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._path = folder / "reserve"
        self._size = size
        self.hold()

    @property
    def held(self) -> bool:
        """Whether the room is taken: a power cut may leave the name of the file without it."""
        try:
            return self._path.stat().st_size >= self._size
        except OSError:
            return False

    def hold(self) -> None:
        """Take the reserve if it is not held and four times its size is free."""
        with suppress(OSError):
            if self.held or shutil.disk_usage(self._path.parent).free < 4 * self._size:
                return
            descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            except OSError:
                self._path.unlink()
            finally:
                os.close(descriptor)

    def free(self) -> bool:
        """Give the reserve back to the disk; True if there was one."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
