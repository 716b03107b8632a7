"""An application for the terminal test: two screens with a look-up between them; writes what it was given."""

import asyncio
import sys
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.line_input import LineInput

LOOKUP_S = 0.3


class First(Screen[None]):
    def compose(self) -> ComposeResult:
        yield LineInput()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        assert isinstance(self.app, Typist)
        async with self.app.gate.hold("looking up"):
            await asyncio.sleep(LOOKUP_S)
            self.app.push_screen(Second(event.value))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            typed = self.query_one(LineInput).value
            Path(sys.argv[1]).write_text(f"escape after {typed}")
            self.app.exit()


class Second(Screen[None]):
    def __init__(self, before: str) -> None:
        super().__init__()
        self.before = before

    def compose(self) -> ComposeResult:
        yield LineInput()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        Path(sys.argv[1]).write_text(f"{self.before}|{event.value}")
        self.app.exit()


class Typist(GatedApp[None]):
    def on_mount(self) -> None:
        self.push_screen(First())


if __name__ == "__main__":
    Typist().run()
