"""Charges on charges: minimum charges and percentages."""

from decimal import Decimal

from csr_console.domain.money import cents_of, dollars_of, dollars_text
from csr_console.domain.tariff.components import Minimum, MinimumVersion, Percent
from csr_console.domain.tariff.rating.case import Case, Span, number_text, spans_of
from csr_console.domain.tariff.rating.fixed import fixed_amount


def _cents_of(case: Case, components: tuple[str, ...]) -> int:
    return sum(line.amount_cents for line in case.lines if line.component in components)


def minimum_lines(case: Case, component: Minimum) -> None:
    """One line for what is missing to the minimum; none where the charges reach it."""
    spans = [
        span for span in spans_of(component.version, case.period, component.months) if _counts(case, span)
    ]
    if not spans:
        return
    parts = [fixed_amount(case, component, span) for span in spans]
    least = cents_of(sum((part[0] for part in parts), Decimal(0)))
    charged = _cents_of(case, spans[-1].version.of)
    if charged >= least:
        return
    missing = dollars_of(least - charged)
    whole = Span(spans[-1].version, spans[0].first_day, spans[-1].last_day)
    minimum = " + ".join(part[1] for part in parts)
    case.add(
        component,
        whole,
        missing,
        f"{dollars_text(least)} - {dollars_text(charged)}",
        inputs=(
            ("minimum", f"{minimum} = {dollars_text(least)}"),
            ("charged", f"{', '.join(spans[-1].version.of)}: {dollars_text(charged)}"),
            *(item for part in parts for item in part[3]),
        ),
    )


def _counts(case: Case, span: Span[MinimumVersion]) -> bool:
    version = span.version
    if version.under is None:
        return True
    units = case.number(version.under_units) if version.under_units else Decimal(1)
    return case.use() < version.under * units


def percent_lines(case: Case, component: Percent) -> None:
    for span in spans_of(component.version, case.period, component.months):
        version = span.version
        base = dollars_of(_cents_of(case, version.of))
        exact = base * version.percent * span.days / (100 * Decimal(case.days))
        amounts = " + ".join(
            dollars_text(line.amount_cents) for line in case.lines if line.component in version.of
        )
        share = "" if span.days == case.days else f" × {span.days}/{case.days}"
        case.add(
            component,
            span,
            exact,
            f"({amounts or '0'}) × {number_text(version.percent)} %{share}",
            inputs=(("base", f"{', '.join(version.of)}: {base}"),),
        )
