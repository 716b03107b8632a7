"""The one line: it shows what it understands while it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.message import Message

from csr_console.screens.work import begin
from csr_console.widgets.line_input import LineInput

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.desk.omnibox import Resolution


class Omnibox(LineInput):
    """The omnibox of a screen.

    Each change is read in a thread; where keys outrun it only the newest text is, and `Resolved` never
    carries the reading of an older one. `here` gives the account that a verb alone means.
    """

    class Resolved(Message):
        """The text that stands there was read; `resolution` is None for an empty line."""

        def __init__(self, line: str, resolution: Resolution | None) -> None:
            super().__init__()
            self.line = line
            self.resolution = resolution

    class Below(Message):
        """Down: to what is shown below the line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Do it"),
        Binding("down", "recall(-1)", "To the list", key_display="↓"),
        Binding("up", "recall(1)", "Earlier line", key_display="↑"),
    ]

    def __init__(self, here: Callable[[], str | None]) -> None:
        super().__init__(placeholder="/ phone, account, name, address, meter, or a verb", id="omnibox")
        self._here = here
        self._read: tuple[str, Resolution | None] = ("", None)
        self._following = False
        self._recalled = 0

    @property
    def _desk_app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def watch_value(self, value: str) -> None:
        if not value.strip():
            self._read = (value, None)
            self.post_message(self.Resolved(value, None))
        elif not self._following and self._desk_app.is_open:
            self._following = True
            # The letter is on the screen before the reading takes the interpreter.
            self.call_after_refresh(begin, self, self._follow, group="reading")

    def read_again(self) -> None:
        """The roster has grown: what stands here may mean more now."""
        self._read = ("", None)
        self.watch_value(self.value)

    def wipe(self) -> None:
        """Empty the line; the next Up recalls the newest line again."""
        self._recalled = 0
        self.value = ""

    async def read(self, line: str) -> Resolution | None:
        """What exactly this line means: from what was read last when it was this line, else read now."""
        known, resolution = self._read
        if known == line:
            return resolution
        return await asyncio.to_thread(self._desk_app.desk.resolve, line, here=self._here())

    async def _follow(self) -> None:
        try:
            while (line := self.value) != self._read[0]:
                resolution = await self.read(line) if line.strip() else None
                self._read = (line, resolution)
                if line == self.value:
                    self.post_message(self.Resolved(line, resolution))
        finally:
            self._following = False

    def action_recall(self, step: int) -> None:
        """Walk through the lines of this shift, the newest first; Down leads to what is below."""
        lines = self._desk_app.lines
        if step < 0 and not self._recalled:
            self.post_message(self.Below())
            return
        if step > 0 and self.value and not self._recalled:
            return
        self._recalled = min(max(self._recalled + step, 0), len(lines))
        self.value = lines[-self._recalled] if self._recalled else ""
        self.cursor_position = len(self.value)
