"""A bill run for one account: which services are billed on what, and what somebody has to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from csr_console.domain.billing.estimates import rule_on_estimate
from csr_console.domain.billing.exceptions import ExceptionCode
from csr_console.domain.billing.intervals import (
    HoursMissing,
    IntervalBlock,
    hours_of,
    refuse_if_reads_differ,
)
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.reads import Read, ReadKind, Register, usage_between
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.segment import RatedSegment
from csr_console.domain.tariff.taxes import Certificate
from csr_console.domain.tariff.values import AttributeValue

UNUSUAL = Decimal("0.4")
"""Use a day this much above or below the year before is looked at before the customer calls."""
_FOLLOWS_WATER = "sewer"


@dataclass(frozen=True, slots=True)
class Metered:
    """A meter, its register, and its reads from the last billed one on, the oldest first."""

    meter: str
    register: Register
    reads: Sequence[tuple[Read, bool]]
    """Each read, and whether the register passed zero since the one before."""
    blocks: Sequence[IntervalBlock] | None = None
    """Its use by the hour, None where the schedule does not ask for it."""


@dataclass(frozen=True, slots=True)
class ToBill:
    """One service of an account. `billed_to_on` is the day of the last billed read or the day before service
    began; `daily_before` the use a day of the same bill a year ago; `past_demand_kw` the highest demand of
    each bill of the eleven months before, the latest first."""

    service: str
    book: TariffBook
    schedule: str
    premise: Mapping[str, AttributeValue]
    billed_to_on: date
    metered: Metered | None = None
    certificates: Sequence[Certificate] = ()
    winter_average: Decimal | None = None
    daily_before: Decimal | None = None
    past_demand_kw: tuple[Decimal, ...] = ()
    contract_kw: Decimal | None = None
    power_factor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something of a run that waits for somebody."""

    service: str
    code: ExceptionCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What a run made of an account: segments with what they were rated on, and what was found."""

    segments: tuple[tuple[Rated, RatedSegment], ...]
    found: tuple[Found, ...]


def bill_account(services: Sequence[ToBill], billed_on: date) -> Billed:
    """Rate every service of an account up to its newest read, one without a meter up to `billed_on`.

    A service that cannot be billed is found and left for a later run; the others are billed all the same.
    Sewer follows the water of the same bill.
    """
    segments: list[tuple[Rated, RatedSegment]] = []
    found: list[Found] = []
    water: Rated | None = None
    for one in sorted(services, key=lambda service: service.service == _FOLLOWS_WATER):
        try:
            rated = _rated(one, water, billed_on)
            segment = rated.segment() if rated else None
        except HoursMissing as missing:
            found.append(Found(one.service, ExceptionCode.MISSING_READ, missing.sentence))
            continue
        except Refusal as refusal:
            code = ExceptionCode.READ_REFUSED if refusal.code == "read-refused" else ExceptionCode.NOT_RATED
            found.append(Found(one.service, code, refusal.sentence))
            continue
        if rated is None or segment is None:
            found.append(_missing(one, billed_on))
            continue
        if one.service == "water":
            water = rated
        segments.append((rated, segment))
        found += _unusual(one, rated)
        found += _expired(one, rated)
    return Billed(tuple(segments), tuple(found))


def _missing(one: ToBill, billed_on: date) -> Found:
    sentence = f"There is no read after {one.billed_to_on} up to {billed_on}: read the meter or estimate."
    return Found(one.service, ExceptionCode.MISSING_READ, sentence)


def _rated(one: ToBill, water: Rated | None, billed_on: date) -> Rated | None:
    """What the service is rated on, None while there is no read. Raises `Refusal` read-refused or
    `HoursMissing`."""
    if one.metered is None:
        if one.service == _FOLLOWS_WATER:
            return _as_water(one, water, billed_on)
        period = ServicePeriod(one.billed_to_on, billed_on)
        return Rated(one.book, one.schedule, period, Determinants(), billed_on, one.premise, one.certificates)
    reads = [pair for pair in one.metered.reads if pair[0].read_on <= billed_on]
    if len(reads) < 2:
        return None
    usage, estimated = metered_use(replace(one.metered, reads=reads))
    newest = reads[-1][0]
    if newest.kind is ReadKind.ESTIMATED:
        rule_on_estimate(newest.read_on, [read for read, _ in reads[:-1]])
    period = ServicePeriod(reads[0][0].read_on, newest.read_on)
    determinants = Determinants(usage=usage, winter_average=one.winter_average, estimated=estimated)
    if one.metered.blocks is not None:
        determinants = _by_the_hour(one, one.metered, period, determinants)
    return Rated(one.book, one.schedule, period, determinants, billed_on, one.premise, one.certificates)


def _by_the_hour(one: ToBill, metered: Metered, period: ServicePeriod, read: Determinants) -> Determinants:
    """What the intervals tell, proven by the use that was read unless that is estimated itself."""
    hours = hours_of(metered.meter, period, metered.blocks or ())
    if read.usage is not None and not read.estimated:
        refuse_if_reads_differ(metered.meter, hours, read.usage, metered.register)
    return replace(
        read,
        usage=hours.total,
        intervals=hours.intervals,
        past_demand_kw=one.past_demand_kw,
        contract_kw=one.contract_kw,
        power_factor=one.power_factor,
        estimated=read.estimated or hours.estimated,
    )


def metered_use(metered: Metered) -> tuple[Decimal, bool]:
    """Use from the first read to the last, and whether any is estimated. Raises `Refusal` read-refused."""
    usage, estimated = Decimal(0), False
    for (previous, _), (present, rolled) in pairwise(metered.reads):
        use = usage_between(previous, present, metered.register, rollover=rolled)
        usage += use.usage
        estimated = estimated or use.estimated
    return usage, estimated


def _as_water(one: ToBill, water: Rated | None, billed_on: date) -> Rated | None:
    if water is None:
        return None
    determinants = Determinants(
        usage=water.determinants.usage,
        winter_average=one.winter_average,
        estimated=water.determinants.estimated,
    )
    return Rated(one.book, one.schedule, water.period, determinants, billed_on, one.premise, one.certificates)


def _expired(one: ToBill, rated: Rated) -> list[Found]:
    return [
        Found(
            one.service,
            ExceptionCode.EXPIRED_EXEMPTION,
            f"The certificate {item.number} ({item.holder}) ended {item.expires_on}: taxes are charged.",
        )
        for item in one.certificates
        if item.expires_on < rated.period.last_day
    ]


def _unusual(one: ToBill, rated: Rated) -> list[Found]:
    usage = rated.determinants.usage
    if one.metered is None or usage is None:
        return []
    if usage == 0:
        sentence = f"Meter {one.metered.meter} counted nothing in {rated.period.days} days."
        return [Found(one.service, ExceptionCode.ZERO_USE, sentence)]
    if not one.daily_before:
        return []
    daily = usage / rated.period.days
    ratio = daily / one.daily_before
    if abs(ratio - 1) <= UNUSUAL:
        return []
    code = ExceptionCode.HIGH_USE if ratio > 1 else ExceptionCode.LOW_USE
    sentence = f"{daily:.1f} a day, {one.daily_before:.1f} a year ago ({ratio - 1:+.0%})."
    return [Found(one.service, code, sentence)]
