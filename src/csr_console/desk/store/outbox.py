"""Entering into the queue: what was saved is on disk, in order, under one id for ever."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.model import STOPPED, WAITING
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Connection, Row, Store
from csr_console.desk.store.durable import durably
from csr_console.desk.store.queue_items import row_hash
from csr_console.desk.store.tables import microseconds
from csr_console.domain.command import Command
from csr_console.domain.ids import uuid7
from csr_console.domain.oversight.commands import DiscardCommand
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Conflict, Fault, Refusal

Clock = Callable[[], datetime]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Author:
    """Who enters commands now, and the key that seals them as entered in this session."""

    actor: Actor
    session: UUID
    seal_key: bytes
    shift: str


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
            if (found := rows.find(connection, command_id)) is not None:
                self._must_be_same(found, command)
                return found
            entered = self._enter(
                connection,
                command,
                command_id,
                author,
                expects=expects or {},
                reason=reason,
                not_after=not_after,
            )
            if replaces is not None:
                self._replace(connection, replaces, command_id, author)
            return entered

        return durably(self._store, work)

    def _must_be_same(self, found: Row, command: Command) -> None:
        envelope = json.loads(found["body"])["envelope"]
        if envelope["command"] != command_document(command):
            raise Refusal("id-reused", "This form has already sent something else: open it again.")

    def unsaved(
        self, command: Command, *, command_id: UUID, author: Author, expects: dict[str, int] | None
    ) -> bytes:
        """The bytes of a submission that is only tried: it takes no counter and is not kept."""
        with self._store.read() as connection:
            counter = rows.head(connection).counter + 1
        submission = self._seal(command, command_id, author, counter, expects=expects or {})
        return canonical(submission.document())

    def _seal(
        self, command: Command, command_id: UUID, author: Author, counter: int, **envelope: Any
    ) -> Submission:
        """The submission of a command entered now."""
        sealed = Envelope(
            id=command_id,
            issued_at=self._clock(),
            station=self._station,
            counter=counter,
            actor=author.actor.login,
            shift=author.shift,
            traceparent=f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
            command=command_document(command),
            **envelope,
        )
        proof = seal(author.seal_key, sealed.digest())
        return Submission(envelope=sealed, session=author.session, seal=proof)

    def _enter(
        self, connection: Connection, command: Command, command_id: UUID, author: Author, **envelope: Any
    ) -> Row:
        head = rows.head(connection)
        submission = self._seal(command, command_id, author, head.counter + 1, **envelope)
        return self._append(connection, head, submission, command, canonical(submission.document()))

    def _append(
        self, connection: Connection, head: rows.Head, submission: Submission, command: Command, body: bytes
    ) -> Row:
        """The next row of the queue; another station's keeps its own counter."""
        envelope = submission.envelope
        row: Row = {
            **rows.FRESH,
            "seq": head.seq + 1,
            "command_id": str(envelope.id),
            "station": envelope.station,
            "counter": envelope.counter,
            "actor": envelope.actor,
            "shift": envelope.shift,
            "session": str(submission.session),
            "lane": command.lane,
            "about": subject_of(command),
            "urgent": int(command.urgent),
            "kind": command.kind,
            "digest": envelope.digest(),
            "body": body,
            "entered_us": microseconds(envelope.issued_at),
            "prev_hash": head.hash,
        }
        row["hash"] = row_hash(head.hash, row)
        rows.add(connection, row)
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
        submissions = [Submission.model_validate_json(body) for body in bodies]
        commands = [REGISTRY.read(submission.envelope.command) for submission in submissions]

        def work(connection: Connection) -> int:
            taken = 0
            for submission, command, body in zip(submissions, commands, bodies, strict=True):
                if rows.find(connection, submission.envelope.id) is None:
                    head = rows.head(connection)
                    self._append(connection, head, submission, command, body)
                    taken += 1
            return taken

        return durably(self._store, work)

    def _replace(self, connection: Connection, old: UUID, new: UUID, author: Author) -> None:
        """The corrected command takes the place of one that central said no to; one that it may never have
        heard of is discarded with it."""
        found = rows.find(connection, old)
        if found is None:
            raise Refusal("not-found", "That command is not in the queue of this workstation.")
        if found["state"] in STOPPED:
            rows.change(connection, [old], replaced_by=str(new))
            return
        self._discard(connection, found, "Replaced by a corrected one", author, new_id(self._clock()))
        rows.change(connection, [old], replaced_by=str(new))

    def discard(self, command_id: UUID, reason: str, *, discard_id: UUID, author: Author) -> Row:
        """The row of the discard, which is itself a command. The discarded one is never sent again.

        Raises `Refusal` not-found or already-applied, `Conflict` in-progress while it is on the wire.
        """

        def work(connection: Connection) -> Row:
            found = rows.find(connection, command_id)
            if found is None:
                raise Refusal("not-found", "That command is not in the queue of this workstation.")
            if not found["discard_id"]:
                self._discard(connection, found, reason, author, discard_id)
            given = rows.find(connection, UUID(found["discard_id"] or str(discard_id)))
            if given is None:
                raise Fault("broken", "The queue does not hold what was just entered: tell support.")
            return given

        return durably(self._store, work)

    def _discard(
        self, connection: Connection, found: Row, reason: str, author: Author, discard_id: UUID
    ) -> None:
        if found["state"] == "sending":
            raise Conflict("in-progress", "It is being sent at this moment: wait for the answer.")
        if found["state"] not in (*WAITING, *STOPPED, "held"):
            raise Refusal("already-applied", f"It is {found['state']} already.")
        act = DiscardCommand(discarded=UUID(found["command_id"]), discarded_kind=found["kind"], reason=reason)
        self._enter(connection, act, discard_id, author)
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
