"""What the network is like right now, from every round trip and a cheap probe."""

import statistics
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from csr_console.desk.model import NetworkState, Unreachable

SLOW_S = 1.5
WRONG_CLOCK = timedelta(minutes=5)
"""From here on a clerk is told that the clock of the workstation is wrong."""
_REMEMBERED = 9


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The state, since when, and a sentence for what a clerk can do something about."""

    state: NetworkState
    since: datetime | None
    sentence: str = ""


class Network:
    """`heard` and `doubt` are told by whoever speaks with central, `lost` by the probe, which `on_doubt`
    asks for: one answer lost on the way is no outage. A change is told to `on_change`."""

    def __init__(self, clock: Callable[[], datetime], on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self.on_doubt: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._trips: deque[float] = deque(maxlen=_REMEMBERED)
        self._manual = False
        self._ahead = timedelta(0)
        self._view = NetworkView("offline", clock(), "Not connected yet.")

    @property
    def view(self) -> NetworkView:
        return self._view

    @property
    def up(self) -> bool:
        return self._view.state in ("online", "slow")

    @property
    def manual(self) -> bool:
        return self._manual

    def refuse_if_manual(self) -> None:
        """Raises `Unreachable` while the clerk works offline on purpose."""
        if self._manual:
            sentence = "This workstation works offline: switch it back to ask central."
            raise Unreachable(sentence, sent=False)

    def dated(self, moment: datetime) -> None:
        """Central answered at this moment, by its clock."""
        self._ahead = moment - self._clock()

    def central_time(self) -> datetime:
        """Now by central's clock, as far as it is known: what central judges is not told by a wrong one."""
        return self._clock() + self._ahead

    def _clock_sentence(self) -> str:
        if abs(self._ahead) < WRONG_CLOCK:
            return ""
        side = "behind" if self._ahead > timedelta(0) else "ahead of"
        return f"The clock of this workstation is {_length(abs(self._ahead))} {side} central's: tell support."

    def heard(self, seconds: float | None = None) -> None:
        """Central answered; `seconds` is the round trip, when it is one. Slow is a median over 1.5 s."""
        with self._lock:
            if self._manual:
                return
            if not self.up:
                self._trips.clear()
            if seconds is not None:
                self._trips.append(seconds)
            slow = bool(self._trips) and statistics.median(self._trips) > SLOW_S
        self._become("slow" if slow else "online", self._clock_sentence())

    def doubt(self) -> None:
        """A request went unanswered: the probe is to look at once."""
        if self.up:
            self.on_doubt()

    def lost(self, sentence: str) -> None:
        """Central does not answer, and why, as far as it is known."""
        self._become("offline", sentence)

    def work_offline(self, on: bool) -> None:
        """The clerk's own switch."""
        with self._lock:
            self._manual = on
        self._become("manual offline" if on else "offline", "" if on else "Connecting again.")

    def _become(self, state: NetworkState, sentence: str) -> None:
        """What an answer on its way says is nothing once the clerk has chosen to work offline."""
        with self._lock:
            if self._manual and state != "manual offline":
                return
            old = self._view
            if (old.state, old.sentence) == (state, sentence):
                return
            since = old.since if old.state == state else self._clock()
            self._view = NetworkView(state, since, sentence)
        self._on_change()


def _length(time: timedelta) -> str:
    """`3 days`, `5 hours`, `12 minutes`: the largest unit that fits, rounded down."""
    for seconds, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if count := int(time.total_seconds()) // seconds:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
