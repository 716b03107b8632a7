"""The hour matrices of the utility rate database as windows of a calendar."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from csr_console.contracts.tariff.writer import Toml

_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
_WEEKENDS = ["sat", "sun"]


def month_lists(values: Sequence[Any]) -> list[tuple[Any, list[int]]]:
    """Each value of twelve months with the months (1 to 12) that have it, in the order of first months."""
    if values and len(values) != 12:
        raise ValueError("a list by month has twelve values")
    months: dict[Any, list[int]] = {}
    for month, value in enumerate(values, 1):
        months.setdefault(value, []).append(month)
    return list(months.items())


def calendar_table(
    name: str, periods: int, weekdays: Sequence[Sequence[Any]], weekends: Sequence[Sequence[Any]]
) -> Toml:
    """A calendar of 12 x 24 matrices of period numbers from 0, of weekdays and of weekends: months with the
    same hours share their windows. The period of most hours needs none: it is what holds otherwise."""
    matrices = ((_WEEKDAYS, _checked(weekdays, periods)), (_WEEKENDS, _checked(weekends, periods)))
    hours = [hour for days, matrix in matrices for row in matrix for hour in row * len(days)]
    otherwise = max(range(periods), key=hours.count)
    windows = [
        window
        for days, matrix in matrices
        for window in _windows(days, matrix)
        if window["period"] != _id(otherwise)
    ]
    return {
        "id": name,
        "period": [{"id": _id(index), "label": f"period {index + 1}"} for index in range(periods)],
        "window": windows,
        "otherwise": _id(otherwise),
    }


def _id(index: int) -> str:
    return f"P{index + 1}"


def _checked(matrix: Sequence[Sequence[Any]], periods: int) -> list[list[int]]:
    rows = [[int(hour) for hour in row] for row in matrix]
    if len(rows) != 12 or any(len(row) != 24 for row in rows):
        raise ValueError("a schedule has twelve rows of 24 hours")
    if any(not 0 <= hour < periods for row in rows for hour in row):
        raise ValueError("a schedule names a period that has no rate")
    return rows


def _windows(days: list[str], matrix: list[list[int]]) -> Iterator[Toml]:
    for row, months in month_lists([tuple(row) for row in matrix]):
        start = 0
        for period, run in groupby(row):
            end = start + len(list(run))
            yield {
                "period": _id(period),
                "days": days,
                "months": months,
                "from": f"{start:02d}:00",
                "to": f"{end:02d}:00",
            }
            start = end
