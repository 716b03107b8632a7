"""Commands of the queue that a cached view lacks, as commands again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from csr_console.contracts.envelope import Envelope
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.model import ItemState
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Store
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
            found = rows.overlay_rows(connection, mark, about=account, lane=f"place:{premise.casefold()}")
        return self._read(found)

    def of_outages(self, mark: int) -> list[Pending]:
        """Reports and hazards that the cached lists of closing number `mark` lack."""
        with self._store.read() as connection:
            found = rows.overlay_rows(connection, mark, kinds=("outage.%", "hazard.%"))
        return self._read(found)

    def urgent(self) -> list[Pending]:
        """Dangers to life that central has not answered."""
        with self._store.read() as connection:
            found = rows.urgent_waiting(connection)
        return self._read(found)

    def _read(self, found: Sequence[RowMapping]) -> list[Pending]:
        pending = []
        for row in found:
            known = self._command(row)
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

    def _command(self, row: RowMapping) -> tuple[Command, datetime] | None:
        command_id = row["command_id"]
        if command_id not in self._commands:
            if len(self._commands) >= _REMEMBERED:
                self._commands.clear()
            envelope = Envelope.model_validate(json.loads(row["body"])["envelope"])
            try:
                self._commands[command_id] = (REGISTRY.read(envelope.command), envelope.issued_at)
            except Refusal:
                self._commands[command_id] = None
        return self._commands[command_id]
