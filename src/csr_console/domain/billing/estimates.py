"""Estimated reads: how use is estimated, and how often (BIL-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from csr_console.domain.billing.reads import Read, ReadKind
from csr_console.domain.refusals import Refusal

ESTIMATES_IN_12_MONTHS = 4
"""F.A.C. 25-30.335: at most four estimated bills in twelve months for causes in the utility's control."""
LETTER_FROM_IN_6_MONTHS = 2
"""F.A.C. 25-30.335: the second estimate in six months needs a written explanation."""
ACTUAL_READ_MONTHS = 6
"""An actual read at least every six months."""


@dataclass(frozen=True, slots=True)
class EstimateRuling:
    """What an estimated bill has to bring with it, as sentences for the clerk; the label always."""

    letter_needed: bool
    actual_read_overdue: bool
    notices: tuple[str, ...]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, the last of the month where there is none."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def rule_on_estimate(
    read_on: date, reads: Sequence[Read], *, utility_controls_cause: bool = True
) -> EstimateRuling:
    """Whether one more estimated bill may be made on a day, after the reads of before.

    Raises `Refusal` read-refused for a fifth estimate in twelve months for a cause in the utility's control.
    """
    estimates = [read.read_on for read in reads if read.kind is ReadKind.ESTIMATED and read.read_on < read_on]
    in_year = sum(day > months_before(read_on, 12) for day in estimates)
    if utility_controls_cause and in_year >= ESTIMATES_IN_12_MONTHS:
        raise Refusal(
            "read-refused",
            f"{in_year} bills of the last twelve months were estimated: read the meter.",
            rule="BIL-03: at most 4 estimates in 12 months",
        )
    in_half_year = sum(day > months_before(read_on, 6) for day in estimates)
    letter = in_half_year + 1 >= LETTER_FROM_IN_6_MONTHS
    actual = [read.read_on for read in reads if read.kind is ReadKind.ACTUAL and read.read_on < read_on]
    overdue = not actual or max(actual) < months_before(read_on, ACTUAL_READ_MONTHS)
    notices = ["This bill is estimated and says so."]
    if letter:
        notices.append("The second estimate in six months: a letter explains why.")
    if overdue:
        notices.append(f"No actual read for {ACTUAL_READ_MONTHS} months: send a reader.")
    return EstimateRuling(letter, overdue, tuple(notices))


def estimated_use(past_use: Decimal, past_days: int, days: int) -> Decimal:
    """Use of so many days at the daily use of a past period (the same month of the last year, or the period
    before), to whole units half-up. Raises `ValueError` without past days."""
    if past_days < 1 or days < 1:
        raise ValueError("an estimate needs days with use and days to estimate")
    return (past_use * days / past_days).quantize(Decimal(1), ROUND_HALF_UP)
