"""Add a note: on the line at once, or in a field of several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from csr_console.contracts.registry import field_errors
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.text import clean_line
from csr_console.screens.drafts import find_draft
from csr_console.screens.forms import FormScreen
from csr_console.screens.submit import Sending

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def add(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """A note with its text on the line is added at once; without one the form opens."""
    if not args:
        await app.show_screen(NoteScreen(entry, await find_draft(app, "note", entry.account)))
        return
    try:
        command = AddNote(account=entry.account, text=" ".join(args))
    except ValidationError as error:
        app.gate.clear()
        app.notify_line("error", field_errors(error)[0]["message"])
        return
    if await Sending(app, entry.account).send(command):
        await app.reread(entry.account)


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(NoteScreen(customer.entry, draft))


class NoteScreen(FormScreen):
    """The form of a note."""

    form_name = "note"
    command_class = AddNote
    fields = ("text",)

    def __init__(self, entry: RosterEntry, draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self.heading = f"Note for {clean_line(entry.name)} · {entry.account}"
