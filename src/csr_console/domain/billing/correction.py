"""Cancel and rebill: wrong bills are taken back whole, corrected ones put in their place; nothing is edited.

All the bills of one wrong meter are one correction: taken back newest first, billed again oldest first. A
late charge goes with its bill: if the new one is past due as well, it is charged anew by its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.bill import DUE_DAYS, Bill, differences, shown_differences
from csr_console.domain.billing.commands import CorrectBill, CorrectionCause, RefundChoice, reads_of
from csr_console.domain.billing.corrected_reads import (
    CorrectedRead,
    MeteredBill,
    RightReads,
    corrected_reads,
    with_reads,
)
from csr_console.domain.billing.estimates import months_before
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.rebilled import BillFacts, Effect, Rebilled, effect_of
from csr_console.domain.billing.run import metered_use
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.ledger.entry import Posting
from csr_console.domain.ledger.receivables import Standing
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.segment import RatedSegment

BACK_BILLING_MONTHS = 12
"""How far back more may be asked for after an error of the utility's own (BIL-04, F.A.C. 25-6.106)."""
_FOLLOWS_WATER = "sewer"


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """The bills, the oldest first, where the customer stands, and the number of the next new bill."""

    bills: tuple[BillFacts, ...]
    standing: Standing
    next_number: int


@dataclass(frozen=True, slots=True)
class BillsCorrected(Change):
    """Bills taken back and billed again, the oldest first. `spread` moves what may be repaid later to its due
    dates; `refund_cents` is what becomes credit, `refund` what the customer wants done with it."""

    account: str
    rebilled: tuple[Rebilled, ...]
    reads: tuple[CorrectedRead, ...]
    spread: tuple[Posting, ...]
    refund_cents: int
    refund: RefundChoice | None
    reason: str


def decide_correct_bill(command: CorrectBill, facts: CorrectionFacts, context: Context) -> Plan:
    """What is shown beside the sentence: `bills` with both totals of each, both totals of all, `amount_cents`
    of the difference, `differences` line by line, `repayment`, `refund_cents`, and what is overdue.

    Raises `Refusal` nothing-changed for a bill that was cancelled already or when all come to the same,
    not-eligible where the newest of the reads is not among them, for one too old to ask more for (BIL-04) and
    where the customer was not asked what to do with money that goes back (BIL-05); read-refused or not-rated.
    """
    for one in facts.bills:
        _refuse_unless_open(one)
    reads: tuple[CorrectedRead, ...] = ()
    rebilled = tuple(Rebilled(one) for one in facts.bills)
    if command.reads:
        right = _right_reads(command, facts)
        rebilled = _rated_again(command, facts, right, context)
        reads = tuple(read for days in right.values() for read in days.values())
    ours = command.cause is CorrectionCause.UTILITY_ERROR
    effect = effect_of(rebilled, facts.standing, context.now, repaid_in_parts=ours and bool(reads))
    if reads and effect.refund_cents and command.refund is None:
        raise Refusal(
            "not-eligible",
            f"${dollars_text(effect.refund_cents)} was paid too much: ask the customer whether it stays as"
            " credit or is paid back, and say so.",
            rule="BIL-05",
        )
    refund = command.refund if effect.refund_cents else None
    change = BillsCorrected(
        command.account, rebilled, reads, effect.spread, effect.refund_cents, refund, command.reason
    )
    sentence = _sentence(change, effect)
    text = f"{sentence} {command.cause.label.capitalize()}: {command.reason}"
    entry = EntryAdded(
        command.account, context.command_id, "billing", context.happened_at, context.actor.login, text
    )
    return Plan(sentence, (change, entry), _shown(change, effect))


def _refuse_unless_open(one: BillFacts) -> None:
    if one.cancelled:
        raise Refusal("nothing-changed", f"Bill {one.bill.number} has been cancelled already.")
    if one.later:
        raise Refusal(
            "not-eligible",
            f"Bill {one.later[0]} goes on from the reads of bill {one.bill.number}: cancel that one first,"
            f" or correct all of them together: {one.bill.number}-{one.later[0]}.",
            rule="cancel and rebill: the newest bill first",
        )


def _right_reads(command: CorrectBill, facts: CorrectionFacts) -> RightReads:
    bills = [MeteredBill(one.bill.number, one.metered) for one in facts.bills]
    return corrected_reads(bills, reads_of(command.reads))


def _rated_again(
    command: CorrectBill, facts: CorrectionFacts, right: RightReads, context: Context
) -> tuple[Rebilled, ...]:
    """The bills again on the right reads, by the books and on the days of those they replace; one that comes
    to the same stays. A lower one keeps its due date, a higher one gets a new one."""
    found: list[Rebilled] = []
    for one in facts.bills:
        rated = _rated(one, right)
        number = facts.next_number + len(found)
        after = Bill(
            str(uuid5(UUID(context.command_id), f"in place of {one.bill.number}")),
            one.bill.account,
            number,
            one.bill.billed_on,
            one.bill.due_on,
            tuple(part.segment() for part in rated),
            one.bill.bill_id,
        )
        if not differences(one.bill, after):
            continue
        if not after.total_cents:
            raise Refusal(
                "nothing-changed", f"Nothing is left to bill on {one.bill.number}: cancel it without reads."
            )
        if after.total_cents > one.bill.total_cents:
            today = context.now.date()
            _refuse_if_too_old(command, one.bill, today)
            after = replace(after, due_on=max(one.bill.due_on, today + timedelta(days=DUE_DAYS)))
        found.append(Rebilled(one, after, rated))
    if not found:
        same = "bill" if len(facts.bills) == 1 else "bills"
        raise Refusal("nothing-changed", f"The corrected reads come to the same {same}.")
    return tuple(found)


def _rated(one: BillFacts, right: RightReads) -> tuple[Rated, ...]:
    uses: dict[str, tuple[Decimal, bool]] = {}
    for service, days in right.items():
        metered = one.metered.get(service)
        if metered is not None and any(read.read_on in days for read, _ in metered.reads):
            uses[service] = metered_use(with_reads(metered, days))
    return tuple(
        _with_use(rated, segment, uses) for rated, segment in zip(one.rated, one.bill.segments, strict=True)
    )


def _with_use(rated: Rated, segment: RatedSegment, uses: Mapping[str, tuple[Decimal, bool]]) -> Rated:
    """Rated on the corrected use; sewer follows the water of the same bill. Raises `Refusal` not-eligible for
    a service that is rated by the hour: no read says in which hours its use was."""
    measured = "water" if segment.service == _FOLLOWS_WATER else segment.service
    if measured not in uses or rated.determinants.usage is None:
        return rated
    if rated.determinants.intervals:
        raise Refusal(
            "not-eligible",
            f"The {segment.service} of this bill is rated by the hour: cancel the bill without reads, import"
            " the right hours, and the next run bills it again.",
            rule="hours are corrected by hours",
        )
    usage, estimated = uses[measured]
    return replace(rated, determinants=replace(rated.determinants, usage=usage, estimated=estimated))


def _refuse_if_too_old(command: CorrectBill, before: Bill, today: date) -> None:
    limit = months_before(today, BACK_BILLING_MONTHS)
    if command.cause is CorrectionCause.UTILITY_ERROR and before.last_day < limit:
        raise Refusal(
            "not-eligible",
            f"More is asked for service up to {before.last_day}, bill {before.number}: after an error of our"
            f" own that ends {BACK_BILLING_MONTHS} months back, on {limit}.",
            rule="BIL-04",
        )


def _listed(words: Sequence[object]) -> str:
    """`1001`, `1001 and 1002`, `1001, 1002 and 1003`."""
    *first, last = (str(word) for word in words)
    return f"{', '.join(first)} and {last}" if first else last


def _sentence(change: BillsCorrected, effect: Effect) -> str:
    rebilled = change.rebilled
    was = sum(one.before.total_cents for one in rebilled)
    numbers = _listed([one.before.number for one in rebilled])
    said = f"Bill{'s' if len(rebilled) > 1 else ''} {numbers} of ${dollars_text(was)} cancelled"
    new = [one.replacement for one in rebilled if one.replacement is not None]
    if not new:
        said += f": the next run bills {'its period' if len(rebilled) == 1 else 'their periods'} again."
    else:
        moved = sum(one.change_cents for one in rebilled)
        due = f", due {max(one.due_on for one in new)}" if moved > 0 and len(effect.parts) < 2 else ""
        said += (
            f", billed again as {_listed([one.number for one in new])}:"
            f" ${dollars_text(was + moved)},"
            f" ${dollars_text(abs(moved))} {'more' if moved > 0 else 'less'}{due}."
        )
    if late := sum(one.facts.late_cents for one in rebilled):
        said += f" Its late charge of ${dollars_text(late)} is taken back."
    said += _budget_sentence(rebilled)
    if len(effect.parts) > 1:
        parts = ", ".join(f"${dollars_text(cents)} by {on}" for on, cents in effect.parts)
        said += f" What is more may be repaid over the months of the error: {parts}."
    if change.refund is not None:
        back = "stays as credit" if change.refund is RefundChoice.CREDIT else "is to be paid back"
        said += f" ${dollars_text(change.refund_cents)} {back}, as the customer chose."
    return said


def _budget_sentence(rebilled: Sequence[Rebilled]) -> str:
    """What a budget plan makes of it: it asks what was asked, and the difference goes into what builds up."""
    planned = [one for one in rebilled if one.facts.budget_cents is not None and one.replacement is not None]
    if not planned:
        return ""
    asked = sum(one.facts.budget_cents or 0 for one in planned)
    moved = sum(one.change_cents for one in planned)
    than = "more" if moved >= 0 else "less"
    return (
        f" The budget plan asks ${dollars_text(asked)} as before,"
        f" its variance is ${dollars_text(abs(moved))} {than}."
    )


def _shown(change: BillsCorrected, effect: Effect) -> dict[str, Any]:
    rebilled = change.rebilled
    before = sum(one.before.total_cents for one in rebilled)
    after = sum(one.after.total_cents for one in rebilled)
    return {
        "bills": [
            {
                "bill": one.before.number,
                "replacement": one.replacement.number if one.replacement else None,
                "before_cents": one.before.total_cents,
                "after_cents": one.after.total_cents,
                "due_on": one.replacement.due_on.isoformat() if one.replacement else None,
            }
            for one in rebilled
        ],
        "before_cents": before,
        "after_cents": after,
        "amount_cents": abs(after - before),
        "late_charge_cents": sum(one.facts.late_cents for one in rebilled),
        "repayment": [{"due_on": on.isoformat(), "cents": cents} for on, cents in effect.parts],
        "refund_cents": effect.refund_cents,
        "overdue_before_cents": effect.overdue_before_cents,
        "overdue_after_cents": effect.overdue_after_cents,
        "differences": [
            {"bill": one.before.number, **line}
            for one in rebilled
            for line in shown_differences(one.before, one.after)
        ],
    }
