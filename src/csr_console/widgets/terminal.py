"""The driver of a terminal: the loop that paints reads what is typed and writes what is painted.

The stock driver reads in one thread and writes in another. Each has to be given the interpreter, before the
loop has it and after, and while a queue drains that was most of the time between a key and its echo; it also
looks at a pressed Escape only ten times a second.
"""

import asyncio
import os
import signal
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from textual import constants
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from csr_console.widgets.interpreter import given_up
from csr_console.widgets.pastes import PasteParser

_AT_ONCE = 4096
_MOST_LEFT = 1 << 20
"""Bytes that wait for a terminal which takes nothing; then the console waits for it, too."""


class Output:
    """A terminal as the loop writes to it: what it does not take at once goes when it takes more.

    It is opened once more for that: where it is shared, with the shell for one, it goes on to block. Raises
    OSError where it cannot be.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, terminal: int) -> None:
        self._loop = loop
        self._file = os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        self._left = bytearray()
        self._waits = False

    def write(self, text: str) -> None:
        """Write at the next flush, or soon."""
        if not self._left:
            self._loop.call_soon(self.flush)
        self._left += text.encode("utf-8", "replace")

    def flush(self) -> None:
        if len(self._left) > _MOST_LEFT:
            self._send_all()
        elif self._left:
            self._send()
        if self._left:
            self._loop.add_writer(self._file, self.flush)
            self._waits = True
        elif self._waits:
            self._loop.remove_writer(self._file)
            self._waits = False

    def _send_all(self) -> None:
        os.set_blocking(self._file, True)
        while self._left:
            self._send()
        os.set_blocking(self._file, False)

    def _send(self) -> None:
        """As much as the terminal takes."""
        try:
            with given_up():
                del self._left[: os.write(self._file, self._left)]
        except BlockingIOError:
            pass
        except OSError:  # the terminal is gone: whoever reads it hears of it
            self._left.clear()

    def close(self) -> None:
        """Write what is left, however long the terminal takes for it."""
        self._loop.remove_writer(self._file)
        self._send_all()
        os.close(self._file)


class TerminalDriver(LinuxDriver):
    """Reads the terminal of a POSIX system; what is pasted is text."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parser = PasteParser(self._debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._escape: asyncio.TimerHandle | None = None
        self._output: Output | None = None

    def run_input_thread(self) -> None:
        """The thread that the stock driver starts has nothing to do."""

    def start_application_mode(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # no terminal, or none that has a name: the stock driver's thread writes
                self._output = Output(self._loop, self._file.fileno())
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(PermissionError):  # a file cannot be waited for: nobody types there
            self._loop.add_reader(self.fileno, self._read)

    def disable_input(self) -> None:
        self._loop.remove_reader(self.fileno)
        if self._escape is not None:
            self._escape.cancel()
        super().disable_input()

    def write(self, data: str) -> None:
        if self._output is None:
            super().write(data)
        else:
            self._output.write(data)

    def flush(self) -> None:
        if self._output is not None:
            self._output.flush()

    def close(self) -> None:
        if self._output is not None:
            self._output.close()
            self._output = None
        super().close()

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def _read(self) -> None:
        try:
            with given_up():
                data = os.read(self.fileno, _AT_ONCE)
        except OSError:
            data = b""
        if not data:  # the terminal is gone: what the system says where it is the controlling one
            signal.raise_signal(signal.SIGHUP)
            return
        self._take(self._parser.feed(self._decode(data)))
        if self._escape is not None:
            self._escape.cancel()
        self._escape = self._loop.call_later(constants.ESCAPE_DELAY, self._end_escape)

    def _end_escape(self) -> None:
        """An escape that nothing has followed in time is the key."""
        self._take(self._parser.tick())

    def _take(self, messages: Iterable[Message]) -> None:
        try:
            for message in messages:
                self.process_message(message)
        except Exception as error:  # the loop would only log it, and no key would come any more
            self._app._handle_exception(error)
