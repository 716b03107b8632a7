"""What a form asks, read from the annotations of the command class, so that the two cannot disagree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from csr_console.domain.fields import Choice, Entry
from csr_console.widgets.spellings import tidy_moment, tidy_money


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a choice: what is kept, what is read, and the key that gives it."""

    value: str
    label: str
    letter: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form. `default` is the text it shows when nothing else is known."""

    name: str
    label: str
    help: str
    kind: str
    answers: tuple[Answer, ...] = ()
    optional: bool = False
    clearable: bool = False
    default: str = ""


def spec_of(command_class: type[BaseModel], name: str) -> FieldSpec:
    """The spec of a field of a command class.

    Raises:
        KeyError: the class has no such field.
        ValueError: the field's annotation carries no `Entry`, so nobody has said what to call it.
    """
    field = command_class.model_fields[name]
    annotation = get_type_hints(command_class, include_extras=True)[name]
    entries = [part for part in _parts(annotation) if isinstance(part, Entry)]
    if not entries:
        raise ValueError(f"{command_class.__name__}.{name} has no Entry: label, help and kind")
    entry = entries[-1]
    return FieldSpec(
        name=name,
        label=entry.label,
        help=entry.help,
        kind=entry.kind,
        answers=_answers(annotation) if entry.kind == "choice" else (),
        optional=not field.is_required(),
        clearable="" in _literals(annotation),
        default=""
        if field.is_required()
        else text_of(field.get_default(call_default_factory=True), entry.kind),
    )


def text_of(value: object, kind: str = "text") -> str:
    """A value as the text of a field of a kind; cents are read and shown as dollars."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return tidy_moment(value.astimezone())
    if kind == "money" and isinstance(value, int):
        return tidy_money(value)
    return str(value.value if isinstance(value, Enum) else value)


def words_of(error: ErrorDetails, spec: FieldSpec) -> str:
    """A validation error in words that say what to do; the value itself is never repeated."""
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "missing" or (kind == "string_too_short" and context.get("min_length") == 1):
        return f"needed: {spec.help}"
    if spec.answers:
        return "choose one: " + ", ".join(answer.label for answer in spec.answers[:9])
    if kind in {"value_error", "assertion_error"}:
        return error["msg"].partition(", ")[2] or error["msg"]
    limits = {
        "string_too_long": "at most {max_length} characters",
        "string_too_short": "at least {min_length} characters",
        "greater_than_equal": "at least {ge}",
        "greater_than": "more than {gt}",
        "less_than_equal": "at most {le}",
        "less_than": "less than {lt}",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
    }
    return limits.get(kind, spec.help).format(**context) if kind in limits else spec.help


def _parts(annotation: Any) -> Iterator[object]:
    """The types and the metadata of an annotation, the outermost metadata last."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        yield from _parts(inner)
        yield from metadata
    elif get_origin(annotation) in {Union, UnionType}:
        for arg in get_args(annotation):
            yield from _parts(arg)
    else:
        yield annotation


def _literals(annotation: Any) -> tuple[str, ...]:
    return tuple(
        value
        for part in _parts(annotation)
        if get_origin(part) is Literal
        for value in get_args(part)
        if isinstance(value, str)
    )


def _answers(annotation: Any) -> tuple[Answer, ...]:
    labels: list[tuple[str, str]] = []
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, Choice):
            labels += [(member.value, member.label) for member in part]
        elif part is bool:
            labels += [("no", "no"), ("yes", "yes")]
    labels = labels or [(value, value) for value in _literals(annotation) if value]
    return lettered(labels)


def lettered(labels: list[tuple[str, str]]) -> tuple[Answer, ...]:
    """Each answer with the first letter of its label that no answer before it has."""
    taken: set[str] = set()
    answers = []
    for value, label in labels:
        free = (letter for letter in label.casefold() if letter.isalpha() and letter not in taken)
        letter = next(free, "")
        taken.add(letter)
        answers.append(Answer(value, label or "none", letter))
    return tuple(answers)
