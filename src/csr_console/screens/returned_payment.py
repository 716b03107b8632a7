"""A payment that came back from the bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.billing.commands import ReturnPayment
from csr_console.domain.text import clean_line
from csr_console.screens.drafts import find_draft
from csr_console.screens.forms import FormScreen

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def take_back(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`nsf` asks for the receipt; `nsf R-2026-004711` has it."""
    draft = None if args else await find_draft(app, ReturnedPaymentScreen.form_name, entry.account)
    await app.show_screen(ReturnedPaymentScreen(entry, args[0] if args else "", draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(ReturnedPaymentScreen(customer.entry, "", draft))


class ReturnedPaymentScreen(FormScreen):
    """Which receipt, what the bank took for it, and why it came back."""

    form_name = "returned payment"
    command_class = ReturnPayment
    fields = ("receipt", "bank_fee_cents", "reason")

    def __init__(self, entry: RosterEntry, receipt: str = "", draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._receipt = receipt
        self.heading = f"Returned payment · {clean_line(entry.name)} · {entry.account}"

    def initial(self) -> Mapping[str, object]:
        return {"receipt": self._receipt} if self._receipt else {}

    def focus_start(self) -> None:
        if self._receipt:
            self.form.focus_after("receipt")
        else:
            super().focus_start()
