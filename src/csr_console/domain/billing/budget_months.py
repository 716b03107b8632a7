"""A budget plan month by month: what each bill asks, when the amount changes, when a year is settled.

Bills are posted in full. A plan only says what of them is asked for by the due date; what is billed and not
asked yet is its variance, so nothing is lost whatever a month asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from csr_console.domain.billing.budget import (
    BudgetAmount,
    level_payment,
    review_at_4_and_8,
    review_may_and_november,
    rolling_average,
    settle_year,
)
from csr_console.domain.billing.budget_commands import BudgetStrategy
from csr_console.domain.money import allocate, dollars_text

MONTHS = 12
CITATIONS: Mapping[BudgetStrategy, str] = {
    BudgetStrategy.ROLLING_AVERAGE: "Golden Valley Electric Association (gvea.com), billing plans: this bill"
    " and the 11 before by 12, and a twelfth of what has built up; no settle-up month",
    BudgetStrategy.LEVEL_PAYMENT: "Golden Valley Electric Association (gvea.com), billing plans: a twelfth of"
    " the year for 11 months, the 12th settles",
    BudgetStrategy.REVIEW_AT_4_AND_8: "Sacramento Municipal Utility District (smud.org), budget details: set"
    " anew in months 4 and 8 when it differs by more than 15 %",
    BudgetStrategy.REVIEW_MAY_NOVEMBER: "Ameren Missouri (ameren.com), budget billing, rollover option:"
    " reviewed in May and November, changed by $3 or more",
}


@dataclass(frozen=True, slots=True)
class MonthAsked:
    """A bill of a plan that stands: what it billed, what it asked (below zero where a surplus was credited),
    and the amount in force from the next bill on."""

    bill_id: str
    due_on: date
    billed_cents: int
    asked_cents: int
    coming: BudgetAmount


@dataclass(frozen=True, slots=True)
class MonthDue:
    """What a new bill asks and why, and the amount in force from the next one on. `variance_cents` is what
    was billed and not asked up to this bill; `notice` says what was reviewed or settled, or nothing."""

    plan_month: int
    asked: BudgetAmount
    coming: BudgetAmount
    variance_cents: int
    notice: str = ""


def variance_of(months: Sequence[MonthAsked]) -> int:
    """What was billed under a plan and not asked yet; below zero when more was asked."""
    return sum(month.billed_cents - month.asked_cents for month in months)


def expected_cents(bills_cents: Sequence[int], months: int) -> int:
    """What the coming months will be billed: as the same months a year before, as the average while there is
    no such year. `bills_cents` are the last bills, the newest first. Raises `ValueError` without a bill."""
    if not bills_cents:
        raise ValueError("an expectation needs at least one bill")
    if len(bills_cents) >= MONTHS:
        return sum(bills_cents[MONTHS - months : MONTHS])
    return sum(bills_cents) * months // len(bills_cents)


def first_amount(strategy: BudgetStrategy, bills_cents: Sequence[int]) -> BudgetAmount:
    """The amount a plan begins with, from up to twelve bills, the newest first; the rolling average takes
    each coming bill in. Raises `ValueError` without a bill."""
    if strategy is BudgetStrategy.LEVEL_PAYMENT:
        return level_payment(expected_cents(bills_cents, MONTHS), 1, 0, 0)
    if strategy is BudgetStrategy.ROLLING_AVERAGE:
        return rolling_average(bills_cents, 0)
    average = _average(bills_cents)
    source = "SMUD" if strategy is BudgetStrategy.REVIEW_AT_4_AND_8 else "Ameren"
    return BudgetAmount(average.amount_cents, f"average of the last bills, {source}", average.arithmetic)


def ask_month(
    strategy: BudgetStrategy,
    first: BudgetAmount,
    months: Sequence[MonthAsked],
    bills_cents: Sequence[int],
    billed_on: date,
) -> MonthDue:
    """What the newest bill asks.

    `months` are the bills of the plan before it, the oldest first; `bills_cents` the last bills of the
    account with it, the newest first. Raises `ValueError` without a bill.
    """
    if not bills_cents:
        raise ValueError("a month of a plan has a bill")
    in_force = months[-1].coming if months else first
    month = len(months) % MONTHS + 1
    before = variance_of(months)
    if strategy is BudgetStrategy.ROLLING_AVERAGE:
        asked = rolling_average(bills_cents, before)
        return MonthDue(month, asked, asked, before + bills_cents[0] - asked.amount_cents)
    if strategy is BudgetStrategy.LEVEL_PAYMENT and month == MONTHS:
        return _settle_level(months, bills_cents)
    left = before + bills_cents[0] - in_force.amount_cents
    if strategy is BudgetStrategy.REVIEW_AT_4_AND_8 and month == MONTHS:
        return _settle_reviewed(in_force, bills_cents, left)
    if strategy is BudgetStrategy.REVIEW_AT_4_AND_8 and month in (4, 8):
        expected = expected_cents(bills_cents, MONTHS - month)
        review = review_at_4_and_8(in_force.amount_cents, month, expected, left)
        text = f"({dollars_text(expected)} + {dollars_text(left)}) / {MONTHS - month}"
        return _reviewed(month, in_force, BudgetAmount(review.amount_cents, review.rule, text), left)
    if strategy is BudgetStrategy.REVIEW_MAY_NOVEMBER and billed_on.month in (5, 11):
        average = rolling_average(bills_cents, left)
        change = review_may_and_november(in_force.amount_cents, billed_on.month, average.amount_cents)
        reviewed = BudgetAmount(change.amount_cents, change.rule, average.arithmetic)
        return _reviewed(month, in_force, reviewed, left)
    return MonthDue(month, in_force, in_force, left)


def _reviewed(month: int, in_force: BudgetAmount, reviewed: BudgetAmount, left: int) -> MonthDue:
    """This bill asks the amount it was promised; what a review changes counts from the next bill on."""
    was = dollars_text(in_force.amount_cents)
    if reviewed.amount_cents == in_force.amount_cents:
        notice = f"Budget amount reviewed: it stays ${was} ({reviewed.arithmetic}; {reviewed.rule})."
        return MonthDue(month, in_force, in_force, left, notice)
    notice = (
        f"Budget amount reviewed: ${dollars_text(reviewed.amount_cents)} instead of ${was} from the next bill"
        f" on ({reviewed.arithmetic}; {reviewed.rule})."
    )
    return MonthDue(month, in_force, reviewed, left, notice)


def _settle_level(months: Sequence[MonthAsked], bills_cents: Sequence[int]) -> MonthDue:
    """The twelfth month asks, or credits, what the year billed and did not ask."""
    year = months[1 - MONTHS :]
    carried = variance_of(months[: 1 - MONTHS])
    billed = carried + sum(month.billed_cents for month in year) + bills_cents[0]
    asked = sum(month.asked_cents for month in year)
    settled = level_payment(0, MONTHS, billed, asked)
    said = "is asked" if settled.amount_cents >= 0 else "is credited"
    text = f"${dollars_text(abs(settled.amount_cents))} {said} ({settled.arithmetic})"
    coming = level_payment(expected_cents(bills_cents, MONTHS), 1, 0, 0)
    return MonthDue(MONTHS, settled, coming, 0, _settled(text, coming))


def _settle_reviewed(in_force: BudgetAmount, bills_cents: Sequence[int], left: int) -> MonthDue:
    """The end of a year with reviews: a surplus of $10 and more is credited with this bill, all else spread
    over the amounts of the next year."""
    settlement = settle_year(left)
    carried, credited = sum(settlement.carried_cents), settlement.credited_cents
    average = _average(bills_cents)
    text = f"{average.arithmetic} + {dollars_text(carried)} / {MONTHS}"
    cents = max(0, average.amount_cents + allocate(carried, [1] * MONTHS)[0])
    coming = BudgetAmount(cents, "average and a twelfth of what is left, SMUD", text)
    if not credited:
        said = "asked too little" if carried >= 0 else "asked too much"
        text = f"${dollars_text(abs(carried))} {said}, spread over twelve months"
        return MonthDue(MONTHS, in_force, coming, carried, _settled(text, coming))
    arithmetic = f"{dollars_text(in_force.amount_cents)} - {dollars_text(credited)}"
    asked = BudgetAmount(in_force.amount_cents - credited, "settled, surplus credited, SMUD", arithmetic)
    return MonthDue(MONTHS, asked, coming, 0, _settled(f"${dollars_text(credited)} is credited", coming))


def _settled(text: str, coming: BudgetAmount) -> str:
    amount = dollars_text(coming.amount_cents)
    return (
        f"Budget year settled: {text}. From the next bill on ${amount} a month"
        f" ({coming.arithmetic}; {coming.rule})."
    )


def _average(bills_cents: Sequence[int]) -> BudgetAmount:
    """The average alone, without the part of a rolling one that is built up."""
    average = rolling_average(bills_cents, 0)
    bills = bills_cents[:MONTHS]
    return BudgetAmount(average.amount_cents, average.rule, f"{dollars_text(sum(bills))} / {len(bills)}")
