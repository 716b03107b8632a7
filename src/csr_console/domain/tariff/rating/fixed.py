"""Fixed charges, category fees and equivalent residential units."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from csr_console.domain.tariff.components import Eru, EruVersion, Fixed, FixedVersion, Minimum, MinimumVersion
from csr_console.domain.tariff.proration import Ratio
from csr_console.domain.tariff.rating.case import Case, Span, number_text, spans_of

_CYCLES = {"month": (1, 1), "quarter": (1, 3), "year": (1, 12)}
ROUNDINGS = {"half-up": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_DOWN}


def fixed_lines(case: Case, component: Fixed) -> None:
    for span in spans_of(component.version, case.period, component.months):
        exact, arithmetic, price, inputs = fixed_amount(case, component, span)
        case.add(component, span, exact, arithmetic, price=price, inputs=inputs)


def fixed_amount(
    case: Case, component: Fixed | Minimum, span: Span[FixedVersion] | Span[MinimumVersion]
) -> tuple[Decimal, str, Decimal, tuple[tuple[str, str], ...]]:
    """(exact dollars, arithmetic, price, inputs) of a fixed amount for a span.

    Multiplies first and divides last, so that a half cent stays one: 201 / 12 x 19 / 31.
    """
    version = span.version
    price, under = case.price_of(version, component)
    inputs = [("price row", under)] if under else []
    numerator, text = price, number_text(price)
    if isinstance(version, FixedVersion) and version.multiplier != 1:
        numerator *= version.multiplier
        text += f" × {number_text(version.multiplier)}"
    for name in version.times:
        count = case.number(name)
        numerator *= count
        text += f" × {number_text(count)}"
        inputs.append((case.book.attributes[name].label, number_text(count)))
    (upper, lower), share = _time_ratio(case, component, span)
    exact = numerator * upper / lower
    return exact, f"{text}{share}", price, tuple(inputs)


def _time_ratio(
    case: Case,
    component: Fixed | Minimum | Eru,
    span: Span[FixedVersion] | Span[MinimumVersion] | Span[EruVersion],
) -> tuple[Ratio, str]:
    """How much of the price the days of a span pay, and how that is written."""
    per = "month" if isinstance(span.version, EruVersion) else span.version.per
    if per == "day":
        return (Decimal(span.days), Decimal(1)), f" × {span.days} days"
    proration = case.proration_of(component)
    upper, lower = proration.fixed_ratio(case.days)
    text = "" if upper == lower else f" × {number_text(upper)}/{number_text(lower)}"
    if per != "cycle":
        count, parts = _CYCLES[per]
        count *= proration.cycle_months
        if count != parts:
            upper, lower = upper * count, lower * parts
            text = f" × {count}/{parts}{text}" if count != 1 else f" / {parts}{text}"
    if span.days != case.days:
        upper, lower = upper * span.days, lower * case.days
        text += f" × {span.days}/{case.days}"
    return (upper, lower), text


def eru_lines(case: Case, component: Eru) -> None:
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        count, how = eru_count(case, version)
        (upper, lower), share = _time_ratio(case, component, span)
        exact = count * version.price * upper / lower
        text = f"{number_text(count)} ERU × {number_text(version.price)}{share}"
        case.add(
            component,
            span,
            exact,
            text,
            quantity=count,
            unit="ERU",
            price=version.price,
            inputs=(("ERU", how),),
        )


def eru_count(case: Case, version: EruVersion) -> tuple[Decimal, str]:
    """Equivalent residential units of a premise and how they were found."""
    for item in version.eru_class:
        if case.applies(item.where):
            return item.eru, f"{', '.join(str(condition) for condition in item.where)}: {item.eru}"
    area = case.number(version.area)
    count = area / version.unit_area
    how = f"{number_text(area)} / {number_text(version.unit_area)} = {number_text(count)}"
    if version.first_cut_decimals is not None:
        count = count.quantize(Decimal(1).scaleb(-version.first_cut_decimals), ROUND_DOWN)
        how += f", cut to {count}"
    if version.rounding != "none":
        count = count.quantize(Decimal(1), ROUNDINGS[version.rounding])
        how += f", rounded {version.rounding} to {count}"
    if version.least is not None and count < version.least:
        return version.least, f"{how}, at least {version.least}"
    if version.most is not None and count > version.most:
        return version.most, f"{how}, at most {version.most}"
    return count, how
