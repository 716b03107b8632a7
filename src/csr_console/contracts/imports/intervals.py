"""intervals.csv: use by the hour, one interval of one meter a row."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from csr_console.contracts.imports.cells import NeededFigure, NeededId
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, excerpt, from_errors
from csr_console.domain.billing.intervals import LENGTHS

_START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?(Z|[+-][0-9]{2}:[0-9]{2})")


def _start(value: str) -> datetime:
    try:
        start = datetime.fromisoformat(value) if _START.fullmatch(value) else None
    except ValueError:
        start = None
    if start is None or not 1970 <= start.year <= 2199:
        raise ValueError(
            f"is {excerpt(value)}: write the beginning with its offset from UTC, as 2026-08-12T15:00-04:00"
        )
    return start


def _minutes(value: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", value) or int(value) not in LENGTHS:
        raise ValueError(f"is {excerpt(value)}: write {', '.join(map(str, LENGTHS[:-1]))} or {LENGTHS[-1]}")
    return int(value)


class IntervalRow(BaseModel):
    """Use of a meter in one interval; `unit` is empty where it is that of the schedule, as in a CSV. `row`
    is where it stood in the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    row: int
    meter: NeededId
    start: Annotated[datetime, BeforeValidator(_start)]
    minutes: Annotated[int, BeforeValidator(_minutes)]
    value: NeededFigure
    quality: Literal["actual", "estimated"]
    unit: str = ""


INTERVAL_COLUMNS = tuple(name for name in IntervalRow.model_fields if name not in ("row", "unit"))


def read_intervals(path: Path, now: datetime) -> Iterator[IntervalRow | Refused]:
    """The intervals of the file in order, each as an `IntervalRow` or as one `Refused` for each wrong field.

    Never raises for any content of the file. An interval begins on a multiple of its length, stands once, and
    has ended by `now`.
    """
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for record in read_records(path, INTERVAL_COLUMNS):
        if isinstance(record, Refused):
            yield record
            continue
        values: dict[str, Any] = {**record.values, "row": record.row}
        try:
            interval = IntervalRow.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, INTERVAL_COLUMNS, "meter")
            continue
        yield checked(interval, path.name, seen[interval.meter], now)


def checked(interval: IntervalRow, file: str, seen: set[int], now: datetime) -> IntervalRow | Refused:
    """The interval where its place in time can be; `seen` are the minutes since 1970 at which earlier ones of
    its meter begin, and takes this one in."""
    minute = int(interval.start.timestamp()) // 60
    if minute in seen:
        return Refused(interval.row, "start", "stands twice for this meter: keep one of them", file)
    seen.add(minute)
    if minute % interval.minutes:
        reason = f"does not begin on a multiple of {interval.minutes} minutes: correct it"
        return Refused(interval.row, "start", reason, file)
    if minute + interval.minutes > int(now.timestamp()) // 60:
        return Refused(interval.row, "start", "has not ended yet: correct the time", file)
    return interval
