"""What runs beside the demo's console ends with it, also when nobody could tell it to."""

import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from csr_console.demo.companion import end_companion, start_companion

CONSOLE = """
import sys, time
from csr_console.demo.companion import start_companion
print(start_companion(["http.server", "--bind", "127.0.0.1", "0"]).pid, flush=True)
time.sleep(600)
"""


def test_a_companion_ends_with_a_console_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", CONSOLE], stdout=subprocess.PIPE, text=True) as console:
        assert console.stdout is not None
        companion = psutil.Process(int(console.stdout.readline()))
        assert companion.is_running()
        console.kill()
    with suppress(psutil.NoSuchProcess):  # nobody waits for it: it may stay as a zombie
        for _ in range(600):
            if companion.status() == psutil.STATUS_ZOMBIE:
                return
            with suppress(psutil.TimeoutExpired):
                companion.wait(0.05)
                return
        pytest.fail("the companion outlived its console")


def test_a_companion_is_ended_in_peace() -> None:
    process = start_companion(["http.server", "--bind", "127.0.0.1", "0"])
    end_companion(process)
    assert process.returncode is not None
    assert process.stdin is not None
    assert process.stdin.closed
