"""Waiting for a code to be entered at the identity provider: the code large, the time left, Esc leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from csr_console.desk.model import RetryLater, Unreachable
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.status_line import clock

if TYPE_CHECKING:
    from csr_console.contracts.signin import DeviceCode, SessionTokens

LetIn = Callable[[ConsoleScreen, "SessionTokens"], Coroutine[Any, Any, None]]
RUN_OUT = "The code has run out before it was entered. F4 asks for another."
THIN_S = 15.0
"""On a slow link the time left is drawn this often."""


class DeviceScreen(ConsoleScreen):
    """Nothing is typed here: the person enters the code on a machine of their own, and the desk goes on by
    itself. `let_in` is called once with the tokens of the session."""

    GUARDED = True
    DEFAULT_CSS = """
    DeviceScreen #line, DeviceScreen #chip { display: none; }
    DeviceScreen #body { align: center middle; }
    DeviceScreen .entry {
        width: 74; max-width: 100%; height: auto; padding: 1 2;
        border: round $line-focus; background: $surface;
    }
    DeviceScreen #title { margin-bottom: 1; text-style: bold; }
    DeviceScreen #address { text-style: bold; padding-left: 3; text-wrap: wrap; height: auto; }
    DeviceScreen #code {
        width: auto; margin: 1 3; padding: 1 3; text-style: bold;
        background: $cursor-row; color: $foreground;
    }
    """

    def __init__(self, code: DeviceCode, provider: str, let_in: LetIn) -> None:
        super().__init__()
        self._code = code
        self._provider = clean_line(provider, limit=60)
        self._let_in = let_in
        self._ends_at = monotonic() + code.expires_in
        self._trouble = ""

    def compose_body(self) -> ComposeResult:
        code = clean_line(self._code.user_code, limit=40)
        with Vertical(classes="entry"):
            yield Static(Content(f"Sign in with {self._provider}"), id="title")
            yield Static(Content("1. On any machine of yours, a telephone too, open"))
            yield Static(Content(clean_line(self._code.verification_uri, limit=300)), id="address")
            yield Static(Content("2. Enter this code and say yes"))
            yield Static(Content(" ".join(code)), id="code")
            yield Static(id="left")

    def on_mount(self) -> None:
        super().on_mount()
        self._show_left()
        self.set_interval(THIN_S if self.console.options.thin else 1.0, self._show_left)
        begin(self, self._wait, group="device", exclusive=True)

    def _show_left(self) -> None:
        left = clock(max(0.0, self._ends_at - monotonic()))
        said = self._trouble or f"Waiting for {self._provider}"
        self.query_one("#left", Static).update(Content(f"{said} · {left} left · Esc leaves"))

    async def _wait(self) -> None:
        """Ask at the pace that central tells, until there is an answer or the code has run out."""
        handle, interval = self._code.handle, self._code.interval
        while monotonic() + interval < self._ends_at:
            await asyncio.sleep(interval)
            try:
                progress = await asyncio.to_thread(self.console.desk.online.poll_device, handle)
            except (Unreachable, RetryLater) as answer:
                # The code is good all the same: what was not heard is asked again.
                self._say(clean_line(answer.sentence))
                continue
            except Answer as answer:
                begin(self.app, partial(self._end, answer), group="device")
                return
            if progress.tokens is not None:
                begin(self.app, partial(self._let_in, self, progress.tokens), group="device")
                return
            handle, interval = progress.handle, max(1, progress.interval)
            self._say(clean_line(progress.sentence))
        await asyncio.sleep(max(0.0, self._ends_at - monotonic()))
        begin(self.app, partial(self._end, None), group="device")

    def _say(self, trouble: str) -> None:
        self._trouble = trouble
        self._show_left()

    async def _end(self, answer: Answer | None) -> None:
        """Back to the sign-in with the reason."""
        if self.app.screen is self:
            await self.app.pop_screen()
            if answer is not None:
                refuse(self.console, answer)
            else:
                self.console.notify_line("error", RUN_OUT)

    async def leave(self) -> None:
        """Esc: whatever becomes of the code, nobody is signed in by it here."""
        console = self.console
        await self.app.pop_screen()
        console.notify_line("info", "Left: that code signs nobody in here any more.")

    async def action_help(self) -> None:
        self.notify_line(
            "info",
            f"{self._provider} asks for the code and for you; this desk goes on by itself. Esc leaves.",
        )
