"""The gate behind a real terminal: what is written into it at once, before the first screen, arrives where it
belongs.
"""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TYPIST = Path(__file__).with_name("typist.py")
PASTE = b"\x1b[200~oak st\nunit 4\n\x1b[201~"


def run_typed(target: Path, typed: bytes, *, at_start: bool) -> str:
    """Run the typist in a terminal, write `typed` in one go, and return what it noted."""
    terminal, inside = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    typist = subprocess.Popen(
        [sys.executable, TYPIST, target],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=env,
        start_new_session=True,
    )
    os.close(inside)
    try:
        if at_start:
            os.write(terminal, typed)
        for seen in read_until_closed(terminal):
            # Textual has asked for bracketed paste: the terminal is its own from here on.
            if not at_start and b"\x1b[?2004h" in seen:
                os.write(terminal, typed)
                at_start = True
        typist.wait(timeout=20)
    finally:
        typist.kill()
        typist.wait()
        os.close(terminal)
    return target.read_text()


def read_until_closed(terminal: int) -> Iterator[bytes]:
    """All that was shown so far, again after each piece of it; ends with the program or after 20 silent
    seconds.
    """
    seen = b""
    while select.select([terminal], [], [], 20)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # Linux: the other end is closed
            return
        yield seen


@pytest.mark.parametrize("at_start", [True, False])
def test_one_write_with_enter_in_it(tmp_path: Path, at_start: bool) -> None:
    assert (
        run_typed(tmp_path / "noted", b"8505550142\rmaria lopez\r", at_start=at_start)
        == "8505550142|maria lopez"
    )


def test_a_paste_between_keys(tmp_path: Path) -> None:
    typed = b"a " + PASTE + b"\r" + PASTE + b"!\r"
    assert run_typed(tmp_path / "noted", typed, at_start=False) == "a oak st unit 4|oak st unit 4!"
