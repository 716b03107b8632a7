"""Use over thirteen months beside the year before: as a chart, and as a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from textual.content import Content

from csr_console.contracts.views.bills import UseMonth
from csr_console.screens.figures import change, daily, number, quantity
from csr_console.screens.format import day, money, words
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.charts import BAR, GHOST, Bar, columns

MONTHS = 13
ESTIMATED = "≈"
SAME_MONTH = 16
"""Days by which a bill of a year ago may end earlier or later and still be of the same month."""
TABLE = (
    Column("Bill to", 12),
    Column("Days", 4, right=True),
    Column("Use", 12, right=True),
    Column("A day", 7, right=True),
    Column("Year before", 11, right=True),
    Column("Change", 6, right=True),
    Column("Amount", 9, right=True),
    Column("Read", 0),
)


@dataclass(frozen=True, slots=True)
class Month:
    """The use of a bill, and of the one of the same month a year before."""

    use: UseMonth
    before: UseMonth | None


def services_of(use: Sequence[UseMonth]) -> list[str]:
    """The metered services, in the order of the newest bill."""
    return list(dict.fromkeys(one.service for one in use))


def months(use: Sequence[UseMonth], service: str) -> list[Month]:
    """The last thirteen bills of a service, the oldest first."""
    own = sorted((one for one in use if one.service == service), key=lambda one: one.last_day)
    return [Month(one, _year_before(one, own)) for one in own[-MONTHS:]]


def _year_before(one: UseMonth, own: Sequence[UseMonth]) -> UseMonth | None:
    wanted = one.last_day - timedelta(days=365)
    near = [other for other in own if abs((other.last_day - wanted).days) <= SAME_MONTH]
    return min(near, key=lambda other: abs((other.last_day - wanted).days), default=None)


def chart(shown: Sequence[Month], width: int, height: int) -> list[Content]:
    """The months as columns; an estimated read has its sign beside the month."""
    bars = [
        Bar(
            f"{month.use.last_day:%b}",
            month.use.usage,
            month.before.usage if month.before else None,
            ESTIMATED if month.use.estimated else "",
        )
        for month in shown
    ]
    return columns(bars, width, height)


def legend(shown: Sequence[Month], service: str) -> str:
    """What the chart shows, in a line."""
    unit = shown[-1].use.unit if shown else ""
    unit = f", {words(unit)}" if unit else ""
    return (
        f"{words(service).capitalize()}{unit} a bill: {BAR} now {GHOST} the year before {ESTIMATED} estimated"
    )


def table_rows(shown: Sequence[Month]) -> list[tuple[Cell, ...]]:
    """The months as a table, the newest first."""
    return [_row(month) for month in reversed(shown)]


def _row(month: Month) -> tuple[Cell, ...]:
    use, before = month.use, month.before
    read: Cell = Toned(f"{ESTIMATED} est.", "warn") if use.estimated else "actual"
    return (
        day(use.last_day),
        str(use.days),
        quantity(use.usage, use.unit),
        number(daily(use.usage, use.days)),
        number(before.usage) if before else "–",
        change(before.usage, use.usage) if before else "",
        money(use.cents),
        read,
    )
