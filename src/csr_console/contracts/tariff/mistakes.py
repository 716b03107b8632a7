"""What is wrong with a tariff book, in sentences with the line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from csr_console.contracts.imports.report import excerpt
from csr_console.contracts.tariff.lines import Path


@dataclass(frozen=True, slots=True)
class BookMistake:
    """One mistake: the line of the book (0 for the book as a whole), where in words, and what to do."""

    line: int
    place: str
    sentence: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.place}" if self.line else self.place
        return f"{place}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class WrittenFloat:
    """A float as it was written; TOML's own would have lost its last digits."""

    text: str


def place_of(document: Mapping[str, Any], path: Path) -> str:
    """A path in words: `component E-ENERGY, version 2, tier 1, price`."""
    words: list[str] = []
    value: Any = document
    for step in path:
        value = _step(value, step)
        if isinstance(step, int):
            name = value.get("id") if isinstance(value, Mapping) else None
            words[-1] += f" {excerpt(name)[1:-1] if isinstance(name, str) else step + 1}"
        else:
            words.append(step)
    return ", ".join(words) or "the book"


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def value_at(document: Mapping[str, Any], path: Path) -> Any:
    value: Any = document
    for step in path:
        value = _step(value, step)
    return value


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest table around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def path_of(document: Mapping[str, Any], start: Path, location: Sequence[str | int]) -> Path:
    """Where an error of validation stands in the document; steps that are no keys of it (the kind of a
    component) are left out. A key that is missing ends the path."""
    path = start
    value = value_at(document, start)
    for index, step in enumerate(location):
        last = index == len(location) - 1
        if isinstance(value, list) and isinstance(step, int):
            path, value = (*path, step), _step(value, step)
        elif isinstance(value, Mapping) and (step in value or last):
            path, value = (*path, step), value.get(step)
    return path


def from_errors(
    errors: Sequence[ErrorDetails],
    document: Mapping[str, Any],
    start: Path,
    keys: Mapping[str, Sequence[str]],
) -> Iterator[tuple[Path, str]]:
    """Errors of validation as (path, sentence), the first for each path. `keys` are the keys that tables of
    a name may hold, for spelling."""
    seen: set[Path] = set()
    for error in errors:
        path = path_of(document, start, error["loc"])
        if error["type"] == "union_tag_invalid":
            path = (*path, "kind")
        emptied = error["type"] == "too_short" and value_at(document, path)
        if path not in seen and not emptied:
            seen.add(path)
            yield path, sentence_of(error, value_at(document, path), path, keys)


_MISSING = {
    "citation": "has no citation: say where the figure was published",
    "status": 'has no status: write "verified" when the figure was seen in its source, else "unverified"',
    "kind": "has no kind",
    "from": "has no from: write the first day on which it holds",
    "components": "has no components: a schedule charges for something",
    "version": "has no version: write at least one price with its dates",
}


def sentence_of(error: ErrorDetails, value: object, path: Path, keys: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with a value and what to write instead."""
    name = str(path[-1]) if path else ""
    kind = error["type"]
    if isinstance(value, WrittenFloat):
        return f'is the float {value.text}: write "{value.text}" in quotes, floats are not exact'
    if kind == "figure_not_text" and isinstance(value, int) and not isinstance(value, bool):
        return f'is a bare number: write "{value}" in quotes, as every figure'
    if kind in {"missing", "union_tag_not_found"}:
        name = "kind" if kind == "union_tag_not_found" else name
        return _MISSING.get(name, f"has no {name}: write it")
    if kind == "extra_forbidden":
        return f"is no key here{_meant(name, path, keys)}"
    return _of_value(error, value, name)


def _of_value(error: ErrorDetails, value: object, name: str) -> str:
    context = error.get("ctx", {})
    kind = error["type"]
    wanted = {
        "literal_error": context.get("expected"),
        "union_tag_invalid": f"one of {context.get('expected_tags')}",
        "string_pattern_mismatch": "letters, digits, points and dashes, without blanks",
        **_WANTED,
    }
    if kind in wanted:
        shown = context["tag"] if kind == "union_tag_invalid" else value
        return f"is {_shown(shown)}: write {wanted[kind]}"
    if kind == "too_short":
        return _MISSING.get(name, "is empty: fill it in or leave it out")
    if kind == "string_too_short":
        return "is empty: fill it in"
    return f"{_shown(value)} {error['msg']}" if kind == "unknown_unit" else error["msg"]


_WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list in brackets",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _shown(value: object) -> str:
    return excerpt(value if isinstance(value, str) else repr(value))


def _meant(name: str, path: Path, keys: Mapping[str, Sequence[str]]) -> str:
    table = next((str(step) for step in reversed(path[:-1]) if isinstance(step, str)), "")
    close = get_close_matches(name[:60], keys.get(table, ()), n=1, cutoff=0.6)
    return f": is {close[0]} meant?" if close else ": remove it"
