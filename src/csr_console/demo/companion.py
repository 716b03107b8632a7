"""Parts of the demo in processes of their own, which end with the console that started them.

However it ends: a window that is closed and a kill run no code of the console's. Each companion reads a pipe
that only the console holds open, and stops at its end.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO


def start_companion(
    command: Sequence[str], output: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Run `python -m csr_console.demo.companion MODULE ARGUMENTS`. End it by `end_companion`."""
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", __name__, *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def end_companion(process: subprocess.Popen[bytes]) -> None:
    """End it in peace; SIGKILL after five seconds."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    finish(process)


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for one that is ending, and let go of its pipe."""
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _end_with_the_console() -> None:
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def main(module: str, arguments: Sequence[str]) -> None:
    import runpy

    threading.Thread(target=_end_with_the_console, daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
