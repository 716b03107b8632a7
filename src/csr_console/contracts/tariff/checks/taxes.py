"""Taxes: no circle in their order, services and classes that the book has, volumes that can be measured."""

from collections.abc import Iterator, Mapping

from csr_console.contracts.imports.report import excerpt
from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts
from csr_console.domain.tariff.taxes import Tax
from csr_console.domain.tariff.units import UNITS


def tax_mistakes(parts: Parts) -> Iterator[tuple[Path, str]]:
    taxes = {tax.id: tax for _, tax in parts.taxes}
    services = {schedule.service for _, schedule in parts.schedules}
    classes = {schedule.customer_class for _, schedule in parts.schedules}
    for path, tax in parts.taxes:
        circle = _circle(tax, taxes)
        if circle:
            yield (*path, "including_taxes"), f"goes in a circle: {' includes '.join(circle)}"
        for index, service in enumerate(tax.services):
            if service not in services:
                yield (
                    (*path, "services", index),
                    f"{excerpt(service)} is the service of no schedule in this book",
                )
        for key, names in (("classes", tax.classes), ("exempt_classes", tax.exempt_classes)):
            for index, name in enumerate(names):
                if name not in classes:
                    yield (*path, key, index), f"{excerpt(name)} is the class of no schedule in this book"
        yield from _units(parts, tax, path)


def _circle(tax: Tax, taxes: Mapping[str, Tax]) -> list[str]:
    """The way from a tax back to itself through the taxes its base includes; empty when there is none."""
    pending = [[tax.id, name] for name in tax.including_taxes]
    seen: set[str] = set()
    while pending:
        way = pending.pop()
        if way[-1] == tax.id:
            return way
        if way[-1] not in seen and way[-1] in taxes:
            seen.add(way[-1])
            pending += [[*way, name] for name in taxes[way[-1]].including_taxes]
    return []


def _units(parts: Parts, tax: Tax, path: Path) -> Iterator[tuple[Path, str]]:
    """A volume or an exempt quantity is in units that use of the taxed services is measured in."""
    wanted = [((*path, "exempt_unit"), tax.exempt_unit)]
    wanted += [
        ((*path, "version", index, "index_unit"), item.index_unit) for index, item in enumerate(tax.version)
    ]
    for _, schedule in parts.schedules:
        if not tax.levied_on(schedule.service, schedule.customer_class):
            continue
        for at, unit in wanted:
            if unit is None:
                continue
            if schedule.unit is None or UNITS[schedule.unit].measure != UNITS[unit].measure:
                given = schedule.unit or "no unit"
                yield at, f"{unit} does not measure use of {schedule.id}, which is in {given}"
