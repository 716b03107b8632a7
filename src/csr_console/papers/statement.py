"""A statement: what moved the balance of an account, and what it is."""

from csr_console.contracts.views.bills import BillingView, MovementView
from csr_console.contracts.views.budget import BudgetPlanView
from csr_console.papers.addressee import Addressee, Letterhead
from csr_console.papers.heads import head
from csr_console.papers.sheets import BODY, BOLD, LEFT, RIGHT, SMALL, Cell, Sheets
from csr_console.papers.words import Words

_DAY, _WHAT, _AMOUNT = LEFT + 68, 390.0, 475.0


def statement_pdf(view: BillingView, to: Addressee, letterhead: Letterhead = ()) -> bytes:
    """The movements that are known of an account as PDF, the oldest first; they lead to its balance."""
    words = Words(to.language)
    title = words("paper.statement")
    sheets = Sheets(title, words, f"{title} · {to.account}")
    pairs = [(words("date"), words.day(view.on)), (words("balance"), words.money(view.balance_cents))]
    plan = view.budget.plan if view.budget else None
    budget = plan if plan is not None and plan.state == "active" else None
    if budget is not None:
        pairs.append((words("budget.due"), words.money(budget.due_cents)))
        if budget.due_on is not None:
            pairs.append((words("due_on"), words.day(budget.due_on)))
    if view.overdue_cents > 0:
        pairs.append((words("overdue"), words.money(view.overdue_cents)))
    head(sheets, letterhead, to, title, pairs, words)
    sheets.paragraph(f"{words('service_address')}: {to.service_address}", BOLD)
    sheets.space(6)
    movements = list(reversed(view.movements))
    if movements:
        _table(sheets, movements, words)
    else:
        sheets.paragraph(words("no_movements"))
    sheets.need(30)
    sheets.rule(gray=0.2)
    said = f"{words('balance')} ({words('as_of', on=words.day(view.on))})"
    sheets.row(
        Cell(LEFT, _AMOUNT, said, style=BOLD),
        Cell(_AMOUNT, RIGHT, words.money(view.balance_cents), "right", BOLD),
    )
    if budget is not None:
        _budget(sheets, budget, words)
    return sheets.to_pdf()


def _budget(sheets: Sheets, plan: BudgetPlanView, words: Words) -> None:
    """What of the balance is asked under a budget plan, and what is not yet."""
    rest = "budget.deferred" if plan.deferred_cents >= 0 else "budget.ahead"
    for key, cents in (("budget.due", plan.due_cents), (rest, abs(plan.deferred_cents))):
        sheets.row(Cell(LEFT, _AMOUNT, words(key)), Cell(_AMOUNT, RIGHT, words.money(cents), "right"))
    strategy = words.known("strategy", plan.strategy)
    why = words("budget.why", strategy=strategy, arithmetic=plan.arithmetic, rule=plan.rule)
    sheets.paragraph(why, SMALL)
    sheets.paragraph(words("budget.pay"), SMALL)


def _table(sheets: Sheets, movements: list[MovementView], words: Words) -> None:
    sheets.row(
        Cell(LEFT, _DAY, words("date"), style=BOLD),
        Cell(_DAY, _WHAT, words("movement"), style=BOLD),
        Cell(_WHAT, _AMOUNT, words("amount"), "right", BOLD),
        Cell(_AMOUNT, RIGHT, words("balance_then"), "right", BOLD),
    )
    sheets.rule()
    before = movements[0].balance_cents - movements[0].cents
    sheets.row(Cell(_DAY, _WHAT, words("balance_before")), Cell(_AMOUNT, RIGHT, words.money(before), "right"))
    for movement in movements:
        what = f"{words.known('movement', movement.kind)}: {movement.text}"
        sheets.row(
            Cell(LEFT, _DAY, words.day(movement.on)),
            Cell(_DAY, _WHAT, what, style=BODY),
            Cell(_WHAT, _AMOUNT, words.money(movement.cents), "right"),
            Cell(_AMOUNT, RIGHT, words.money(movement.balance_cents), "right"),
        )
