"""Any spelling in, one spelling kept: what a clerk may type for a phone, an amount or a day.

Each reader takes the text and gives the value that a command takes; each raises `ValueError` with words that
say what to do. `tidy` gives the text back as it is shown once the field is left.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from csr_console.domain.fields import phone_digits
from csr_console.domain.times import time_of_day

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_phone(text: str) -> str:
    """`+1 (850) 555-0142` is `8505550142`."""
    digits = str(phone_digits(text))
    if len(digits) != 10:
        raise ValueError("a phone number has ten digits, area code first: 850 555 0142")
    return digits


def read_money(text: str) -> int:
    """`42.50`, `$42.5`, `1,042` in cents."""
    plain = text.strip().lstrip("$").replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{0,2})?|[0-9]+(\.[0-9]{0,2})?|\.[0-9]{1,2}", plain):
        raise ValueError("an amount looks like 42.50, in dollars")
    try:
        return int(Decimal(plain.replace(",", "")) * 100)
    except InvalidOperation:
        raise ValueError("an amount looks like 42.50, in dollars") from None


def read_date(text: str, today: date) -> date:
    """`+2` from today, `fri` is the next Friday, `10/16` the next 16 October; `10/16/26`, `2026-10-16`."""
    typed = text.strip().casefold()
    if typed in {"today", "tod"}:
        return today
    if re.fullmatch(r"[+-][0-9]{1,3}", typed):
        return today + timedelta(days=int(typed))
    if typed[:3] in WEEKDAYS and typed.isalpha():
        return today + timedelta(days=(WEEKDAYS.index(typed[:3]) - today.weekday() - 1) % 7 + 1)
    try:
        return _calendar_date(typed, today)
    except ValueError:
        raise ValueError("a day looks like +2, fri, 10/16 or 10/16/26") from None


def read_moment(text: str, now: datetime) -> datetime:
    """`fri 9:00`, `+1 14:30`, `10/16 a915`; a time alone is the next such time after `now` (aware, local)."""
    words = text.split()
    clock = time_of_day(words[-1], now) if words else None
    if clock is None or len(words) > 2:
        raise ValueError("a time looks like 15:30, fri 9:00 or +1 14:30")
    if len(words) == 1:
        return clock
    day = read_date(words[0], now.date())
    # The offset of that day, which across a change of clocks is not today's.
    return clock.replace(year=day.year, month=day.month, day=day.day, tzinfo=None).astimezone()


def _calendar_date(typed: str, today: date) -> date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        return date.fromisoformat(typed)
    if not re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}(/([0-9]{2}|[0-9]{4}))?", typed):
        raise ValueError(typed)
    month, day, *years = (int(part) for part in typed.split("/"))
    if years:
        return date(years[0] + 2000 if years[0] < 100 else years[0], month, day)
    # Eight years hold a 29 February even across 2100.
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise ValueError(typed)


def tidy_phone(digits: str) -> str:
    """`850 555 0142`, as it is read out."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def tidy_money(cents: int) -> str:
    """`1,042.50`."""
    return f"{cents // 100:,}.{cents % 100:02}"


def tidy_date(day: date) -> str:
    """`10/16/2026`, which `read_date` takes back."""
    return f"{day:%m/%d/%Y}"


def tidy_moment(moment: datetime) -> str:
    """`10/16/2026 09:00`, which `read_moment` takes back."""
    return f"{tidy_date(moment.date())} {moment:%H:%M}"
