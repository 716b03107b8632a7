"""Budget billing joined and left: what it comes to is on the screen before Enter sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.content import Content

from csr_console.domain.billing.budget_commands import BudgetStrategy, EnrollBudget, LeaveBudget
from csr_console.domain.words import fold
from csr_console.screens.budget_words import plan_in_force, plan_lines
from csr_console.screens.drafts import find_draft
from csr_console.screens.previewed import PreviewedForm

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def join(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`budget` shows the office's plan and waits for Enter; `budget level` another one."""
    draft = None if args else await find_draft(app, BudgetScreen.form_name, entry.account)
    await app.show_screen(BudgetScreen(entry, strategy_of(" ".join(args)), draft))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(BudgetScreen(customer.entry, None, draft))


async def leave(app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...]) -> None:
    """`unbudget` asks why; `unbudget moves away` has it."""
    draft = None if args else await find_draft(app, LeaveBudgetScreen.form_name, entry.account)
    await app.show_screen(LeaveBudgetScreen(entry, " ".join(args), draft))


async def open_leave_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    if (customer := app.customers.find(draft.account or "")) is not None:
        await app.show_screen(LeaveBudgetScreen(customer.entry, "", draft))


def strategy_of(text: str) -> BudgetStrategy | None:
    """The strategy whose name has a word beginning with the text, None for none."""
    start = fold(text)
    found = (one for one in BudgetStrategy if any(word.startswith(start) for word in one.label.split()))
    return next(found, None) if start else None


class _PlanForm(PreviewedForm):
    def standing(self) -> list[Content]:
        """The plan the account is on, with the reason of its amount."""
        customer = self.console.customers.find(self.account or "")
        plan = plan_in_force(customer.view.budget) if customer and customer.view else None
        return plan_lines(plan) if plan else []


class BudgetScreen(_PlanForm):
    """Which plan, with the amount and its arithmetic; of an account that is on one, why it is what it is."""

    form_name = "budget billing"
    command_class = EnrollBudget
    fields = ("strategy",)
    incomplete = "Which plan?"

    def __init__(
        self, entry: RosterEntry, strategy: BudgetStrategy | None = None, draft: Draft | None = None
    ) -> None:
        super().__init__(entry, draft)
        self._strategy = strategy

    def initial(self) -> Mapping[str, object]:
        return {"strategy": self._strategy} if self._strategy else {}


class LeaveBudgetScreen(_PlanForm):
    """Why the customer leaves, with the true balance that is due then."""

    form_name = "leave budget billing"
    command_class = LeaveBudget
    fields = ("reason",)
    incomplete = "Why does the customer leave? The true balance is due then."

    def __init__(self, entry: RosterEntry, reason: str = "", draft: Draft | None = None) -> None:
        super().__init__(entry, draft)
        self._reason = reason

    def initial(self) -> Mapping[str, object]:
        return {"reason": self._reason} if self._reason else {}
