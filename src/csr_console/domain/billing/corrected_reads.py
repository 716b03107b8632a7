"""What the meters of wrong bills really showed: as somebody says, and between known reads by days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from csr_console.domain.billing.commands import RightRead
from csr_console.domain.billing.reads import Read, ReadKind
from csr_console.domain.billing.run import Metered
from csr_console.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class CorrectedRead:
    """What a meter is now known, or best estimated, to have shown on a day."""

    meter: str
    read: Read
    rolled_over: bool


@dataclass(frozen=True, slots=True)
class MeteredBill:
    """A bill by its number, and the meter of each service with the reads of its period."""

    number: int
    metered: Mapping[str, Metered]


RightReads = dict[str, dict[date, CorrectedRead]]
"""By service and day."""


def corrected_reads(bills: Sequence[MeteredBill], given: Sequence[RightRead]) -> RightReads:
    """The reads at the ends of the bills, the oldest first, that are not what they were.

    A read that names no bill is of the newest with that service. The end of a bill between two that are known
    is estimated by days (best estimate where the start of the error is not known, BIL-05). Raises `Refusal`
    not-found for a bill that is not among them or has no meter of the service.
    """
    known: dict[str, dict[int, Decimal]] = {}
    for one in given:
        fits = [bill for bill in bills if one.bill in (None, bill.number) and _has_reads(bill, one.service)]
        if not fits:
            number = one.bill if one.bill is not None else bills[-1].number
            raise Refusal("not-found", f"Bill {number} has no meter read of {one.service}.")
        known.setdefault(one.service, {})[fits[-1].number] = one.value
    return {service: _of_service(bills, service, values) for service, values in known.items()}


def _has_reads(bill: MeteredBill, service: str) -> bool:
    return service in bill.metered and len(bill.metered[service].reads) > 1


def _of_service(
    bills: Sequence[MeteredBill], service: str, values: Mapping[int, Decimal]
) -> dict[date, CorrectedRead]:
    chain = [(bill.number, bill.metered[service]) for bill in bills if _has_reads(bill, service)]
    rolled = any(past_zero for _, metered in chain for _, past_zero in metered.reads)
    found: dict[date, CorrectedRead] = {}
    last = chain[0][1].reads[0][0]
    between: list[Metered] = []
    for number, metered in chain:
        if number not in values:
            between.append(metered)
            continue
        end = Read(metered.reads[-1][0].read_on, values[number], ReadKind.ACTUAL)
        for read in (*_spread(last, end, between, rolled=rolled), end):
            past_zero = rolled and read.value < last.value
            found[read.read_on] = CorrectedRead(metered.meter, read, past_zero)
            last = read
        between = []
    return found


def _spread(last: Read, end: Read, between: Sequence[Metered], *, rolled: bool) -> list[Read]:
    """The ends of the bills between two known reads, as if each day had used the same."""
    register = between[0].register if between else None
    if register is None or (end.value < last.value and not rolled):
        return []
    turn = register.full_turn if end.value < last.value else Decimal(0)
    counted = end.value - last.value + turn
    days = (end.read_on - last.read_on).days
    reads = []
    for metered in between:
        on = metered.reads[-1][0].read_on
        share = (counted * (on - last.read_on).days / days).quantize(Decimal(1), ROUND_HALF_UP)
        reads.append(Read(on, (last.value + share) % register.full_turn, ReadKind.ESTIMATED))
    return reads


def with_reads(metered: Metered, corrected: Mapping[date, CorrectedRead]) -> Metered:
    """The meter with the corrected reads in the place of those of the same days."""
    reads: list[tuple[Read, bool]] = []
    for was, was_past_zero in metered.reads:
        now = corrected.get(was.read_on)
        read, past_zero = (now.read, now.rolled_over) if now is not None else (was, was_past_zero)
        reads.append((read, past_zero and bool(reads) and read.value < reads[-1][0].value))
    return replace(metered, reads=reads)
