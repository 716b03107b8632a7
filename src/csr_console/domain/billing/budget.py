"""Budget plans: what a customer pays each month instead of what the bill says.

Both are always shown: the budget amount due and the true balance. Late charges are on the budget amount only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from csr_console.domain.money import EXACT, allocate, cents_of, dollars_of, dollars_text
from csr_console.domain.refusals import Refusal

MISSED_PAYMENTS_ALLOWED = 2


@dataclass(frozen=True, slots=True)
class BudgetAmount:
    """What is due this month, and why."""

    amount_cents: int
    rule: str
    arithmetic: str


@dataclass(frozen=True, slots=True)
class BudgetReview:
    """The amount from now on, whether it changed, and why."""

    amount_cents: int
    changed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a plan year: what is credited now, or added to each of the next twelve months."""

    credited_cents: int
    carried_cents: tuple[int, ...] = ()


def _share(total_cents: int, parts: int) -> int:
    return cents_of(EXACT.divide(dollars_of(total_cents), Decimal(parts)))


def rolling_average(bills_cents: Sequence[int], variance_cents: int) -> BudgetAmount:
    """(this bill and the eleven before) / 12 + what has built up / 12; there is no month that settles.

    `bills_cents` latest first, fewer while a plan is young; `variance_cents` is billed less paid so far
    (GVEA). Raises `ValueError` without a bill.
    """
    if not bills_cents:
        raise ValueError("a rolling average needs at least one bill")
    bills = bills_cents[:12]
    amount = cents_of(
        EXACT.divide(dollars_of(sum(bills)), Decimal(len(bills)))
        + EXACT.divide(dollars_of(variance_cents), Decimal(12))
    )
    text = f"{dollars_text(sum(bills))} / {len(bills)} + {dollars_text(variance_cents)} / 12"
    return BudgetAmount(max(amount, 0), "rolling average, GVEA", text)


def level_payment(annual_cents: int, plan_month: int, billed_cents: int, paid_cents: int) -> BudgetAmount:
    """A twelfth of the year for eleven months; the twelfth settles what was billed and not paid (GVEA).

    Raises `ValueError` for a month outside 1 to 12.
    """
    if not 1 <= plan_month <= 12:
        raise ValueError("a plan has months 1 to 12")
    if plan_month == 12:
        due = billed_cents - paid_cents
        return BudgetAmount(
            due, "level 11 + 1, settled, GVEA", f"{dollars_text(billed_cents)} - {dollars_text(paid_cents)}"
        )
    return BudgetAmount(_share(annual_cents, 12), "level 11 + 1, GVEA", f"{dollars_text(annual_cents)} / 12")


def review_at_4_and_8(
    amount_cents: int, plan_month: int, expected_left_cents: int, balance_cents: int
) -> BudgetReview:
    """In months 4 and 8 the amount is set anew when it differs by more than 15 %, to end month 12 at zero.

    `expected_left_cents` is what the months that are left will be billed, `balance_cents` billed less paid so
    far (SMUD).
    """
    if plan_month not in (4, 8):
        return BudgetReview(amount_cents, False, "reviewed in months 4 and 8 only, SMUD")
    needed = max(_share(expected_left_cents + balance_cents, 12 - plan_month), 0)
    if 100 * abs(needed - amount_cents) <= 15 * amount_cents:
        return BudgetReview(amount_cents, False, "within 15 %, SMUD")
    return BudgetReview(needed, True, f"differs by more than 15 % in month {plan_month}, SMUD")


def review_may_and_november(amount_cents: int, month: int, average_cents: int) -> BudgetReview:
    """In May and November the amount follows the average when it differs by $3 or more (Ameren)."""
    if month not in (5, 11):
        return BudgetReview(amount_cents, False, "reviewed in May and November only, Ameren")
    if abs(average_cents - amount_cents) < 300:
        return BudgetReview(amount_cents, False, "differs by less than $3, Ameren")
    return BudgetReview(average_cents, True, "differs by $3 or more, Ameren")


def usage_based(prior_year_units: Decimal, price: Decimal) -> BudgetAmount:
    """(units of the year before / 12) x the current price of a unit (Los Alamos)."""
    amount = cents_of(EXACT.divide(EXACT.multiply(prior_year_units, price), Decimal(12)))
    return BudgetAmount(amount, "usage-based, Los Alamos", f"{prior_year_units} / 12 × {price}")


def settle_year(balance_cents: int) -> Settlement:
    """The end of a year (SMUD): a surplus of $10 and more is credited, a smaller one carried; a deficit is
    spread over twelve months. `balance_cents` is billed less paid; what is carried sums to it."""
    if balance_cents <= -1000:
        return Settlement(-balance_cents)
    return Settlement(0, allocate(balance_cents, [1] * 12))


def refuse_to_join(past_due_cents: int) -> None:
    """Raises `Refusal` not-eligible for an account that is not current."""
    if past_due_cents > 0:
        raise Refusal(
            "not-eligible",
            f"A budget plan needs a current account: ${dollars_text(past_due_cents)} is past due.",
            rule="budget plan: account current to join",
        )


def is_removed(missed_payments: int) -> bool:
    """Whether a plan ends for missed payments; the true balance is then due at once."""
    return missed_payments >= MISSED_PAYMENTS_ALLOWED
