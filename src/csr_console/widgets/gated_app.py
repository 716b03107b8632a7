"""The one place where the key gate meets Textual's event entry.

Textual delivers a key to whatever has the focus when the application's message pump comes to it. `GatedApp`
takes keys and pastes out of that stream as they enter and lets the gate hand them back one at a time; a key
that is not plain text for a field counts as settled when every message pump it can have touched is waiting
for messages again.

Textual reads TEXTUAL_FPS when it is imported, so the process entry sets `os.environ.setdefault("TEXTUAL_FPS",
"120")` before anything imports Textual.
"""

import asyncio
import inspect
import math
import sys
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input

from csr_console.widgets import themes
from csr_console.widgets.keygate import GateListener, Held, KeyGate
from csr_console.widgets.settle import first_busy, is_busy, rested

ReturnT = TypeVar("ReturnT")
T = TypeVar("T")
Typed = events.Key | events.Paste

URGENT = frozenset({"escape", "ctrl+c"})
LONGEST_DELAY_S = 0.01
"""Textual hides a change of view for 50 ms; 10 ms is enough and halves what the change takes."""


class _Listener(GateListener):
    def __init__(self, app: "GatedApp[Any]") -> None:
        self._app = app

    def keys_held(self, count: int) -> None:
        self._app.keys_held(count)

    def gate_busy(self, reason: str) -> None:
        self._app.gate_busy(reason)

    def gate_stuck(self, reason: str, dropped: int) -> None:
        self._app._abandon_unsettled()
        if dropped:
            self._app.bell()
        self._app.gate_stuck(reason, dropped)


class GatedApp(App[ReturnT], inherit_bindings=False):
    """An application whose keys go through a `KeyGate`; override the hooks to show what the gate does.

    Stock bindings (Ctrl+Q quits, Ctrl+C answers with a toast) and the stock palette are gone.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gate: KeyGate[Typed] = KeyGate(self._deliver_typed, self._settle, _Listener(self))
        self._gate_task: asyncio.Task[None] | None = None
        self._touched: WeakSet[MessagePump] = WeakSet()
        self._abandoned: WeakSet[MessagePump] = WeakSet()
        self._actions: set[asyncio.Task[Any]] = set()
        self._let_go: set[asyncio.Future[None]] = set()
        self._armed_at: WeakKeyDictionary[DOMNode, float] = WeakKeyDictionary()
        themes.install(self)

    def get_driver_class(self) -> type[Driver]:
        stock = super().get_driver_class()
        if stock.__module__ != "textual.drivers.linux_driver":
            return stock
        from csr_console.widgets.terminal import TerminalDriver

        return TerminalDriver

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables our widgets draw with exist whatever the theme."""
        return themes.variables()

    # The hooks of the application that is built on this one.

    def keys_held(self, count: int) -> None:
        """`count` keys wait, worth showing; 0 when none wait any more."""

    def gate_busy(self, reason: str) -> None:
        """A handler holds the gate for `reason`; empty when none does."""

    def gate_stuck(self, reason: str, dropped: int) -> None:
        """The watchdog gave the keyboard back after 3 s; `dropped` keys were flushed, and the bell rang if
        any were.
        """

    def enter_unread(self) -> None:
        """An Enter was dropped: it was typed before the card it would have committed was on the screen."""

    def run_gated(self, work: Callable[[], object]) -> None:
        """Run what a key chose (sync or async) in a task of its own; the next key waits for it."""

        async def act() -> None:
            if inspect.isawaitable(result := work()):
                await result

        with self._context():
            self._track(asyncio.create_task(act())).add_done_callback(self._fail_with)

    def arm_after_paint(self, widget: Widget) -> None:
        """Drop every Enter typed before `widget` was painted, while the focus is in it."""
        self._armed_at[widget] = math.inf
        widget.call_after_refresh(self._arm, widget)

    def is_armed(self, widget: Widget) -> bool:
        """Whether an Enter typed now would reach `widget`."""
        return self._armed_at.get(widget, -math.inf) < math.inf

    def _arm(self, widget: Widget) -> None:
        # While updates are batched Textual runs at once what waits for a refresh: nothing was painted then.
        if self._batch_count:
            self.set_timer(LONGEST_DELAY_S, lambda: widget.call_after_refresh(self._arm, widget))
        else:
            self._armed_at[widget] = monotonic()

    def delay_update(self, delay: float = LONGEST_DELAY_S) -> None:
        super().delay_update(min(delay, LONGEST_DELAY_S))

    # Entry: from the terminal to the gate, from the gate to Textual.

    async def _ready(self) -> None:
        await super()._ready()
        self._gate_task = asyncio.create_task(self.gate.run(), name="key gate")
        self._gate_task.add_done_callback(self._fail_with)

    async def _shutdown(self) -> None:
        if self._gate_task is not None:
            self._gate_task.cancel()
        await super()._shutdown()

    def _fail_with(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._handle_exception(error)

    def post_message(self, message: Message) -> bool:
        """Queue a message; a key or a paste fresh from the terminal goes to the gate."""
        if not isinstance(message, Typed) or message.is_forwarded:
            return super().post_message(message)
        if self._loop is not None and self._thread_id != threading.get_ident():
            self._loop.call_soon_threadsafe(self.post_message, message)
            return True
        if isinstance(message, events.Key) and message.key == "ctrl+j":
            # Until Textual has the terminal, the terminal's own line editing makes a newline of Enter; such
            # a key may be read well after the first screen stands.
            message = events.Key("enter", "\r")
        urgent = isinstance(message, events.Key) and message.key in URGENT
        if urgent and self.gate.closed:
            self._let_actions_go()
        # The event's own time was taken in the thread that reads the terminal, before any delay of ours.
        self.gate.put(message, arrived_at=message.time, urgent=urgent)
        return True

    def _deliver_typed(self, held: Held[Typed]) -> bool:
        """Hand a key to Textual; true when its effect has to settle before the next."""
        event = held.item
        if isinstance(event, events.Paste):
            return self._deliver(self._paste_for_focus(event))
        if event.key == "enter" and held.arrived_at < self._focus_armed_at():
            self.enter_unread()
            return False
        if self._is_text(event):
            super().post_message(event)
            return False
        return self._deliver(event)

    def _deliver(self, event: Typed) -> bool:
        self._touched = WeakSet(self.screen.walk_children(with_self=True))
        super().post_message(event)
        return True

    def _paste_for_focus(self, event: events.Paste) -> events.Paste:
        """A pasted newline never commits: only a field of several lines keeps it."""
        if _is_text_area(self.focused):
            return event
        return events.Paste(" ".join(line.strip("\r") for line in event.text.strip("\r\n").splitlines()))

    def _is_text(self, event: events.Key) -> bool:
        """Whether the focused field will just insert the key."""
        focused = self.focused
        if focused is None or not (isinstance(focused, Input) or _is_text_area(focused)):
            return False
        if not focused.check_consume_key(event.key, event.character):
            return False
        return not any(
            binding.priority
            for _node, bindings in self._binding_chain
            for binding in bindings.key_to_bindings.get(event.key, ())
        )

    def _focus_armed_at(self) -> float:
        nodes = self.focused.ancestors_with_self if self.focused else [self.screen]
        return max(self._armed_at.get(node, -math.inf) for node in nodes)

    # Rest: nothing the last key can have touched is at work any more.

    async def _settle(self) -> None:
        await rested(self._find_busy)

    def _find_busy(self) -> Callable[[], bool] | None:
        if self._actions:
            return lambda: bool(self._actions)
        if self._screen_stack and self.screen._callbacks:
            return lambda: bool(self.screen._callbacks)
        self._abandoned = WeakSet(pump for pump in self._abandoned if is_busy(pump))
        return first_busy(pump for pump in self._working_pumps() if pump not in self._abandoned)

    def _working_pumps(self) -> Iterator[MessagePump]:
        yield self
        yield from self._screen_stack
        yield from self._touched
        if self._screen_stack:
            yield from self.screen.walk_children()

    def _abandon_unsettled(self) -> None:
        """What is still at work after the watchdog's time no longer holds the keyboard."""
        self._let_actions_go()
        self._actions.clear()
        self._abandoned.update(pump for pump in self._working_pumps() if is_busy(pump))

    async def _dispatch_action(self, namespace: DOMNode, action_name: str, params: Any) -> bool:
        """Run an action in a task of its own.

        An action of a key runs in the application's message pump, and every later key has to pass that pump:
        an action that waits for the network would leave a dead keyboard. So the pump lets go of it for Esc
        and for the watchdog.
        """
        action = self._track(asyncio.create_task(super()._dispatch_action(namespace, action_name, params)))
        let_go = asyncio.get_running_loop().create_future()
        self._let_go.add(let_go)
        try:
            await asyncio.wait({action, let_go}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._let_go.discard(let_go)
        if action.done():
            return action.result()
        action.add_done_callback(self._fail_with)
        return True

    def _track(self, action: asyncio.Task[T]) -> asyncio.Task[T]:
        """The next key waits until the action is over."""
        self._actions.add(action)
        action.add_done_callback(self._actions.discard)
        return action

    def _let_actions_go(self) -> None:
        for future in self._let_go:
            if not future.done():
                future.set_result(None)


def _is_text_area(widget: Widget | None) -> bool:
    """Whether it is a field of several lines; the first paint needs none, and importing it costs time."""
    module = sys.modules.get("textual.widgets._text_area")
    return module is not None and isinstance(widget, module.TextArea)
