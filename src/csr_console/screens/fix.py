"""A command that central did not take, to be corrected and sent in its place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.outages.commands import ReportOutage
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.outage_report import INSISTED, insisted
from csr_console.screens.queue import said_lines
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.form import Form
from csr_console.widgets.specs import spec_of

if TYPE_CHECKING:
    from csr_console.desk.model import QueueItem
    from csr_console.domain.command import Command


ASKED_ELSEWHERE = frozenset({"kind", "account", "premise"})


def editable_fields(command: Command) -> list[str]:
    """The fields of a command that a person fills in; a place that is a premise is not asked in words."""
    found = []
    for name in type(command).model_fields.keys() - ASKED_ELSEWHERE:
        try:
            spec = spec_of(type(command), name)
        except ValueError:
            continue
        in_words = name == "location" and getattr(command, "premise", None) is not None
        if spec.kind != "hidden" and not in_words:
            found.append(name)
    order = list(type(command).model_fields)
    return sorted(found, key=order.index)


class FixScreen(ConsoleScreen):
    """What central said stands above the form; the new command closes the old one."""

    DEFAULT_CSS = """
    FixScreen #said { height: auto; padding: 0 2 1 2; color: $tone-error; text-wrap: wrap; }
    FixScreen Form { height: 1fr; padding: 0 1; }
    """

    def __init__(self, item: QueueItem) -> None:
        super().__init__()
        self._item = item

    def compose_body(self) -> ComposeResult:
        command = self._item.command
        assert command is not None  # noqa: S101  the queue opens this screen only for commands it can read
        fields = editable_fields(command)
        values = command.model_dump(exclude_none=True)
        values.pop("kind")
        yield Static(Content("\n".join(said_lines(self._item))), id="said")
        yield Form(
            type(command),
            fields=fields,
            initial={name: values[name] for name in fields if name in values},
            fixed={name: value for name, value in values.items() if name not in fields},
        )

    def first_widget(self) -> Widget | None:
        fields = self.query_one(Form).fields
        return next(iter(fields.values())).editor if fields else None

    def on_mount(self) -> None:
        account = getattr(self._item.command, "account", None)
        self._sending = Sending(self.console, account, in_place_of=self._item.id)
        self._replaced = False

    def on_screen_resume(self) -> None:
        if self._replaced:
            begin(self.app, self.leave, group="send")

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._resend, event.command), group="send")

    async def _resend(self, command: Command) -> None:
        async with self.console.gate.hold("sending"):
            expects = self._item.expects or None
            problem = self._item.problem
            if isinstance(command, ReportOutage) and problem is not None and problem.code in INSISTED:
                command = insisted(command)
            sent = await self._sending.send(command, expects=expects)
            if sent and self.app.screen is self:
                severity, text = self.said
                await self.leave()
                self.console.notify_line(severity, text)
            # Over a clash the newer command is decided there: this form is about one that is closed.
            self._replaced = self.app.screen is not self
