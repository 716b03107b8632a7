"""Values for the fields of a command, drawn by their types: what a form could hold, so that forms meet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import AwareDatetime

from csr_console.contracts.views.approvals import HeldView
from csr_console.contracts.views.outages import HazardView, ReportView
from csr_console.domain.command import Command
from csr_console.domain.fields import AccountNumber, Digest, Email, Phone, PremiseId

Some = TypeVar("Some", bound=Command)


FOUND = {"run": "2026-08-20", "service": "electric", "code": "high-use"}
"""What the last bill run found of the first customer."""
NOTHING = UUID("0198f2b4-0000-7000-8000-00000000ffff")
"""An id that nothing has."""


@dataclass
class Sight:
    """What the clerk at one desk has before them: few of each, so that two desks meet at them."""

    now: datetime
    accounts: Sequence[str]
    premises: Sequence[str]
    locations: Sequence[str]
    devices: Sequence[str]
    reports: Sequence[ReportView] = ()
    hazards: Sequence[HazardView] = ()
    held: Sequence[HeldView] = ()
    commands: Sequence[UUID] = field(default_factory=list)
    """Ids of commands entered at this desk."""
    receipts: Sequence[str] = ()
    """Payments that were posted."""
    new_id: UUID = NOTHING
    """For a field that names what the command makes."""


_WORDS = ("dog", "gate code 17", "Peña", "喂 hello", "[bold]x[/]", "\x1b[31mred", "=1+1", "a" * 40)
_PHONES = ("8505550101", "8505550102", "8505550103")
_EMAILS = ("maria@example.org", "sam@example.com")


def texts(at_least: int, at_most: int) -> SearchStrategy[str]:
    found = st.sampled_from([word for word in _WORDS if at_least <= len(word) <= at_most])
    return found if at_least else st.one_of(st.just(""), found)


def _made_of(parts: tuple[Any, ...], alias: Any) -> bool:
    """Whether an annotation is the alias, perhaps with another label."""
    rules = [part for part in get_args(alias)[1:] if type(part).__name__ != "Entry"]
    return bool(rules) and all(any(part is rule for part in parts) for rule in rules)


def _limits(parts: tuple[Any, ...]) -> dict[str, Any]:
    """`min_length`, `max_length`, `ge`, `le`, `pattern` of an annotation."""
    found: dict[str, Any] = {}
    for part in parts:
        for rule in (part, *getattr(part, "metadata", ())):
            for name in ("min_length", "max_length", "ge", "le", "pattern"):
                if getattr(rule, name, None) is not None:
                    found[name] = getattr(rule, name)
    return found


def _strings(parts: tuple[Any, ...], sight: Sight) -> SearchStrategy[str]:
    for alias, values in (
        (AccountNumber, sight.accounts),
        (PremiseId, sight.premises),
        (Phone, _PHONES),
        (Email, _EMAILS),
    ):
        if _made_of(parts, alias):
            return st.sampled_from(list(values))
    limits = _limits(parts)
    if parts and parts[0] is get_args(Digest)[1]:
        return st.just("0" * 64)
    if "pattern" in limits:
        return st.from_regex(limits["pattern"], fullmatch=True)
    return texts(limits.get("min_length", 0), limits.get("max_length", 200))


def of_type(hint: Any, sight: Sight) -> SearchStrategy[Any]:
    """Values of one annotation. Raises NotImplementedError for a type that no command has had yet."""
    parts: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        parts = tuple(rest)
    if get_origin(hint) in (Union, UnionType):
        members = [one for one in get_args(hint) if one is not type(None)]
        choices = [of_type(one, sight) for one in members]
        return st.one_of(st.none(), *choices) if len(members) < len(get_args(hint)) else st.one_of(*choices)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        inner = of_type(get_args(hint)[0], sight)
        return st.lists(inner, min_size=_limits(parts).get("min_length", 0), max_size=3, unique=True)
    return _plain(hint, parts, sight)


def _plain(hint: Any, parts: tuple[Any, ...], sight: Sight) -> SearchStrategy[Any]:
    if hint is str:
        return _strings(parts, sight)
    if hint is bool:
        return st.booleans()
    if hint is int:
        limits = _limits(parts)
        return st.integers(limits.get("ge", 0), min(limits.get("le", 1000), 1000))
    if hint in (datetime, AwareDatetime):
        return st.integers(-48, 48).map(lambda hours: sight.now + timedelta(hours=hours))
    if hint is UUID:
        return st.sampled_from([NOTHING, *sight.commands, *(one.id for one in sight.reports)])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    raise NotImplementedError(f"say in tests/property/fields.py what a value of {hint} is")


def filled(command: type[Some], sight: Sight, **fixed: Any) -> SearchStrategy[Some]:
    """The command with every field drawn by its type, but those that are `fixed`."""
    hints = get_type_hints(command, include_extras=True)
    names = [name for name in command.model_fields if name != "kind" and name not in fixed]
    drawn = st.fixed_dictionaries({name: of_type(hints[name], sight) for name in names})
    return drawn.map(lambda values: command.model_validate({**values, **fixed}))
