"""The tables of a book that read well by themselves, before they are checked against each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from csr_console.contracts.tariff.lines import Path
from csr_console.domain.tariff.book import Attribute, BillingFactor, Heading, Schedule
from csr_console.domain.tariff.calendars import Calendar
from csr_console.domain.tariff.components import Component
from csr_console.domain.tariff.proration import Proration
from csr_console.domain.tariff.taxes import Tax

SECTIONS = ("attribute", "proration", "calendar", "billing_factor", "component", "schedule", "tax")


class Parts:
    """Tables by section with their paths. `ids` are all names that the document writes, also of tables with
    mistakes, so that one mistake is not told again wherever its table is named."""

    heading: Heading

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._items: dict[str, list[tuple[Path, BaseModel]]] = {name: [] for name in SECTIONS}
        self.ids = {name: frozenset(_ids(document.get(name))) for name in SECTIONS}

    def add(self, section: str, path: Path, item: Any) -> None:
        if section == "book":
            self.heading = item
        else:
            self._items[section].append((path, item))

    def of(self, section: str) -> list[tuple[Path, Any]]:
        return list(self._items[section])

    @property
    def components(self) -> Mapping[str, tuple[Path, Component]]:
        return {item.id: (path, item) for path, item in self.of("component")}

    @property
    def schedules(self) -> list[tuple[Path, Schedule]]:
        return self.of("schedule")

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {item.id: item for _, item in self.of("attribute")}

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {item.id: item for _, item in self.of("calendar")}

    @property
    def factors(self) -> Mapping[str, BillingFactor]:
        return {item.id: item for _, item in self.of("billing_factor")}

    @property
    def taxes(self) -> list[tuple[Path, Tax]]:
        return self.of("tax")

    @property
    def prorations(self) -> Mapping[str, Proration]:
        return {item.id: item for _, item in self.of("proration")}


def _ids(tables: object) -> Iterator[str]:
    if isinstance(tables, list):
        for table in tables:
            if isinstance(table, Mapping) and isinstance(table.get("id"), str):
                yield table["id"]
