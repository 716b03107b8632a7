"""Times of day as clerks type them."""

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(
    r"(?P<half>[ap])?(?P<hour>\d{1,2})(?::?(?P<minute>[0-5]\d))?(?P<after>am?|pm?)?", re.ASCII | re.IGNORECASE
)


def time_of_day(text: str, now: datetime) -> datetime | None:
    """The next such time after `now`, in its time zone; None when it is no time.

    `9` and `15:30` are read on the 24-hour clock, `a915`, `9:15a` and `p4` on the 12-hour clock.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or (match["half"] and match["after"]):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or (match["after"] or "")[:1]).casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23:
        return None
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)
