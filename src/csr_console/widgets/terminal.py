"""The driver of a terminal: what is typed is read by the loop that paints, in one step with its handling.

The stock driver reads in a thread of its own. That thread has to be given the interpreter before the loop has
it, and while a queue drains that was most of the time between a key and its echo; it also looks at a pressed
Escape only ten times a second.
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


class TerminalDriver(LinuxDriver):
    """Reads the terminal of a POSIX system; what is pasted is text."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parser = PasteParser(self._debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._escape: asyncio.TimerHandle | None = None

    def run_input_thread(self) -> None:
        """The thread that the stock driver starts has nothing to do."""

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(PermissionError):  # a file cannot be waited for: nobody types there
            self._loop.add_reader(self.fileno, self._read)

    def disable_input(self) -> None:
        self._loop.remove_reader(self.fileno)
        if self._escape is not None:
            self._escape.cancel()
        super().disable_input()

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def _read(self) -> None:
        try:
            with given_up():
                data = os.read(self.fileno, _AT_ONCE)
        except OSError:
            data = b""
        if not data:  # the terminal is gone: what the system says where it is the controlling one
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever started it may have had it ignored (nohup)
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
