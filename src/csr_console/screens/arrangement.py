"""A payment arrangement: what would be due when is on the screen before Enter sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.billing.commands import MakeArrangement
from csr_console.screens.drafts import find_draft
from csr_console.screens.previewed import PreviewedForm

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def make(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`pa` asks for the number of installments; `pa 3` shows three and waits for Enter."""
    draft = None if args else await find_draft(app, ArrangementScreen.form_name, entry.account)
    await app.show_screen(ArrangementScreen(entry, args[0] if args else "", draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(ArrangementScreen(customer.entry, "", draft))


class ArrangementScreen(PreviewedForm):
    """The form of an arrangement, with the schedule it comes to by what this desk knows."""

    form_name = "arrangement"
    command_class = MakeArrangement
    incomplete = "How many installments? 1 to 12."

    def __init__(self, entry: RosterEntry, count: str = "", draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._count = count

    def asked(self) -> tuple[str, ...]:
        """Said on the line, the number is the last field: one Enter sends."""
        return ("down_cents", "installments") if self._count else ("installments", "down_cents")

    def initial(self) -> Mapping[str, object]:
        return {"installments": self._count} if self._count else {}

    def focus_start(self) -> None:
        if self._count:
            self.form.focus_last()
        else:
            super().focus_start()
