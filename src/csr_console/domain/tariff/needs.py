"""What has to be known before a schedule can be rated: what a form asks for and a bill run looks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.components import (
    Block,
    BlockVersion,
    Component,
    Demand,
    DemandVersion,
    EruVersion,
    FixedVersion,
    Measured,
    MeasuredTable,
    MinimumVersion,
    Priced,
    Reactive,
    TimeOfUse,
    UseVersion,
)
from csr_console.domain.tariff.values import Condition, Version


@dataclass(frozen=True, slots=True)
class Needs:
    """Attributes of the premise by id, periods of the day by id, and which determinants count.

    `winter_average` is wanted, not needed: a customer without one pays on use.
    """

    attributes: tuple[str, ...]
    use: bool
    use_periods: tuple[str, ...]
    demand: bool
    demand_periods: tuple[str, ...]
    contract_kw: bool
    power_factor: bool
    reactive_kvar: bool
    winter_average: bool


def needs_of(book: TariffBook, schedule_id: str) -> Needs:
    """What any version of a schedule's components and its taxes ask for. Raises `Refusal` not-found."""
    schedule = book.get_schedule(schedule_id)
    components = [book.components[name] for name in schedule.components]
    versions = [version for component in components for version in component.version]
    taxes = book.taxes_of[schedule_id]
    asked = [name for component in components for name in _attributes(component)]
    asked += [item.attribute for tax in taxes for item in tax.when]
    asked += [tax.exempt_per for tax in taxes if tax.exempt_per]
    demands = [version for version in versions if isinstance(version, DemandVersion)]
    by_kw = any(isinstance(item, BlockVersion | UseVersion) and item.width_per == "kW" for item in versions)
    by_volume = any(version.method == "volume" for tax in taxes for version in tax.version)
    return Needs(
        attributes=tuple(dict.fromkeys(asked)),
        use=any(isinstance(component, MeasuredTable) for component in components) or by_volume,
        use_periods=_periods(book, components, TimeOfUse),
        demand=bool(demands) or by_kw or any(isinstance(item, Reactive) for item in components),
        demand_periods=_periods(book, components, Demand),
        contract_kw=any(version.contract for version in demands),
        power_factor=any(version.power_factor_target is not None for version in demands),
        reactive_kvar=any(isinstance(component, Reactive) for component in components),
        winter_average=any(isinstance(item, Measured) and item.basis != "usage" for item in versions),
    )


def _periods(
    book: TariffBook, components: list[Component], kind: type[TimeOfUse] | type[Demand]
) -> tuple[str, ...]:
    """The periods of the calendars that components of a kind are priced by."""
    names = (
        period.id
        for component in components
        if isinstance(component, kind)
        for version in component.version
        if version.calendar
        for period in book.calendars[version.calendar].period
    )
    return tuple(dict.fromkeys(names))


def _attributes(component: Component) -> Iterator[str]:
    yield from _named(component.when)
    for version in component.version:
        yield from _of_version(version)
    if isinstance(component, Block):
        yield from (version.unit_count for version in component.version if version.unit_count)


def _of_version(version: Version) -> Iterator[str]:
    if isinstance(version, Priced):
        for row in version.row:
            yield from _named(row.where)
    if isinstance(version, Priced | BlockVersion):
        for factor in version.price_factor:
            yield from _named(factor.where)
    if isinstance(version, FixedVersion | MinimumVersion):
        yield from version.times
    if isinstance(version, MinimumVersion) and version.under_units:
        yield version.under_units
    if isinstance(version, EruVersion):
        yield version.area
        for item in version.eru_class:
            yield from _named(item.where)


def _named(conditions: tuple[Condition, ...]) -> Iterator[str]:
    return (condition.attribute for condition in conditions)
