"""Home: the line, who is open, what waits, and what the line understands."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.format import as_of
from csr_console.screens.work import begin, keep_up
from csr_console.widgets.cells import Column
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.desk.desk import Desk
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.model import DeskStatus

QUIET, ALARM = "$tone-dim", "$tone-error"
COLUMNS = (Column("Open customers", 26), Column("Account", 9), Column("Address", 0), Column("Status", 8))
EXAMPLES = (
    ("8505550142", "phone, any spelling", "maria lopez", "name"),
    ("100482771", "account", "1204 oak", "address"),
    ("E1020304", "meter", "#12", "report"),
    ("8505550142 out a n", "outage, all, no hazard", ". note dog in yard", "note here"),
)


class HomeScreen(ConsoleScreen):
    """Where a call begins: the focus is in the line."""

    AUTO_LINE = True
    DEFAULT_CSS = """
    HomeScreen #greeting { height: 2; padding: 1 2 0 2; }
    HomeScreen #counts { height: 4; padding: 1 2 0 2; }
    HomeScreen #open { height: 1fr; padding: 0 1; }
    HomeScreen #examples { height: 6; padding: 1 2 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*verb_bindings()]

    def compose_body(self) -> ComposeResult:
        yield Static(Content.styled("Opening the desk; you can type already.", "$tone-dim"), id="greeting")
        yield Static(id="counts")
        yield ResultList(COLUMNS, empty="No customer is open.", id="open")
        yield Static(self._examples(), id="examples")

    def _examples(self) -> Content:
        lines = [
            Content.assemble(
                (f"{left:<19}", "$tone-info"), (f"{means:<25}", "$tone-dim"),
                (f"{right:<19}", "$tone-info"), (also, "$tone-dim"),
            )
            for left, means, right, also in EXAMPLES
        ]  # fmt: skip
        return Content("\n").join([Content.styled("The line understands", "$tone-dim"), *lines])

    def work_widget(self) -> Widget:
        return self.query_one("#open")

    def desk_opened(self) -> None:
        self._refresh()

    def on_screen_resume(self) -> None:
        self.set_focus(self.omnibox)
        self._list_open()
        self._refresh()

    def desk_event(self, event: DeskEvent) -> None:
        if self.is_current:
            self._refresh()

    async def refresh_now(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        if self.console.is_open:
            keep_up(self, self._read, group="home")

    async def _read(self) -> None:
        desk = self.console.desk
        status, reports, hazards = await asyncio.to_thread(_read_counts, desk)
        actor = desk.actor
        who = f"{actor.name} · {actor.role} · {actor.office}" if actor else "Nobody is signed in"
        self.query_one("#greeting", Static).update(Content.styled(clean_line(who), "bold"))
        self.query_one("#counts", Static).update(self._counts(status, reports, hazards))

    def _list_open(self) -> None:
        entries = [customer.entry for customer in self.console.customers.all()]
        rows = [
            (clean_line(entry.name), entry.account, clean_line(entry.service_address), entry.status)
            for entry in entries
        ]
        self.query_one("#open", ResultList).set_rows(rows)

    def _counts(self, status: DeskStatus, reports: int, hazards: int) -> Content:
        waiting = status.queued + status.unconfirmed
        roster = f"{status.roster_count:,} customers on this desk"
        if status.roster_progress is not None:
            roster = f"{roster} · taking the snapshot: {status.roster_progress:,}"
        elif status.as_of is not None:
            roster = f"{roster} · {as_of(status.as_of, self.console.now())}"
        return Content("\n").join(
            [
                Content.assemble(
                    (f"▲ {_counted(hazards, 'hazard')}", f"bold {ALARM}" if hazards else QUIET),
                    "   ",
                    (f"◆ {_counted(reports, 'open report')}", "" if reports else QUIET),
                    "   ",
                    (f"◌ {waiting} waiting to be sent", "$tone-warn" if waiting else QUIET),
                    "   ",
                    (f"! {status.attention} need you", f"bold {ALARM}" if status.attention else QUIET),
                ),
                Content.styled(roster, "$tone-dim"),
                Content.styled(clean_line(status.sentence), "$tone-warn"),
            ]
        )  # fmt: skip

    @on(ResultList.Chosen, "#open")
    def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        begin(self.app, partial(self.console.pick_customer, event.index + 1), group="line")

    async def leave(self) -> None:
        """There is nothing behind home."""
        self.set_focus(self.omnibox)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _read_counts(desk: Desk) -> tuple[DeskStatus, int, int]:
    return desk.status(), *desk.open_counts()
