"""A question on the alert line: it waits, it never opens anything by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Question:
    """Enter is yes, `d` the other answer; it lapses when another sentence takes the alert line."""

    text: str
    yes: Callable[[], Awaitable[None]]
    no: Callable[[], Awaitable[None]]
    severity: Literal["info", "warn", "error"] = "info"
