"""The texts of what is read: inert as soon as they are a view, whoever sent them.

A workstation trusts central to be central, not to have cleaned what it got from elsewhere or from years ago.
"""

from typing import Annotated, Any

from pydantic import AfterValidator

from csr_console.domain.text import clean, clean_line


def _line(value: str) -> str:
    return clean_line(value)


def _document(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _inert(value)
    return found


def _inert(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean_line(str(name)): _inert(part) for name, part in value.items()}
    return [_inert(part) for part in value] if isinstance(value, list) else value


InertLine = Annotated[str, AfterValidator(_line)]
"""One line of at most 200 characters."""
InertText = Annotated[str, AfterValidator(clean)]
"""Text with its lines."""
InertDocument = Annotated[dict[str, Any], AfterValidator(_document)]
"""A JSON document in which every text is inert, names and all."""
