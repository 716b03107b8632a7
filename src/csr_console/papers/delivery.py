"""Where papers go: a folder of the workstation, a device, a printer on the network."""

import os
import re
import select
import socket
import stat
from contextlib import suppress
from pathlib import Path
from time import monotonic
from uuid import uuid4

from csr_console.domain.refusals import Fault

PORT = 9100
"""Where printers take raw bytes."""
DEADLINE_S = 5.0


class NotDelivered(Fault):
    """A paper did not reach its place; the sentence says why. Nothing of the account has changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__("unavailable", sentence)

    @property
    def next_step(self) -> str:
        return ""


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a paper whole, for its owner only (0600), in place of an older one of its name.

    Letters, digits, dashes and dots of the name are kept. Raises `NotDelivered`.
    """
    path = folder / (re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip(".-")[:120] or "paper")
    part = folder / f".{uuid4().hex}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise NotDelivered(f"{path} could not be written: {error.strerror or error}.") from None
    return path


def send(target: str, content: bytes, deadline_s: float = DEADLINE_S) -> None:
    """Print bytes: to `tcp://host`, `tcp://host:9100`, a device (`/dev/usb/lp0`) or the end of a file.

    Raises `NotDelivered` when they have not all been taken after `deadline_s` seconds.
    """
    until = monotonic() + deadline_s
    try:
        if target.startswith("tcp://"):
            _send_tcp(target, content, until)
        else:
            _send_path(Path(target), content, until)
    except TimeoutError:
        raise NotDelivered(
            f"The printer {target} did not take the receipt within {deadline_s:g} s: is it on, has it paper?"
        ) from None
    except OSError as error:
        raise NotDelivered(f"The printer {target} was not reached: {error.strerror or error}.") from None


def address_of(target: str) -> tuple[str, int]:
    """Host and port of `tcp://host:port`. Raises `NotDelivered`."""
    match = re.fullmatch(r"tcp://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?/?", target)
    port = int(match[2] or PORT) if match else 0
    if match is None or not 0 < port < 65536:
        raise NotDelivered(f"{target[:80]} names no printer: write tcp://10.0.0.7 or /dev/usb/lp0.")
    return match[1].strip("[]"), port


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _send_tcp(target: str, content: bytes, until: float) -> None:
    with socket.create_connection(address_of(target), timeout=_left(until)) as connection:
        rest = memoryview(content)
        while rest:
            connection.settimeout(_left(until))
            rest = rest[connection.send(rest) :]
        connection.shutdown(socket.SHUT_WR)


def _send_path(path: Path, content: bytes, until: float) -> None:
    """Without blocking: a printer without paper takes no bytes and would hold the desk."""
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND | (0 if path.exists() else os.O_CREAT)
    descriptor = os.open(path, flags, 0o600)
    try:
        rest = memoryview(content)
        waits = not stat.S_ISREG(os.fstat(descriptor).st_mode)
        while rest:
            if waits and not select.select([], [descriptor], [], _left(until))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):
                rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
