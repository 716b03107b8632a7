"""A payment arrangement: what would be due when is on the screen before Enter sends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError
from textual import on
from textual.content import Content
from textual.widgets import Static

from csr_console.domain.billing.commands import MakeArrangement
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.drafts import find_draft
from csr_console.screens.format import money
from csr_console.screens.forms import FormScreen
from csr_console.screens.panels import ERROR
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.form import Form

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


class ArrangementScreen(FormScreen):
    """The form of an arrangement, with the schedule it comes to by what this desk knows."""

    DEFAULT_CSS = """
    ArrangementScreen #heading { height: auto; max-height: 16; padding: 0 2 1 2; text-style: none; }
    """
    form_name = "arrangement"
    command_class = MakeArrangement

    def __init__(self, entry: RosterEntry, count: str = "", draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._count = count

    def asked(self) -> tuple[str, ...]:
        """Said on the line, the number is the last field: one Enter sends."""
        return ("down_cents", "installments") if self._count else ("installments", "down_cents")

    def initial(self) -> Mapping[str, object]:
        return {"installments": self._count} if self._count else {}

    def on_mount(self) -> None:
        self._show()

    def focus_start(self) -> None:
        if self._count:
            self.form.focus_last()
        else:
            super().focus_start()

    @on(Form.Changed)
    def _changed(self) -> None:
        self._show()

    def _show(self) -> None:
        begin(self.app, partial(self._preview, self.form.values()), group="preview", exclusive=True)

    async def _preview(self, values: Mapping[str, object]) -> None:
        """What the form comes to now, or why it comes to nothing."""
        lines = [Content.styled(self._title(), "bold")]
        try:
            command = MakeArrangement.model_validate({**self.fixed(), **values})
            await self._know()
            plan = await self.console.desk_call(self.console.desk.preview, command, doing="reckoning")
        except ValidationError:
            lines.append(Content("How many installments? 1 to 12."))
        except Answer as answer:
            lines.append(Content.styled(f"✗ {clean_line(answer.sentence, limit=300)}", ERROR))
        else:
            lines += [Content(clean_line(part, limit=300)) for part in plan.answer.split(". ") if part]
        self.query_one("#heading", Static).update(Content("\n").join(lines))

    async def _know(self) -> None:
        """Read what is owed, when the account was opened only just now. Raises `Answer`."""
        desk, account = self.console.desk, self.account or ""
        if await self.console.desk_call(desk.account, account, doing="reading") is None:
            await self.console.desk_call(desk.refresh_account, account, doing="reading the account")

    async def send(self, event: Form.Submitted) -> bool:
        try:
            await self._know()
        except Answer as answer:
            refuse(self.console, answer)
            return False
        return await super().send(event)

    def _title(self) -> str:
        name = clean_line(self.entry.name) if self.entry else ""
        customer = self.console.customers.find(self.account or "")
        owed = f" · owes {money(customer.view.balance.balance_cents)}" if customer and customer.view else ""
        return f"Payment arrangement · {name} · {self.account}{owed}"
