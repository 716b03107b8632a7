"""A Green Button file (ESPI) of one meter as intervals: its text takes bounded memory, no entity is expanded.

What a document type could do to a reader (entities within entities, files from elsewhere) is refused with it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.parsers import expat

from csr_console.contracts.imports.intervals import IntervalRow, checked
from csr_console.contracts.imports.report import Refused, excerpt
from csr_console.domain.billing.intervals import LENGTHS

READINGS_LIMIT = 1_000_000
"""Readings of one file: ten years of hours are 87,660."""
_ESPI, _ATOM = "http://naesb.org/espi ", "http://www.w3.org/2005/Atom "
_UNITS = {72: "Wh", 128: "gal", 119: "cf", 169: "therm"}
_ESTIMATED = 8
"""Of QualityOfReading: a value that was estimated."""
_MOST = Decimal(10) ** 12
_CHUNK = 1 << 16


class _Unusable(Exception):
    """The file as a whole cannot be taken; the sentence says why."""


@dataclass(slots=True)
class _Reading:
    row: int
    start: str = ""
    duration: str = ""
    value: str = ""
    quality: str = ""


@dataclass(slots=True)
class _Entry:
    """One Atom entry: its links, its kind of resource and what that says."""

    self_link: str = ""
    up_link: str = ""
    related: list[str] = field(default_factory=list)
    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)
    readings: list[_Reading] = field(default_factory=list)


@dataclass(slots=True)
class _Feed:
    points: set[str] = field(default_factory=set)
    meter_readings: dict[str, list[str]] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    blocks: list[tuple[str, list[_Reading]]] = field(default_factory=list)

    def take(self, entry: _Entry) -> None:
        match entry.kind:
            case "UsagePoint":
                self.points.add(entry.self_link)
            case "MeterReading":
                self.meter_readings[entry.self_link] = entry.related
            case "ReadingType":
                self.types[entry.self_link] = entry.values
            case "IntervalBlock":
                owner = entry.up_link.removesuffix("/").removesuffix("/IntervalBlock")
                self.blocks.append((owner, entry.readings))

    def type_of(self, owner: str) -> dict[str, str]:
        """The reading type of a meter reading, the only one of the file where links do not lead to it."""
        for link in self.meter_readings.get(owner, ()):
            if link in self.types:
                return self.types[link]
        return next(iter(self.types.values())) if len(self.types) == 1 else {}


def read_espi(path: Path, meter: str, now: datetime) -> Iterator[IntervalRow | Refused]:
    """The readings of a feed of one usage point as intervals of `meter`, in the order of the file.

    Never raises for any content of the file. Readings that are no part of an hour, as those of whole bills,
    are left out. Values have the base unit of their type: Wh, gal, cf, therm.
    """
    if not meter:
        yield Refused(0, "", "names no meter, as no Green Button file does: say it with --meter", path.name)
        return
    try:
        feed = _read(path)
        if len(feed.points) > 1:
            raise _Unusable(f"holds {len(feed.points)} usage points: import a file for each meter")
        yield from _rows(feed, path.name, meter, now)
    except _Unusable as mistake:
        yield Refused(0, "", str(mistake), path.name)


def _rows(feed: _Feed, file: str, meter: str, now: datetime) -> Iterator[IntervalRow | Refused]:
    seen: set[int] = set()
    found = 0
    for owner, readings in feed.blocks:
        kind = feed.type_of(owner)
        unit, power = (
            _UNITS.get(_whole(kind.get("uom", ""), -1)),
            _whole(kind.get("powerOfTenMultiplier", "0"), 99),
        )
        hourly = [one for one in readings if _whole(one.duration, 0) in {60 * length for length in LENGTHS}]
        if hourly and (unit is None or not -12 <= power <= 12):
            yield Refused(
                hourly[0].row, "uom", "is no unit of use that is billed: Wh, gallons, cubic feet", file
            )
            continue
        for one in hourly:
            found += 1
            yield _row(one, unit or "", power, file, meter, seen, now)
    if not found:
        yield Refused(0, "", "holds no use by the hour: ask for interval data, not for bills", file)


def _row(
    one: _Reading, unit: str, power: int, file: str, meter: str, seen: set[int], now: datetime
) -> IntervalRow | Refused:
    seconds, value = _whole(one.start, -1), _whole(one.value, -1)
    if not 0 <= seconds < 7_258_118_400:
        return Refused(one.row, "start", f"is {excerpt(one.start)}: it counts seconds since 1970", file)
    scaled = Decimal(value).scaleb(power)
    if value < 0 or scaled >= _MOST:
        return Refused(
            one.row, "value", f"is {excerpt(one.value)}: use is a whole number, not below zero", file
        )
    interval = IntervalRow.model_construct(
        row=one.row,
        meter=meter,
        start=datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds),
        minutes=_whole(one.duration, 0) // 60,
        value=scaled,
        quality="estimated" if one.quality == str(_ESTIMATED) else "actual",
        unit=unit,
    )
    return checked(interval, file, seen, now)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else otherwise


class _Reader:
    """What the parser calls: one entry at a time is kept."""

    def __init__(self, line: Callable[[], int]) -> None:
        self.feed = _Feed()
        self._line = line
        self._entry = _Entry()
        self._path: list[str] = []
        self._text: list[str] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text.clear()
        if len(self._path) > 40:
            raise _Unusable("is nested deeper than any feed: is this the right file?")
        if name == f"{_ATOM}entry":
            self._entry = _Entry()
        elif name == f"{_ATOM}link":
            self._link(attributes.get("rel", ""), attributes.get("href", "")[:400])
        elif name.startswith(_ESPI):
            self._resource(name.removeprefix(_ESPI))

    def _link(self, rel: str, href: str) -> None:
        if rel == "self":
            self._entry.self_link = href
        elif rel == "up":
            self._entry.up_link = href
        elif rel == "related" and len(self._entry.related) < 50:
            self._entry.related.append(href)

    def _resource(self, name: str) -> None:
        if self._path[-2:-1] == [f"{_ATOM}content"]:
            self._entry.kind = name
        if name == "IntervalReading":
            self._count += 1
            if self._count > READINGS_LIMIT:
                raise _Unusable(f"holds over {READINGS_LIMIT:,} readings: split it")
            self._entry.readings.append(_Reading(self._line()))

    def text(self, data: str) -> None:
        if sum(map(len, self._text)) < 200:
            self._text.append(data)

    def end(self, name: str) -> None:
        text = "".join(self._text).strip()[:40]
        if name.startswith(_ESPI):
            self._value(name.removeprefix(_ESPI), self._path[-2].removeprefix(_ESPI), text)
        elif name == f"{_ATOM}entry":
            self.feed.take(self._entry)
        self._path.pop()
        self._text.clear()

    def _value(self, name: str, parent: str, text: str) -> None:
        reading = self._entry.readings[-1] if self._entry.readings else None
        match (parent, name):
            case ("ReadingType", _):
                self._entry.values[name] = text
            case ("timePeriod", "start") if reading:
                reading.start = text
            case ("timePeriod", "duration") if reading:
                reading.duration = text
            case ("IntervalReading", "value") if reading:
                reading.value = text
            case ("ReadingQuality", "quality") if reading:
                reading.quality = text


def _read(path: Path) -> _Feed:
    """The feed of a file. Raises `_Unusable`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    reader = _Reader(lambda: parser.CurrentLineNumber)

    def refuse(*_: object) -> None:
        raise _Unusable("has a document type, which a feed has not: is this the right file?")

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        with path.open("rb") as file:
            while block := file.read(_CHUNK):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except OSError as error:
        reason = (error.strerror or "input error").lower()
        raise _Unusable(f"cannot be read ({reason}): check the path and the permissions") from None
    except expat.ExpatError as error:
        raise _Unusable(f"is not well-formed XML (line {error.lineno}): is this the right file?") from None
    return reader.feed
