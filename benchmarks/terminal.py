"""A program in a terminal of its own: what it wrote and when, replayed afterwards to find what stood on the
screen at which moment.

Nothing is parsed while something is timed: a thread reads and notes the time, and that is all.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import pyte

COLUMNS, ROWS = 120, 40
QUIET_S = 0.25
"""Silence after which a program has said what it had to say."""
_PRIVATE = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]|\x1b\[[0-9;?]*\$[a-z]|\x1bP.*?\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b\[[0-9;:]*u",
    re.DOTALL,
)
_WHOLE_ESCAPE = re.compile(rb"\x1b(\[[0-9;:<>=?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78cDEHMNOZ])")
Painted = Callable[[list[str]], bool]
"""Whether the lines of a screen show what is waited for."""


class _Screen(pyte.Screen):
    """Knows the private forms that terminals accept and pyte does not."""

    def report_device_status(self, *_given: Any, **_private: Any) -> None:
        pass

    def set_margins(self, *_given: Any, **_private: Any) -> None:
        pass

    def select_graphic_rendition(self, *attributes: int, **_private: Any) -> None:
        super().select_graphic_rendition(*attributes)


class _Replay:
    """A screen as far as it has been drawn; goes on where it stopped."""

    def __init__(self) -> None:
        self.screen = _Screen(COLUMNS, ROWS)
        self.parsed = 0
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""

    def advance(
        self, chunks: Sequence[tuple[float, bytes]]
    ) -> Iterator[tuple[float, int, Callable[[], list[str]]]]:
        """The moment, the index and what reads the lines after each chunk not drawn yet."""
        while self.parsed < len(chunks):
            at, chunk = chunks[self.parsed]
            whole = self._rest + chunk
            cut = len(whole)
            escape = whole.rfind(b"\x1b", max(0, len(whole) - 64))
            if escape != -1 and not _WHOLE_ESCAPE.match(whole[escape:]):
                cut = escape
            whole, self._rest = whole[:cut], whole[cut:]
            self._stream.feed(_PRIVATE.sub(b"", whole))
            self.parsed += 1
            yield at, self.parsed - 1, lambda: self.screen.display


class Terminal:
    """Runs `command` at 120x40; times are `time.perf_counter` seconds."""

    def __init__(self, command: Sequence[str], *, environment: dict[str, str] | None = None) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self._grown = threading.Condition()
        self._replay = _Replay()
        given = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        variables = {**os.environ, **given, **(environment or {})}
        # An installed program has its bytecode: what keeps Python from writing it would be measured instead.
        for name in ("TMUX", "NO_COLOR", "TEXTUAL_FPS", "PYTHONDONTWRITEBYTECODE"):
            variables.pop(name, None)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started_at = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.login_tty(slave)
                os.closerange(3, 256)
                os.execvpe(command[0], list(command), variables)
            finally:
                os._exit(127)
        os.close(slave)
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reader.join(2)
        os.close(self._master)

    def _read(self) -> None:
        while not self._ended:
            ready, _, _ = select.select([self._master], [], [], 0.2)
            if not ready:
                continue
            try:
                chunk = os.read(self._master, 1 << 16)
            except OSError:
                return
            with self._grown:
                self.chunks.append((time.perf_counter(), chunk))
                self._grown.notify_all()

    def send(self, keys: str) -> float:
        """Type; the moment it was done."""
        data, at = keys.encode(), time.perf_counter()
        os.write(self._master, data)
        return at

    def wait_bytes(self, wanted: bytes, timeout_s: float = 60) -> None:
        """Wait until these bytes were written, without parsing any."""
        end = time.perf_counter() + timeout_s
        with self._grown:
            while wanted not in b"".join(chunk for _, chunk in self.chunks):
                if not self._grown.wait(end - time.perf_counter()):
                    raise TimeoutError(f"{wanted!r} was not written; the screen:\n{self.text()}")

    def wait_quiet(self, quiet_s: float = QUIET_S, *, after: int = 0, timeout_s: float = 60) -> float:
        """Wait for output after chunk `after` and then for silence; the moment of the last output."""
        began = time.perf_counter()
        while True:
            with self._grown:
                chunks = len(self.chunks)
                last = max(began, self.chunks[-1][0]) if chunks else began
                now = time.perf_counter()
                if chunks > after and now >= last + quiet_s:
                    return self.chunks[-1][0]
                if now > began + timeout_s:
                    break
                self._grown.wait(max(0.001, last + quiet_s - now))
        raise TimeoutError(f"the program does not answer or fall silent; the screen:\n{self.text()}")

    def wait_text(self, *wanted: str, timeout_s: float = 60) -> None:
        """Wait until all of it stands on the screen; parses, so not while something is timed."""
        end = time.perf_counter() + timeout_s
        while not all(text in self.text() for text in wanted):
            if time.perf_counter() > end:
                raise TimeoutError(f"{wanted} did not come; the screen:\n{self.text()}")
            time.sleep(0.1)

    def _screens(self, since: int) -> Iterator[tuple[float, int, Callable[[], list[str]]]]:
        """The moment, the index and what reads the lines after each chunk, from chunk `since` on."""
        if since < self._replay.parsed:
            self._replay = _Replay()
        for at, index, lines in self._replay.advance(self.chunks):
            if index >= since:
                yield at, index, lines

    def moments(self, waited_for: Sequence[tuple[int, Painted]]) -> list[float | None]:
        """When the screen first showed each of them, given as the chunk from which on it counts and what is
        waited for; None for what never came."""
        found: list[float | None] = [None] * len(waited_for)
        for at, index, lines in self._screens(min(since for since, _ in waited_for)):
            shown = lines()
            for place, (since, painted) in enumerate(waited_for):
                if found[place] is None and index >= since and painted(shown):
                    found[place] = at
        return found

    def wait_painted(self, painted: Painted, since: int, timeout_s: float = 10) -> float:
        """Wait until the screen shows it, at or after chunk `since`; the moment it did.

        Looks only when the program is silent, so that looking does not delay what is timed.
        """
        end = time.perf_counter() + timeout_s
        while time.perf_counter() < end:
            self.wait_quiet(after=since)
            for at, _index, lines in self._screens(since):
                if painted(lines()):
                    return at
            since = self.mark
        raise TimeoutError(f"it did not come; the screen:\n{self.text()}")

    @property
    def mark(self) -> int:
        """The number of chunks so far: what is written from now on has at least this index."""
        return len(self.chunks)

    def bytes_since(self, mark: int) -> int:
        return sum(len(chunk) for _, chunk in self.chunks[mark:])

    def text(self) -> str:
        """What stands on the screen now."""
        for _ in self._replay.advance(self.chunks):
            pass
        return "\n".join(line.rstrip() for line in self._replay.screen.display)

    def memory_mb(self) -> tuple[float, float]:
        """The proportional and the resident set size of the program in MiB: its memory with a share of what
        other processes use too, and with all of it."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in rollup[1:]}
        return sizes["Pss"], sizes["Rss"]

    def cpu_s(self) -> float:
        """Processor seconds the program has used."""
        spent = psutil.Process(self.pid).cpu_times()
        return float(spent.user + spent.system)


def shows(*wanted: str) -> Painted:
    """Whether a screen shows all of these texts."""
    return lambda lines: all(any(text in line for line in lines) for text in wanted)
