"""A clash, side by side: theirs and yours, field by field, and the clerk decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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
from csr_console.screens.format import counted, moment_on, words
from csr_console.screens.submit import Sending, refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.desk.model import QueueItem
    from csr_console.domain.command import Command

COLUMNS = (
    Column("Field", 14),
    Column("On file now", 0),
    Column("Yours", 0),
    Column("Keep", 6),
)


class ConflictScreen(ConsoleScreen):
    """`facts` of the conflict: `fields` (field -> theirs, by, at, yours) and the `version` on file now.

    A digit turns one field over, `m` keeps all of yours, `t` all of theirs, `s` sends what was chosen.
    """

    DEFAULT_CSS = """
    ConflictScreen #why { height: auto; padding: 0 1 1 1; color: $tone-warn; text-wrap: wrap; }
    ConflictScreen #fields { height: 1fr; }
    ConflictScreen #whole { height: 4; padding: 0 1; border-top: solid $line; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "decide", "Send"),
        Binding("m", "keep_all(True)", "Mine"),
        Binding("t", "keep_all(False)", "Theirs"),
    ]

    def __init__(self, item: QueueItem) -> None:
        super().__init__()
        self._item = item
        facts = item.problem.facts if item.problem else {}
        self._fields = in_form_order(item.command, facts.get("fields", {}))
        self._version: int = facts.get("version", 0)
        self._mine = dict.fromkeys(self._fields, True)
        self._deciding = False

    def compose_body(self) -> ComposeResult:
        yield Static(Content(self._why()), id="why")
        yield ResultList(COLUMNS, empty="Nothing differs any more: s sends it.", id="fields")
        yield Static(id="whole")

    def work_widget(self) -> Widget:
        return self.query_one("#fields", ResultList)

    def on_mount(self) -> None:
        self._sending = Sending(self.console, self._account, in_place_of=self._item.id)
        self._show()

    @property
    def _account(self) -> str | None:
        return getattr(self._item.command, "account", None)

    def _why(self) -> str:
        about = f"{self._item.title} · {clean_line(self._item.about)}"
        detail = clean_line(self._item.problem.detail) if self._item.problem else ""
        return f"{about}\n{detail}\nA digit turns one field over; s sends the choice."

    def _show(self) -> None:
        rows = [field_row(name, field, mine=self._mine[name]) for name, field in self._fields.items()]
        self.query_one("#fields", ResultList).set_rows(rows, keep=True)
        self._show_whole()

    @on(ResultList.Highlighted, "#fields")
    def _show_whole(self) -> None:
        """The highlighted field with both values whole: a list cuts what does not fit."""
        cursor = self.query_one("#fields", ResultList).cursor
        name = list(self._fields)[cursor] if cursor is not None else None
        lines = both_lines(name, self._fields[name], self.console.now()) if name else []
        self.query_one("#whole", Static).update(Content("\n".join(lines)))

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
        if not self._deciding:
            self._deciding = True
            begin(self.app, self._decide, group="send")

    async def _decide(self) -> None:
        """Resend what is kept of ours with the version seen now; with nothing left of ours, discard."""
        async with self.console.gate.hold("sending"):
            command = self._item.command
            chosen = kept(command, self._mine) if command is not None else None
            if chosen is None:
                done = await self._give_up()
            else:
                expects = {chosen.resource: self._version} if chosen.resource else None
                done = await self._sending.send(chosen, expects=expects)
            self._deciding = False
            if done:
                if self._account is not None:
                    await self.console.reread(self._account)
                await self._leave_said()

    async def _give_up(self) -> bool:
        console, desk = self.console, self.console.desk
        try:
            await console.desk_call(desk.discard, self._item.id, "Kept the other version", doing="discarding")
        except Answer as answer:
            refuse(console, answer)
            return False
        console.notify_line("ok", f"Kept theirs: {counted(len(self._fields), 'field')}. Yours is discarded.")
        return True

    async def _leave_said(self) -> None:
        if self.app.screen is self:
            severity, text = self.said
            await self.leave()
            self.console.notify_line(severity, text)


def in_form_order(
    command: Command | None, fields: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The fields of the clash as the form asks them: a digit means the same field each time."""
    order = list(type(command).model_fields) if command is not None else []
    ranked = sorted(fields, key=lambda name: order.index(name) if name in order else len(order))
    return {name: fields[name] for name in ranked}


def field_row(name: str, field: Mapping[str, Any], *, mine: bool) -> tuple[Cell, ...]:
    """A field of the clash; what is kept is marked by word and color."""
    theirs, yours = shown(field["theirs"]), shown(field["yours"])
    return (
        words(name),
        theirs if mine else Toned(theirs, "ok"),
        Toned(yours, "ok") if mine else yours,
        "mine" if mine else "theirs",
    )


def both_lines(name: str, field: Mapping[str, Any], now: datetime) -> list[str]:
    """Both values of a field whole, and who set theirs when."""
    at = field.get("at")
    when = f" at {moment_on(datetime.fromisoformat(str(at)), now)}" if at else ""
    by = f" (by {clean_line(str(field['by']))}{when})" if field.get("by") else ""
    return [
        f"{words(name)} on file now{by}: {shown(field['theirs'])}",
        f"Yours: {shown(field['yours'])}",
    ]


def shown(value: object) -> str:
    """A value in words; an empty one has to be seen, too."""
    return clean_line(str(value)) or "(empty)"


def kept(command: Command, mine: Mapping[str, bool]) -> Command | None:
    """The command without the fields given up; None when nothing of it is left."""
    given_up: dict[str, None] = {name: None for name, keep in mine.items() if not keep}
    left = command.model_copy(update=given_up)
    return left if left.changed_fields else None
