"""The queue of this workstation: every command, its state, its age and what central said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutcomeArrived, StatusChanged
from csr_console.desk.model import STOPPED, WAITING, QueueItem
from csr_console.domain.oversight.commands import DiscardCommand
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.ask import AskScreen, check_reason
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.following import follow
from csr_console.screens.format import age, counted
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin, keep_up
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.outages import HazardView, ReportView
    from csr_console.desk.desk import Desk
    from csr_console.desk.model import ItemState

WIDE = 110
"""From this many columns on a row has room for what was said; below, it stands under the list."""
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
NARROW_COLUMNS = (
    Column("State", 13),
    Column("Command", 24),
    Column("About", 0),
    Column("Age", 6, right=True),
)
WIDE_COLUMNS = (*NARROW_COLUMNS, Column("Said", 50))


def queue_row(item: QueueItem, about: str) -> tuple[Cell, ...]:
    """A row of the queue; the last cell is for wide screens."""
    return (
        Toned("! set aside", "error") if item.parked else STATES[item.state],
        item.title,
        about,
        age(timedelta(seconds=item.age_s)),
        clean_line(item.sentence),
    )


class Abouts:
    """What the commands of a queue are about, in words a person knows."""

    def __init__(
        self,
        desk: Desk,
        items: Iterable[QueueItem],
        reports: Iterable[ReportView],
        hazards: Iterable[HazardView],
    ) -> None:
        self._desk = desk
        self._names: dict[str, str] = {}
        self._known = {
            **{str(item.id): f"#{item.seq} {item.title}" for item in items},
            **{str(report.id): f"report #{report.number}" for report in reports if report.number},
            **{str(hazard.id): hazard.place or "place not known yet" for hazard in hazards},
        }

    def __call__(self, item: QueueItem) -> str:
        """A name and its account, a report, another command; else what the command itself says."""
        about = str(item.command.discarded) if isinstance(item.command, DiscardCommand) else item.about
        account = getattr(item.command, "account", None)
        if account is not None:
            return self._name(account)
        return clean_line(self._known.get(about, about))

    def _name(self, account: str) -> str:
        if account not in self._names:
            entry = self._desk.entry(account)
            self._names[account] = f"{clean_line(entry.name)} · {account}" if entry else account
        return self._names[account]


class QueueScreen(ConsoleScreen):
    """What needs a person first, then what waits, then the newest of the rest."""

    DEFAULT_CSS = """
    QueueScreen #queue { height: 1fr; }
    QueueScreen #said { height: 5; padding: 0 1; border-top: solid $line; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resend", "Resend"),
        Binding("x", "discard", "Discard"),
        Binding("A", "all", "All", key_display="A"),
        *verb_bindings(),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QueueItem] = []
        self._open_only = True

    def compose_body(self) -> ComposeResult:
        columns = WIDE_COLUMNS if self.app.size.width >= WIDE else NARROW_COLUMNS
        yield ResultList(columns, empty="Nothing waits and nothing needs you", id="queue")
        yield Static(id="said")

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

    async def read_first(self) -> None:
        """Read the queue while the keys wait: a digit typed ahead picks a row that is there."""
        async with self.console.gate.hold("reading the queue"):
            await self._show()

    def _load(self) -> None:
        keep_up(self, self._show, group="load")

    def _read(self) -> tuple[list[QueueItem], list[tuple[Cell, ...]]]:
        desk = self.console.desk
        items = desk.queue(open_only=self._open_only)
        about = Abouts(desk, items, desk.reports(), desk.hazards())
        items.sort(key=attention)
        return items, [queue_row(item, about(item)) for item in items]

    async def _show(self) -> None:
        was = [item.id for item in self._items]
        self._items, cells = await asyncio.to_thread(self._read)
        follow(self.query_one("#queue", ResultList), was, cells, [item.id for item in self._items])
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
            from csr_console.screens.fix import FixScreen

            await self.app.push_screen(FixScreen(item))
        else:
            self.notify_line("info", clean_line(item.sentence) or f"{item.title}: {item.state}.")

    async def action_resend(self) -> None:
        """Fix and send again what was stopped; try again now what waits."""
        item = self._chosen()
        if item is None:
            self.notify_line("info", "Nothing waits and nothing needs you.")
        elif item.state in STOPPED:
            await self._deal_with(item)
        elif item.state in WAITING:
            await self.console.desk_call(self.console.desk.retry, item.id, doing="trying again")
            said = "when the network is back" if self.console.offline else "now"
            self.notify_line("info", f"{item.title}: tried again {said}, under the same id.")
        else:
            self.notify_line("info", f"{item.title}: {item.state}. There is nothing to send again.")

    def action_discard(self) -> None:
        item = self._chosen()
        if item is None or item.state not in STOPPED | WAITING:
            self.notify_line("info", "Only what is not done yet can be discarded.")
        elif item.state in WAITING and item.command is not None and item.command.urgent:
            self.notify_line("warn", "A danger is not discarded: it goes to central and is closed there.")
        else:
            row = self.query_one("#queue", ResultList).rows[self._items.index(item)]
            question = f"Discard “{item.title}” ({row[2]})? Why:"
            self.app.push_screen(AskScreen(question, check=check_reason), partial(self._discard, item.id))

    def _discard(self, command_id: UUID, reason: str | None) -> None:
        if reason is not None:
            begin(self.app, partial(self._send_discard, command_id, reason), group="send")

    async def _send_discard(self, command_id: UUID, reason: str) -> None:
        console = self.console
        try:
            receipt = await console.desk_call(console.desk.discard, command_id, reason, doing="discarding")
        except Answer as answer:
            refuse(console, answer)
        else:
            told = "" if receipt.state == "applied" else " Central is told when it is reached."
            console.notify_line("ok", f"Discarded.{told}")
        if self.is_attached:
            self._load()

    def action_all(self) -> None:
        self._open_only = not self._open_only
        self.notify_line("info", "What is open." if self._open_only else "Everything entered here.")
        self._load()


def attention(item: QueueItem) -> tuple[int, int]:
    """What needs a person first, then what waits, then the rest from the newest on."""
    if item.state in STOPPED or item.parked:
        return (0, item.seq)
    if item.state in WAITING or item.state == "held":
        return (1, item.seq)
    return (2, -item.seq)


def said_lines(item: QueueItem) -> list[str]:
    """Central's own words about a command, and the next step."""
    tries = counted(item.attempts, "attempt")
    lines = [f"#{item.seq} {item.title} by {clean_line(item.actor)}, {tries}: {item.state}"]
    if item.problem is not None:
        title, detail = item.problem.title, item.problem.detail
        lines.append(clean_line(detail if detail.startswith(title) else f"{title}: {detail}", limit=300))
        lines.append(clean_line(item.problem.next_step))
    elif item.sentence:
        lines.append(clean_line(item.sentence, limit=300))
    return lines
