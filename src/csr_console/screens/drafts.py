"""Drafts: every form is journaled while it is filled in, and offered again after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget

from csr_console.domain.text import clean_line, holds_card_number
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.format import hhmm, moment_on
from csr_console.screens.question import Question
from csr_console.screens.work import begin
from csr_console.widgets.cells import Column
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.desk.model import Draft

SAVED_AFTER_S = 0.4
"""A form rests this long before it is saved; with the save well under a second of typing can be lost."""
OPENERS: Mapping[str, str] = {
    "note": "csr_console.screens.note:open_draft",
    "contact": "csr_console.screens.contact:open_draft",
    "wrapup": "csr_console.screens.wrapup:open_draft",
    "outage": "csr_console.screens.outage_report:open_draft",
    "callback": "csr_console.screens.callback:open_draft",
    "hazard": "csr_console.screens.hazard:open_draft",
    "arrangement": "csr_console.screens.arrangement:open_draft",
    "budget billing": "csr_console.screens.budget:open_draft",
    "leave budget billing": "csr_console.screens.budget:open_leave_draft",
    "returned payment": "csr_console.screens.returned_payment:open_draft",
    "bill correction": "csr_console.screens.correction:open_draft",
    "leak adjustment": "csr_console.screens.leak:open_draft",
    "meter read": "csr_console.screens.meter_read:open_draft",
    "plan": "csr_console.screens.plan:open_draft",
    "report-add": "csr_console.screens.report:open_draft",
    "report-correct": "csr_console.screens.report:open_draft",
}
"""Which function opens a draft of each form: `async open_draft(app, draft)`."""


class Journal:
    """The draft of one form. `note` is called at each change; the newest values are on disk within a second,
    however long the typing goes on."""

    def __init__(
        self, screen: ConsoleScreen, form: str, title: str, account: str | None, *, draft: Draft | None = None
    ) -> None:
        self._screen = screen
        self._form, self._title, self._account = form, title, account
        self._id = draft.id if draft else screen.console.desk.new_id()
        actor = screen.console.desk.actor
        self._login = draft.login if draft else actor.login if actor else ""
        self._values: dict[str, str] | None = None
        self._timer: Timer | None = None
        self._saving: asyncio.Lock = asyncio.Lock()
        self._closed = False

    def note(self, values: Mapping[str, str]) -> None:
        """Keep the raw texts of the form, but no card number, not even while it is typed."""
        self._values = {name: text for name, text in values.items() if not holds_card_number(text)}
        if self._timer is None and not self._closed:
            self._timer = self._screen.set_timer(SAVED_AFTER_S, self._save_soon)

    def _save_soon(self) -> None:
        self._timer = None
        begin(self._screen.app, self.save, group="drafts")

    async def save(self) -> None:
        """Write what is not yet on disk; a form that is left calls it too."""
        from csr_console.desk.model import Draft

        async with self._saving:
            values, self._values = self._values, None
            if not values or self._closed:
                return
            app = self._screen.console
            draft = Draft(self._id, self._form, self._title, self._account, values, app.now(), self._login)
            await asyncio.to_thread(app.desk.save_draft, draft)

    async def drop(self) -> None:
        """The form was sent or given up: nothing is left to restore."""
        self._closed = True
        if self._timer is not None:
            self._timer.stop()
        async with self._saving:
            await asyncio.to_thread(self._screen.console.desk.drop_draft, self._id)


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """Open the form of a draft with what was typed in it."""
    module, _, name = OPENERS[draft.form].partition(":")
    opener = cast("Callable[[ConsoleApp, Draft], Awaitable[None]]", getattr(import_module(module), name))
    if draft.account is not None:
        entry = await app.desk_call(app.desk.entry, draft.account, doing="opening the draft")
        if entry is not None:
            await app.open_customer(entry)
    await opener(app, draft)


async def find_draft(app: ConsoleApp, form: str, account: str | None) -> Draft | None:
    """The draft of that form for that account: a form that was left opens again as it was."""
    drafts = await app.desk_call(app.desk.drafts, doing="reading the drafts")
    found = [draft for draft in drafts if (draft.form, draft.account) == (form, account)]
    return max(found, key=lambda draft: draft.saved_at, default=None)


async def ask_about_draft(app: ConsoleApp) -> None:
    """After a start: offer the newest draft on the alert line. Nothing opens by itself."""
    drafts = await asyncio.to_thread(app.desk.drafts)
    if not drafts:
        return
    draft = max(drafts, key=lambda item: item.saved_at)

    async def restore() -> None:
        await open_draft(app, draft)

    async def discard() -> None:
        await asyncio.to_thread(app.desk.drop_draft, draft.id)
        app.notify_line("info", f"The {hhmm(draft.saved_at)} {clean_line(draft.title)} draft is discarded.")
        await ask_about_draft(app)

    more = f" ({len(drafts) - 1} more: drafts)" if len(drafts) > 1 else ""
    when = moment_on(draft.saved_at, app.now())
    app.ask(
        Question(
            f"Restore the {when} {clean_line(draft.title)} draft? Enter yes, d discard{more}",
            restore,
            discard,
        )
    )


class DraftsScreen(ConsoleScreen):
    """Forms that were begun and not sent."""

    DEFAULT_CSS = """
    DraftsScreen #drafts { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "discard", "Discard")]

    def __init__(self) -> None:
        super().__init__()
        self._drafts: list[Draft] = []

    def compose_body(self) -> ComposeResult:
        columns = (Column("Saved", 12), Column("Form", 20), Column("Account", 9), Column("Begins", 0))
        yield ResultList(columns, empty="No drafts.", id="drafts")

    def work_widget(self) -> Widget:
        return self.query_one("#drafts")

    def on_mount(self) -> None:
        begin(self, self._read, group="drafts")

    async def _read(self) -> None:
        drafts = await self.console.desk_call(self.console.desk.drafts, doing="reading the drafts")
        self._drafts = sorted(drafts, key=lambda item: item.saved_at, reverse=True)
        now = self.console.now()
        rows = [
            (moment_on(draft.saved_at, now), clean_line(draft.title), draft.account or "–", _beginning(draft))
            for draft in self._drafts
        ]
        self.query_one("#drafts", ResultList).set_rows(rows)

    @on(ResultList.Chosen, "#drafts")
    def _restore(self, event: ResultList.Chosen) -> None:
        event.stop()
        begin(self.app, partial(self._open, self._drafts[event.index]), group="drafts")

    async def _open(self, draft: Draft) -> None:
        async with self.console.gate.hold("opening the draft"):
            await self.app.pop_screen()
            await open_draft(self.console, draft)

    async def action_discard(self) -> None:
        cursor = self.query_one("#drafts", ResultList).cursor
        if cursor is not None:
            desk, draft = self.console.desk, self._drafts[cursor]
            await self.console.desk_call(desk.drop_draft, draft.id, doing="discarding")
            await self._read()
            self.notify_line("info", "Draft discarded.")


def _beginning(draft: Draft) -> str:
    return clean_line(" · ".join(text for text in draft.values.values() if text), limit=60)
