"""Every open hazard: those nobody has taken first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget

from csr_console.desk.events import DeskEvent, OutagesChanged
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.following import follow
from csr_console.screens.format import age, words
from csr_console.screens.hazard import HazardScreen
from csr_console.screens.work import keep_up
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.outages import HazardView

COLUMNS = (
    Column("Hazard", 16),
    Column("Place", 0),
    Column("Age", 6, right=True),
    Column("Dispatcher", 22),
)


class HazardsScreen(ConsoleScreen):
    """The list follows central; nothing in it groups, merges or hides a danger."""

    BINDINGS: ClassVar[list[BindingType]] = [*verb_bindings()]

    def __init__(self) -> None:
        super().__init__()
        self._hazards: list[HazardView] = []

    def compose_body(self) -> ComposeResult:
        yield ResultList(COLUMNS, empty="No open hazards", id="hazards")

    def work_widget(self) -> Widget:
        return self.query_one("#hazards", ResultList)

    def on_mount(self) -> None:
        self._load()

    def on_screen_resume(self) -> None:
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        keep_up(self, self._show, group="load")

    async def _show(self) -> None:
        was = [hazard.id for hazard in self._hazards]
        self._hazards = await asyncio.to_thread(self.console.desk.hazards)
        now = self.console.now()
        cells = [hazard_row(hazard, now) for hazard in self._hazards]
        follow(self.query_one("#hazards", ResultList), was, cells, [hazard.id for hazard in self._hazards])

    @on(ResultList.Chosen, "#hazards")
    async def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._hazards):
            await self.console.show_screen(HazardScreen.of_view(self._hazards[event.index]))


def hazard_row(hazard: HazardView, now: datetime) -> tuple[Cell, ...]:
    """A row of the list; a hazard that nobody has taken says so in words."""
    taken: Cell = clean_line(hazard.dispatcher) if hazard.dispatcher else Toned("NOBODY YET", "danger")
    return (
        Toned(words(hazard.hazard), "danger"),
        clean_line(hazard.place) or Toned("place not known yet", "warn"),
        age(now - hazard.opened_at),
        taken,
    )
