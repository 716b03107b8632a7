"""Charges on use: one price, tiers, time of use. Quantities stay a numerator and a denominator to the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csr_console.domain.money import cents_of, dollars_of
from csr_console.domain.tariff.components import (
    Block,
    BlockVersion,
    Flat,
    FlatVersion,
    Measured,
    Tier,
    TimeOfUse,
    UseVersion,
)
from csr_console.domain.tariff.determinants import IntervalUse, by_period
from csr_console.domain.tariff.proration import Ratio
from csr_console.domain.tariff.rating.case import Case, Span, number_text, spans_of
from csr_console.domain.tariff.rating.fixed import ROUNDINGS
from csr_console.domain.tariff.units import conversion


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is charged for in a span, `upper / lower`, and how it came about."""

    upper: Decimal
    lower: Decimal
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def value(self) -> Decimal:
        return self.upper if self.lower == 1 else self.upper / self.lower


def quantity_of(
    case: Case, component: Flat | Block, span: Span[FlatVersion] | Span[BlockVersion]
) -> Quantity:
    """The quantity of a span: the whole period's first, converted, bounded and rounded, then its share."""
    version = span.version
    basis, inputs = _basis(case, component, version)
    if version.quantity_decimals is not None:
        places = Decimal(1).scaleb(-version.quantity_decimals)
        rounded = (basis[0] / basis[1]).quantize(places, ROUNDINGS[version.quantity_rounding])
        if rounded != basis[0] / basis[1]:
            inputs.append(("rounded", f"{number_text(rounded)} {component.unit}"))
        basis = (rounded, Decimal(1))
    upper, lower = case.share_of(span)
    return Quantity(basis[0] * upper, basis[1] * lower, tuple(inputs))


def _basis(case: Case, component: Flat | Block, version: Measured) -> tuple[Ratio, list[tuple[str, str]]]:
    """The quantity of the whole period by the basis of a version, at most its cap."""
    inputs: list[tuple[str, str]] = []
    winter = _winter_average(case, component) if version.basis != "usage" else None
    if version.basis == "winter-average" and winter is not None:
        quantity = winter
        inputs.append(("winter average", _text(winter, component.unit)))
    else:
        quantity = _converted(case, component, version, inputs)
        bound, name = winter, "winter average"
        if winter is None and version.basis != "usage" and version.class_average is not None:
            bound = _of_cycle(case, component, version.class_average)
            name = "class average, no winter average yet"
        if bound is not None:
            inputs.append((name, _text(bound, component.unit)))
            quantity = _lesser(quantity, bound)
    if version.cap is not None:
        cap = _of_cycle(case, component, version.cap)
        if _lesser(quantity, cap) is cap:
            inputs.append(("at most", _text(cap, component.unit)))
            quantity = cap
    return quantity, inputs


def _winter_average(case: Case, component: Flat | Block) -> Ratio | None:
    """The winter average for the days of the period, in the unit of the component."""
    average = case.determinants.winter_average
    if average is None:
        return None
    size, base = conversion(case.schedule.unit or component.unit, component.unit)
    upper, lower = _of_cycle(case, component, average)
    return upper * size, lower * base


def _lesser(one: Ratio, other: Ratio) -> Ratio:
    return one if one[0] * other[1] <= other[0] * one[1] else other


def _of_cycle(case: Case, component: Flat | Block, monthly: Decimal) -> Ratio:
    """A monthly quantity for the days of the period, as wide as its tiers."""
    upper, lower = case.proration_of(component).tier_ratio(case.days)
    return monthly * upper, lower


def _converted(
    case: Case, component: Flat | Block, version: Measured, inputs: list[tuple[str, str]]
) -> Ratio:
    """Use in the unit of the component, through a billing factor where the version names one."""
    use, unit = case.use(), case.schedule.unit or component.unit
    inputs.append(("use", f"{number_text(use)} {unit}"))
    if version.billing_factor is None:
        if unit == component.unit:
            return use, Decimal(1)
        upper, lower = conversion(unit, component.unit)
        converted = (use * upper, lower)
        inputs.append(("converted", _text(converted, component.unit)))
        return converted
    factor = case.book.billing_factors[version.billing_factor]
    size, base = conversion(unit, factor.from_unit)
    billed = Decimal(0)
    for span in spans_of(factor.version, case.period):
        upper, lower = case.share_of(span)
        billed += use * upper * span.version.factor * size / (lower * base)
        inputs.append((factor.label, f"{number_text(span.version.factor)}, {span.version.citation}"))
    if sum(span.days for span in spans_of(factor.version, case.period)) != case.days:
        raise case.refusal(
            f"{factor.label} ({factor.id}) has no value for every day of the period.", factor.id
        )
    if factor.decimals is not None:
        billed = billed.quantize(Decimal(1).scaleb(-factor.decimals))
    size, base = conversion(factor.to_unit, component.unit)
    inputs.append(("billed", f"{number_text(billed)} {factor.to_unit}"))
    return billed * size, base


def _text(quantity: Ratio, unit: str) -> str:
    return f"{number_text(quantity[0] / quantity[1])} {unit}"


def flat_lines(case: Case, component: Flat) -> None:
    for span in spans_of(component.version, case.period, component.months):
        quantity = quantity_of(case, component, span)
        price, under = case.price_of(span.version, component)
        inputs = (*quantity.inputs, ("price row", under)) if under else quantity.inputs
        case.add(
            component,
            span,
            quantity.upper * price / quantity.lower,
            f"{number_text(quantity.value)} {component.unit} × {number_text(price)}",
            quantity=quantity.value,
            unit=component.unit,
            price=price,
            inputs=inputs,
        )


@dataclass(frozen=True, slots=True)
class TierPart:
    """The part of a quantity that lies in a tier: `upper` over the common denominator, and its bounds."""

    number: int
    tier: Tier
    upper: Decimal
    over: Decimal
    up_to: Decimal | None

    def label(self, unit: str) -> str:
        if self.up_to is None:
            return f"over {number_text(self.over)} {unit}"
        if not self.over:
            return f"first {number_text(self.up_to)} {unit}"
        return f"over {number_text(self.over)} to {number_text(self.up_to)} {unit}"


def tier_parts(
    tiers: Sequence[Tier], quantity: Ratio, width: Ratio, extra: Decimal = Decimal(0)
) -> Iterator[TierPart]:
    """The tiers a quantity reaches, bounds times `width`; a quantity of nothing lies in the first tier.

    sum over tiers of min(max(q - lo, 0), hi - lo); each part's `upper` is over quantity[1] x width[1].
    """
    amount = quantity[0] * width[1]
    scale = width[0] * quantity[1]
    for number, tier in enumerate(tiers, 1):
        over = (tier.over + extra if tier.over else tier.over) * scale
        up_to = None if tier.up_to is None else (tier.up_to + extra) * scale
        if number > 1 and amount <= over:
            return
        inside = (amount if up_to is None else min(amount, up_to)) - over
        common = quantity[1] * width[1]
        yield TierPart(number, tier, inside, over / common, None if up_to is None else up_to / common)


def _tier_width(
    case: Case, component: Block | TimeOfUse, span: Span[BlockVersion] | Span[UseVersion]
) -> Ratio:
    if span.version.width_per == "day":
        return Decimal(span.days), Decimal(1)
    upper, lower = case.proration_of(component).part_tier_ratio(case.days, span.days)
    if span.version.width_per == "kW":
        peak = case.determinants.peak_kw()
        if peak is None:
            raise case.refusal(f"The tiers of {component.label} need the measured demand.", component.id)
        upper *= peak
    return upper, lower


def block_lines(case: Case, component: Block) -> None:
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        quantity = quantity_of(case, component, span)
        width = _tier_width(case, component, span)
        units = case.number(version.unit_count) if version.unit_count else Decimal(1)
        if version.units != "account" and units < 1:
            raise case.refusal(f"{component.label} needs at least one unit.", component.id)
        inputs = quantity.inputs
        if version.units != "account":
            inputs = (*inputs, ("units", f"{number_text(units)}, {version.units}"))
        averaged = version.units == "unit-averaged"
        lower = quantity.lower * units if averaged else quantity.lower
        if version.units == "widths-times-units":
            width = (width[0] * units, width[1])
        extra = (
            (version.extra or Decimal(0)) * (units - 1) if version.units == "extra-allotment" else Decimal(0)
        )
        for part in tier_parts(version.tier, (quantity.upper, lower), width, extra):
            price = case.factored(part.tier.price, version.price_factor)
            inside = part.upper / (lower * width[1])
            exact = part.upper * price / (lower * width[1])
            text = f"{number_text(inside)} {component.unit} × {number_text(price)}"
            if averaged:
                text = f"{number_text(units)} units × round({text})"
                exact, inside = dollars_of(cents_of(exact)) * units, inside * units
            case.add(
                component,
                span,
                exact,
                text,
                part=f"tier {part.number}",
                label=f"{component.label}, {part.label(component.unit)}",
                quantity=inside,
                unit=component.unit,
                price=price,
                inputs=inputs,
            )


def use_lines(case: Case, component: TimeOfUse) -> None:
    """A line for each period, or each tier of it. Holidays follow the calendar."""
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        calendar = case.book.calendars[version.calendar]
        uses, hours = period_uses(case, component, span)
        total = sum((use[0] for use in uses.values()), Decimal(0))
        width = _tier_width(case, component, span)
        for item in version.period:
            upper, lower = uses[item.id]
            label = f"{component.label}, {calendar.label_of(item.id)}"
            used = f"{number_text(upper / lower)} {component.unit}{hours.get(item.id, '')}"
            inputs = ((calendar.label_of(item.id), used),)
            if item.price is not None:
                case.add(
                    component,
                    span,
                    upper * item.price / lower,
                    f"{number_text(upper / lower)} {component.unit} × {number_text(item.price)}",
                    part=item.id,
                    label=label,
                    quantity=upper / lower,
                    unit=component.unit,
                    price=item.price,
                    inputs=inputs,
                )
                continue
            whole = total if version.tiers_of == "total" else upper
            for part in tier_parts(item.tier, (whole, lower), width):
                _use_tier(
                    case, component, span, part, (upper, whole), lower * width[1], item.id, label, inputs
                )


def _use_tier(
    case: Case,
    component: TimeOfUse,
    span: Span[UseVersion],
    part: TierPart,
    share: Ratio,
    lower: Decimal,
    period: str,
    label: str,
    inputs: tuple[tuple[str, str], ...],
) -> None:
    """The line of one tier of one period: the period's share of the tier."""
    upper, whole = share
    if not upper:
        return
    quantity = part.upper * upper / (lower * whole)
    case.add(
        component,
        span,
        part.upper * upper * part.tier.price / (lower * whole),
        f"{number_text(quantity)} {component.unit} × {number_text(part.tier.price)}",
        part=f"{period}, tier {part.number}",
        label=f"{label}, {part.label(component.unit)}",
        quantity=quantity,
        unit=component.unit,
        price=part.tier.price,
        inputs=inputs,
    )


def period_uses(
    case: Case, component: TimeOfUse, span: Span[UseVersion]
) -> tuple[dict[str, Ratio], dict[str, str]]:
    """Use of a span by period of the calendar, over one common denominator, and in how many hours where
    intervals tell it. Raises `Refusal` not-rated when it is not known by period."""
    calendar = case.book.calendars[span.version.calendar]
    determinants = case.determinants
    size, base = conversion(case.schedule.unit or component.unit, component.unit)
    names = [period.id for period in calendar.period]
    if determinants.usage_by_period:
        strangers = determinants.usage_by_period.keys() - set(names)
        if strangers:
            raise case.refusal(
                f"Use is given for {', '.join(sorted(strangers))}; {calendar.id} has {', '.join(names)}.",
                component.id,
            )
        if determinants.usage is not None and determinants.usage != sum(
            determinants.usage_by_period.values()
        ):
            raise case.refusal("Use by period does not sum to the use of the period.", component.id)
        upper, lower = case.share_of(span)
        return {
            name: (determinants.usage_by_period.get(name, Decimal(0)) * upper * size, lower * base)
            for name in names
        }, {}
    if not determinants.intervals:
        raise case.refusal(f"Use by period ({', '.join(names)}) is not known.", component.id)
    parted = by_period(calendar, determinants.within(span.first_day, span.last_day))
    uses = {
        name: (sum((item.quantity for item in items), Decimal(0)) * size, base)
        for name, items in parted.items()
    }
    return uses, {name: _hours(items) for name, items in parted.items()}


def _hours(intervals: Sequence[IntervalUse]) -> str:
    hours = Decimal(sum(item.minutes for item in intervals)) / 60
    return f" in {number_text(hours)} hours"
