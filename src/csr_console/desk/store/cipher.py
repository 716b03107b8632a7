"""Opening an encrypted file: the key, the version gate, and the places where no database may lie.

SQLite 3.7.0 to 3.51.2 can corrupt a write-ahead log that two connections write to (sqlite.org/wal.html, "The
WAL-reset bug"): below 3.51.3 the rollback journal is used instead, synced twice as hard.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from csr_console.desk.model import StoreLocked

Durability = Literal["full", "normal"]
SAFE_WAL = (3, 51, 3)
KEY_BYTES = 32
_BUSY_MS = 10_000
_NETWORK_TYPES = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs",
    }
)  # fmt: skip
_OVER_A_NETWORK = re.compile(r"fuse\.(.*(ssh|nfs|smb|cifs|dav|s3|gcs|gluster|ceph|rclone|juicefs|ftp).*)")


def journal_pragmas(version: Sequence[int], durability: Durability) -> tuple[str, ...]:
    """The journal and sync pragmas for a version of SQLite.

    `full` survives a power cut (each commit is synced before it returns); `normal` may lose the last ones.
    """
    if tuple(version) < SAFE_WAL:
        return ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = EXTRA")
    level = "FULL" if durability == "full" else "NORMAL"
    return ("PRAGMA journal_mode = WAL", f"PRAGMA synchronous = {level}")


def filesystem_type(path: Path, mounts: str) -> str:
    """The type of the file system that holds `path`, by the text of /proc/self/mountinfo; "" if unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split()
        if not separator or len(fields) < 5:
            continue
        point = fields[4].encode().decode("unicode_escape")
        inside = point == "/" or str(path) == point or str(path).startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def refuse_network_path(path: Path, mounts: str | None = None) -> None:
    """Raise `StoreLocked` for a path on a network share: its locks and syncs are promises nobody keeps."""
    text = str(path)
    if text.startswith(("\\\\", "//")):
        raise StoreLocked("The stores cannot lie on a network share: choose a folder on this machine.")
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
    kind = filesystem_type(path.resolve(), mounts)  # a link may lead to the share
    if kind in _NETWORK_TYPES or _OVER_A_NETWORK.fullmatch(kind):
        raise StoreLocked(
            f"The stores cannot lie on a network share ({kind}): choose a folder on this machine."
        )


def sqlite_version() -> tuple[int, ...]:
    """The version of the SQLite inside SQLCipher."""
    import sqlcipher3

    return tuple(int(part) for part in str(sqlcipher3.sqlite_version).split("."))


def connect(path: Path, raw_key: bytes, durability: Durability, *, create: bool = True) -> Any:
    """A sqlcipher3 connection, keyed and proven to read; statements commit by themselves.

    `raw_key` is 32 bytes. Raises `StoreLocked` for another key, and then the file has not been touched.
    """
    import sqlcipher3

    if len(raw_key) != KEY_BYTES:
        raise StoreLocked("The key of the store is damaged: it has the wrong length.")
    if not path.exists():
        if not create:
            raise StoreLocked(f"There is no store at {path.name}.")
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlcipher3.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
    )
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key would print over the screen
        key = raw_key.hex()
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise StoreLocked("The key of the store is damaged.")
        connection.execute(f"PRAGMA key = \"x'{key}'\"")  # a pragma takes no bound values: hexadecimal only
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlcipher3.DatabaseError as error:
            if "not a database" not in str(error):
                raise
            raise StoreLocked(
                f"The key does not open {path.name}: it was not touched. Use the key or passphrase it was"
                " made with."
            ) from None
        for pragma in journal_pragmas(sqlite_version(), durability):
            connection.execute(pragma)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16384")
    except BaseException:
        connection.close()
        raise
    return connection
