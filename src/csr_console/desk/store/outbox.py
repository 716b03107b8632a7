"""Entering into the queue: what was saved is on disk, in order, under one id for ever."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from csr_console.contracts.envelope import (
    Envelope,
    Submission,
    canonical,
    command_document,
    seal,
    submission_bytes,
)
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.model import STOPPED, WAITING
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Connection, Row, Store
from csr_console.desk.store.durable import durably
from csr_console.desk.store.queue_items import row_hash
from csr_console.desk.store.tables import microseconds
from csr_console.domain.command import Command
from csr_console.domain.ids import fingerprint, uuid7
from csr_console.domain.oversight.commands import DiscardCommand
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Conflict, Refusal

_REUSED = "This form has already sent something else: open it again."
Clock = Callable[[], datetime]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Author:
    """Who enters commands now, and the key that seals them as entered in this session."""

    actor: Actor
    session: UUID
    seal_key: bytes
    shift: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A submission as it goes into a row: `body` is byte for byte what is sent."""

    envelope: Envelope
    session: UUID
    digest: str
    body: bytes


def _read(body: bytes) -> _Sealed:
    """A submission made elsewhere. Raises ValueError for bytes that are none."""
    given = Submission.model_validate_json(body)
    return _Sealed(given.envelope, given.session, given.envelope.digest(), body)


def subject_of(command: Command) -> str:
    """What a command is about, as the queue shows it: an account, a place, or the lane's own subject."""
    for name in ("account", "premise", "location", "place"):
        if value := getattr(command, name, None):
            return str(value)
    return command.lane.partition(":")[2]


def new_id(now: datetime) -> UUID:
    """The id of a new command, made when its form opens."""
    return uuid7(now, os.urandom(10))


class Outbox:
    """Entering and discarding. Every method is one transaction, synced before it returns."""

    def __init__(self, store: Store, station: str, clock: Clock) -> None:
        self._store = store
        self._station = station
        self._clock = clock

    def enqueue(
        self,
        command: Command,
        *,
        command_id: UUID,
        author: Author,
        expects: dict[str, int] | None = None,
        reason: str | None = None,
        not_after: datetime | None = None,
        replaces: UUID | None = None,
    ) -> Row:
        """The row of the command, on disk when this returns. The same id with the same command gives the row
        that is there. Raises `Refusal` id-reused, `StoreUnsure`."""

        def work(connection: Connection) -> Row:
            entered = self._enter(
                connection,
                command,
                command_id,
                author,
                expects=expects or {},
                reason=reason,
                not_after=not_after,
            )
            if entered is None:
                return self._must_be_same(connection, command_id, command)
            if replaces is not None:
                self._replace(connection, replaces, command_id, author)
            return entered

        return durably(self._store, work)

    def _must_be_same(self, connection: Connection, command_id: UUID, command: Command) -> Row:
        """The row of an id that has been used, which is to be that of the same command."""
        found = rows.get(connection, command_id)
        envelope = json.loads(found["body"])["envelope"]
        if envelope["command"] != command_document(command):
            raise Refusal("id-reused", _REUSED)
        return found

    def unsaved(
        self, command: Command, *, command_id: UUID, author: Author, expects: dict[str, int] | None
    ) -> bytes:
        """The bytes of a submission that is only tried: it takes no counter and is not kept."""
        with self._store.read() as connection:
            counter = rows.head(connection).counter + 1
        return self._seal(command, command_id, author, counter, expects=expects or {}).body

    def _seal(
        self, command: Command, command_id: UUID, author: Author, counter: int, **envelope: Any
    ) -> _Sealed:
        """The submission of a command entered now; its envelope is spelled once for all that needs it."""
        trace = os.urandom(24).hex()
        made = Envelope(
            id=command_id,
            issued_at=self._clock(),
            station=self._station,
            counter=counter,
            actor=author.actor.login,
            shift=author.shift,
            traceparent=f"00-{trace[:32]}-{trace[32:]}-01",
            command=command_document(command),
            **envelope,
        )
        spelled = canonical(made.document())
        digest = fingerprint(spelled)
        body = submission_bytes(spelled, author.session, seal(author.seal_key, digest))
        return _Sealed(made, author.session, digest, body)

    def _enter(
        self, connection: Connection, command: Command, command_id: UUID, author: Author, **envelope: Any
    ) -> Row | None:
        """The row of a command entered now; None when its id is there already."""
        head = rows.head(connection)
        sealed = self._seal(command, command_id, author, head.counter + 1, **envelope)
        return self._append(connection, head, sealed, command)

    def _append(
        self, connection: Connection, head: rows.Head, sealed: _Sealed, command: Command
    ) -> Row | None:
        """The next row of the queue, unless its id is there; another station's keeps its own counter."""
        envelope = sealed.envelope
        row: Row = {
            **rows.FRESH,
            "seq": head.seq + 1,
            "command_id": str(envelope.id),
            "station": envelope.station,
            "counter": envelope.counter,
            "actor": envelope.actor,
            "shift": envelope.shift,
            "session": str(sealed.session),
            "lane": command.lane,
            "about": subject_of(command),
            "urgent": int(command.urgent),
            "kind": command.kind,
            "digest": sealed.digest,
            "body": sealed.body,
            "entered_us": microseconds(envelope.issued_at),
            "prev_hash": head.hash,
        }
        row["hash"] = row_hash(head.hash, row)
        if not rows.add(connection, row):
            return None
        counter = max(head.counter, envelope.counter) if envelope.station == self._station else head.counter
        rows.set_head(connection, rows.Head(head.seq + 1, counter, str(row["hash"])))
        return row

    def waiting(self) -> list[bytes]:
        """The submissions central has not answered, byte for byte, in order."""
        with self._store.read() as connection:
            return [row["body"] for row in rows.open_rows(connection) if row["state"] in WAITING]

    def carry(self, bodies: Sequence[bytes]) -> int:
        """Take in submissions of another station, byte for byte, to be sent from here; those that are here
        already are left alone. How many were taken. Raises ValueError for bytes that are none."""
        sealed = [_read(body) for body in bodies]
        commands = [REGISTRY.read(one.envelope.command) for one in sealed]

        def work(connection: Connection) -> int:
            taken = 0
            for one, command in zip(sealed, commands, strict=True):
                if self._append(connection, rows.head(connection), one, command) is not None:
                    taken += 1
            return taken

        return durably(self._store, work)

    def _replace(self, connection: Connection, old: UUID, new: UUID, author: Author) -> None:
        """The corrected command takes the place of one that central said no to; one that it may never have
        heard of is discarded with it."""
        found = rows.get(connection, old)
        if found["state"] in STOPPED:
            rows.change(connection, [old], replaced_by=str(new))
            return
        self._discard(connection, found, "Replaced by a corrected one", author, new_id(self._clock()))
        rows.change(connection, [old], replaced_by=str(new))

    def discard(self, command_id: UUID, reason: str, *, discard_id: UUID, author: Author) -> Row:
        """The row of the discard, which is itself a command. The discarded one is never sent again.

        Raises `Refusal` not-found, already-applied, or discarded for what is a discard itself; `Conflict`
        in-progress while it is on the wire.
        """

        def work(connection: Connection) -> Row:
            found = rows.get(connection, command_id)
            if not found["discard_id"]:
                self._discard(connection, found, reason, author, discard_id)
            return rows.get(connection, UUID(found["discard_id"] or str(discard_id)))

        return durably(self._store, work)

    def _discard(
        self, connection: Connection, found: Row, reason: str, author: Author, discard_id: UUID
    ) -> None:
        if found["state"] == "sending":
            raise Conflict("in-progress", "It is being sent at this moment: wait for the answer.")
        if found["state"] not in (*WAITING, *STOPPED, "held"):
            raise Refusal("already-applied", f"It is {found['state']} already.")
        if found["kind"] == "command.discard" and found["state"] not in STOPPED:
            raise Refusal("discarded", "A discard is not taken back: enter the command again.")
        act = DiscardCommand(discarded=UUID(found["command_id"]), discarded_kind=found["kind"], reason=reason)
        if self._enter(connection, act, discard_id, author) is None:
            raise Refusal("id-reused", _REUSED)
        rows.change(
            connection,
            [UUID(found["command_id"])],
            state="discarded",
            discard_id=str(discard_id),
            closing=rows.last_closing(connection) + 1,
        )

    def raise_counter(self, last_counter: int) -> None:
        """Central has seen this counter from the station: the next one is higher (a new installation)."""

        def work(connection: Connection) -> None:
            head = rows.head(connection)
            if head.counter < last_counter:
                rows.set_head(connection, rows.Head(head.seq, last_counter, head.hash))

        durably(self._store, work)
