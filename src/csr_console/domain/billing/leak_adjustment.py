"""A credit for the water of a repaired leak: a published program, its gates, and the bill rated again.

Normal use is the average use a day of up to twelve bills before, for the days of the bill.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.bill import Bill, shown_differences
from csr_console.domain.billing.commands import AdjustLeak
from csr_console.domain.billing.leaks import LEAK_PROGRAMS, LeakFacts, leak_credit
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.run import UNUSUAL
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.money import EXACT, dollars_text
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.segment import RatedSegment

NORMAL_BILLS = 12
SEWER_BILLS = 6


@dataclass(frozen=True, slots=True)
class WaterBilled:
    """Use of one bill in gallons, and its days."""

    usage: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class LeakAdjustmentFacts:
    """The bill as it was rated, water of the bills before (the latest first) and of the newest one after it,
    the days of earlier leak adjustments, and what is past due beside this bill."""

    bill: Bill
    rated: tuple[Rated, ...]
    cancelled: bool
    before: tuple[WaterBilled, ...]
    after: WaterBilled | None
    earlier_credits: tuple[date, ...]
    past_due_cents: int


@dataclass(frozen=True, slots=True)
class LeakAdjusted(Change):
    """The lines of a bill that are credited: what it came to, and what it comes to without them."""

    bill: Bill
    adjusted: Bill
    program: str


def decide_adjust_leak(command: AdjustLeak, facts: LeakAdjustmentFacts, context: Context) -> Plan:
    """What is shown beside the sentence: both totals, `differences` line by line, `arithmetic`, `citation`.

    Raises `Refusal` not-eligible with the gate of the program that closed, nothing-changed for a cancelled
    bill or when no credit comes of it, not-found for a bill without water.
    """
    bill, program = facts.bill, LEAK_PROGRAMS[command.program.value]
    if facts.cancelled:
        raise Refusal("nothing-changed", f"Bill {bill.number} was cancelled: adjust the one in its place.")
    water = _water(facts)
    normal = _average(facts, NORMAL_BILLS, water.period.days)
    leak_use = water.determinants.usage or Decimal(0)
    credit = leak_credit(
        command.program.value,
        LeakFacts(leak_use, normal, tuple(one.usage for one in facts.before)),
        asked_on=context.now.date(),
        repair_proven=bool(command.repair),
        account_current=facts.past_due_cents <= 0,
        earlier_credits=facts.earlier_credits,
        use_is_normal_again=_is_normal(facts.after, normal, water.period.days),
    )
    sewer = _average(facts, SEWER_BILLS, water.period.days) if program.sewer_to_average else None
    adjusted = replace(bill, segments=_rated_again(facts, leak_use - credit.credited, sewer))
    cents = bill.total_cents - adjusted.total_cents
    if cents <= 0:
        raise Refusal(
            "nothing-changed", f"No credit comes of it: {credit.arithmetic}.", rule=program.citation
        )
    sentence = f"Leak adjustment of ${dollars_text(cents)} on bill {bill.number} ({command.program.label})."
    text = f"{sentence} Repair: {command.repair}. {command.reason}"
    entry = EntryAdded(
        bill.account, context.command_id, "billing", context.happened_at, context.actor.login, text
    )
    shown = {
        "bill": bill.number,
        "before_cents": bill.total_cents,
        "after_cents": adjusted.total_cents,
        "amount_cents": cents,
        "differences": shown_differences(bill, adjusted),
        "arithmetic": credit.arithmetic,
        "citation": program.citation,
    }
    return Plan(sentence, (LeakAdjusted(bill, adjusted, command.program.value), entry), shown)


def _water(facts: LeakAdjustmentFacts) -> Rated:
    for rated, segment in zip(facts.rated, facts.bill.segments, strict=True):
        if segment.service == "water" and rated.determinants.usage is not None:
            return rated
    raise Refusal("not-found", f"Bill {facts.bill.number} has no metered water.")


def _average(facts: LeakAdjustmentFacts, bills: int, days: int) -> Decimal:
    """Use of so many days at the average of the bills before, in whole gallons. Raises `Refusal`."""
    known = facts.before[:bills]
    if not known:
        raise Refusal("not-eligible", "No leak adjustment: there is no bill before to tell normal use by.")
    used = sum((one.usage for one in known), Decimal(0)) * days
    return EXACT.divide(used, Decimal(sum(one.days for one in known))).quantize(Decimal(1))


def _is_normal(after: WaterBilled | None, normal: Decimal, days: int) -> bool:
    """Whether the newest bill after the leak is not unusual any more."""
    return after is not None and after.usage * days <= normal * (1 + UNUSUAL) * after.days


def _rated_again(
    facts: LeakAdjustmentFacts, water: Decimal, sewer: Decimal | None
) -> tuple[RatedSegment, ...]:
    uses = {"water": water} | ({"sewer": sewer} if sewer is not None else {})
    return tuple(
        replace(rated, determinants=replace(rated.determinants, usage=uses[segment.service])).segment()
        if segment.service in uses and rated.determinants.usage is not None
        else segment
        for rated, segment in zip(facts.rated, facts.bill.segments, strict=True)
    )
