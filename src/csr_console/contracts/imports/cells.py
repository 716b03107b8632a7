"""Cells that more than one file has: days and amounts, each with the sentence for a wrong one."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from csr_console.contracts.imports.report import excerpt


def parse_day(value: str) -> date | None:
    """The day of a cell, None for an empty one. Raises `ValueError` with what to write."""
    if not value:
        return None
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2199:
        raise ValueError(f"is {excerpt(value)}: write the date as 2026-01-31")
    return day


def parse_cents(value: str) -> int | None:
    """The cents of a cell, None for an empty one. Raises `ValueError` with what to write."""
    if not value:
        return None
    if not re.fullmatch(r"-?[0-9]{1,12}", value):
        raise ValueError(f"is {excerpt(value)}: write whole cents without a point, 8512 for $85.12")
    return int(value)


def parse_figure(value: str) -> Decimal:
    """The exact number of a cell, not below zero. Raises `ValueError` with what to write."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value):
        raise ValueError(f"is {excerpt(value)}: write digits and at most one point, as 1234.5")
    return Decimal(value)


def parse_id(value: str) -> str:
    """The id of a cell. Raises `ValueError` with what to write."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", value):
        raise ValueError(f"is {excerpt(value)}: write letters, digits, points and dashes")
    return value


Day = Annotated[date | None, BeforeValidator(parse_day)]
NeededDay = Annotated[date, BeforeValidator(parse_day)]
Cents = Annotated[int | None, BeforeValidator(parse_cents)]
NeededCents = Annotated[int, BeforeValidator(parse_cents)]
NeededFigure = Annotated[Decimal, BeforeValidator(parse_figure)]
NeededId = Annotated[str, BeforeValidator(parse_id)]
