"""The queue of this workstation: what was saved is on disk, in order, under one id for ever."""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import DBAPIError

from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.contracts.outcome import Outcome
from csr_console.desk.model import STOPPED, WAITING, ItemState, StoreUnsure
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import CommitUnknown, Store
from csr_console.desk.store.queue_items import row_hash
from csr_console.desk.store.tables import microseconds
from csr_console.domain.command import Command
from csr_console.domain.ids import uuid7
from csr_console.domain.oversight.commands import DiscardCommand
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

_ATTEMPTS = 3
_FULL = (
    "The disk of this workstation is full. Free some space and press Enter again: it keeps its id and cannot"
    " be done twice."
)
_UNSURE = (
    "The disk of this workstation reports errors, so it is not certain that this is saved. Press Enter again:"
    " it keeps its id and cannot be done twice. Tell support."
)
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
class Waiting:
    """A command as it goes on the wire; `state` is what it was before it was taken up."""

    id: UUID
    kind: str
    lane: str
    urgent: bool
    state: ItemState
    faults: int
    body: bytes


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
    """Entering, closing and discarding. Every method is one transaction, synced before it returns."""

    def __init__(self, store: Store, station: str, clock: Clock) -> None:
        self._store = store
        self._station = station
        self._clock = clock

    def _durably(self, work: Callable[[Connection], Result]) -> Result:
        """The result of a repeatable `work`, on disk. A failed commit leaves it unknown whether it happened:
        the work is done again under the same id, which finds what is there. Raises `StoreUnsure`."""
        for attempt in range(_ATTEMPTS):
            try:
                with self._store.write() as connection:
                    return work(connection)
            except CommitUnknown:
                again = self._store.has_room() or self._store.when_full()
            except DBAPIError as error:
                again = not self._store.has_room(error) and self._store.when_full()
            if not again or attempt == _ATTEMPTS - 1:
                break
        raise StoreUnsure(_UNSURE if self._store.has_room() else _FULL)

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
    ) -> RowMapping:
        """The row of the command, on disk when this returns. The same id with the same command gives the row
        that is there. Raises `Refusal` id-reused, `StoreUnsure`."""

        def work(connection: Connection) -> RowMapping:
            if (found := rows.find(connection, command_id)) is not None:
                self._must_be_same(found, command)
                return found
            self._enter(connection, command, command_id, author, expects or {}, reason, not_after)
            if replaces is not None:
                self._replace(connection, replaces, command_id, author)
            entered = rows.find(connection, command_id)
            if entered is None:
                raise Fault("broken", "The queue does not hold what was just entered: tell support.")
            return entered

        return self._durably(work)

    def _must_be_same(self, found: RowMapping, command: Command) -> None:
        envelope = json.loads(found["body"])["envelope"]
        if envelope["command"] != command_document(command):
            raise Refusal("id-reused", "This form has already sent something else: open it again.")

    def _submission(
        self,
        command: Command,
        command_id: UUID,
        author: Author,
        expects: dict[str, int],
        reason: str | None,
        not_after: datetime | None,
        counter: int,
        entered_at: datetime,
    ) -> tuple[Envelope, bytes]:
        """The envelope, and the bytes that are stored and sent, for ever the same."""
        envelope = Envelope(
            id=command_id,
            issued_at=entered_at,
            station=self._station,
            counter=counter,
            actor=author.actor.login,
            shift=author.shift,
            expects=expects,
            reason=reason,
            not_after=not_after,
            traceparent=f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
            command=command_document(command),
        )
        proof = seal(author.seal_key, envelope.digest())
        submission = Submission(envelope=envelope, session=author.session, seal=proof)
        return envelope, canonical(submission.document())

    def unsaved(
        self, command: Command, *, command_id: UUID, author: Author, expects: dict[str, int] | None
    ) -> bytes:
        """The bytes of a submission that is only tried: it takes no counter and is not kept."""
        with self._store.read() as connection:
            counter = rows.head(connection).counter + 1
        return self._submission(
            command, command_id, author, expects or {}, None, None, counter, self._clock()
        )[1]

    def _enter(
        self,
        connection: Connection,
        command: Command,
        command_id: UUID,
        author: Author,
        expects: dict[str, int],
        reason: str | None,
        not_after: datetime | None,
    ) -> None:
        head = rows.head(connection)
        entered_at = self._clock()
        envelope, body = self._submission(
            command, command_id, author, expects, reason, not_after, head.counter + 1, entered_at
        )
        row: dict[str, object] = {
            "seq": head.seq + 1,
            "command_id": str(command_id),
            "station": self._station,
            "counter": envelope.counter,
            "actor": author.actor.login,
            "shift": author.shift,
            "session": str(author.session),
            "lane": command.lane,
            "about": subject_of(command),
            "urgent": int(command.urgent),
            "kind": command.kind,
            "digest": envelope.digest(),
            "body": body,
            "entered_us": microseconds(entered_at),
            "state": "queued",
            "prev_hash": head.hash,
        }
        row["hash"] = row_hash(head.hash, row)
        rows.add(connection, row)
        rows.set_head(connection, rows.Head(head.seq + 1, envelope.counter, str(row["hash"])))

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

    def discard(self, command_id: UUID, reason: str, *, discard_id: UUID, author: Author) -> RowMapping:
        """The row of the discard, which is itself a command. The discarded one is never sent again.

        Raises `Refusal` not-found or already-applied, `Conflict` in-progress while it is on the wire.
        """

        def work(connection: Connection) -> RowMapping:
            found = rows.find(connection, command_id)
            if found is None:
                raise Refusal("not-found", "That command is not in the queue of this workstation.")
            if not found["discard_id"]:
                self._discard(connection, found, reason, author, discard_id)
            given = rows.find(connection, UUID(found["discard_id"] or str(discard_id)))
            if given is None:
                raise Fault("broken", "The queue does not hold what was just entered: tell support.")
            return given

        return self._durably(work)

    def _discard(
        self, connection: Connection, found: RowMapping, reason: str, author: Author, discard_id: UUID
    ) -> None:
        if found["state"] == "sending":
            raise Conflict("in-progress", "It is being sent at this moment: wait for the answer.")
        if found["state"] not in (*WAITING, *STOPPED, "held"):
            raise Refusal("already-applied", f"It is {found['state']} already.")
        act = DiscardCommand(discarded=UUID(found["command_id"]), discarded_kind=found["kind"], reason=reason)
        self._enter(connection, act, discard_id, author, {}, None, None)
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

        self._durably(work)

    def mark(self, command_ids: Collection[UUID], state: ItemState) -> None:
        """Set the state of several rows: `sending` before bytes leave, else what they were before."""
        self._durably(lambda connection: rows.change(connection, command_ids, state=state))

    def sendable(self, limit: int, *, suspects: bool = False) -> list[Waiting]:
        """What may be sent now, dangers to life first, else in the order it was entered; or the `suspects`
        on which central broke before."""
        now_us = microseconds(self._clock())
        with self._store.read() as connection:
            found = rows.sendable(connection, now_us, limit, suspects=suspects)
        return [_waiting(row) for row in found]

    def held(self, limit: int) -> list[Waiting]:
        """What waited for a second person when last heard of."""
        with self._store.read() as connection:
            return [_waiting(row) for row in rows.held(connection, limit)]

    def adopt_interrupted(self) -> None:
        """What was on the wire when its drainer died may be done or not: it is unconfirmed."""
        self._durably(rows.adopt_interrupted)

    def unanswered(self, previous: Mapping[UUID, ItemState], *, sent: bool) -> None:
        """No answer came: unconfirmed if anything may have left, else as it was. Counts an attempt."""

        def work(connection: Connection) -> None:
            for command_id, before in previous.items():
                state = "unconfirmed" if sent else before
                rows.change(connection, [command_id], state=state, attempts=rows.COMMAND.c.attempts + 1)

        self._durably(work)

    def faulted(self, command_id: UUID, answer: Answer, *, next_at: datetime, park_at: int | None) -> None:
        """Central broke on this one: tried again at `next_at`, or its lane is parked when this is the
        `park_at`-th equal fault in a row."""
        problem = canonical({"code": answer.code, "detail": answer.sentence}).decode()

        def work(connection: Connection) -> None:
            row = rows.find(connection, command_id)
            faults = row["faults"] + 1 if row is not None and row["fault"] == answer.code else 1
            rows.change(
                connection,
                [command_id],
                state="unconfirmed",
                attempts=rows.COMMAND.c.attempts + 1,
                next_us=microseconds(next_at),
                fault=answer.code,
                faults=faults,
                parked=int(park_at is not None and faults >= park_at),
                problem=problem,
            )

        self._durably(work)

    def retry(self, command_id: UUID) -> None:
        """Try a parked or waiting item again now, under its own id."""
        self._durably(
            lambda connection: rows.change(connection, [command_id], parked=0, faults=0, fault="", next_us=0)
        )

    def close(self, outcomes: Sequence[Outcome]) -> None:
        """Store what central answered, with its place in the audit chain. An answer to a discarded item is
        kept beside its state; `already-applied` to a discard asks again for what became of the item."""

        def work(connection: Connection) -> None:
            closing = rows.last_closing(connection)
            for number, outcome in enumerate(outcomes, start=closing + 1):
                self._close_one(connection, outcome, number)

        self._durably(work)

    def _close_one(self, connection: Connection, outcome: Outcome, closing: int) -> None:
        problem = outcome.problem.model_dump_json() if outcome.problem else ""
        values: dict[str, object] = {
            "outcome": outcome.model_dump_json(),
            "problem": problem,
            "attempts": rows.COMMAND.c.attempts + 1,
            "state": outcome.state,
            "closing": closing,
            "parked": 0,
            "faults": 0,
            "fault": "",
        }
        if outcome.witness:
            values["witness_office"] = outcome.witness.office
            values["witness_seq"] = outcome.witness.seq
            values["witness_hash"] = outcome.witness.hash
        rows.change(connection, [outcome.id], **values)
        late = outcome.problem is not None and outcome.problem.code == "already-applied"
        if outcome.kind == "command.discard" and late:
            discarded = rows.discarded_by(connection, outcome.id)
            if discarded is not None:
                rows.change(
                    connection, [discarded], state="unconfirmed", discard_id="", replaced_by="", next_us=0
                )
                rows.change(connection, [outcome.id], replaced_by=str(discarded))


def _waiting(row: RowMapping) -> Waiting:
    return Waiting(
        UUID(row["command_id"]),
        row["kind"],
        row["lane"],
        bool(row["urgent"]),
        row["state"],
        row["faults"],
        row["body"],
    )
