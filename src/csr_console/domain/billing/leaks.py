"""Leak adjustments: how published programs share the water of a leak between customer and utility.

Each strategy takes the use of the leak and what is normal, and says which use is credited; rating the bill
again without it gives the amount. Times a customer may ask, and the proof of the repair, are gates before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from csr_console.domain.billing.estimates import months_before
from csr_console.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class LeakFacts:
    """Use of the bill with the leak, normal use, and use of the last bills, the latest first, in gallons."""

    leak_use: Decimal
    normal_use: Decimal
    last_bills: tuple[Decimal, ...] = ()

    @property
    def excess(self) -> Decimal:
        return max(self.leak_use - self.normal_use, Decimal(0))


@dataclass(frozen=True, slots=True)
class LeakCredit:
    """Use taken off the bill, use charged at the next lower tier instead of its own, and the arithmetic."""

    credited: Decimal
    at_lower_tier: Decimal
    arithmetic: str


@dataclass(frozen=True, slots=True)
class LeakProgram:
    """A published program: how the credit is found, and the gates before it.

    `times` requests in `in_months` (0 months: once for ever); at most `bills` bills for one leak;
    `repaired_within_days` of its discovery, None where no such limit is published.
    """

    citation: str
    credit: Callable[[LeakFacts], LeakCredit]
    times: int
    in_months: int
    bills: int = 1
    repaired_within_days: int | None = None
    needs_normal_use_again: bool = False
    sewer_to_average: bool = False


def _half_of_excess_to_customer(facts: LeakFacts) -> LeakCredit:
    """Half, the odd thousand to the customer: 125,000 - 6,000 = 119,000 gives 60,000 gallons."""
    thousands = (facts.excess / 2000).to_integral_value(ROUND_CEILING)
    credited = min(thousands * 1000, facts.excess)
    return LeakCredit(credited, Decimal(0), f"({facts.leak_use} - {facts.normal_use}) / 2, up to {credited}")


def _at_most_twice_normal(facts: LeakFacts) -> LeakCredit:
    """At most twice the normal use is charged; below that the excess is split."""
    charged = min(2 * facts.normal_use, facts.normal_use + facts.excess / 2)
    credited = facts.leak_use - charged if facts.excess else Decimal(0)
    return LeakCredit(credited, Decimal(0), f"{facts.leak_use} - {facts.leak_use - credited} charged")


def _half_when_doubled(facts: LeakFacts) -> LeakCredit:
    """Half of the excess when the leak bill is at least twice the average."""
    doubled = facts.leak_use >= 2 * facts.normal_use
    credited = facts.excess / 2 if doubled else Decimal(0)
    text = "less than twice the average" if not doubled else f"({facts.leak_use} - {facts.normal_use}) / 2"
    return LeakCredit(credited, Decimal(0), text)


def _next_lower_tier(facts: LeakFacts) -> LeakCredit:
    """What is over twice the two-year average is charged at the next lower tier."""
    over = max(facts.leak_use - 2 * facts.normal_use, Decimal(0))
    return LeakCredit(Decimal(0), over, f"{facts.leak_use} - 2 × {facts.normal_use} at the next lower tier")


def _quarter_of_excess(facts: LeakFacts) -> LeakCredit:
    return LeakCredit(facts.excess / 4, Decimal(0), f"({facts.leak_use} - {facts.normal_use}) × 25 %")


def _half_of_largest(facts: LeakFacts) -> LeakCredit:
    """Half of the largest of the last three bills over normal: 20,000 against 10,000 gives 5,000 gallons."""
    largest = max((facts.leak_use, *facts.last_bills[:2]))
    credited = max(largest - facts.normal_use, Decimal(0)) / 2
    return LeakCredit(credited, Decimal(0), f"({largest} - {facts.normal_use}) / 2")


LEAK_PROGRAMS: Mapping[str, LeakProgram] = {
    "half-of-excess": LeakProgram("Wildwood, NJ, wildwoodnj.org", _half_of_excess_to_customer, 1, 0),
    "at-most-twice-normal": LeakProgram(
        "Stafford, VA, co.stafford.va.us FAQ 193", _at_most_twice_normal, 1, 36
    ),
    "half-when-doubled": LeakProgram("WHUD, whud.org", _half_when_doubled, 1, 12, bills=3),
    "next-lower-tier": LeakProgram(
        "Ventura, CA, cityofventura.net", _next_lower_tier, 1, 60, repaired_within_days=2
    ),
    "quarter-of-excess": LeakProgram(
        "Washington Court House, OH, code", _quarter_of_excess, 1, 12, bills=2, sewer_to_average=True
    ),
    "half-of-largest": LeakProgram(
        "Cedar Hill, TX, cedarhilltx.com/1258", _half_of_largest, 1, 12, needs_normal_use_again=True
    ),
}
"""By name. Where a program publishes no interval (Cedar Hill) once in twelve months is ours."""


def leak_credit(
    program_name: str,
    facts: LeakFacts,
    *,
    asked_on: date,
    repair_proven: bool,
    account_current: bool,
    earlier_credits: Sequence[date] = (),
    use_is_normal_again: bool = True,
    bills: int = 1,
    days_to_repair: int | None = None,
) -> LeakCredit:
    """The credit of a program after its gates. Raises `Refusal` not-eligible with the gate that closed."""
    program = LEAK_PROGRAMS[program_name]
    in_time = [
        day
        for day in earlier_credits
        if not program.in_months or day > months_before(asked_on, program.in_months)
    ]
    interval = f"in {program.in_months} months" if program.in_months else "for ever"
    limit = program.repaired_within_days
    late = limit is not None and (days_to_repair is None or days_to_repair > limit)
    gates = (
        (not repair_proven, "the repair has to be proven"),
        (not account_current, "the account has to be current"),
        (len(in_time) >= program.times, f"{program.times} leak adjustment {interval}"),
        (bills > program.bills, f"at most {program.bills} bills for one leak"),
        (program.needs_normal_use_again and not use_is_normal_again, "use has to be normal again first"),
        (late, f"the leak has to be repaired within {limit} days"),
    )
    for closed, rule in gates:
        if closed:
            raise Refusal(
                "not-eligible", f"No leak adjustment: {rule}.", rule=f"{program_name}: {program.citation}"
            )
    return program.credit(facts)
