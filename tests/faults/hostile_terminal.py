"""The other end of the terminal: starts the hostile console, tells it what to open, keeps every byte."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

ROOT = Path(__file__).parents[2]
COLUMNS, LINES = 80, 24
WAITS_S = 90.0
_KEYBOARD = re.compile(rb"\x1b\[[<>=]\d*u")
"""The keyboard protocol of kitty, which the terminal of the test does not know and would print."""


class ConsoleEnded(Exception):
    """The console is gone; the text is the end of what it wrote."""


class Terminal:
    """A console on a pty of 80 by 24, and a terminal that obeys it."""

    def __init__(self, folder: Path, cases: str, program: str = "hostile_console") -> None:
        self.shown = bytearray()
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._begin(folder, cases, program)

    def _begin(self, folder: Path, cases: str, program: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._master, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        given, self._orders = os.pipe()
        self._answers, taken = os.pipe()
        words = [str(folder), str(given), str(taken), cases]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.faults.{program}", *words],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            pass_fds=(given, taken),
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            start_new_session=True,
        )
        for end in (inside, given, taken):
            os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._orders)
        try:
            while self._read(10.0):
                pass
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._master)
            os.close(self._answers)

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: what is not on disk is gone."""
        self._process.kill()

    @property
    def return_code(self) -> int | None:
        return self._process.poll()

    def _read(self, seconds: float) -> bool:
        """Take what the console wrote; False when it has closed its end or is silent that long."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError:  # Linux: the other end is closed
            return False
        self.shown += piece
        self._stream.feed(_KEYBOARD.sub(b"", piece))
        return bool(piece)

    def ask(self, **order: Any) -> dict[str, Any]:
        """Have the console do something and come to rest; its answer. Raises `ConsoleEnded`."""
        try:
            os.write(self._orders, json.dumps(order).encode() + b"\n")
        except BrokenPipeError:
            raise ConsoleEnded(self.text) from None
        answer = b""
        while not answer.endswith(b"\n"):
            ready = select.select([self._answers, self._master], [], [], WAITS_S)[0]
            if self._answers in ready:
                piece = os.read(self._answers, 1 << 16)
                if not piece:
                    while self._read(1.0):
                        pass
                    raise ConsoleEnded(self.text)
                answer += piece
            elif not ready or not self._read(0):
                raise ConsoleEnded(self.text)
        while self._read(0.01):
            pass
        found: dict[str, Any] = json.loads(answer)
        return found

    def type(self, typed: bytes) -> None:
        """What the keyboard sends."""
        while typed:
            typed = typed[os.write(self._master, typed[:1024]) :]
            while self._read(0):
                pass

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, cell by cell: half a wide character that was written over is nothing."""
        buffer = self.screen.buffer
        return ["".join(buffer[y][x].data for x in range(COLUMNS)) for y in range(LINES)]

    @property
    def text(self) -> str:
        """The lines without the blanks behind them."""
        return "\n".join(line.rstrip() for line in self.lines)
