"""Schedules: units that fit, charges on charges after what they are on, and a price for every day."""

from collections.abc import Iterator
from datetime import date, timedelta

from csr_console.contracts.tariff.checks.dates import covered
from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts
from csr_console.domain.tariff.book import Schedule
from csr_console.domain.tariff.components import (
    Component,
    Measured,
    MeasuredTable,
    Minimum,
    Percent,
)
from csr_console.domain.tariff.units import UNITS

_DAY = timedelta(days=1)
_NEVER = date(9999, 12, 30)


def schedule_mistakes(parts: Parts) -> Iterator[tuple[Path, str]]:
    known = parts.components
    for path, schedule in parts.schedules:
        listed = [known[name][1] for name in schedule.components if name in known]
        for index, name in enumerate(schedule.components):
            if name in known:
                at = (*path, "components", index)
                yield from _unit(parts, schedule, known[name][1], at)
                yield from _order(schedule, known[name][1], index, at)
        if len(listed) == len(schedule.components):
            yield from _coverage(schedule, listed, path)
        limits = schedule.limits
        if limits and limits.unit is None and (limits.annual_over, limits.annual_up_to) != (None, None):
            yield (*path, "limits"), "has no unit for its annual use"
    for factor_path, factor in parts.of("billing_factor"):
        if UNITS[factor.from_unit].measure == UNITS[factor.to_unit].measure:
            yield (
                (*factor_path, "to_unit"),
                f"{factor.to_unit} and {factor.from_unit} measure the same: a billing factor is not needed",
            )


def _unit(parts: Parts, schedule: Schedule, component: Component, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(component, MeasuredTable):
        return
    if schedule.unit is None:
        yield path, f"{component.id} is charged by {component.unit}, and the schedule has no unit of use"
        return
    for version in component.version:
        factor = parts.factors.get(version.billing_factor or "") if isinstance(version, Measured) else None
        if isinstance(version, Measured) and version.billing_factor and factor is None:
            continue
        pairs = [(schedule.unit, component.unit)]
        if factor:
            pairs = [(schedule.unit, factor.from_unit), (factor.to_unit, component.unit)]
        if any(UNITS[given].measure != UNITS[wanted].measure for given, wanted in pairs):
            sentence = f"{component.id} is charged by {component.unit} and use is in {schedule.unit}"
            yield path, f"{sentence}: they measure different things; name a billing_factor between them"
            return


def _order(schedule: Schedule, component: Component, index: int, path: Path) -> Iterator[tuple[Path, str]]:
    """A minimum or a percentage stands after everything it is on."""
    if not isinstance(component, Minimum | Percent):
        return
    later = {name for version in component.version for name in version.of} & set(schedule.components[index:])
    if later:
        yield path, f"{component.id} stands before {', '.join(sorted(later))}, which it is on: list it after"


def _coverage(schedule: Schedule, components: list[Component], path: Path) -> Iterator[tuple[Path, str]]:
    """Some component that is no rider holds on every day of the schedule."""
    spans = sorted(covered(item.version) for item in components if not item.rider and not item.months)
    if not spans:
        if not any(item.months for item in components):
            yield (*path, "components"), "has riders only: a schedule has a charge of its own"
        return
    reached = schedule.first_day - _DAY
    for first, last in spans:
        if first > reached + _DAY:
            break
        reached = max(reached, last or _NEVER)
    ends = schedule.last_day or _NEVER
    if reached < ends:
        until = f"to {ends}" if schedule.last_day else "on"
        held = f"the schedule holds from {schedule.first_day} {until}"
        yield (*path, "components"), f"gap: {held}, its components leave {reached + _DAY} without a price"
