"""Update contact details: the form begins with what is on file and sends only what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.accounts.commands import CONTACT_FIELDS, UpdateContact
from csr_console.domain.accounts.verification import Level
from csr_console.domain.text import clean_line
from csr_console.screens.drafts import find_draft
from csr_console.screens.forms import FormScreen
from csr_console.screens.panels import level_now
from csr_console.screens.question import Question
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import AccountView, RosterEntry
    from csr_console.desk.model import Draft


async def update(app: ConsoleApp, entry: RosterEntry, draft: Draft | None = None) -> None:
    """Open the form; it needs the details on file, so an account that was never read here has to be read."""
    customer = app.customers.find(entry.account)
    if customer is not None and customer.view is None:
        await app.fetch(customer)
    if customer is None or customer.view is None:
        app.notify_line(
            "warn", "The contact details are not on this desk: they are read as soon as central is reached."
        )
        return
    kept = draft or await find_draft(app, "contact", entry.account)
    await app.show_screen(ContactScreen(entry, customer.view, kept))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await update(app, customer.entry, draft)


class ContactScreen(FormScreen):
    """The form of the contact details; `expects` is the version that the clerk saw when it opened."""

    form_name = "contact"
    command_class = UpdateContact
    fields = CONTACT_FIELDS

    def __init__(self, entry: RosterEntry, view: AccountView, draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._customer = entry
        self._contact = view.contact
        self._view = view
        self.heading = f"Contact details of {clean_line(entry.name)} · {entry.account}"

    def initial(self) -> Mapping[str, object]:
        return {name: getattr(self._contact, name) for name in CONTACT_FIELDS}

    def on_mount(self) -> None:
        if level_now(self._view, self.console.now()) < Level.L2:
            self.notify_line("info", "A change needs a caller verified at L2.")

    async def send(self, event: Form.Submitted) -> bool:
        before = {name: str(getattr(self._contact, name)) for name in CONTACT_FIELDS}
        given = event.command
        changed = {
            name: value
            for name in CONTACT_FIELDS
            if (value := str(getattr(given, name) or "")) != before[name]
        }
        command = UpdateContact.model_validate({"account": self.account, **changed})
        expects = {command.resource: self._contact.version}
        former = {name: before[name] for name in changed}
        sent = await self.sending.send(command, expects=expects, before=former)
        no = self.sending.refusal
        if no is not None and no.code == "not-verified":
            self.set_focus(None)
            text = f"{no.sentence} Enter: verify now, d: not now."
            self.console.ask(Question(text, self._verify, self._resume, "error"))
        return sent

    async def _verify(self) -> None:
        from csr_console.screens.verify import verify

        await verify(self.console, self._customer, wanted=Level.L2)

    async def _resume(self) -> None:
        self.form.focus_first()

    def on_screen_resume(self) -> None:
        """Back from the verification: one Enter on the last field sends the form as it stands."""
        if self.focused is None and self.is_mounted:
            self.set_focus(list(self.form.fields.values())[-1].editor)
