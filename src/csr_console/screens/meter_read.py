"""A read of a meter: what it is known by, and what it comes to once central has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.billing.commands import EnterRead
from csr_console.domain.text import clean_line
from csr_console.screens.drafts import find_draft
from csr_console.screens.forms import FormScreen

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def enter(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`read` asks for the service and the digits; `read electric 74573` has them."""
    draft = None if args else await find_draft(app, MeterReadScreen.form_name, entry.account)
    service, value = (*args, "", "")[:2]
    await app.show_screen(MeterReadScreen(entry, service, value, draft=draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(MeterReadScreen(customer.entry, draft=draft))


class MeterReadScreen(FormScreen):
    """Which service, the digits, how they are known, and of which day."""

    form_name = "meter read"
    command_class = EnterRead
    fields = ("service", "value", "how", "read_on", "rolled_over", "replaces")

    def __init__(
        self,
        entry: RosterEntry,
        service: str = "",
        value: str = "",
        *,
        last: str = "",
        draft: Draft | None = None,
    ) -> None:
        super().__init__(entry, draft)
        self._given = {"service": service, "value": value}
        known = f"\n{last}" if last else ""
        self.heading = f"Meter read · {clean_line(entry.name)} · {entry.account}{known}"

    def asked(self) -> tuple[str, ...]:
        """What was said is asked last: then one Enter sends."""
        first, *others = self.fields
        return (*others, first) if self._given["service"] else self.fields

    def focus_start(self) -> None:
        if self._given["value"]:
            self.form.focus_last()
        else:
            super().focus_start()

    def initial(self) -> Mapping[str, object]:
        return {name: text for name, text in self._given.items() if text}
