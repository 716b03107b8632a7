"""Calendars: every hour in one period, every holiday on a day that exists."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from csr_console.contracts.imports.report import excerpt
from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts
from csr_console.domain.tariff.calendars import Calendar, Holiday, Window, minute_of_day


def calendar_mistakes(parts: Parts) -> Iterator[tuple[Path, str]]:
    for path, calendar in parts.of("calendar"):
        yield from _periods(calendar, path)
        yield from _windows(calendar, path)
        for index, holiday in enumerate(calendar.holiday):
            sentence = _holiday(holiday)
            if sentence:
                yield (*path, "holiday", index), sentence


def _periods(calendar: Calendar, path: Path) -> Iterator[tuple[Path, str]]:
    known = [period.id for period in calendar.period]
    named = [
        ((*path, "window", index, "period"), window.period) for index, window in enumerate(calendar.window)
    ]
    named.append(((*path, "otherwise"), calendar.otherwise))
    if calendar.on_holidays is not None:
        named.append(((*path, "on_holidays"), calendar.on_holidays))
    for at, name in named:
        if name not in known:
            yield at, f"{excerpt(name)} is no period of this calendar: it has {', '.join(known)}"
    if calendar.holiday and calendar.on_holidays is None:
        yield (*path, "holiday"), "has no effect without on_holidays: name the period that holidays belong to"


def _windows(calendar: Calendar, path: Path) -> Iterator[tuple[Path, str]]:
    for index, window in enumerate(calendar.window):
        if minute_of_day(window.starts) >= minute_of_day(window.ends):
            yield (
                (*path, "window", index, "to"),
                f"is {window.ends}, not after {window.starts}: write two windows",
            )
    for (_, one), (index, other) in combinations(enumerate(calendar.window), 2):
        if one.period != other.period and _overlap(one, other):
            yield (
                (*path, "window", index),
                f"overlap: hours of {other.period} that are {one.period} already",
            )


def _overlap(one: Window, other: Window) -> bool:
    return bool(
        set(one.days) & set(other.days)
        and set(one.months) & set(other.months)
        and minute_of_day(one.starts) < minute_of_day(other.ends)
        and minute_of_day(other.starts) < minute_of_day(one.ends)
    )


def _holiday(holiday: Holiday) -> str:
    given = {
        name
        for name, value in (
            ("month", holiday.month),
            ("day", holiday.day),
            ("weekday", holiday.weekday),
            ("nth", holiday.nth),
        )
        if value is not None
    }
    wanted = {"fixed": {"month", "day"}, "nth-weekday": {"month", "weekday", "nth"}, "easter": set[str]()}
    if given != wanted[holiday.rule]:
        return f"the rule {holiday.rule} takes {', '.join(sorted(wanted[holiday.rule])) or 'offset_days'}"
    if holiday.nth == 0:
        return "nth is 1 to 5, or -1 for the last"
    if holiday.rule == "fixed":
        try:
            date(2001, holiday.month or 1, holiday.day or 1)
        except ValueError:
            return "has a day that not every year has"
    return ""
