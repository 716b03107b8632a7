"""How the figures of bills are written: signed amounts, spans of days, quantities and changes."""

from datetime import date
from decimal import Decimal

from csr_console.domain.text import clean_line

TENTH = Decimal("0.1")


def signed(cents: int) -> str:
    """`+$27.40`, `-$2.10`, `$0.00`: an amount that says which way it goes."""
    dollars, rest = divmod(abs(cents), 100)
    sign = "+" if cents > 0 else "-" if cents < 0 else ""
    return f"{sign}${dollars:,}.{rest:02d}"


def plain(cents: int) -> str:
    """The amount without its sign: `$2.10`."""
    return signed(abs(cents)).lstrip("+")


def span(first: date, last: date) -> str:
    """`Oct 16–Nov 18`."""
    return f"{first:%b} {first.day}–{last:%b} {last.day}"


def number(value: Decimal) -> str:
    """A quantity without needless zeros: `1,530`, `0.07191`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: Decimal, unit: str) -> str:
    """`1,530 kWh`."""
    return f"{number(value)} {clean_line(unit)}".rstrip()


def price(value: Decimal) -> str:
    """A price in dollars with two decimals at least: `$7.77`, `$0.07191`, `$11.70`."""
    whole, _, decimals = number(value).partition(".")
    return f"${whole}.{decimals:0<2}"


def daily(usage: Decimal, days: int) -> Decimal:
    """Use a day, to a tenth; nothing where there are no days."""
    return (usage / days).quantize(TENTH) if days > 0 else Decimal(0)


def change(before: Decimal, now: Decimal) -> str:
    """`+61%`, or nothing where there was no use to compare with."""
    if before <= 0:
        return ""
    percent = round((now - before) * 100 / before)
    return f"{percent:+d}%" if percent else "0%"
