"""Metered use as a table for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

from csr_console.contracts.views.bills import UseMonth
from csr_console.domain.money import dollars_text
from csr_console.domain.text import clean_line

COLUMNS = (
    "service", "first_day", "last_day", "days", "use", "unit", "estimated", "dollars", "degree_days",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; in some languages the wide forms, too."""


def usage_csv(use: Sequence[UseMonth]) -> bytes:
    """A row a bill and service in UTF-8, the oldest first; a text that a spreadsheet would read as a formula
    gets an apostrophe before it. Degree days are heating and cooling together, empty where none are known."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for month in sorted(use, key=lambda month: (month.service, month.last_day)):
        first_day = month.last_day - timedelta(days=max(month.days, 1) - 1)
        writer.writerow(
            (
                _harmless(month.service),
                first_day,
                month.last_day,
                month.days,
                f"{month.usage:f}",
                _harmless(month.unit),
                "yes" if month.estimated else "no",
                dollars_text(month.cents),
                "" if month.degree_days is None else f"{month.degree_days:f}",
            )
        )
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    text = clean_line(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
