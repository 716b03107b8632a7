"""The application around the screens: paints first, opens the desk behind the paint, survives its end."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from rich.text import Text
from textual import events, on
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import NoActiveWorker, WorkerError, get_current_worker

from csr_console.domain.refusals import Answer
from csr_console.screens import crash
from csr_console.screens.base import ConsoleScreen, Severity
from csr_console.screens.home import HomeScreen
from csr_console.screens.options import ConsoleOptions
from csr_console.screens.work import Unheard, begin
from csr_console.widgets import interpreter, themes
from csr_console.widgets.gated_app import GatedApp

if TYPE_CHECKING:
    from csr_console.desk.desk import Desk
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.model import DeskStatus

Result = TypeVar("Result")
OpenDesk = Callable[[Callable[["DeskEvent"], None]], "Desk"]
GC_THRESHOLDS = (700, 10, 30)
HANDS_OFF_S = 10.0
"""Looking through all that is kept for garbage holds the interpreter for up to 80 ms: it is done when no key
has come for a while. In between only what has come since is looked through, three times as rarely as Python
does it."""
GC_DUE, BETWEEN_KEYS_S, TICK_S = 10, 0.2, 0.25
"""Before that is due by itself, in the midst of a word, it is done in a pause between two: when it would have
been Python's time for it, and no key has come for this long."""
LET_FINISH_S = 2.0
"""How long what is being read may still take when the console is left; then it is cut off."""
AFTER_THE_PAINT = ("workspace", "note", "contact", "verify", "wrapup", "outage_report", "drafts", "why")
"""The screens a call is likely to need, imported by the thread that opens the desk."""


class HostApp(GatedApp[None]):
    """Holds the desk. `open_desk(on_event)` is called in a thread after the first paint; an `Answer` that it
    raises is shown, and the screen stays."""

    class DeskChanged(Message):
        """The desk has told something in its thread: `brought_over` has all of it. One message stands for
        all that came before it is read, since a key waits behind every message."""

    def __init__(self, open_desk: OpenDesk, options: ConsoleOptions | None = None) -> None:
        super().__init__()
        self.options = options or ConsoleOptions()
        self.desk_status: DeskStatus | None = None
        self._open_desk = open_desk
        self._desk: Desk | None = None
        self._opened = asyncio.Event()
        self._told: list[DeskEvent] = []
        self._telling = threading.Lock()
        self._left = asyncio.Event()
        self._last_key = monotonic()
        themes.install(self, self.options.theme)

    # What the application built on this one adds.

    async def desk_is_open(self) -> None:
        """Called once, when the desk is open."""

    async def idle_too_long(self) -> None:
        """Called when no key came for as long as the settings allow."""

    # Start.

    def run(self, **options: Any) -> None:
        with asyncio.Runner(loop_factory=interpreter.loop) as runner:
            runner.run(self.run_async(**options))

    def get_default_screen(self) -> HomeScreen:
        """Home is at the bottom: a blank screen below it would be laid out and painted first."""
        return HomeScreen()

    def on_mount(self) -> None:
        self.set_keymap({f"verb.{code}": key for code, key in self.options.keys.items()})
        if self.options.thin:
            self.animation_level = "none"
        begin(self, self._open, group="opening")
        self.set_interval(TICK_S, self._collect_between_keys)
        self.set_interval(15, self._watch_idle)

    async def _open(self) -> None:
        await self._painted()
        try:
            self._desk = await asyncio.to_thread(self._open_in_thread)
        except Answer as answer:
            self.notify_line("danger", f"{answer.sentence} {answer.problem.next_step}")
            return
        finally:
            if not gc.isenabled():  # the entry turned it off for the imports, which stay for good
                gc.freeze()
                gc.set_threshold(*GC_THRESHOLDS)
                gc.enable()
        self.desk_status = await asyncio.to_thread(self._desk.status)
        self._opened.set()
        for screen in self.console_screens:
            screen.desk_opened()
        await self.desk_is_open()

    async def _painted(self) -> None:
        """Wait until home stands on the screen, with what was typed before it did: importing holds the
        interpreter, and a key would wait for it."""
        await self.gate.first_rest()
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()

    def _open_in_thread(self) -> Desk:
        for name in AFTER_THE_PAINT:
            import_module(f"csr_console.screens.{name}")
        return self._open_desk(self._bring_over)

    def _bring_over(self, event: DeskEvent) -> None:
        with self._telling:
            self._told.append(event)
            if len(self._told) > 1:
                return
        self.post_message(self.DeskChanged())

    def brought_over(self) -> list[DeskEvent]:
        """What the desk has told since this was asked last."""
        with self._telling:
            told, self._told = self._told, []
        return told

    @property
    def leaving(self) -> bool:
        """Whether the desk is being closed: nothing is read from it any more."""
        return self._left.is_set()

    async def rest(self, seconds: float) -> None:
        """Wait, no longer than until the desk is being closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._left.wait()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set() and not self.leaving

    @property
    def desk(self) -> Desk:
        """The open desk; screens that need it are reached only after `opened`."""
        if self._desk is None:
            raise RuntimeError("the desk is not open yet")
        return self._desk

    async def opened(self) -> None:
        """Wait until the desk is open."""
        await self._opened.wait()

    async def desk_call(self, call: Callable[..., Result], *args: Any, doing: str = "working") -> Result:
        """Run a blocking method of the desk in a thread while the keys wait. What it raises is raised, and
        drops the keys typed ahead."""
        with self.gate.hold(doing):
            return await asyncio.to_thread(call, *args)

    def now(self) -> datetime:
        return datetime.now(UTC)

    # The screens.

    @property
    def console_screens(self) -> list[ConsoleScreen]:
        """The screens of the desk, the one in front last."""
        return [screen for screen in self.screen_stack if isinstance(screen, ConsoleScreen)]

    def notify_line(self, severity: Severity, text: str) -> None:
        """One sentence on the alert line of the screen in front, below a modal one too."""
        if screens := self.console_screens:
            screens[-1].notify_line(severity, text)

    @on(Unheard)
    def _say_unheard(self, event: Unheard) -> None:
        """Behind the screens something failed; what the clerk was told of their own act stands before it."""
        severity, said = self.console_screens[-1].said
        if not said or severity not in ("error", "danger"):
            self.notify_line("error", f"{event.answer.sentence} {event.answer.next_step}")

    def _say_answer(self, answer: Answer) -> None:
        """Say an answer to a key that no screen dealt with; what was typed ahead of it is dropped."""
        self.gate.clear()
        self.notify_line("error", f"{answer.sentence} {answer.next_step}")

    async def _dispatch_action(self, namespace: DOMNode, action_name: str, params: Any) -> bool:
        try:
            return await super()._dispatch_action(namespace, action_name, params)
        except Answer as answer:
            self._say_answer(answer)
            return True

    def _fail_with(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Answer):
            self._say_answer(error)
        else:
            super()._fail_with(task)

    # End.

    async def leave_desk(self) -> None:
        """Close the stores; what waits in the queue goes on at the next start. Nothing new is read."""
        self._left.set()
        try:
            own = get_current_worker()
        except NoActiveWorker:
            own = None
        others = [worker for worker in self.workers if worker is not own]
        with suppress(asyncio.TimeoutError, WorkerError):
            await asyncio.wait_for(self.workers.wait_for_complete(others), LET_FINISH_S)
        if self._desk is not None:
            await asyncio.to_thread(self._desk.close)

    async def action_quit(self) -> None:
        """Leave; the queue stays on disk."""
        await self.leave_desk()
        self.exit()

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key):
            self._last_key = monotonic()
        return super().post_message(message)

    def _collect_between_keys(self) -> None:
        if gc.get_count()[2] >= GC_DUE and monotonic() - self._last_key > BETWEEN_KEYS_S:
            gc.collect()
            gc.freeze()

    async def _watch_idle(self) -> None:
        if monotonic() - self._last_key > HANDS_OFF_S:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        if self.is_open and monotonic() - self._last_key > self.options.lock_after_minutes * 60:
            self._last_key = monotonic()
            await self.idle_too_long()

    def _handle_exception(self, error: Exception) -> None:
        """A crash says one sentence and leaves a report without personal data; the queue is on disk."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            folder = self.options.log_folder
            path = crash.write_report(folder, error, self.now()) if folder else None
            where = f" What support needs is in {path}." if path else ""
            self._exit_renderables.append(Text(f"csr-console stopped. Nothing entered was lost.{where}"))
            self._exception_event.set()
        self._close_messages_no_wait()
