"""One command being applied: what its handler reads with, and what it leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Result

from csr_console.central.command_log import Head, Later, Record
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow
from csr_console.central.turn import Turn
from csr_console.contracts.feed import Entity
from csr_console.contracts.outcome import Outcome
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.command import Context
from csr_console.domain.permissions import Actor

T = TypeVar("T")


class Identity(Protocol):
    """What the pipeline asks of sign-in and verification; every question comes inside its transaction."""

    def sealer(self, connection: Connection, session: UUID) -> tuple[bytes, Actor] | None:
        """The seal key of a session and who signed in, as of now; ended ones too: old queues arrive late."""

    def actor_named(self, connection: Connection, login: str) -> Actor | None:
        """The member of staff as of now, disabled ones too."""

    def proven_factors(
        self, proof: str, office: str, account: str, session: UUID, at: datetime
    ) -> frozenset[Factor] | None:
        """The secret factors a proof vouches for at that moment, None when it is not valid."""


class _Rows:
    """The rows of a result: awaited by the first who looks at them, there for the next."""

    __slots__ = ("_result", "_rows")

    def __init__(self, result: Result[Any]) -> None:
        self._result = result
        self._rows: Sequence[AnyRow] | None = None

    def __call__(self) -> Sequence[AnyRow]:
        if self._rows is None:
            self._rows = self._result.all()
        return self._rows


@dataclass(slots=True)
class Applying:
    """The open transaction of one command with everything it touches, in order and once each.

    `result` becomes the outcome's result; `answer` replaces the plan's sentence where central knows more.
    """

    turn: Turn
    context: Context
    session: UUID
    identity: Identity
    decide_held: Callable[["Applying", str, bool, str], None]
    """Applies or declines a held command: this applying, its id, approve, reason."""
    discard_held: Callable[["Applying", str, str], None]
    """Ends a held command as discarded: this applying, its id, reason."""
    later: list[tuple[Record, Outcome]] = field(default_factory=list)
    """What other commands came to through this one: chained right after it."""
    touched: dict[tuple[Entity, str], None] = field(default_factory=dict)
    known: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: dict[tuple[Any, ...], Later[Sequence[AnyRow]]] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    answer: str | None = None

    @property
    def connection(self) -> Connection:
        return self.turn.connection

    @property
    def head(self) -> Head:
        return self.turn.head

    @property
    def office(self) -> str:
        return self.turn.head.office

    def recall(self, kind: str, key: str, read: Callable[[], T]) -> T:
        """What was read once for this command: the office is locked, so it still holds when it is written."""
        if (kind, key) not in self.known:
            self.known[kind, key] = read()
        found: T = self.known[kind, key]
        return found

    def ask(self, statement: Statement, **values: str) -> Later[Sequence[AnyRow]]:
        """The rows of a statement about the office, asked for once and awaited when they are needed.

        Facts that are asked for before the first is looked at come with one answer.
        """
        key = statement, *values.values()
        if key not in self.asked:
            self.asked[key] = _Rows(self.connection.execute(statement, {"office": self.office, **values}))
        return self.asked[key]

    def touch(self, entity: Entity, key: str) -> None:
        """The entity has changed: its version rises and its new state goes into the feed."""
        self.touched[entity, key] = None
