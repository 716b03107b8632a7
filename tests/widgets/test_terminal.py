"""The gate behind a real terminal: what is written into it at once, before the first screen, arrives where it
belongs.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from csr_console.domain.text import REPLACEMENT

TYPIST = Path(__file__).with_name("typist.py")
PASTE = b"\x1b[200~oak st\nunit 4\n\x1b[201~"


ALTERNATE_SCREEN_LEFT = b"\x1b[?1049l"
BRACKETED = b"\x1b[?2004h"
"""Textual has asked for bracketed paste: the terminal is its own from here on."""


@contextmanager
def typist(target: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The other end of the terminal that the typist runs in, and the typist; both are closed at the end."""
    terminal, inside = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, TYPIST, target],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=env,
        start_new_session=True,
    )
    os.close(inside)
    try:
        yield terminal, process
    finally:
        process.kill()
        process.wait()
        with suppress(OSError):
            os.close(terminal)


def run_typed(target: Path, typed: bytes, *, at_start: bool) -> str:
    """Run the typist in a terminal, write `typed` in one go, and return what it noted."""
    with typist(target) as (terminal, process):
        if at_start:
            os.write(terminal, typed)
        for seen in read_until_closed(terminal):
            if not at_start and BRACKETED in seen:
                os.write(terminal, typed)
                at_start = True
        process.wait(timeout=20)
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


def test_what_is_no_text_breaks_nothing(tmp_path: Path) -> None:
    noted = run_typed(tmp_path / "noted", b"a\xff\xc3\rb\xc3\xb3\r", at_start=False)
    assert noted == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}|b\N{LATIN SMALL LETTER O WITH ACUTE}"


def test_an_escape_in_a_paste_is_text(tmp_path: Path) -> None:
    noted = run_typed(tmp_path / "noted", b"\x1b[200~Lopez\x1b[3~\x1b[D\x1b[201~!\r2\r", at_start=False)
    assert noted == f"Lopez{REPLACEMENT}[3~{REPLACEMENT}[D!|2"


def test_an_escape_alone_is_the_key_without_one_after_it(tmp_path: Path) -> None:
    target = tmp_path / "noted"
    with typist(target) as (terminal, process):
        for seen in read_until_closed(terminal):
            if BRACKETED in seen:
                os.write(terminal, b"thrown away\x1b")
                break
        for _seen in read_until_closed(terminal):
            pass
        process.wait(timeout=20)
    assert target.read_text() == "escape after thrown away"


@pytest.fixture
def hangup(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a program that is started here does at SIGHUP, if it does not say."""
    before = signal.signal(signal.SIGHUP, request.param)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("hangup", [signal.SIG_DFL, signal.SIG_IGN], indirect=True, ids=["told", "nohup"])
@pytest.mark.usefixtures("hangup")
def test_the_program_ends_with_its_terminal(tmp_path: Path) -> None:
    with typist(tmp_path / "noted") as (terminal, process):
        next(seen for seen in read_until_closed(terminal) if BRACKETED in seen)
        os.close(terminal)
        assert process.wait(timeout=20) == -signal.SIGHUP


def test_a_program_that_was_stopped_reads_its_terminal_again(tmp_path: Path) -> None:
    target = tmp_path / "noted"
    with typist(target) as (terminal, process):
        told = read_until_closed(terminal)
        next(seen for seen in told if BRACKETED in seen)
        os.write(terminal, b"\xc3\xb3")
        next(seen for seen in told if b"\xc3\xb3" in seen)
        process.send_signal(signal.SIGTSTP)
        next(seen for seen in told if ALTERNATE_SCREEN_LEFT in seen)
        while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.02)
        process.send_signal(signal.SIGCONT)
        next(seen for seen in told if seen.count(BRACKETED) == 2)
        os.write(terminal, b"one\rtwo\r")
        for _seen in told:
            pass
        process.wait(timeout=20)
    assert target.read_text() == "\N{LATIN SMALL LETTER O WITH ACUTE}one|two"
