"""A clash, side by side: theirs and yours, field by field, and the clerk decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import words
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.desk.model import QueueItem
    from csr_console.domain.command import Command

COLUMNS = (
    Column("Field", 16),
    Column("On file now", 0),
    Column("By", 10),
    Column("Yours", 28),
    Column("Keep", 7),
)


class ConflictScreen(ConsoleScreen):
    """`facts` of the conflict: `fields` (field -> theirs, by, at, yours) and the `version` on file now.

    A digit turns one field over, `m` keeps all of yours, `t` all of theirs, `s` sends what was chosen.
    """

    DEFAULT_CSS = """
    ConflictScreen #why { height: auto; padding: 0 1; color: $tone-warn; }
    ConflictScreen #fields { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "keep_all(True)", "Mine"),
        Binding("t", "keep_all(False)", "Theirs"),
        Binding("s", "decide", "Send the choice"),
    ]

    def __init__(self, item: QueueItem) -> None:
        super().__init__()
        self._item = item
        facts = item.problem.facts if item.problem else {}
        self._fields: Mapping[str, Mapping[str, Any]] = facts.get("fields", {})
        self._version: int = facts.get("version", 0)
        self._mine = dict.fromkeys(self._fields, True)

    def compose_body(self) -> ComposeResult:
        yield Static(Content(self._why()), id="why")
        yield ResultList(COLUMNS, empty="Nothing differs any more", id="fields")

    def work_widget(self) -> Widget:
        return self.query_one("#fields", ResultList)

    def on_mount(self) -> None:
        self._show()

    def _why(self) -> str:
        about = f"{self._item.title} · {clean_line(self._item.about)}"
        detail = clean_line(self._item.problem.detail) if self._item.problem else ""
        return f"{about}\n{detail} A digit turns a field over; s sends the choice."

    def _show(self) -> None:
        rows = [self._row(name, field) for name, field in self._fields.items()]
        self.query_one("#fields", ResultList).set_rows(rows, keep=True)

    def _row(self, name: str, field: Mapping[str, Any]) -> tuple[Cell, ...]:
        mine = self._mine[name]
        theirs, yours = clean_line(str(field["theirs"])), clean_line(str(field["yours"]))
        return (
            words(name),
            theirs if mine else Toned(theirs, "ok"),
            clean_line(str(field.get("by", ""))),
            Toned(yours, "ok") if mine else yours,
            "mine" if mine else "theirs",
        )

    @on(ResultList.Chosen, "#fields")
    def _turn_over(self, event: ResultList.Chosen) -> None:
        event.stop()
        name = list(self._fields)[event.index]
        self._mine[name] = not self._mine[name]
        self._show()

    def action_keep_all(self, mine: bool) -> None:
        self._mine = dict.fromkeys(self._fields, mine)
        self._show()

    def action_decide(self) -> None:
        begin(self.app, self._decide, group="send")

    async def _decide(self) -> None:
        """Resend what is kept of ours with the versions seen now; with nothing left of ours, discard."""
        desk, command = self.console.desk, self._item.command
        chosen = kept(command, self._mine) if command is not None else None
        if chosen is None:
            send = partial(desk.discard, self._item.id, "Kept the other version")
        else:
            expects = {chosen.resource: self._version} if chosen.resource else None
            send = partial(desk.resend, self._item.id, chosen, expects=expects)
        try:
            receipt = await self.console.desk_call(send, doing="sending")
        except Answer as answer:
            refuse(self.console, answer)
            return
        await self.leave()
        self.console.notify_line(
            "ok" if receipt.state in ("applied", "discarded") else "warn", receipt.answer
        )


def kept(command: Command, mine: Mapping[str, bool]) -> Command | None:
    """The command without the fields given up; None when nothing of it is left."""
    given_up: dict[str, None] = {name: None for name, keep in mine.items() if not keep}
    left = command.model_copy(update=given_up)
    return left if left.changed_fields else None
