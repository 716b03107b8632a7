"""Metered use as Green Button: the Energy Services Provider Interface of NAESB REQ.21 (ESPI 1.1).

An Atom feed of resources in the namespace `http://naesb.org/espi`, in the element order and with the codes of
its schema (espiDerived.xsd). It holds use and nothing about the person: no name, address, account or meter
number, as ESPI keeps both apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID, uuid5
from xml.etree import ElementTree

from csr_console.contracts.views.bills import UseMonth
from csr_console.contracts.views.hours import HoursBlock, HoursView

ATOM, ESPI = "http://www.w3.org/2005/Atom", "http://naesb.org/espi"


@dataclass(frozen=True, slots=True)
class Measure:
    """How a unit of the bill is said in ESPI: UnitSymbolKind, the power of ten, MeasurementKind."""

    uom: int
    power: int
    kind: int


_ENERGY, _VOLUME = 12, 58
_WH, _FT3, _US_GALLON, _THERM = 72, 119, 128, 169
MEASURES: Mapping[str, Measure] = {
    "Wh": Measure(_WH, 0, _ENERGY),
    "kWh": Measure(_WH, 3, _ENERGY),
    "MWh": Measure(_WH, 6, _ENERGY),
    "gal": Measure(_US_GALLON, 0, _VOLUME),
    "cgal": Measure(_US_GALLON, 2, _VOLUME),
    "kgal": Measure(_US_GALLON, 3, _VOLUME),
    "ccf-water": Measure(_FT3, 2, _VOLUME),
    "cf": Measure(_FT3, 0, _VOLUME),
    "CCF": Measure(_FT3, 2, _VOLUME),
    "Mcf": Measure(_FT3, 3, _VOLUME),
    "therm": Measure(_THERM, 0, _ENERGY),
    "dth": Measure(_THERM, 1, _ENERGY),
}
POWERS = (-12, -9, -6, -3, -2, -1, 0, 1, 2, 3, 6, 9, 12)
"""UnitMultiplierKind: the powers of ten there are."""
_SERVICES: Mapping[str, tuple[int, int]] = {"electric": (0, 1), "gas": (1, 7), "water": (2, 9)}
"""ServiceKind and CommodityKind: electricity at secondary voltage, natural gas, potable water."""
_DELTA, _NORMAL, _FORWARD, _BILLING_PERIOD, _NO_ATTRIBUTE, _DOLLARS = 4, 12, 1, 8, 0, 840
_ESTIMATED, _VALIDATED = 8, 17
_COST_OF_A_CENT = 1000
"""`cost` is in hundred-thousandths of the currency."""
_DST_END, _DST_START = "B40E2000", "360E2000"
"""The first Sunday of November and the second of March at 2:00, as the rules of North America are coded."""


def can_be_told(month: UseMonth) -> bool:
    """Whether ESPI has words for the service and its unit."""
    return month.service in _SERVICES and month.unit in MEASURES and month.days > 0


def green_button_xml(
    use: Sequence[UseMonth],
    feed_id: UUID,
    updated: datetime,
    zone: tzinfo | None = None,
    hours: Sequence[HoursView] = (),
) -> bytes:
    """The use of every metered service as an ESPI feed in UTF-8, the oldest bill first; of those in `hours`
    also each interval, a block a day.

    `feed_id` names the feed, and every id in it comes from it. `zone` is the zone of the meters, the
    machine's when None: a period begins and ends at local midnight. What ESPI has no words for is left out.
    """
    ElementTree.register_namespace("", ATOM)
    ElementTree.register_namespace("espi", ESPI)
    feed = _Feed(feed_id, updated)
    told = [month for month in use if can_be_told(month)]
    feed.local_time(zone, updated.year)
    for service, unit in dict.fromkeys((month.service, month.unit) for month in told):
        months = [month for month in told if (month.service, month.unit) == (service, unit)]
        feed.usage_point(f"{service}-{unit}", sorted(months, key=lambda month: month.last_day), zone)
        for one in hours:
            if (one.service, one.unit) == (service, unit):
                feed.intervals(f"{service}-{unit}", one)
    ElementTree.indent(feed.root)
    text: bytes = ElementTree.tostring(feed.root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def whole_power(values: Sequence[Decimal], power: int) -> int:
    """The highest power of ten that there is, up to `power`, in which every value is a whole number. Raises
    `ValueError` when even the smallest leaves a fraction."""
    for lower in sorted((one for one in POWERS if one <= power), reverse=True):
        if all(value.scaleb(power - lower) % 1 == 0 for value in values):
            return lower
    raise ValueError("a use has more places than ESPI can say")


def seconds_at(day: date, zone: tzinfo | None) -> int:
    """The local midnight that a day begins with, as seconds since 1970."""
    return int(datetime.combine(day, time.min, zone).astimezone(UTC).timestamp())


class _Feed:
    """The feed while it is written: entries with their links, each resource by its own path."""

    def __init__(self, feed_id: UUID, updated: datetime) -> None:
        self._id = feed_id
        self._at = f"{updated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.root = ElementTree.Element(f"{{{ATOM}}}feed")
        _atom(self.root, "id", f"urn:uuid:{feed_id}")
        _atom(self.root, "title", "Green Button Usage Feed")
        _atom(self.root, "updated", self._at)
        self._link(self.root, "self", "espi/1_1/resource/Batch")

    def _link(self, parent: ElementTree.Element, rel: str, href: str) -> None:
        ElementTree.SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=href)

    def _entry(self, path: str, title: str, *related: str) -> ElementTree.Element:
        """An entry whose resource has this path; returns its content."""
        entry = ElementTree.SubElement(self.root, f"{{{ATOM}}}entry")
        _atom(entry, "id", f"urn:uuid:{uuid5(self._id, path)}")
        self._link(entry, "self", path)
        self._link(entry, "up", path.rpartition("/")[0])
        for href in related:
            self._link(entry, "related", href)
        _atom(entry, "title", title)
        content = ElementTree.SubElement(entry, f"{{{ATOM}}}content", type="text/xml")
        _atom(entry, "published", self._at)
        _atom(entry, "updated", self._at)
        return content

    def local_time(self, zone: tzinfo | None, year: int) -> None:
        """The zone of the meters, by North America's rules where its clocks change."""
        winter, summer = (_offset(date(year, month, 1), zone) for month in (1, 7))
        content = self._entry("LocalTimeParameters/1", "Local time")
        node = _espi(content, "LocalTimeParameters")
        _espi(node, "dstEndRule", _DST_END)
        _espi(node, "dstOffset", summer - winter)
        _espi(node, "dstStartRule", _DST_START)
        _espi(node, "tzOffset", winter)

    def usage_point(self, name: str, months: Sequence[UseMonth], zone: tzinfo | None) -> None:
        """One meter's resources: the point, its reading, the reading's type and the block of periods."""
        point = f"UsagePoint/{uuid5(self._id, name)}"
        reading, kind = f"{point}/MeterReading/1", f"ReadingType/{uuid5(self._id, name + '-type')}"
        service, commodity = _SERVICES[months[0].service]
        measure = MEASURES[months[0].unit]
        power = whole_power([month.usage for month in months], measure.power)
        content = self._entry(point, months[0].service, f"{point}/MeterReading", "LocalTimeParameters/1")
        category = _espi(_espi(content, "UsagePoint"), "ServiceCategory")
        _espi(category, "kind", service)
        content = self._entry(reading, "Use by bill", f"{reading}/IntervalBlock", kind)
        _espi(content, "MeterReading")
        _reading_type(self._entry(kind, "Use by bill"), commodity, measure, power, None)
        _block(self._entry(f"{reading}/IntervalBlock/1", ""), months, measure.power - power, zone)

    def intervals(self, name: str, hours: HoursView) -> None:
        """A reading of its own beside the one by bills: its type and a block for each day of the meter."""
        reading = f"UsagePoint/{uuid5(self._id, name)}/MeterReading/2"
        kind = f"ReadingType/{uuid5(self._id, name + '-hours')}"
        measure = MEASURES[hours.unit]
        power = whole_power([value for block in hours.blocks for value in block.values], measure.power)
        content = self._entry(reading, "Use by the hour", f"{reading}/IntervalBlock", kind)
        _espi(content, "MeterReading")
        content = self._entry(kind, "Use by the hour")
        _reading_type(content, _SERVICES[hours.service][1], measure, power, hours.minutes * 60)
        for number, block in enumerate(hours.blocks, 1):
            content = self._entry(f"{reading}/IntervalBlock/{number}", "")
            _hourly_block(content, block, hours.minutes * 60, measure.power - power)


def _offset(day: date, zone: tzinfo | None) -> int:
    """Seconds that local time is ahead of UTC at noon of a day."""
    offset = datetime.combine(day, time(12), zone).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _atom(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _espi(parent: ElementTree.Element, name: str, value: int | str | None = None) -> ElementTree.Element:
    node = ElementTree.SubElement(parent, f"{{{ESPI}}}{name}")
    if value is not None:
        node.text = str(value)
    return node


def _reading_type(
    content: ElementTree.Element, commodity: int, measure: Measure, power: int, seconds: int | None
) -> None:
    """The order is the schema's; bills have no intervalLength, since they differ in their days."""
    node = _espi(content, "ReadingType")
    _espi(node, "accumulationBehaviour", _DELTA)
    _espi(node, "commodity", commodity)
    _espi(node, "currency", _DOLLARS)
    _espi(node, "dataQualifier", _NORMAL)
    _espi(node, "flowDirection", _FORWARD)
    if seconds is not None:
        _espi(node, "intervalLength", seconds)
    _espi(node, "kind", measure.kind)
    _espi(node, "powerOfTenMultiplier", power)
    _espi(node, "timeAttribute", _BILLING_PERIOD if seconds is None else _NO_ATTRIBUTE)
    _espi(node, "uom", measure.uom)


def _block(content: ElementTree.Element, months: Sequence[UseMonth], shift: int, zone: tzinfo | None) -> None:
    node = _espi(content, "IntervalBlock")
    first, last = months[0], months[-1]
    _interval(node, "interval", _first_day(first), last.last_day, zone)
    for month in months:
        reading = _espi(node, "IntervalReading")
        _espi(reading, "cost", month.cents * _COST_OF_A_CENT)
        quality = _espi(reading, "ReadingQuality")
        _espi(quality, "quality", _ESTIMATED if month.estimated else _VALIDATED)
        _interval(reading, "timePeriod", _first_day(month), month.last_day, zone)
        _espi(reading, "value", int(month.usage.scaleb(shift)))


def _hourly_block(content: ElementTree.Element, block: HoursBlock, seconds: int, shift: int) -> None:
    node = _espi(content, "IntervalBlock")
    begin = int(block.starts_at.timestamp())
    _period(node, "interval", begin, seconds * len(block.values))
    estimated = set(block.estimated)
    for place, value in enumerate(block.values):
        reading = _espi(node, "IntervalReading")
        quality = _espi(reading, "ReadingQuality")
        _espi(quality, "quality", _ESTIMATED if place in estimated else _VALIDATED)
        _period(reading, "timePeriod", begin + place * seconds, seconds)
        _espi(reading, "value", int(value.scaleb(shift)))


def _first_day(month: UseMonth) -> date:
    return month.last_day - timedelta(days=month.days - 1)


def _interval(parent: ElementTree.Element, name: str, first: date, last: date, zone: tzinfo | None) -> None:
    start, end = seconds_at(first, zone), seconds_at(last + timedelta(days=1), zone)
    _period(parent, name, start, end - start)


def _period(parent: ElementTree.Element, name: str, start: int, seconds: int) -> None:
    node = _espi(parent, name)
    _espi(node, "duration", seconds)
    _espi(node, "start", start)
