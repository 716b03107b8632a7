"""Use by the hour in the database: a row a meter and day, and what a bill was rated on, in few blocks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, select

from csr_console.central.tables.billing import interval_use
from csr_console.central.tables.columns import AnyRow, from_json, to_json
from csr_console.domain.billing.intervals import IntervalBlock, blocks_of
from csr_console.domain.tariff.determinants import IntervalUse

_ROWS = (
    select(interval_use)
    .where(
        interval_use.c.office == bindparam("office"),
        interval_use.c.meter.in_(bindparam("meters", expanding=True)),
        interval_use.c.day >= bindparam("first"),
        interval_use.c.day <= bindparam("last"),
    )
    .order_by(interval_use.c.meter, interval_use.c.day)
)


def day_row(office: str, meter: str, unit: str, day: date, blocks: Sequence[IntervalBlock]) -> dict[str, Any]:
    """The row of a day; all its blocks have intervals of one length."""
    return {
        "office": office,
        "meter": meter,
        "day": day.isoformat(),
        "minutes": blocks[0].minutes,
        "unit": unit,
        "blocks": to_json([_block_text(block) for block in blocks]),
    }


def _block_text(block: IntervalBlock) -> list[str]:
    qualities = "".join("e" if place in block.estimated else "a" for place in range(len(block.values)))
    return [block.starts_at.isoformat(), _values_text(block), qualities]


def _values_text(block: IntervalBlock) -> str:
    return " ".join(format(value, "f") for value in block.values)


def _values(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, text.split()))


def blocks_in(row: AnyRow) -> list[IntervalBlock]:
    """The blocks of a day's row, the earliest first."""
    return [
        IntervalBlock(
            datetime.fromisoformat(starts_at),
            row.minutes,
            _values(values),
            frozenset(place for place, quality in enumerate(qualities) if quality == "e"),
        )
        for starts_at, values, qualities in from_json(row.blocks)
    ]


def day_rows(
    connection: Connection, office: str, meters: Iterable[str], first: date | str, last: date | str
) -> list[AnyRow]:
    """The rows of some meters between two days, both included, by meter and day."""
    values = {"office": office, "meters": sorted(set(meters)), "first": str(first), "last": str(last)}
    return list(connection.execute(_ROWS, values).all())


def blocks_between(
    connection: Connection, office: str, meters: Iterable[str], first: date | str, last: date | str
) -> Mapping[str, list[IntervalBlock]]:
    """The blocks of some meters between two days, both included, by meter in their order."""
    found: dict[str, list[IntervalBlock]] = defaultdict(list)
    for row in day_rows(connection, office, meters, first, last):
        found[row.meter] += blocks_in(row)
    return found


def intervals_document(intervals: Iterable[IntervalUse]) -> list[list[Any]]:
    """Intervals as they stand in what a segment was rated on: [beginning, minutes, values] of each block."""
    return [
        [block.starts_at.isoformat(), block.minutes, _values_text(block)] for block in blocks_of(intervals)
    ]


def intervals_from(document: Iterable[Sequence[Any]]) -> tuple[IntervalUse, ...]:
    """The intervals that `intervals_document` wrote."""
    return tuple(
        item
        for starts_at, minutes, values in document
        for item in IntervalBlock(datetime.fromisoformat(starts_at), minutes, _values(values)).intervals()
    )
