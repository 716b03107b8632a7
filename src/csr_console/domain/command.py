"""A command: one act of a clerk, the same class from the form to the audit log."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict

from csr_console.domain.fields import AccountNumber
from csr_console.domain.permissions import Actor, Permission

Effect = Literal["adds", "sets"]
"""`adds` commutes with everything and needs no version; `sets` carries the versions the clerk saw."""


class Offline(StrEnum):
    """What happens to a command without the network."""

    ALLOWED = "allowed"
    PROVISIONAL = "provisional"
    NEVER = "never"


class Command(BaseModel, ABC):
    """The base of every act. Frozen, extra fields forbidden; the class carries the facts about the act.

    `kind` is for ever: old queues replay late, so a breaking change is a new kind or an upcaster.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: str
    title: ClassVar[str]
    permission: ClassVar[Permission]
    effect: ClassVar[Effect] = "adds"
    offline: ClassVar[Offline] = Offline.ALLOWED
    offline_sentence: ClassVar[str] = ""

    @property
    @abstractmethod
    def lane(self) -> str:
        """What this command must stay in order with: `account:100482771`, `hazard:<id>`, `station`."""

    @property
    def urgent(self) -> bool:
        """Whether life is in danger: never only queued, the screen gives the phone path at once."""
        return False

    @property
    def resource(self) -> str | None:
        """The versioned resource a `sets` command changes, or None for one that adds."""
        return None

    @property
    def changed_fields(self) -> frozenset[str]:
        """The fields of the resource that a `sets` command changes; empty for one that adds."""
        return frozenset()

    @classmethod
    @abstractmethod
    def example(cls) -> Self:
        """A valid command of this kind, for the reference and the tests."""


class AccountCommand(Command):
    """An act about one account; the acts on an account stay in order."""

    account: AccountNumber

    @property
    def lane(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became true; central writes it to its tables, the desk lays it over its cached views."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who decides, when (`now` is aware), and the command that names whatever the decision makes."""

    actor: Actor
    now: datetime
    command_id: str
    station: str = ""
    issued_at: datetime | None = None

    @property
    def happened_at(self) -> datetime:
        """When the clerk did it, which for a queued command is long before `now`."""
        return self.issued_at or self.now


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision comes to: the sentence the clerk reads, the changes in order, and what is shown beside
    the sentence (JSON), which a second person reads while it waits."""

    answer: str
    changes: tuple[Change, ...]
    shown: Mapping[str, Any] = field(default_factory=dict)
