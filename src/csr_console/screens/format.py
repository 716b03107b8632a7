"""How money, moments, ages and numbers are written on every screen and in every note."""

from datetime import date, datetime, timedelta

from csr_console.domain.text import clean_line


def money(cents: int) -> str:
    """`$1,234.56`; a negative amount is the city's debt to the customer: `$12.00 CR`."""
    dollars, rest = divmod(abs(cents), 100)
    text = f"${dollars:,}.{rest:02d}"
    return f"{text} CR" if cents < 0 else text


def day(value: date | None) -> str:
    """`Sep 14, 2026`, or a dash when there is none."""
    return f"{value:%b} {value.day}, {value.year}" if value else "–"


def near_day(value: date | None, today: date) -> str:
    """`Sep 14` for a day within half a year, with the year for one further away, a dash for none."""
    if value is None or abs((value - today).days) > 183:
        return day(value)
    return f"{value:%b} {value.day}"


def hhmm(moment: datetime) -> str:
    """The local time of day of an aware moment."""
    return f"{moment.astimezone():%H:%M}"


def moment_on(moment: datetime, now: datetime) -> str:
    """`14:02` for today, `Aug 30 14:02` for this year, `Aug 30, 2025` for an earlier one; both aware."""
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year == today.year:
        return f"{local:%b} {local.day:>2} {local:%H:%M}"
    return day(local.date())


def age(span: timedelta) -> str:
    """How long ago, in the largest whole unit: `now`, `5 min`, `3 h`, `12 d`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def as_of(moment: datetime, now: datetime) -> str:
    """`as of 14:02`, with the day when it is not today."""
    return f"as of {moment_on(moment, now)}"


def call_time(seconds: int) -> str:
    """Minutes and seconds of a call: `3:07`."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes}:{rest:02d}"


def phone(digits: str) -> str:
    """`(850) 555-0142` for ten digits; anything else as it is, made inert."""
    if len(digits) == 10 and digits.isdigit():
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return clean_line(digits)


def words(code: str) -> str:
    """A code of the contracts in words: `solid_waste` is `solid waste`."""
    return clean_line(code).replace("_", " ")


def counted(number: int, word: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
