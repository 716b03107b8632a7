"""What central adds to a decision: where its facts come from and where its changes go."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from csr_console.central.applying import Applying
from csr_console.domain.command import Change, Context, Plan

Write = Callable[[Applying, Any], None]
"""Writes one change to the tables and touches the entities it changed."""
Writes = Mapping[type[Change], Write]


def _no_alerts(_facts: Any) -> Collection[str]:
    return ()


def _no_values(_facts: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Handler:
    """A command kind at central. `facts` are the only reads of a decision; `alerts` are those an approval
    policy looks at; `values` are the fields of a `sets` command as they stand."""

    facts: Callable[[Applying, Any], Any]
    decide: Callable[[Any, Any, Context], Plan]
    alerts: Callable[[Any], Collection[str]] = _no_alerts
    values: Callable[[Any], Mapping[str, Any]] = _no_values


Handlers = Mapping[str, Handler]
