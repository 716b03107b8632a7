"""A form with what it comes to above it, by what this desk knows, before Enter sends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.content import Content
from textual.widgets import Static

from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.format import money
from csr_console.screens.forms import FormScreen
from csr_console.screens.panels import ERROR
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin
from csr_console.widgets.form import Form


class PreviewedForm(FormScreen):
    """A subclass names what is missing while the fields make no command."""

    DEFAULT_CSS = """
    PreviewedForm #heading {
        height: auto; max-height: 16; padding: 0 2 1 2; text-style: none; text-wrap: wrap;
    }
    """
    incomplete: ClassVar[str]

    def on_mount(self) -> None:
        self._show()

    @on(Form.Changed)
    def _changed(self) -> None:
        self._show()

    def _show(self) -> None:
        begin(self.app, partial(self._preview, self.form.values()), group="preview", exclusive=True)

    async def _preview(self, values: Mapping[str, object]) -> None:
        """What the form comes to now, or why it comes to nothing."""
        lines = [Content.styled(self.headline(), "bold")]
        try:
            command = self.command_class.model_validate({**self.fixed(), **values})
            await self._know()
            plan = await self.console.desk_call(self.console.desk.preview, command, doing="reckoning")
        except ValidationError:
            lines += [Content(self.incomplete), *self.standing()]
        except Answer as answer:
            said = clean_line(answer.sentence, limit=300)
            lines += [Content.styled(f"✗ {said}", ERROR), *self.standing()]
        else:
            lines += [Content(clean_line(part, limit=300)) for part in plan.answer.split(". ") if part]
        self.query_one("#heading", Static).update(Content("\n").join(lines))

    def standing(self) -> list[Content]:
        """What is said below the reason why there is nothing to preview."""
        return []

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

    def headline(self) -> str:
        """What the form is about, whose it is, and what they owe."""
        name = clean_line(self.entry.name) if self.entry else ""
        customer = self.console.customers.find(self.account or "")
        owed = f" · owes {money(customer.view.balance.balance_cents)}" if customer and customer.view else ""
        return f"{self.command_class.title} · {name} · {self.account}{owed}"
