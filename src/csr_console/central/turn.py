"""An office's turn at writing: one transaction, the locked head, everything its commands touch."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, text, update

from csr_console.central import command_log, feed
from csr_console.central.command_log import Head, Record
from csr_console.central.statements import Statement, recover, settle
from csr_console.central.tables.accounts import account
from csr_console.central.tables.outages import hazard, planned, report
from csr_console.central.versions import FIRST
from csr_console.contracts.feed import Entity
from csr_console.contracts.outcome import Outcome


def _touch(table: Any, key: Any, version: Any) -> Statement:
    return Statement(
        update(table)
        .where(table.c.office == bindparam("in_office"), key == bindparam("of"))
        .values(version=version)
        .returning(table)
    )


_TOUCH: dict[Entity, Statement] = {
    "account": _touch(account, account.c.account, account.c.version + 1),
    # what a clerk corrects expects the version of what was set, which another call does not change
    "report": _touch(
        report, report.c.report_id, case((report.c.version == 0, FIRST), else_=report.c.version)
    ),
    "hazard": _touch(hazard, hazard.c.hazard_id, hazard.c.version + 1),
    "planned": _touch(planned, planned.c.planned_id, planned.c.version + 1),
}
_SAVE = Statement(text("SAVEPOINT one_command"))
_RESTORE = Statement(text("ROLLBACK TO SAVEPOINT one_command"))
_RELEASE = Statement(text("RELEASE SAVEPOINT one_command"))


class _Saved(NamedTuple):
    head: Head
    touched: feed.Touched


class Turn:
    """Commands of one office in one transaction. Chain rows are written at once; the feed and the head at the
    end, so that an entity touched by many commands of a batch is one feed row with its last state."""

    def __init__(self, connection: Connection, office: str) -> None:
        self.connection = connection
        self.head = command_log.lock_head(connection, office)
        self._locked = replace(self.head)
        self._touched: feed.Touched = {}

    def save(self) -> _Saved:
        """Open a savepoint; what `restore` needs to come back to it."""
        self.connection.execute(_SAVE)
        return _Saved(replace(self.head), dict(self._touched))

    def restore(self, saved: _Saved) -> None:
        recover(self.connection)
        self.connection.execute(_RESTORE)
        self.connection.execute(_RELEASE)
        self.head, self._touched = saved

    def release(self) -> None:
        """Close the savepoint once everything since then is known to be written. Raises `DBAPIError`."""
        self.connection.execute(_RELEASE)
        settle(self.connection)

    def chain(self, record: Record, outcome: Outcome, *, moved: bool) -> Outcome:
        """Append to the log; `moved` when the id already pointed to another place. The witnessed outcome."""
        outcome = command_log.append(self.connection, self.head, record, outcome)
        held = outcome.state == "held"
        if moved or held:
            command_log.move_key(self.connection, record.command_id, self.head.chain_seq, held=held)
        return outcome

    def touch(self, entities: Iterable[tuple[Entity, str]]) -> None:
        """Raise the version of each entity, which for a report only a correction does, and put it into the
        feed at the end of the turn."""
        for entity, key in entities:
            place = {"in_office": self.head.office, "of": key}
            self._touched[entity, key] = self.connection.execute(_TOUCH[entity], place)

    def end(self, now: datetime) -> None:
        """Write the feed rows, then the head; a turn of replays writes nothing."""
        feed.write_changes(self.connection, self.head, self._touched, now)
        if self.head != self._locked:
            command_log.save_head(self.connection, self.head)
