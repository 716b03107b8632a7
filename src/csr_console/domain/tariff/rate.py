"""Rating: one schedule of a book over one period, as lines that say why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import localcontext
from typing import Any

from csr_console.domain.money import EXACT
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import Schedule, TariffBook
from csr_console.domain.tariff.components import (
    Block,
    Component,
    Demand,
    Eru,
    Fixed,
    Flat,
    Minimum,
    Percent,
    Reactive,
    TimeOfUse,
)
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod, refuse_impossible
from csr_console.domain.tariff.rating.case import Case
from csr_console.domain.tariff.rating.demand import demand_lines, reactive_lines
from csr_console.domain.tariff.rating.derived import minimum_lines, percent_lines
from csr_console.domain.tariff.rating.fixed import eru_lines, fixed_lines
from csr_console.domain.tariff.rating.measured import block_lines, flat_lines, use_lines
from csr_console.domain.tariff.rating.taxes import tax_lines
from csr_console.domain.tariff.segment import RatedSegment
from csr_console.domain.tariff.taxes import Certificate
from csr_console.domain.tariff.values import AttributeValue

_CHARGES: Mapping[type[Component], Callable[[Case, Any], None]] = {
    Fixed: fixed_lines,
    Flat: flat_lines,
    Block: block_lines,
    TimeOfUse: use_lines,
    Demand: demand_lines,
    Reactive: reactive_lines,
    Eru: eru_lines,
    Minimum: minimum_lines,
    Percent: percent_lines,
}


def rate(
    book: TariffBook,
    schedule_id: str,
    period: ServicePeriod,
    determinants: Determinants,
    premise: Mapping[str, AttributeValue],
    *,
    as_of: date,
    certificates: Sequence[Certificate] = (),
) -> RatedSegment:
    """The bill segment of one service over one period.

    `premise` holds the attributes the book declares (`inside` or `outside`, meter size, ERU area ...);
    `as_of` is the day of the bill: certificates received later do not count, so that an old bill comes out
    the same cents whenever it is rated again. Each line is rounded half-up to the cent, then summed.
    Raises `Refusal` not-found for an unknown schedule, not-rated when the book or the facts do not suffice.
    """
    schedule = book.get_schedule(schedule_id)
    refuse_impossible(period, determinants)
    _refuse_outside(schedule, period)
    with localcontext(EXACT):
        case = Case(book, schedule, period, period.days, determinants, premise, as_of)
        for component_id in schedule.components:
            component = book.components[component_id]
            if not component.when or case.applies(component.when):
                _CHARGES[type(component)](case, component)
        if not case.lines:
            raise case.refusal("No component of the schedule applies in this period.", "")
        tax_lines(case, certificates)
    return RatedSegment(
        book=book.book.id,
        book_digest=book.digest,
        schedule=schedule.id,
        service=schedule.service,
        customer_class=schedule.customer_class,
        first_day=period.first_day,
        last_day=period.last_day,
        days=case.days,
        estimated=determinants.estimated,
        lines=tuple(case.lines),
        notices=tuple(case.notices),
    )


def _refuse_outside(schedule: Schedule, period: ServicePeriod) -> None:
    """Raises `Refusal` not-rated when days of the period lie before or after the schedule."""
    ends = schedule.last_day
    if period.first_day < schedule.first_day or (ends is not None and period.last_day > ends):
        until = f"to {ends}" if ends else "on"
        raise Refusal(
            "not-rated",
            f"{schedule.name} ({schedule.id}) holds from {schedule.first_day} {until}; "
            f"the service days are {period.first_day} to {period.last_day}.",
            rule=f"{schedule.id} effective dates",
        )
