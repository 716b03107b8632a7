"""Cancel and rebill: a bill is taken back whole and a corrected one put in its place; nothing is edited.

The late charge of the bill goes with it: if the new one is past due as well, it is charged anew by its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.bill import DUE_DAYS, Bill, differences, shown_differences
from csr_console.domain.billing.commands import CorrectBill, CorrectionCause, reads_of
from csr_console.domain.billing.estimates import months_before
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Read, ReadKind
from csr_console.domain.billing.run import Metered, metered_use
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.segment import RatedSegment

BACK_BILLING_MONTHS = 12
"""How far back more may be asked for after an error of the utility's own (BIL-04, F.A.C. 25-6.106)."""
_FOLLOWS_WATER = "sewer"


@dataclass(frozen=True, slots=True)
class BillFacts:
    """A bill as it was rated. `metered` are the meters of its services with the reads of its period, `later`
    the numbers of standing bills that go on from its reads, `next_number` the number of a new bill,
    `late_charge_cents` what was charged because it was past due."""

    bill: Bill
    rated: tuple[Rated, ...]
    cancelled: bool
    metered: Mapping[str, Metered]
    later: tuple[int, ...]
    next_number: int
    late_charge_cents: int = 0


@dataclass(frozen=True, slots=True)
class CorrectedRead:
    """What a meter is now known to have shown on a day."""

    meter: str
    read: Read
    rolled_over: bool


@dataclass(frozen=True, slots=True)
class BillCorrected(Change):
    """A bill taken back; `replacement` takes its place, None when the next run bills its period again.
    `rated` is what each segment of the replacement was rated on."""

    bill: Bill
    replacement: Bill | None
    rated: tuple[Rated, ...]
    reads: tuple[CorrectedRead, ...]
    reason: str


def decide_correct_bill(command: CorrectBill, facts: BillFacts, context: Context) -> Plan:
    """What is shown beside the sentence: `bill`, `replacement`, both totals, and `differences` line by line.

    Raises `Refusal` nothing-changed for a bill that was cancelled already or comes to the same,
    not-eligible for one that is not the newest of its reads or is too old to ask more for (BIL-04),
    read-refused or not-rated.
    """
    before = facts.bill
    if facts.cancelled:
        raise Refusal("nothing-changed", f"Bill {before.number} has been cancelled already.")
    if facts.later:
        raise Refusal(
            "not-eligible",
            f"Bill {facts.later[0]} goes on from the reads of bill {before.number}: cancel that one first.",
            rule="cancel and rebill: the newest bill first",
        )
    change = BillCorrected(before, None, (), (), command.reason)
    if command.reads:
        change = _replaced(command, facts, context)
    after = change.replacement
    left = after or replace(before, segments=())
    shown = {
        "bill": before.number,
        "replacement": after.number if after else None,
        "before_cents": before.total_cents,
        "after_cents": left.total_cents,
        "due_on": after.due_on.isoformat() if after else None,
        "late_charge_cents": facts.late_charge_cents,
        "differences": shown_differences(before, left),
    }
    sentence = _sentence(before, after)
    if facts.late_charge_cents:
        sentence += f" Its late charge of ${dollars_text(facts.late_charge_cents)} is taken back."
    text = f"{sentence} {command.cause.label.capitalize()}: {command.reason}"
    entry = EntryAdded(
        before.account, context.command_id, "billing", context.happened_at, context.actor.login, text
    )
    return Plan(sentence, (change, entry), shown)


def _sentence(before: Bill, after: Bill | None) -> str:
    was = dollars_text(before.total_cents)
    if after is None:
        return f"Bill {before.number} of ${was} cancelled: the next run bills its period again."
    change = after.total_cents - before.total_cents
    word = "more" if change > 0 else "less"
    due = f", due {after.due_on}" if change > 0 else ""
    return (
        f"Bill {before.number} of ${was} cancelled, billed again as {after.number}:"
        f" ${dollars_text(after.total_cents)}, ${dollars_text(abs(change))} {word}{due}."
    )


def _replaced(command: CorrectBill, facts: BillFacts, context: Context) -> BillCorrected:
    """The bill again on the corrected reads, by the books and on the day of the bill it replaces. A lower one
    keeps its due date, a higher one gets a new one."""
    before, today = facts.bill, context.now.date()
    uses: dict[str, Decimal] = {}
    reads = []
    for service, value in reads_of(command.reads).items():
        corrected, uses[service] = _corrected(facts, service, value)
        reads.append(corrected)
    rated = tuple(
        _with_use(one, segment, uses) for one, segment in zip(facts.rated, before.segments, strict=True)
    )
    after = Bill(
        context.command_id,
        before.account,
        facts.next_number,
        before.billed_on,
        before.due_on,
        tuple(one.segment() for one in rated),
        before.bill_id,
    )
    if not differences(before, after):
        raise Refusal("nothing-changed", "The corrected reads come to the same bill.")
    if not after.total_cents:
        raise Refusal("nothing-changed", "Nothing is left to bill: cancel it without reads.")
    if after.total_cents > before.total_cents:
        _refuse_if_too_old(command, before, today)
        after = replace(after, due_on=max(before.due_on, today + timedelta(days=DUE_DAYS)))
    return BillCorrected(before, after, rated, tuple(reads), command.reason)


def _corrected(facts: BillFacts, service: str, value: Decimal) -> tuple[CorrectedRead, Decimal]:
    """The last read of the bill with another value, and the use it comes to."""
    metered = facts.metered.get(service)
    if metered is None or len(metered.reads) < 2:
        raise Refusal("not-found", f"Bill {facts.bill.number} has no meter read of {service}.")
    *earlier, (last, rolled) = metered.reads
    corrected = Read(last.read_on, value, ReadKind.ACTUAL)
    rolled_over = rolled and value < earlier[-1][0].value
    usage, _ = metered_use(replace(metered, reads=(*earlier, (corrected, rolled_over))))
    return CorrectedRead(metered.meter, corrected, rolled_over), usage


def _with_use(rated: Rated, segment: RatedSegment, uses: Mapping[str, Decimal]) -> Rated:
    """Rated on the corrected use; sewer follows the water of the same bill."""
    measured = "water" if segment.service == _FOLLOWS_WATER else segment.service
    if measured not in uses or rated.determinants.usage is None:
        return rated
    return replace(rated, determinants=replace(rated.determinants, usage=uses[measured], estimated=False))


def _refuse_if_too_old(command: CorrectBill, before: Bill, today: date) -> None:
    limit = months_before(today, BACK_BILLING_MONTHS)
    if command.cause is CorrectionCause.UTILITY_ERROR and before.last_day < limit:
        raise Refusal(
            "not-eligible",
            f"More is asked for service up to {before.last_day}: after an error of our own that ends"
            f" {BACK_BILLING_MONTHS} months back, on {limit}.",
            rule="BIL-04",
        )
