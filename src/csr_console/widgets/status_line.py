"""The status line: where the keys go, the network, the queue and the clock of the call."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Literal

from textual.reactive import reactive
from textual.timer import Timer

from csr_console.domain.text import clean_line
from csr_console.widgets.line import Line, Piece
from csr_console.widgets.themes import Tone, tone_style

Mode = Literal["TYPE", "WORK"]
Network = Literal["", "online", "slow", "offline"]
"""Empty while nothing is known of the network yet: then the line says nothing of it."""

NETWORK: dict[Network, tuple[str, Tone]] = {
    "online": ("●", "ok"),
    "slow": ("◐", "warn"),
    "offline": ("○", "error"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call with the moments (seconds of a monotonic clock) it started and was put on hold."""

    started_at: float
    held_since: float | None = None


def clock(seconds: float) -> str:
    """`4:07`, and `1:02:30` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class StatusLine(Line):
    """One line, redrawn whole when something in it changes.

    `thin` is for slow links: the call is named without its running clock, so an idle screen sends nothing.
    """

    mode: reactive[Mode] = reactive[Mode]("TYPE")
    network: reactive[Network] = reactive[Network]("")
    since: reactive[datetime | None] = reactive[datetime | None](None)
    """When the network went away; aware, shown in local time."""
    queued: reactive[int] = reactive(0)
    """Commands in the outbox."""
    held: reactive[int] = reactive(0)
    """Keys that wait in the gate."""
    working: reactive[str] = reactive("")
    """What a handler is doing while it holds the gate."""
    call: reactive[Call | None] = reactive[Call | None](None)
    marker: reactive[str] = reactive("")
    """TRAINING or DEMO, on every screen of such a session."""

    def __init__(self, *, thin: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._thin = thin
        self._ticks: Timer | None = None

    def call_start(self) -> None:
        """The call begins; the clock runs."""
        self.call = Call(monotonic())

    def call_hold(self) -> None:
        """Put the call on hold, or take it up again; nothing happens without a call."""
        if self.call is not None:
            held_since = monotonic() if self.call.held_since is None else None
            self.call = Call(self.call.started_at, held_since)

    def call_end(self) -> float:
        """The call is over; return its seconds, 0 without a call."""
        seconds = self.call_seconds
        self.call = None
        return seconds

    @property
    def call_seconds(self) -> float:
        """How long the call has lasted."""
        return monotonic() - self.call.started_at if self.call else 0.0

    def watch_call(self, call: Call | None) -> None:
        if self._ticks is not None:
            self._ticks.stop()
        self._ticks = self.set_interval(1, self.refresh) if call and not self._thin else None

    def left(self, width: int) -> list[Piece]:
        since = f" since {self.since.astimezone():%H:%M}" if self.since and self.network == "offline" else ""
        pieces: list[Piece] = []
        if self.marker:
            pieces.append((f" {clean_line(self.marker)} ", tone_style("danger")))
        pieces.append((f" {self.mode} ", "bold reverse"))
        pieces.append((" ", ""))
        if self.network:
            glyph, tone = NETWORK[self.network]
            pieces.append((f"{glyph} {self.network}{since}  ", tone_style(tone)))
        if self.queued:
            pieces.append((f"↑ {self.queued} queued  ", tone_style("warn")))
        if self.held:
            pieces.append((f"⌨ {self.held} keys wait  ", tone_style("warn")))
        if self.working:
            pieces.append((f"… {clean_line(self.working)}", tone_style("info")))
        return pieces

    def right(self) -> list[Piece]:
        if self.call is None:
            return []
        now = monotonic()
        if self.call.held_since is not None:
            word, since = "on hold", self.call.held_since
        else:
            word, since = "call", self.call.started_at
        running = "" if self._thin else f" {clock(now - since)}"
        tone: Tone = "warn" if self.call.held_since is not None else "plain"
        return [(f"☎ {word}{running}", tone_style(tone))]
