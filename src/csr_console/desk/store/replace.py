"""A whole file in the place of another, on disk with its name before anything goes on."""

import os
import sys
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; after a power cut it is the old one or the new one, and the
    new one once this has returned. Raises OSError, and then the old one is there as it was."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    if sys.platform != "win32":  # where a rename is on disk when it returns, and no folder can be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
