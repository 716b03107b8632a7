"""Commands that wait for a second person: read exactly what is held, then yes or no with a reason."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.contracts.registry import REGISTRY
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.ask import AskScreen, check_reason
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import age, words
from csr_console.screens.submit import Sending, refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Column
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.approvals import HeldView


class ApprovalsScreen(ConsoleScreen):
    """The list comes from central each time: an approval is never given on what is only remembered."""

    DEFAULT_CSS = """
    ApprovalsScreen #held { height: 1fr; }
    ApprovalsScreen #command {
        height: auto; min-height: 5; max-height: 10; padding: 0 1; border-top: solid $line;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "decide(True)", "Approve"),
        Binding("n", "decide(False)", "Decline"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._held: list[HeldView] = []

    def compose_body(self) -> ComposeResult:
        columns = (
            Column("Command", 24),
            Column("By", 12),
            Column("Waiting", 8, right=True),
            Column("Why", 0),
        )
        yield ResultList(columns, empty="Nothing waits for you", id="held")
        yield Static(Content(""), id="command")

    def work_widget(self) -> Widget:
        return self.query_one("#held", ResultList)

    def on_mount(self) -> None:
        self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        begin(self, self._show, group="load", exclusive=True)

    async def _show(self) -> None:
        try:
            self._held = await asyncio.to_thread(self.console.desk.approvals)
        except Answer as answer:
            refuse(self.console, answer)
            return
        now = self.console.now()
        rows = [
            (title_of(held), clean_line(held.actor), age(now - held.held_at), clean_line(held.sentence))
            for held in self._held
        ]
        self.query_one("#held", ResultList).set_rows(rows, keep=True)
        self._show_command()

    def _chosen(self) -> HeldView | None:
        cursor = self.query_one("#held", ResultList).cursor
        return self._held[cursor] if cursor is not None and cursor < len(self._held) else None

    @on(ResultList.Highlighted, "#held")
    @on(ResultList.Chosen, "#held")
    def _show_command(self) -> None:
        held = self._chosen()
        lines = command_lines(held) if held else []
        self.query_one("#command", Static).update(Content("\n".join(lines)))

    def action_decide(self, approve: bool) -> None:
        held = self._chosen()
        if held is None:
            self.notify_line("info", "Nothing waits for you.")
            return
        word = "Approve" if approve else "Decline"
        screen = AskScreen(f"{word} “{title_of(held)}” by {held.actor}. Why?", check=check_reason)
        self.app.push_screen(screen, partial(self._decide, held, approve))

    def _decide(self, held: HeldView, approve: bool, reason: str | None) -> None:
        if reason is not None:
            command = DecideApproval(held=held.id, digest=held.digest, approve=approve, reason=reason)
            begin(self, partial(self._send, command), group="send")

    async def _send(self, command: DecideApproval) -> None:
        await Sending(self.console).send(command)
        self._load()


def title_of(held: HeldView) -> str:
    """The title of the command's kind."""
    kind = REGISTRY.commands.get(held.kind)
    return kind.title if kind else clean_line(held.kind)


def command_lines(held: HeldView) -> list[str]:
    """Every field of what would be done, and the beginning of the digest that an approval signs."""
    lines = [
        f"{words(name)}: {clean_line(str(value))}" for name, value in held.command.items() if name != "kind"
    ]
    return [f"{title_of(held)} · station {clean_line(held.station)} · {held.digest[:12]}", *lines]
