"""Central as a process of its own behind a Unix socket: real HTTP, no port, and it can be killed."""

import contextlib
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from csr_console.demo.companion import end_companion, finish, start_companion

STARTS_WITHIN_S = 30.0


class CentralDidNotStart(Exception):
    """The embedded central service ended or stayed silent; the text holds its last words."""


class EmbeddedCentral:
    """`csr-console central serve` on a database file and a socket, for as long as the block lasts."""

    def __init__(self, database: Path, listen: Path) -> None:
        self.listen = listen
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None
        self._log = listen.with_suffix(".log")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process; it is ready some time after this returns."""
        command = [
            *("csr_console", "central", "serve"),
            *("--database", f"sqlite:///{self._database}"),
            *("--uds", str(self.listen)),
        ]
        with self._log.open("ab") as log:
            self._process = start_companion(command, log)

    def wait(self) -> None:
        """Wait until it accepts connections. Raises `CentralDidNotStart`."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
                probe.connect(str(self.listen))
                return
            time.sleep(0.02)
        words = self._log.read_text(errors="replace")[-2000:] if self._log.exists() else ""
        raise CentralDidNotStart(f"The demo's central service did not start.\n{words}")

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            finish(self._process)
            self._process = None
            self.listen.unlink(missing_ok=True)

    def stop(self) -> None:
        if self._process is not None:
            end_companion(self._process)
            self._process = None
