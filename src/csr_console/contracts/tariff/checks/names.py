"""Names: each stands once, and what is named is there."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from csr_console.contracts.imports.report import excerpt
from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import SECTIONS, Parts
from csr_console.domain.tariff.components import (
    BlockVersion,
    DemandVersion,
    EruVersion,
    FixedVersion,
    Measured,
    MinimumVersion,
    PercentVersion,
    Priced,
    UseVersion,
)
from csr_console.domain.tariff.values import Condition

Mistake = tuple[Path, str]


def name_mistakes(parts: Parts) -> Iterator[Mistake]:
    yield from _twice(parts)
    for path, component in parts.components.values():
        yield from _conditions(parts, component.when, (*path, "when"))
        if component.proration:
            yield from _named(parts, "proration", [component.proration], (*path, "proration"))
        for index, version in enumerate(component.version):
            yield from _version_names(parts, version, (*path, "version", index))
    for path, schedule in parts.schedules:
        yield from _named(parts, "component", schedule.components, (*path, "components"))
        yield from _named(parts, "proration", [schedule.proration], (*path, "proration"))
        for index, name in enumerate(schedule.components):
            if name in schedule.components[:index]:
                yield (*path, "components", index), f"{excerpt(name)} stands in this schedule twice"
    for path, tax in parts.taxes:
        yield from _conditions(parts, tax.when, (*path, "when"))
        yield from _named(parts, "component", tax.base, (*path, "base"))
        yield from _named(parts, "component", tax.excluding, (*path, "excluding"))
        yield from _named(parts, "tax", tax.including_taxes, (*path, "including_taxes"))
        yield from _numbers(parts, [tax.exempt_per], (*path, "exempt_per"))


def _twice(parts: Parts) -> Iterator[Mistake]:
    for section in SECTIONS:
        first: dict[str, int] = {}
        for path, item in parts.of(section):
            if item.id in first:
                yield (*path, "id"), f"{excerpt(item.id)} is taken already by {section} {first[item.id]}"
            first.setdefault(item.id, int(path[1]) + 1)
    for path, tax in parts.taxes:
        if tax.id in parts.ids["component"]:
            yield (*path, "id"), f"{excerpt(tax.id)} is the name of a component: give the tax its own"


def _version_names(parts: Parts, version: object, path: Path) -> Iterator[Mistake]:
    if isinstance(version, Priced):
        for index, row in enumerate(version.row):
            yield from _conditions(parts, row.where, (*path, "row", index, "where"))
    if isinstance(version, Priced | BlockVersion):
        for index, factor in enumerate(version.price_factor):
            yield from _conditions(parts, factor.where, (*path, "price_factor", index, "where"))
    if isinstance(version, FixedVersion | MinimumVersion):
        yield from _numbers(parts, version.times, (*path, "times"))
    if isinstance(version, MinimumVersion):
        yield from _numbers(parts, [version.under_units], (*path, "under_units"))
    if isinstance(version, MinimumVersion | PercentVersion):
        yield from _named(parts, "component", version.of, (*path, "of"))
    yield from _quantity_names(parts, version, path)


def _quantity_names(parts: Parts, version: object, path: Path) -> Iterator[Mistake]:
    if isinstance(version, BlockVersion):
        yield from _numbers(parts, [version.unit_count], (*path, "unit_count"))
    if isinstance(version, Measured) and version.billing_factor:
        yield from _named(parts, "billing_factor", [version.billing_factor], (*path, "billing_factor"))
    if isinstance(version, EruVersion):
        yield from _numbers(parts, [version.area], (*path, "area"))
        for index, item in enumerate(version.eru_class):
            yield from _conditions(parts, item.where, (*path, "eru_class", index, "where"))
    if isinstance(version, UseVersion | DemandVersion) and version.calendar:
        yield from _named(parts, "calendar", [version.calendar], (*path, "calendar"))
        yield from _periods(parts, version, path)


def _periods(parts: Parts, version: UseVersion | DemandVersion, path: Path) -> Iterator[Mistake]:
    """Each period of the calendar has a price, and no other."""
    calendar = parts.calendars.get(version.calendar or "")
    if calendar is None:
        return
    known = [period.id for period in calendar.period]
    priced = [period.id for period in version.period]
    for index, name in enumerate(priced):
        if name not in known:
            yield (
                (*path, "period", index, "id"),
                f"{excerpt(name)} is no period of {calendar.id}{_meant(name, known)}",
            )
        elif name in priced[:index]:
            yield (*path, "period", index, "id"), f"{excerpt(name)} is priced twice"
    missing = [name for name in known if name not in priced]
    if missing:
        yield (*path, "period"), f"has no price for {', '.join(missing)} of {calendar.id}"


def _named(parts: Parts, section: str, names: Iterable[str], path: Path) -> Iterator[Mistake]:
    known = parts.ids[section]
    for index, name in enumerate(names):
        if name not in known:
            at = (*path, index) if section in {"component", "tax"} else path
            yield at, f"{excerpt(name)} is no {section.replace('_', ' ')} of this book{_meant(name, known)}"


def _numbers(parts: Parts, names: Iterable[str | None], path: Path) -> Iterator[Mistake]:
    """Attributes that are counted or multiplied with."""
    for name in names:
        if name is None:
            continue
        if name not in parts.ids["attribute"]:
            yield path, f"{excerpt(name)} is no attribute of this book{_meant(name, parts.ids['attribute'])}"
        elif name in parts.attributes and not parts.attributes[name].numeric:
            yield (
                path,
                f"{excerpt(name)} is no number: it is one of {', '.join(parts.attributes[name].values)}",
            )


def _conditions(parts: Parts, conditions: Iterable[Condition], path: Path) -> Iterator[Mistake]:
    for condition in conditions:
        name = condition.attribute
        if name not in parts.ids["attribute"]:
            yield path, f"{excerpt(name)} is no attribute of this book{_meant(name, parts.ids['attribute'])}"
            continue
        known = parts.attributes.get(name)
        if known is None:
            continue
        if known.numeric != condition.numeric:
            wanted = "a number: write a range" if known.numeric else f"one of {', '.join(known.values)}"
            yield path, f"{excerpt(name)} is {wanted}"
        for value in condition.values:
            if known.values and value not in known.values:
                yield path, f"{excerpt(value)} is no value of {name}: it is one of {', '.join(known.values)}"


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name[:60], list(known), n=1, cutoff=0.6)
    return f": is {close[0]} meant?" if close else ""
