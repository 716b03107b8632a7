"""An open desk in a test, and what it told."""

import threading
from collections.abc import Callable
from typing import TypeVar

from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent

Kind = TypeVar("Kind", bound=DeskEvent)


class Events:
    """What a desk has told, and waiting for what it is about to tell."""

    def __init__(self) -> None:
        self.all: list[DeskEvent] = []
        self._more = threading.Condition()

    def __call__(self, event: DeskEvent) -> None:
        with self._more:
            self.all.append(event)
            self._more.notify_all()

    def of(self, kind: type[Kind]) -> list[Kind]:
        with self._more:
            return [event for event in self.all if isinstance(event, kind)]

    def until(self, holds: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait until something holds, looked at after every event and a few times a second."""
        with self._more:
            for _ in range(int(seconds * 20)):
                if holds():
                    return
                self._more.wait(0.05)
        raise AssertionError("it did not come to hold in time")


class Opened:
    """A desk with the events it told."""

    def __init__(self, desk: Desk, events: Events) -> None:
        self.desk = desk
        self.events = events


OpenDesk = Callable[..., Opened]
