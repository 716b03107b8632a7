"""Tax lines: the base spelled out, in the order the taxes build on each other."""

from collections.abc import Sequence
from decimal import Decimal

from csr_console.domain.money import cents_of, dollars_of, dollars_text
from csr_console.domain.tariff.components import MeasuredTable
from csr_console.domain.tariff.proration import Ratio
from csr_console.domain.tariff.rating.case import Case, Span, number_text, result_text, spans_of
from csr_console.domain.tariff.segment import RatedLine, Why
from csr_console.domain.tariff.taxes import Certificate, Tax, TaxVersion
from csr_console.domain.tariff.units import conversion


def tax_lines(case: Case, certificates: Sequence[Certificate]) -> None:
    for tax in case.book.taxes_of[case.schedule.id]:
        if case.schedule.customer_class in tax.exempt_classes or not case.applies(tax.when):
            continue
        if tax.certificate_holders and _certified(case, tax, certificates):
            continue
        _levy(case, tax)


def _certified(case: Case, tax: Tax, certificates: Sequence[Certificate]) -> bool:
    """Whether a certificate on file by the day of the bill holds to the end of the period. One that does not
    is told, since a lapsed certificate is what auditors find (City of Tallahassee audit 0619)."""
    for item in certificates:
        named = not item.taxes or tax.id in item.taxes
        if not named or item.holder not in tax.certificate_holders or item.received_on > case.as_of:
            continue
        if item.number and item.expires_on >= case.period.last_day:
            case.notices.append(
                f"{tax.label} is not charged: certificate {item.number} ({item.holder}) to {item.expires_on}."
            )
            return True
        case.notices.append(
            f"{tax.label} is charged: the certificate {item.number or 'without a number'} ({item.holder}) "
            f"ended {item.expires_on}."
        )
    return False


def _levy(case: Case, tax: Tax) -> None:
    spans = spans_of(tax.version, case.period)
    if tax.on_change == "last-day":
        spans = [
            Span(span.version, case.period.first_day, case.period.last_day)
            for span in spans
            if span.last_day == case.period.last_day
        ]
    lines = _base_lines(case, tax)
    if not lines:
        return
    for span in spans:
        if span.version.method == "volume":
            exact, arithmetic, inputs = _by_volume(case, span.version)
        else:
            exact, arithmetic, inputs = _by_amount(case, tax, span.version, lines)
        if span.days != case.days:
            exact = exact * span.days / case.days
            arithmetic += f" × {span.days}/{case.days}"
        _add(case, tax, span, exact, arithmetic, inputs)


def _base_lines(case: Case, tax: Tax) -> list[RatedLine]:
    """The charges and the earlier taxes that a tax is levied on."""
    return [
        line
        for line in case.lines
        if (
            line.component in tax.including_taxes
            if line.kind == "tax"
            else (not tax.base or line.component in tax.base) and line.component not in tax.excluding
        )
    ]


def _by_volume(case: Case, version: TaxVersion) -> tuple[Decimal, str, tuple[tuple[str, str], ...]]:
    """Volume x index price x rate: a tax on the gas itself, not on the bill."""
    unit = version.index_unit or ""
    index = version.index or Decimal(0)
    upper, lower = conversion(case.schedule.unit or unit, unit)
    use = case.use()
    exact = use * upper * index * version.rate / (lower * 100)
    text = f"{number_text(use * upper / lower)} {unit} × {number_text(index)} × {number_text(version.rate)} %"
    return exact, text, (("use", f"{number_text(use)} {case.schedule.unit}"),)


def _by_amount(
    case: Case, tax: Tax, version: TaxVersion, lines: list[RatedLine]
) -> tuple[Decimal, str, tuple[tuple[str, str], ...]]:
    inputs = tuple((line.label, dollars_text(line.amount_cents)) for line in lines)
    amounts = " + ".join(amount for _, amount in inputs)
    base = dollars_of(sum(line.amount_cents for line in lines))
    text = f"({amounts})" if len(lines) > 1 else amounts
    free = _free_share(case, tax)
    upper, lower = base, Decimal(1)
    if free is not None:
        measured = dollars_of(sum(line.amount_cents for line in lines if _is_measured(case, line)))
        upper, lower = base * free[1] - measured * free[0], free[1]
        quantity = f"{number_text(free[0])} of {number_text(free[1])} {tax.exempt_unit}"
        inputs = (*inputs, ("exempt", f"{quantity}, of {measured} charged on use"))
        text = f"({text} - {measured} × {number_text(free[0])}/{number_text(free[1])})"
    rate = number_text(version.rate)
    if version.method == "gross-up":
        return (
            upper * version.rate / (lower * (100 - version.rate)),
            f"{text} × {rate}/(100 - {rate})",
            inputs,
        )
    return upper * version.rate / (lower * 100), f"{text} × {rate} %", inputs


def _free_share(case: Case, tax: Tax) -> Ratio | None:
    """(free quantity, use) of a tax with an exempt quantity, for each unit even on a master meter."""
    if tax.exempt_quantity is None or tax.exempt_unit is None:
        return None
    upper, lower = conversion(case.schedule.unit or tax.exempt_unit, tax.exempt_unit)
    use = case.use() * upper / lower
    if not use:
        return None
    units = case.number(tax.exempt_per) if tax.exempt_per else Decimal(1)
    return min(use, tax.exempt_quantity * units), use


def _is_measured(case: Case, line: RatedLine) -> bool:
    return line.kind == "charge" and isinstance(case.book.components[line.component], MeasuredTable)


def _add(
    case: Case,
    tax: Tax,
    span: Span[TaxVersion],
    exact: Decimal,
    arithmetic: str,
    inputs: tuple[tuple[str, str], ...],
) -> None:
    cents = cents_of(exact)
    version = span.version
    case.lines.append(
        RatedLine(
            kind="tax",
            component=tax.id,
            part="",
            label=tax.label,
            group="tax",
            first_day=span.first_day,
            last_day=span.last_day,
            quantity=None,
            unit="",
            price=None,
            exact=exact,
            amount_cents=cents,
            why=Why(
                rule=f"{case.book.book.id}/{tax.id}@{version.since}",
                policy=tax.rule,
                citation=version.citation,
                status=version.status,
                inputs=inputs,
                arithmetic=result_text(arithmetic, exact, cents),
            ),
        )
    )
