"""Commands of the queue that a cached view lacks, as commands again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from csr_console.contracts.envelope import Envelope
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.model import ItemState
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Connection, Row, Store
from csr_console.domain.command import Command
from csr_console.domain.refusals import Refusal

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Pending:
    """A command not in the view yet; `result` is what central made of it, once applied."""

    id: UUID
    command: Command
    actor: str
    station: str
    issued_at: datetime
    state: ItemState
    result: dict[str, Any]

    @property
    def waits(self) -> bool:
        """Whether central has not applied it."""
        return self.state != "applied"


class PendingReader:
    """Reads the queue for the overlay; a command once read is remembered, since it never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._commands: dict[str, tuple[Command, datetime] | None] = {}

    def of_account(self, account: str, premise: str, mark: int) -> list[Pending]:
        """What concerns an account or its premise and is not in a view of closing number `mark`."""
        with self._store.read() as connection:
            found = rows.unseen_of_subject(connection, mark, account, f"place:{premise.casefold()}")
            return self._read(connection, found)

    def outages(self, mark: int) -> dict[tuple[str, str], tuple[int, int]]:
        """The commands about reports, hazards and plans that the cached lists of closing number `mark` lack,
        by kind and id: their place in the queue, and how long the answer to each is."""
        with self._store.read() as connection:
            return rows.unseen_outages(connection, mark)

    def of_ids(self, command_ids: Sequence[str]) -> list[Pending]:
        """Some commands; one of a kind from another version is left out."""
        with self._store.read() as connection:
            return self._read(connection, rows.of_ids(connection, command_ids))

    def of_kind(self, kind: str) -> list[Pending]:
        """What central has not answered of a kind, in the order entered."""
        with self._store.read() as connection:
            return self._read(connection, rows.waiting_of_kind(connection, kind))

    def urgent(self) -> list[Pending]:
        """Dangers to life that central has not answered."""
        with self._store.read() as connection:
            return self._read(connection, rows.urgent_waiting(connection))

    def _read(self, connection: Connection, found: Sequence[Row]) -> list[Pending]:
        self._learn(connection, [row["command_id"] for row in found])
        pending = []
        for row in found:
            known = self._commands.get(row["command_id"])
            if known is None:
                continue
            command, issued_at = known
            result = json.loads(row["outcome"]).get("result", {}) if row["outcome"] else {}
            pending.append(
                Pending(
                    UUID(row["command_id"]),
                    command,
                    row["actor"],
                    row["station"],
                    issued_at,
                    row["state"],
                    result,
                )
            )
        return pending

    def _learn(self, connection: Connection, command_ids: Sequence[str]) -> None:
        """Read the commands that are not known yet; one of a kind from another version is known as None."""
        if len(self._commands) > _REMEMBERED:
            self._commands = {}
        new = [command_id for command_id in command_ids if command_id not in self._commands]
        for command_id, body in rows.bodies(connection, new).items():
            envelope = Envelope.model_validate(json.loads(body)["envelope"])
            try:
                self._commands[command_id] = (REGISTRY.read(envelope.command), envelope.issued_at)
            except Refusal:
                self._commands[command_id] = None
