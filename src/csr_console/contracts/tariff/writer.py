"""A tariff book as TOML text: tables in order, one inline table a row."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from csr_console.domain.text import clean_line

Toml = dict[str, Any]
"""A table to be written: texts, whole numbers, truth values, lists and tables; dates as text."""

_DATES = frozenset({"from", "to", "closed_on"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACES = Decimal("0.000000000001")


def figure(value: Decimal | int | str) -> str:
    """A figure as a book writes it: at most twelve places, no exponent, no trailing zeros."""
    number = Decimal(value).quantize(_PLACES, ROUND_HALF_UP)
    text = f"{number:f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def write_book(tables: Iterable[tuple[str, Toml]]) -> str:
    """The text of a book: `[book]`, then `[[name]]` for every other table."""
    parts = [f"[{name}]\n{_rows(table)}" if name == "book" else _table(name, table) for name, table in tables]
    return "\n".join(parts)


def _table(name: str, table: Toml) -> str:
    versions = table.get("version", [])
    rest = {key: value for key, value in table.items() if key != "version"}
    text = f"[[{name}]]\n{_rows(rest)}"
    return text + "".join(f"\n[[{name}.version]]\n{_rows(version)}" for version in versions)


def _rows(table: Toml) -> str:
    return "".join(f"{key} = {_value(key, value)}\n" for key, value in table.items())


def _value(key: str, value: Any) -> str:
    if isinstance(value, int):
        return str(value).lower()
    if isinstance(value, str):
        if key in _DATES and _DATE.fullmatch(value):
            return value
        return json.dumps(clean_line(value, limit=2000), ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(name, item)}" for name, item in value.items()) + " }"
    rows = [_value(key, item) for item in value]
    if value and isinstance(value[0], Mapping):
        return "[\n" + "".join(f"    {row},\n" for row in rows) + "]"
    return f"[{', '.join(rows)}]"
