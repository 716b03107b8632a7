"""A credit for the water of a leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_console.domain.billing.commands import AdjustLeak
from csr_console.screens.correction import RatedAgainScreen
from csr_console.screens.drafts import find_draft

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def adjust(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`leak` asks for the bill; `leak 1001` has it."""
    draft = None if args else await find_draft(app, LeakScreen.form_name, entry.account)
    await app.show_screen(LeakScreen(entry, args[0] if args else "", draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(LeakScreen(customer.entry, "", draft))


class LeakScreen(RatedAgainScreen):
    """Which bill, by which program, the proof of the repair, and why."""

    form_name = "leak adjustment"
    command_class = AdjustLeak
    fields = ("bill", "program", "repair", "reason")
