"""Telling the screens, and whoever waits for a receipt, what was closed and how the workstation is."""

import threading
from collections.abc import Callable

from csr_console.desk.events import AccountChanged, DeskEvent, OutcomeArrived, StatusChanged
from csr_console.desk.model import DeskStatus
from csr_console.desk.store.files import Files
from csr_console.domain.ids import is_account_number

MISSED_AT_MOST = 200
"""Outcomes told one by one; of more than these at once, the newest."""


class Publisher:
    """`publish` is called often from a worker thread; it looks at the disk only when something may be new,
    here (`dirty`) or in another console."""

    def __init__(
        self, files: Files, on_event: Callable[[DeskEvent], None], status: Callable[[], DeskStatus]
    ) -> None:
        self._files = files
        self._on_event = on_event
        self._status = status
        self._changed = threading.Event()
        self._closed = threading.Condition()
        self._told = files.last_closing()
        self._version = files.outbox_store.data_version()
        self._last: DeskStatus | None = None
        self.closings = 0
        """Rises whenever something was closed."""
        self.wake: Callable[[], None] = lambda: None

    def dirty(self) -> None:
        """Something changed here: look soon."""
        self._changed.set()
        self.wake()

    def wait_closed(self, seen: int, seconds: float) -> bool:
        """Wait until something was closed after `closings` was `seen`; False when the time is over."""
        with self._closed:
            return self._closed.wait_for(lambda: self.closings != seen, max(0.0, seconds))

    def publish(self) -> None:
        version = self._files.outbox_store.data_version()
        if version == self._version and not self._changed.is_set():
            return
        self._version = version
        self._changed.clear()
        self._files.reserve.hold()
        self._files.outbox_store.stretch_log()
        self._tell_closed()
        status = self._status()
        if status != self._last:
            self._last = status
            self._on_event(StatusChanged(status))

    def _tell_closed(self) -> None:
        told, subjects, items = self._files.closed_since(self._told, MISSED_AT_MOST)
        if told == self._told:
            return
        self._told = told
        accounts = sorted(filter(is_account_number, subjects))
        self._files.outdate_views(accounts)
        for account in accounts:
            self._on_event(AccountChanged(account))
        for item in items:
            self._on_event(OutcomeArrived(item))
        with self._closed:
            self.closings += 1
            self._closed.notify_all()
