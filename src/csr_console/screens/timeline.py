"""The timeline of a customer: what happened, newest first, turned by key, read in full on Enter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.contracts.views.accounts import TimelineEntry
from csr_console.domain.text import clean, clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import day, hhmm, moment_on
from csr_console.widgets.cells import Cell, Column
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import RosterEntry

COLUMNS = (Column("When", 12), Column("What", 12), Column("By", 10), Column("", 0))
FILTERS: dict[str, frozenset[str]] = {
    "all": frozenset(),
    "notes": frozenset({"note"}),
    "contacts": frozenset({"interaction", "callback"}),
    "outages": frozenset({"outage", "hazard"}),
    "money": frozenset({"billing"}),
    "changes": frozenset({"contact", "verification"}),
}
"""What each turn of the timeline shows; nothing named means everything."""


def next_filter(current: str) -> str:
    names = list(FILTERS)
    return names[(names.index(current) + 1) % len(names)]


def filtered(entries: Sequence[TimelineEntry], name: str) -> list[TimelineEntry]:
    kinds = FILTERS[name]
    return [entry for entry in entries if not kinds or entry.kind in kinds]


def rows(entries: Sequence[TimelineEntry], now: datetime) -> list[tuple[Cell, ...]]:
    return [
        (moment_on(entry.at, now), entry.kind, clean_line(entry.actor), clean_line(entry.text, limit=300))
        for entry in entries
    ]


class Timeline(ResultList):
    """The list of entries; Enter needs no hint where a digit does the same."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Read it", show=False)]

    def __init__(self) -> None:
        super().__init__(COLUMNS, empty="Nothing on the timeline", header=False, id="timeline")


class EntryScreen(ConsoleScreen):
    """One entry of the timeline in full."""

    DEFAULT_CSS = """
    EntryScreen VerticalScroll { padding: 1 2; }
    EntryScreen #entry { height: auto; text-wrap: wrap; }
    """

    def __init__(self, entry: TimelineEntry, customer: RosterEntry) -> None:
        super().__init__()
        self._entry = entry
        self._customer = customer

    @property
    def here(self) -> RosterEntry:
        return self._customer

    def compose_body(self) -> ComposeResult:
        entry, local = self._entry, self._entry.at.astimezone()
        head = f"{day(local.date())} {hhmm(entry.at)} · {entry.kind} · {clean_line(entry.actor)}"
        whose = f"{clean_line(self._customer.name)} · {self._customer.account}"
        text = Content.assemble((head, "bold"), "\n", (whose, "$tone-dim"), "\n\n", clean(entry.text))
        with VerticalScroll(id="reading"):
            yield Static(text, id="entry")

    def work_widget(self) -> Widget:
        return self.query_one("#reading")
