"""A wrong bill: the first Enter shows each line before and after, the second sends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from csr_console.domain.billing.commands import CorrectBill
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.approvals import difference_lines, total_lines
from csr_console.screens.drafts import find_draft
from csr_console.screens.forms import FormScreen
from csr_console.screens.submit import refuse
from csr_console.widgets.form import Form

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.outcome import Outcome
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def correct(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`rebill` asks for the bill; `rebill 1001` has it, `rebill 1001 1002` and `rebill 1001-1003` several."""
    draft = None if args else await find_draft(app, CorrectionScreen.form_name, entry.account)
    await app.show_screen(CorrectionScreen(entry, " ".join(args), draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(CorrectionScreen(customer.entry, "", draft))


class RatedAgainScreen(FormScreen):
    """A form about a bill: the first Enter asks central what it comes to, the second sends what was shown.
    Page Up and Page Down go through what is shown."""

    DEFAULT_CSS = """
    RatedAgainScreen #heading { height: 1; padding: 0 2; }
    RatedAgainScreen #reading { height: auto; max-height: 50%; padding: 0 2 1 2; }
    RatedAgainScreen #shown { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "turn(1)", "Lines below", show=False),
        Binding("pageup", "turn(-1)", "Lines above", show=False),
    ]

    def __init__(self, entry: RosterEntry, bill: str = "", draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._bill = bill
        self._seen: object = None
        self.heading = f"{self.command_class.title} · {clean_line(entry.name)} · {entry.account}"

    def compose_body(self) -> ComposeResult:
        heading, *form = super().compose_body()
        yield heading
        with VerticalScroll(id="reading", can_focus=False):
            yield Static(id="shown")
        yield from form

    def action_turn(self, step: int) -> None:
        """A page of the lines that are shown, down or up."""
        reading = self.query_one("#reading", VerticalScroll)
        reading.scroll_relative(y=step * max(1, reading.size.height - 1), animate=False)

    def initial(self) -> Mapping[str, object]:
        return {"bill": self._bill} if self._bill else {}

    def focus_start(self) -> None:
        if self._bill:
            self.form.focus_after("bill")
        else:
            super().focus_start()

    async def send(self, event: Form.Submitted) -> bool:
        """Show what it comes to, then send what was shown."""
        if event.command == self._seen:
            return await super().send(event)
        ask = partial(self.console.desk.online.dry_run, id=self.sending.id)
        try:
            await self.console.desk_call(self.console.desk.preview, event.command, doing="checking")
            outcome = await self.console.desk_call(ask, event.command, doing="rating again")
        except Answer as answer:
            refuse(self.console, answer)
            return False
        if outcome.state != "held":
            self.notify_line("error", outcome.answer)
            return False
        self._seen = event.command
        self._show(outcome)
        self.notify_line("info", "Enter once more sends it to a second person.")
        return False

    def _show(self, outcome: Outcome) -> None:
        """The totals of each bill, what follows for the customer, and each line that changes."""
        shown = outcome.result
        lines = [Content.styled(clean_line(line, limit=300), "bold") for line in total_lines(shown)]
        lines += [Content(clean_line(line, limit=300)) for line in difference_lines(shown)]
        self.query_one("#shown", Static).update(Content("\n").join(lines))
        self.query_one("#reading", VerticalScroll).scroll_home(animate=False)


class CorrectionScreen(RatedAgainScreen):
    """Which bills, what the meters really showed, whose error it was, what is done with money that goes back,
    and why."""

    form_name = "bill correction"
    command_class = CorrectBill
    fields = ("bill", "reads", "cause", "refund", "reason")
