"""The queue of this workstation: every command, its state, its age and what central said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutcomeArrived, StatusChanged
from csr_console.desk.model import STOPPED, WAITING, QueueItem
from csr_console.domain.fields import Entry
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.ask import AskScreen, check_reason
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import age
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.form import Form
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.desk.model import ItemState

STATES: dict[ItemState, Cell] = {
    "queued": Toned("… queued", "warn"),
    "sending": Toned("→ sending", "warn"),
    "unconfirmed": Toned("? unconfirmed", "warn"),
    "applied": Toned("✓ applied", "ok"),
    "held": Toned("‖ held", "info"),
    "conflict": Toned("≠ conflict", "error"),
    "refused": Toned("✗ refused", "error"),
    "expired": Toned("⌛ expired", "error"),
    "discarded": Toned("− discarded", "dim"),
    "declined": Toned("✗ declined", "error"),
}
COLUMNS = (
    Column("State", 13),
    Column("Command", 24),
    Column("About", 16),
    Column("Age", 6, right=True),
    Column("Said", 0),
)


def queue_row(item: QueueItem) -> tuple[Cell, ...]:
    return (
        Toned("‖ parked", "error") if item.parked else STATES[item.state],
        item.title,
        clean_line(item.about),
        age(timedelta(seconds=item.age_s)),
        clean_line(item.sentence),
    )


class QueueScreen(ConsoleScreen):
    """What waits and what was answered, newest work first among what needs a person."""

    DEFAULT_CSS = """
    QueueScreen #queue { height: 1fr; }
    QueueScreen #said { height: auto; min-height: 3; max-height: 6; padding: 0 1; border-top: solid $line; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resend", "Fix and resend"),
        Binding("x", "discard", "Discard"),
        Binding("A", "all", "All / open"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QueueItem] = []
        self._open_only = True

    def compose_body(self) -> ComposeResult:
        yield ResultList(COLUMNS, empty="Nothing waits and nothing needs you", id="queue")
        yield Static(Content(""), id="said")

    def work_widget(self) -> Widget:
        return self.query_one("#queue", ResultList)

    def on_mount(self) -> None:
        self._load()

    def on_screen_resume(self) -> None:
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutcomeArrived | StatusChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        begin(self, self._show, group="load", exclusive=True)

    async def _show(self) -> None:
        items = await asyncio.to_thread(partial(self.console.desk.queue, open_only=self._open_only))
        self._items = sorted(items, key=_attention)
        self.query_one("#queue", ResultList).set_rows([queue_row(item) for item in self._items], keep=True)
        self._say()

    def _say(self) -> None:
        item = self._chosen()
        lines = said_lines(item) if item else ["Everything entered here is with central."]
        self.query_one("#said", Static).update(Content("\n".join(lines)))

    def _chosen(self) -> QueueItem | None:
        cursor = self.query_one("#queue", ResultList).cursor
        return self._items[cursor] if cursor is not None and cursor < len(self._items) else None

    @on(ResultList.Highlighted, "#queue")
    def _highlight(self, event: ResultList.Highlighted) -> None:
        event.stop()
        self._say()

    @on(ResultList.Chosen, "#queue")
    async def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._items):
            await self._deal_with(self._items[event.index])

    async def _deal_with(self, item: QueueItem) -> None:
        if item.state == "conflict":
            from csr_console.screens.conflict import ConflictScreen

            await self.app.push_screen(ConflictScreen(item))
        elif item.state in STOPPED and item.command is not None:
            await self.app.push_screen(FixScreen(item))
        else:
            self.notify_line("info", clean_line(item.sentence) or f"{item.title}: {item.state}.")

    async def action_resend(self) -> None:
        item = self._chosen()
        if item is None or item.state not in STOPPED:
            self.notify_line("info", "Only what was refused, expired or in conflict is fixed and sent again.")
        else:
            await self._deal_with(item)

    def action_discard(self) -> None:
        item = self._chosen()
        if item is None or item.state not in STOPPED | WAITING:
            self.notify_line("info", "Only what is not done yet can be discarded.")
            return
        question = f"Discard “{item.title}” about {item.about}. Why?"
        self.app.push_screen(AskScreen(question, check=check_reason), partial(self._discard, item))

    def _discard(self, item: QueueItem, reason: str | None) -> None:
        if reason is not None:
            begin(self, partial(self._send_discard, item, reason), group="send")

    async def _send_discard(self, item: QueueItem, reason: str) -> None:
        try:
            receipt = await self.console.desk_call(
                self.console.desk.discard, item.id, reason, doing="discarding"
            )
        except Answer as answer:
            refuse(self.console, answer)
        else:
            self.notify_line("ok", receipt.answer or "Discarded.")
        self._load()

    def action_all(self) -> None:
        self._open_only = not self._open_only
        self._load()


def _attention(item: QueueItem) -> tuple[int, int]:
    """What needs a person first, then what waits, then the rest from the newest on."""
    if item.state in STOPPED or item.parked:
        return (0, item.seq)
    if item.state in WAITING or item.state == "held":
        return (1, item.seq)
    return (2, -item.seq)


def said_lines(item: QueueItem) -> list[str]:
    """Central's own words about a command, and the next step."""
    lines = [f"#{item.seq} {item.title} by {clean_line(item.actor)}, {item.attempts} attempts: {item.state}"]
    if item.problem is not None:
        lines.append(clean_line(f"{item.problem.title}: {item.problem.detail}", limit=300))
        lines.append(clean_line(item.problem.next_step))
    elif item.sentence:
        lines.append(clean_line(item.sentence, limit=300))
    return lines


def editable_fields(command: Any) -> list[str]:
    """The fields of a command that a person fills in."""
    found = []
    for name, field in type(command).model_fields.items():
        entry = next((item for item in field.metadata if isinstance(item, Entry)), None)
        if entry is not None and entry.kind != "hidden" and name not in ("account", "premise"):
            found.append(name)
    return found


class FixScreen(ConsoleScreen):
    """A command that central did not take, to be corrected and sent under a new id."""

    DEFAULT_CSS = (
        "FixScreen #said { height: auto; padding: 0 1; color: $tone-error; } FixScreen Form { height: 1fr; }"
    )

    def __init__(self, item: QueueItem) -> None:
        super().__init__()
        self._item = item

    def compose_body(self) -> ComposeResult:
        command = self._item.command
        assert command is not None  # noqa: S101  the queue opens this screen only for commands it can read
        fields: Sequence[str] = editable_fields(command)
        values = command.model_dump(exclude_none=True)
        values.pop("kind")
        yield Static(Content("\n".join(said_lines(self._item))), id="said")
        yield Form(
            type(command),
            fields=fields,
            initial={name: values[name] for name in fields if name in values},
            fixed={name: value for name, value in values.items() if name not in fields},
            title=self._item.title,
        )

    def work_widget(self) -> Widget:
        return self.query_one(Form)

    def on_mount(self) -> None:
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._resend, event.command), group="send")

    async def _resend(self, command: Any) -> None:
        desk = self.console.desk
        resend = partial(desk.resend, self._item.id, command, expects=self._item.expects or None)
        try:
            await self.console.desk_call(desk.preview, command, doing="checking")
            receipt = await self.console.desk_call(resend, doing="sending")
        except Answer as answer:
            refuse(self.console, answer)
            return
        await self.leave()
        self.console.notify_line("ok" if receipt.state == "applied" else "warn", receipt.answer)

    @on(Form.Cancelled)
    async def _cancel(self, event: Form.Cancelled) -> None:
        event.stop()
        await self.leave()
