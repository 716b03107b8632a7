"""Demand and reactive demand."""

from collections.abc import Iterable
from decimal import Decimal

from csr_console.domain.tariff.components import Demand, DemandVersion, Reactive, Tier
from csr_console.domain.tariff.determinants import IntervalUse, by_period, peak_interval
from csr_console.domain.tariff.proration import ONE, Ratio
from csr_console.domain.tariff.rating.case import Case, Span, number_text, spans_of
from csr_console.domain.tariff.rating.fixed import ROUNDINGS
from csr_console.domain.tariff.rating.measured import tier_parts


def demand_lines(case: Case, component: Demand) -> None:
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        if not version.period:
            measured, at = _measured(case, component, span)
            billed, how = billed_demand(case, component, version, measured, at)
            _priced(case, component, span, billed, how, ("", component.label), version.price, version.tier)
            continue
        calendar = case.book.calendars[version.calendar or ""]
        peaks = _peaks(case, component, span, version)
        for item in version.period:
            billed, how = billed_demand(case, component, version, *peaks[item.id])
            name = (item.id, f"{component.label}, {calendar.label_of(item.id)}")
            _priced(case, component, span, billed, how, name, item.price, item.tier)


Peak = tuple[Decimal, IntervalUse | None]
"""Measured kW, and the interval that had it where intervals are known."""


def _highest(intervals: Iterable[IntervalUse]) -> Peak:
    highest = peak_interval(intervals)
    return (highest.kw if highest else Decimal(0)), highest


def _measured(case: Case, component: Demand, span: Span[DemandVersion]) -> Peak:
    """The measured peak; that of the season alone where the component has months and intervals tell it."""
    given = case.determinants
    if given.intervals and given.demand_kw is None:
        return _highest(given.within(span.first_day, span.last_day) if component.months else given.intervals)
    if given.demand_kw is None:
        raise case.refusal(f"{component.label} needs the measured demand in kW.", component.id)
    return given.demand_kw, None


def _peaks(
    case: Case, component: Demand, span: Span[DemandVersion], version: DemandVersion
) -> dict[str, Peak]:
    calendar = case.book.calendars[version.calendar or ""]
    given = case.determinants.demand_by_period
    if given:
        return {period.id: (given.get(period.id, Decimal(0)), None) for period in calendar.period}
    if not case.determinants.intervals:
        raise case.refusal(f"{component.label} needs the measured demand by period.", component.id)
    within = case.determinants.within(span.first_day, span.last_day)
    intervals = within if component.months else case.determinants.intervals
    return {name: _highest(items) for name, items in by_period(calendar, intervals).items()}


def billed_demand(
    case: Case, component: Demand, version: DemandVersion, measured: Decimal, at: IntervalUse | None = None
) -> tuple[Decimal, tuple[tuple[str, str], ...]]:
    """max(measured, ratchet % x highest of the months before, contract minimum, floor), and what went in.

    Dover, OH: the greatest of the month, 60 % of the highest of the last six months, and 5 kW.
    """
    moment = f" on {at.starts_at:%Y-%m-%d} at {at.starts_at:%H:%M}, {at.minutes} minutes" if at else ""
    inputs = [("measured", f"{number_text(measured)} kW{moment}")]
    billed = measured
    target, factor = version.power_factor_target, case.determinants.power_factor
    if target is not None:
        if factor is None:
            raise case.refusal(f"{component.label} needs the power factor.", component.id)
        if factor < target:
            billed = measured * (1 + target - factor)
            text = f"× (1 + ({target} - {factor})) = {number_text(billed)} kW"
            inputs.append(("power factor", text))
    bounds = [("floor", version.floor)] if version.floor else []
    if version.ratchet_percent is not None:
        highest = max(case.determinants.past_demand_kw[: version.ratchet_months], default=Decimal(0))
        bounds.append(
            (
                f"{version.ratchet_percent} % of highest {number_text(highest)} kW",
                highest * version.ratchet_percent / 100,
            )
        )
    if version.contract:
        if case.determinants.contract_kw is None:
            raise case.refusal(f"{component.label} needs the contract's demand in kW.", component.id)
        bounds.append(("contract minimum", case.determinants.contract_kw))
    for name, bound in bounds:
        inputs.append((name, f"{number_text(bound)} kW"))
        billed = max(billed, bound)
    if version.quantity_decimals is not None:
        places = Decimal(1).scaleb(-version.quantity_decimals)
        billed = billed.quantize(places, ROUNDINGS[version.quantity_rounding])
        inputs.append(("rounded", f"{number_text(billed)} kW"))
    return billed, tuple(inputs)


def _share(case: Case, component: Demand | Reactive, days: int) -> tuple[Ratio, str]:
    upper, lower = case.proration_of(component).fixed_ratio(case.days)
    text = "" if upper == lower else f" × {number_text(upper)}/{number_text(lower)}"
    if days != case.days:
        return (upper * days, lower * case.days), f"{text} × {days}/{case.days}"
    return (upper, lower), text


def _priced(
    case: Case,
    component: Demand,
    span: Span[DemandVersion],
    billed: Decimal,
    inputs: tuple[tuple[str, str], ...],
    name: tuple[str, str],
    price: Decimal | None,
    tiers: tuple[Tier, ...],
) -> None:
    """The lines of one billed demand, at one price or in tiers of kW."""
    (upper, lower), share = _share(case, component, span.days)
    part, label = name
    if price is not None:
        text = f"{number_text(billed)} kW × {number_text(price)}{share}"
        case.add(
            component, span, billed * price * upper / lower, text,
            part=part, label=label, quantity=billed, unit="kW", price=price, inputs=inputs,
        )  # fmt: skip
        return
    for tier in tier_parts(tiers, (billed, Decimal(1)), ONE):
        text = f"{number_text(tier.upper)} kW × {number_text(tier.tier.price)}{share}"
        case.add(
            component, span, tier.upper * tier.tier.price * upper / lower, text,
            part=f"{part}, tier {tier.number}".lstrip(", "), label=f"{label}, {tier.label('kW')}",
            quantity=tier.upper, unit="kW", price=tier.tier.price, inputs=inputs,
        )  # fmt: skip


def reactive_lines(case: Case, component: Reactive) -> None:
    """kVAr over the allowance that goes with the measured kW."""
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        measured, peak = case.determinants.reactive_kvar, case.determinants.peak_kw()
        if measured is None or peak is None:
            raise case.refusal(f"{component.label} needs measured kVAr and kW.", component.id)
        allowance = version.allowance_per_kw * peak
        billed = max(measured - allowance, Decimal(0))
        (upper, lower), share = _share(case, component, span.days)
        case.add(
            component,
            span,
            billed * version.price * upper / lower,
            f"{number_text(billed)} kVAr × {number_text(version.price)}{share}",
            quantity=billed,
            unit="kVAr",
            price=version.price,
            inputs=(
                ("measured", f"{number_text(measured)} kVAr"),
                (
                    "allowance",
                    f"{version.allowance_per_kw} × {number_text(peak)} kW = {number_text(allowance)} kVAr",
                ),
            ),
        )
