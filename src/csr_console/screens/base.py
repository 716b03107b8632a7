"""What every screen shares: the line on top, the chip below it, three quiet lines at the bottom.

Two places of focus and no third: TYPE is the line or a field of a form, WORK is everything else, where single
letters are verbs. Esc goes one step back, `/` to the line.
"""

from __future__ import annotations

from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from csr_console.domain.text import clean_line
from csr_console.domain.verbs import VERBS
from csr_console.screens import acts, tickets
from csr_console.screens.hits import HIT_COLUMNS, hit_rows
from csr_console.screens.omnibox import Omnibox
from csr_console.screens.runs import Order
from csr_console.screens.work import begin
from csr_console.widgets.alert_line import AlertLine
from csr_console.widgets.keybar import KeyBar
from csr_console.widgets.result_list import ResultList
from csr_console.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.omnibox import Hit, Resolution

ALERT_MARK = 16
"""Cells that the mark, the word and the margins of the alert line take."""
Severity = Literal["info", "ok", "warn", "error", "danger"]


KEY_WORDS = {
    "out": "Outage",
    "note": "Note",
    "v": "Verify",
    "bills": "Bills",
    "why": "Why",
    "wrap": "Wrap",
    "con": "Contact",
    "hist": "Timeline",
    "outages": "Reports",
    "queue": "Queue",
}
"""The verbs with a place in the key bar, in a word, the most used first; the palette has them all."""
_ORDER = {code: place for place, code in enumerate(KEY_WORDS)}


def verb_bindings() -> list[BindingType]:
    """The single keys of WORK, from the table of verbs; a keymap names them `verb.<code>`."""
    return [
        Binding(
            verb.key,
            f"verb('{verb.code}')",
            KEY_WORDS.get(verb.code, verb.title),
            show=verb.code in KEY_WORDS,
            key_display=verb.key,
            id=f"verb.{verb.code}",
        )
        for verb in sorted(VERBS, key=lambda verb: _ORDER.get(verb.code, len(_ORDER)))
        if verb.key and verb.key != "?"
    ]


class ConsoleScreen(Screen[None]):
    """A screen of the desk: 2 lines above its body, 3 below; 80x24 leaves 19.

    A subclass yields its body from `compose_body`, names the widget that has the focus in WORK, and may
    override `here`, `back`, `refresh_now` and `desk_event`.
    """

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    ConsoleScreen { layout: vertical; background: $background; }
    ConsoleScreen #line { height: 1; }
    ConsoleScreen #prompt { width: 2; color: $line-focus; text-style: bold; }
    ConsoleScreen #omnibox { width: 1fr; }
    ConsoleScreen #chip { height: 1; padding: 0 2; color: $tone-dim; }
    ConsoleScreen #body { height: 1fr; }
    ConsoleScreen Static { text-wrap: nowrap; text-overflow: ellipsis; }
    ConsoleScreen #hits { height: 1fr; display: none; }
    ConsoleScreen #more { height: 1; padding: 0 1; display: none; color: $foreground; }
    ConsoleScreen.-long #more { display: block; }
    ConsoleScreen.-long KeyBar { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", priority=True, id="help"),
        Binding("question_mark", "help", "Help", show=False),
        Binding("f2", "call", "Call", priority=True, show=False, id="call"),
        Binding("f5", "refresh_now", "Refresh", priority=True, show=False, id="refresh"),
        Binding("f6", "wrap_up", "Wrap up", priority=True, show=False, id="wrap"),
        Binding("f9", "other", "Other customer", priority=True, show=False, id="other"),
        Binding("grave_accent", "tick", "Other customer", priority=True, show=False),
        Binding("ctrl+z", "undo", "Undo", priority=True, show=False, id="undo"),
        Binding("ctrl+k", "palette", "All", priority=True, id="palette"),
        Binding("ctrl+p", "palette", "Commands", priority=True, show=False),
        Binding("ctrl+y", "weather", "Network", priority=True, show=False, id="weather"),
        Binding("escape", "back", "Back", priority=True, show=False, id="back"),
        Binding("f3,f12", "back", "Back", priority=True, show=False),
        Binding("slash", "to_line", "Line", show=False, id="line"),
    ]
    AUTO_LINE: ClassVar[bool] = False
    """Whether the screen begins with the focus in the line (TYPE) rather than in its body (WORK)."""

    GUARDED: ClassVar[bool] = False
    """Whether the screen hides customers: then no key leads past it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: tuple[Severity, str] = ("info", "")
        """What the alert line says."""
        self._resolution: Resolution | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="line"):
            yield Static(Content("> "), id="prompt")
            yield Omnibox(lambda: self.here.account if self.here else None)
        yield Static(id="chip")
        with Vertical(id="body"):
            yield from self.compose_body()
        yield ResultList(HIT_COLUMNS, empty="Nothing found", id="hits")
        yield AlertLine()
        yield Static(id="more")
        yield KeyBar(pinned=("ctrl+g", "f1", "ctrl+k"))
        yield StatusLine(thin=self.console.options.thin)

    def compose_body(self) -> ComposeResult:
        """The widgets between the chip and the alert line."""
        yield from ()

    # What a subclass may say about itself.

    @property
    def here(self) -> RosterEntry | None:
        """The customer on screen, whom `.` and a verb without a subject mean."""
        return None

    def work_widget(self) -> Widget | None:
        """The widget that has the focus in WORK."""
        return None

    def first_widget(self) -> Widget | None:
        """The widget that has the focus when the screen opens."""
        return self.omnibox if self.AUTO_LINE else self.work_widget()

    def desk_opened(self) -> None:
        """The desk is open: what the screen shows of it may be read now."""

    def desk_event(self, event: DeskEvent) -> None:
        """Something changed behind the screen. It never takes the focus."""

    async def refresh_now(self) -> None:
        """F5."""

    async def leave(self) -> None:
        """Esc in WORK: one step back."""
        if len(self.app.screen_stack) > 1:
            await self.app.pop_screen()

    # Parts.

    @property
    def console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def omnibox(self) -> Omnibox:
        return self.query_one(Omnibox)

    @property
    def hits(self) -> ResultList:
        return self.query_one("#hits", ResultList)

    @property
    def alert(self) -> AlertLine:
        return self.query_one(AlertLine)

    @property
    def status(self) -> StatusLine:
        return self.query_one(StatusLine)

    def notify_line(self, severity: Severity, text: str) -> None:
        """One sentence on the alert line; a long one takes the key bar's line too, and nothing moves."""
        self.said = (severity, clean_line(text, limit=400))
        lines = wrap(self.said[1], max(20, self.size.width - ALERT_MARK)) or [""]
        self.alert.show(severity, lines[0])
        self.query_one("#more", Static).update(Content(" ".join(lines[1:])))
        self.set_class(len(lines) > 1, "-long")

    def hush(self) -> None:
        """Nothing more to say."""
        self.said = ("info", "")
        self.alert.clear()
        self.remove_class("-long")

    def desk_asks(self) -> bool:
        """Whether a question stands on the alert line here."""
        question = self.console.question
        return question is not None and self.said[1] == question.text

    # Life.

    def on_mount(self) -> None:
        self.set_focus(self.first_widget())
        self.console.show_status(self)

    def on_screen_resume(self) -> None:
        self.console.show_status(self)

    def on_screen_suspend(self) -> None:
        # Textual keeps the last thousand of these caches with every line they ever drew, removed or not. The
        # few screens that are kept come back sooner with theirs.
        if not self.app.is_screen_installed(self):
            for widget in self.query(Widget):
                widget._styles_cache.clear()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _show_mode(self) -> None:
        self.status.mode = self.mode

    @property
    def mode(self) -> Literal["TYPE", "WORK"]:
        """TYPE when the focused widget inserts letters."""
        focused = self.focused
        return "TYPE" if focused is not None and focused.check_consume_key("a", "a") else "WORK"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self.GUARDED and action not in ("help", "back"):
            return False
        if action == "weather":
            return self.console.options.set_weather is not None
        if action == "tick":
            return self.mode == "WORK" or self.focused is self.omnibox
        return self.mode == "WORK" if action in ("verb", "to_line") else True

    # The line.

    @on(Omnibox.Resolved)
    def _show_reading(self, event: Omnibox.Resolved) -> None:
        event.stop()
        # A reading can arrive after its line was carried out: shown then, it would take the focus from WORK.
        if event.line == self.omnibox.value:
            self._show_resolution(event.resolution)

    def _show_resolution(self, resolution: Resolution | None) -> None:
        chip = clean_line(resolution.chip) if resolution else ""
        self.query_one("#chip", Static).update(Content(chip), layout=False)
        self._resolution = resolution
        self.hits.set_rows(hit_rows(resolution.hits) if resolution else ())
        # Not by a class of the screen: that would style every widget again at the first key of a line.
        self.hits.display = bool(resolution and resolution.hits)
        self.query_one("#body").display = not self.hits.display

    @on(Omnibox.Below)
    def _into_list(self, event: Omnibox.Below) -> None:
        event.stop()
        if self.hits.display:
            self.set_focus(self.hits)
        elif (widget := self.work_widget()) is not None:
            self.set_focus(widget)

    @on(Input.Submitted, "#omnibox")
    def _enter_line(self, event: Input.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._carry_out_line, event.value), group="line")

    async def _carry_out_line(self, line: str) -> None:
        async with self.console.gate.hold("looking up"):
            if line.strip() in ("", "d") and self.desk_asks():
                self.omnibox.wipe()
                await self.console.answer_question(yes=not line.strip())
                return
            if not line.strip():
                return
            await self.console.opened()
            resolution = await self.omnibox.read(line)
            if resolution is not None:
                await self._carry_out(line, resolution)

    async def _carry_out(self, line: str, resolution: Resolution) -> None:
        """Do what the line says; where it may mean several, show them numbered and wait for the choice."""
        if resolution.ticket is not None:
            resolution = await tickets.resolve(self.console, resolution)
        if not resolution.exact:
            self._show_resolution(resolution)
            if resolution.hits:
                self.set_focus(self.hits)
            else:
                self.console.gate.clear()
                self.notify_line("warn", f"{resolution.chip}{self._arriving()}")
            return
        await self._do(resolution, resolution.hits[0] if resolution.hits else None)

    @on(ResultList.Chosen, "#hits")
    def _choose(self, event: ResultList.Chosen) -> None:
        event.stop()
        if self._resolution is not None:
            begin(self.app, partial(self._carry_out_choice, self._resolution, event.index), group="line")

    async def _carry_out_choice(self, resolution: Resolution, index: int) -> None:
        async with self.console.gate.hold("opening"):
            await self._do(resolution, resolution.hits[index])

    def _arriving(self) -> str:
        """Why a customer may not be found: the roster of this desk is not complete yet."""
        status = self.console.desk_status
        if status is None or (status.roster_progress is None and status.roster_count):
            return ""
        return f". Customers are still arriving: {status.roster_progress or 0:,} so far"

    async def _do(self, resolution: Resolution, hit: Hit | None) -> None:
        """The line is done with: out of sight, kept for Up, and the focus where work goes on."""
        self.console.remember_line(resolution)
        self._show_resolution(None)
        self.omnibox.wipe()
        self.set_focus(self.omnibox if self.AUTO_LINE else self.work_widget())
        await acts.carry_out(self, resolution, hit)

    # Keys that mean the same everywhere.

    def on_key(self, event: events.Key) -> None:
        """In WORK, Enter and `d` answer the question on the alert line before they mean anything else."""
        if event.key in ("enter", "d") and self.mode == "WORK" and self.desk_asks():
            event.stop()
            begin(self.app, partial(self._answer, yes=event.key == "enter"), group="line")

    async def _answer(self, *, yes: bool) -> None:
        async with self.console.gate.hold("answering"):
            await self.console.answer_question(yes=yes)

    def action_to_line(self) -> None:
        self.set_focus(self.omnibox)

    async def action_back(self) -> None:
        """One step: out of the list of hits, out of the line, off the screen."""
        if self.focused is self.hits or (self.focused is self.omnibox and self.omnibox.value):
            self._show_resolution(None)
            self.omnibox.wipe()
            self.set_focus(self.omnibox if self.AUTO_LINE else self.work_widget())
        elif self.focused is self.omnibox and self.work_widget() is not None:
            self.set_focus(self.work_widget())
        else:
            await self.leave()

    async def action_verb(self, code: str) -> None:
        await acts.run_verb(self.console, code, Order(self.here))

    async def action_wrap_up(self) -> None:
        await self.action_verb("wrap")

    async def action_help(self) -> None:
        await acts.show_help(self)

    def action_palette(self) -> None:
        acts.show_palette(self)

    async def action_refresh_now(self) -> None:
        await self.refresh_now()

    def action_call(self) -> None:
        self.console.turn_call()

    async def action_other(self) -> None:
        await self.console.other_customer()

    async def action_tick(self) -> None:
        """The backtick, which no line begins with; in a field of a form it is a letter."""
        await self.console.other_customer()

    async def action_undo(self) -> None:
        await acts.undo(self)

    def action_weather(self) -> None:
        self.console.next_weather()
