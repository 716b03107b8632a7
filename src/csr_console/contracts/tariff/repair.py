"""A table with mistakes, put right as far as can be guessed, so that what else is wrong is told too."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from csr_console.contracts.tariff.mistakes import WrittenFloat, path_of, value_at

_GUESSES = {"citation": "not given", "status": "unverified"}


def repaired(table: Any, errors: Sequence[ErrorDetails]) -> Any:
    """A copy of a table with bare numbers as text, unknown keys gone and citations filled in.

    It is only ever checked, never rated by: the mistakes themselves have been told.
    """
    copy = _copied(table)
    for error in errors:
        path = path_of(table, (), error["loc"])
        holder = value_at(copy, path[:-1]) if path else None
        if isinstance(holder, dict):
            _mend(holder, str(path[-1]), error["type"])
        elif isinstance(holder, list) and isinstance(path[-1], int):
            holder[path[-1]] = _as_text(holder[path[-1]])
    return copy


def _mend(holder: dict[str, Any], key: str, kind: str) -> None:
    if kind == "extra_forbidden":
        holder.pop(key, None)
    elif kind in {"missing", "string_too_short"} and key in _GUESSES:
        holder[key] = _GUESSES[key]
    elif key in holder:
        holder[key] = _as_text(holder[key])


def _as_text(value: Any) -> Any:
    if isinstance(value, WrittenFloat):
        return value.text
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
