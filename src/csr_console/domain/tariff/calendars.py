"""Time-of-use calendars: which period an hour belongs to, and the holidays as rules of data."""

import calendar as gregorian
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from csr_console.domain.tariff.values import Count, Id, Month, Sentence, Status, Table

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60


def minute_of_day(text: str) -> int:
    """`07:00` as 420; `24:00` is the end of the day. Raises `ValueError`."""
    if text == "24:00":
        return DAY_MINUTES
    if len(text) != 5:
        raise ValueError("a time of day has four digits")
    moment = time.fromisoformat(text)
    return moment.hour * 60 + moment.minute


def _time_of_day(value: str) -> str:
    try:
        minute_of_day(value)
    except ValueError:
        raise PydanticCustomError("time_form", 'write a time such as "07:00", at most "24:00"') from None
    return value


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]


class CalendarPeriod(Table):
    id: Id
    label: Sentence


class Window(Table):
    """When a period runs: days of the week, months, and a time of day; `to` is not part of it."""

    period: Id
    days: tuple[Weekday, ...] = WEEKDAYS
    months: tuple[Month, ...] = tuple(range(1, 13))
    starts: TimeOfDay = Field(default="00:00", alias="from")
    ends: TimeOfDay = Field(default="24:00", alias="to")


class Holiday(Table):
    """A holiday of every year from `from_year` to `to_year`: a fixed day, the nth weekday of a month (-1 the
    last), or days from Easter Sunday. `observed`: on Saturday the Friday before, on Sunday the Monday after
    (5 U.S.C. 6103(b)), or only the Monday after a Sunday; the day itself is then no holiday."""

    name: Sentence
    rule: Literal["fixed", "nth-weekday", "easter"]
    month: Month | None = None
    day: Annotated[int, Field(strict=True, ge=1, le=31)] | None = None
    weekday: Weekday | None = None
    nth: Annotated[int, Field(strict=True, ge=-1, le=5)] | None = None
    offset_days: Annotated[int, Field(strict=True)] = 0
    observed: Literal["same-day", "nearest-weekday", "sunday-to-monday"] = "same-day"
    from_year: Count = 0
    to_year: Count = 9999

    def in_year(self, year: int) -> date | None:
        """The day it is kept in a year, which may fall into the year before; None when it has none."""
        if not self.from_year <= year <= self.to_year:
            return None
        if self.rule == "easter":
            return easter_sunday(year) + timedelta(days=self.offset_days)
        if self.rule == "fixed":
            return self._observed(date(year, self.month or 1, self.day or 1))
        return nth_weekday(year, self.month or 1, WEEKDAYS.index(self.weekday or "mon"), self.nth or 1)

    def _observed(self, day: date) -> date:
        if self.observed != "same-day" and day.weekday() == 6:
            return day + timedelta(days=1)
        if self.observed == "nearest-weekday" and day.weekday() == 5:
            return day - timedelta(days=1)
        return day


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month, -1 the last; None when the month has no fifth."""
    days = gregorian.monthrange(year, month)[1]
    if nth == -1:
        last = date(year, month, days)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    day = 1 + (weekday - date(year, month, 1).weekday()) % 7 + 7 * (nth - 1)
    return date(year, month, day) if day <= days else None


def easter_sunday(year: int) -> date:
    """Western Easter by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


class Calendar(Table):
    """Every minute of a year belongs to one period: the window it falls into, else `otherwise`; a holiday
    wholly to `on_holidays` when that is named. Times are the wall clock of the utility."""

    id: Id
    period: tuple[CalendarPeriod, ...] = Field(min_length=1)
    window: tuple[Window, ...] = ()
    otherwise: Id
    holiday: tuple[Holiday, ...] = ()
    on_holidays: Id | None = None
    citation: Sentence
    status: Status

    @cached_property
    def _kept(self) -> dict[int, frozenset[date]]:
        """The holidays of each year asked for so far."""
        return {}

    @cached_property
    def _windows(self) -> dict[tuple[int, int], tuple[tuple[int, int, str], ...]]:
        """(first minute, minute after the last, period) of each window, by month and weekday."""
        table: dict[tuple[int, int], tuple[tuple[int, int, str], ...]] = {}
        for month in range(1, 13):
            for weekday, name in enumerate(WEEKDAYS):
                table[month, weekday] = tuple(
                    (minute_of_day(window.starts), minute_of_day(window.ends), window.period)
                    for window in self.window
                    if month in window.months and name in window.days
                )
        return table

    def label_of(self, period: str) -> str:
        return next(item.label for item in self.period if item.id == period)

    def is_holiday(self, day: date) -> bool:
        if day.year not in self._kept:
            kept = (item.in_year(year) for item in self.holiday for year in (day.year, day.year + 1))
            self._kept[day.year] = frozenset(day for day in kept if day)
        return day in self._kept[day.year]

    def period_at(self, moment: datetime) -> str:
        """The period a moment belongs to, by the wall clock that it carries."""
        minute = moment.hour * 60 + moment.minute
        for starts, ends, period in self.windows_on(moment.date()):
            if starts <= minute < ends:
                return period
        return self.otherwise

    def windows_on(self, day: date) -> tuple[tuple[int, int, str], ...]:
        """(first minute, minute after the last, period) of each window of a day; what lies in none is
        `otherwise`."""
        if self.on_holidays and self.holiday and self.is_holiday(day):
            return ((0, DAY_MINUTES, self.on_holidays),)
        return self._windows[day.month, day.weekday()]
