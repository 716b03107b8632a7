"""The write path: one transaction from a submission to its outcome, the same for ever.

The head of the office is locked first, so facts hold until they are written; the id is inserted before
anything else happens, in the same transaction as effect, chain row, feed rows and outcome.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from csr_console.central import command_log
from csr_console.central.applying import Applying, Identity
from csr_console.central.command_log import Record, record_of
from csr_console.central.database import Database, fault_of
from csr_console.central.gathering import Gathering
from csr_console.central.judging import Judgement, judge, not_applied
from csr_console.central.tables.columns import to_text
from csr_console.central.turn import Turn
from csr_console.central.waiting import too_late
from csr_console.contracts.envelope import Submission, Unspellable, seal_fits
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.contracts.registry import Registry
from csr_console.domain.command import Command, Context
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Answer, Fault, Refusal

_STOPS_ITS_LANE = frozenset({"refused", "conflict", "expired"})
_MAX_COUNTER = (1 << 63) - 1


class Verdict(NamedTuple):
    """The outcome of a submission, and whether it had been given before."""

    outcome: Outcome
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A submission read before any lock is taken; `unreadable` is raised only when the id is new, since an
    old outcome is replayed even if today's rules would not read its command any more."""

    submission: Submission
    record: Record | None
    command: Command | None
    unreadable: Refusal | None
    lane: tuple[str, str]


class _Asked(NamedTuple):
    """A submission and who carries it."""

    incoming: _Incoming
    requester: Actor


class Pipeline:
    """Applies commands. `clock` gives aware moments in the utility's own zone: their date is its day."""

    def __init__(
        self,
        db: Database,
        registry: Registry,
        identity: Identity,
        clock: Callable[[], datetime],
        on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        """`on_outcome` is told of each new outcome once its transaction is committed."""
        self._db = db
        self._registry = registry
        self._identity = identity
        self._clock = clock
        self._on_outcome = on_outcome
        self._offices: dict[str, Gathering[_Asked, Verdict]] = {}

    def apply(self, submission: Submission, *, requester: Actor, dry_run: bool = False) -> Verdict:
        """The outcome of one submission, carried by `requester`; a dry run leaves nothing behind.

        Raises `Refusal` of `judging.UNSTORED` and other-office, `Fault` when the database does not answer:
        then the same submission may be sent again. Submissions that come while another one of the office is
        being committed share one transaction, each in its own savepoint.
        """
        asked = _Asked(self._read(submission), requester)
        if dry_run:
            return self._rehearse(asked)
        office = requester.office
        gathering = self._offices.get(office) or self._offices.setdefault(
            office, Gathering(partial(self._carry, office))
        )
        verdict = gathering.ask(asked)
        if not verdict.replayed:
            self._on_outcome(verdict.outcome)
        return verdict

    def _rehearse(self, asked: _Asked) -> Verdict:
        def work(connection: Connection) -> Verdict:
            turn = Turn(connection, asked.requester.office)
            verdict = self._apply(turn, *asked)
            turn.end(self._clock())
            connection.rollback()
            return verdict

        verdict = self._db.transact(work)
        if verdict.replayed:
            return verdict
        return verdict._replace(outcome=verdict.outcome.model_copy(update={"witness": None}))

    def _carry(self, office: str, questions: Sequence[_Asked]) -> Sequence[Verdict | Exception]:
        """The verdicts of one turn of an office, or what broke one of several. Raises what broke all."""

        def work(connection: Connection) -> list[Verdict | Exception]:
            turn = Turn(connection, office)
            apply = self._apply if len(questions) == 1 else self._apply_in_savepoint
            verdicts = [apply(turn, *asked) for asked in questions]
            turn.end(self._clock())
            return verdicts

        verdicts = self._db.transact(work)
        return [fault_of(verdict) if isinstance(verdict, DBAPIError) else verdict for verdict in verdicts]

    def apply_batch(self, submissions: Sequence[Submission], *, requester: Actor) -> BatchAnswer:
        """The outcomes of a batch, each in its own savepoint, all in one transaction.

        One that is refused, in conflict or expired stops the later ones of its lane: they are `skipped`.
        A refusal that is not stored is an outcome here, without a witness, and so is a command that central
        breaks on (problem `broken`): alone it raises what broke. Raises `Fault` for the whole.
        """
        batch = [self._read_any(submission) for submission in submissions]

        def work(connection: Connection) -> tuple[BatchAnswer, list[Outcome]]:
            turn = Turn(connection, requester.office)
            answer, new = BatchAnswer(outcomes=[]), list[Outcome]()
            stopped: set[tuple[str, str]] = set()
            for incoming in batch:
                if incoming.lane in stopped:
                    answer.skipped.append(incoming.submission.envelope.id)
                    continue
                verdict = self._apply_in_savepoint(turn, incoming, requester)
                if isinstance(verdict, Exception):
                    verdict = self._unstored(incoming, verdict)
                answer.outcomes.append(verdict.outcome)
                if not verdict.replayed:
                    new.append(verdict.outcome)
                if verdict.outcome.state in _STOPS_ITS_LANE:
                    stopped.add(incoming.lane)
            turn.end(self._clock())
            return answer, new

        answer, new = self._db.transact(work)
        for outcome in new:
            self._on_outcome(outcome)
        return answer

    def _read(self, submission: Submission) -> _Incoming:
        """Raises `Refusal` invalid for what no database can hold; what is unreadable only is kept back."""
        envelope = submission.envelope
        try:
            record = record_of(submission)
            to_text(envelope.issued_at)
        except (Unspellable, OverflowError, RecursionError):
            raise _invalid("envelope", "holds text or a time that cannot be stored") from None
        if envelope.counter > _MAX_COUNTER:
            raise _invalid("counter", "is out of range")
        unreadable: Refusal | None = None
        command: Command | None = None
        try:
            command = self._registry.read(envelope.command)
            if any("\0" in value for value in vars(command).values() if isinstance(value, str)):
                raise _invalid("command", "holds a character that cannot be stored")
        except Refusal as refusal:
            command, unreadable = None, refusal
        lane = command.lane if command else self._lane_of_unreadable(envelope.command)
        return _Incoming(submission, record, command, unreadable, (envelope.station, lane))

    def _read_any(self, submission: Submission) -> _Incoming:
        """`_read` for a batch, where one that cannot even be stored must not take the others with it."""
        try:
            return self._read(submission)
        except Refusal as refusal:
            lane = self._lane_of_unreadable(submission.envelope.command)
            return _Incoming(submission, None, None, refusal, (submission.envelope.station, lane))

    def _lane_of_unreadable(self, document: dict[str, Any]) -> str:
        """The lane that a command would have had, so that later ones of it wait for the correction."""
        kind = self._registry.commands.get(str(document.get("kind", "")))
        try:
            return kind.model_construct(**document).lane if kind else ""
        except (AttributeError, TypeError):
            return ""

    def _apply_in_savepoint(self, turn: Turn, incoming: _Incoming, requester: Actor) -> Verdict | Exception:
        """The verdict, or why there is none: then nothing of it is left. Raises what is wrong for all."""
        before = turn.save()
        try:
            verdict = self._apply(turn, incoming, requester)
            turn.release()
        except OperationalError:
            raise
        except Exception as error:
            turn.restore(before)
            return error
        return verdict

    def _unstored(self, incoming: _Incoming, error: Exception) -> Verdict:
        """What a batch says of a command that came to no outcome; it counts as nothing new."""
        answer: Answer = Fault(
            "broken", "Central broke on this command; the others of its batch are not touched."
        )
        if isinstance(error, Refusal):
            answer = error
        outcome = not_applied(answer).outcome(incoming.submission.envelope, self._clock())
        return Verdict(outcome, replayed=True)

    def _apply(self, turn: Turn, incoming: _Incoming, requester: Actor) -> Verdict:
        """Raises `Refusal` when the submission comes to no outcome at all; the caller rolls back."""
        if incoming.record is None:
            raise incoming.unreadable or _invalid("envelope", "cannot be read")
        envelope, head, command_id = incoming.submission.envelope, turn.head, incoming.record.command_id
        spent = command_log.spend(turn.connection, command_id, head.office, head.chain_seq + 1)
        sealer = self._identity.sealer(turn.connection, incoming.submission.session)
        late = not spent()
        if late and (stored := _stored(turn.connection, incoming.record, head.office)):
            if over := too_late(stored, self._clock()):
                ended = not_applied(over).outcome(envelope, self._clock())
                return Verdict(turn.chain(incoming.record, ended, moved=True), replayed=False)
            return Verdict(stored, replayed=True)
        if incoming.command is None:
            raise incoming.unreadable or _invalid("command", "cannot be read")
        actor = _sealed_by(sealer, incoming.record, requester)
        missing = command_log.count_station(turn.connection, head.office, envelope.station, envelope.counter)
        now = self._clock()
        applying = self._applying(turn, incoming.submission, actor, now)
        if late:
            judgement = not_applied(Refusal("discarded", "It was discarded before it arrived."))
        else:
            judgement = _judged(applying, incoming.command, incoming.submission)
        if gap := missing():
            judgement.result["counter_gap"] = {"first": gap[0], "last": gap[1]}
        outcome = turn.chain(incoming.record, judgement.outcome(envelope, now), moved=late)
        for record, other in applying.later:
            turn.chain(record, other, moved=True)
        turn.touch(applying.touched)
        return Verdict(outcome, replayed=False)

    def _applying(self, turn: Turn, submission: Submission, actor: Actor, now: datetime) -> Applying:
        envelope = submission.envelope
        return Applying(
            turn,
            Context(actor, now, str(envelope.id), envelope.station, envelope.issued_at),
            submission.session,
            self._identity,
            self._decide_held,
            _discard_held,
        )

    def _decide_held(self, applying: Applying, command_id: str, approve: bool, reason: str) -> None:
        """Judge a held command again on the facts of now, or decline it; its row follows the approval's."""
        submission, known = _held_submission(applying, command_id)
        envelope, context = submission.envelope, applying.context
        who = {"decided_by": context.actor.login, "approval": context.command_id}
        followed: list[tuple[Record, Outcome]] = []
        if over := too_late(known, context.now):
            judgement = not_applied(over)
        elif not approve:
            declined = Refusal("declined", f"Declined by {context.actor.name}: {reason}")
            judgement = not_applied(declined, who)
        else:
            actor = self._identity.actor_named(applying.connection, envelope.actor)
            if actor is None:
                raise Refusal("not-found", f"There is no member of staff {envelope.actor} any more.")
            again = self._applying(applying.turn, submission, replace(actor, disabled=False), context.now)
            approved = {*known.result.get("approved", ()), known.result["policy"]}
            command = self._registry.read(envelope.command)
            judgement = _judged(again, command, submission, approved, context.actor)
            judgement.result.update(who)
            applying.touched |= again.touched
            followed = again.later
        outcome = judgement.outcome(envelope, context.now)
        applying.later += [(record_of(submission), outcome), *followed]
        applying.result |= {"held": command_id, "state": outcome.state}
        if over:
            applying.answer = f"Not decided: {outcome.answer}"
        elif approve:
            verb = "Approved." if outcome.state == "applied" else "Approved, but not applied:"
            applying.answer = f"{verb} {outcome.answer}"


def _sealed_by(sealer: tuple[bytes, Actor] | None, record: Record, requester: Actor) -> Actor:
    """The person who entered it, as of now. Raises `Refusal` seal-invalid or other-office."""
    key, actor = sealer or (b"", None)
    submission = record.submission
    if (
        actor is None
        or actor.login != submission.envelope.actor
        or not seal_fits(key, record.digest, submission.seal)
    ):
        raise Refusal("seal-invalid", "The seal is not one of the person who entered it.")
    if actor.office != requester.office:
        raise Refusal("other-office", f"This belongs to the office {actor.office}.", rule="permissions")
    return actor


def _judged(
    applying: Applying,
    command: Command,
    submission: Submission,
    approved: set[str] | None = None,
    approver: Actor | None = None,
) -> Judgement:
    try:
        return judge(applying, command, submission.envelope, approved or (), approver)
    except OverflowError:
        raise _invalid("command", "holds a time that cannot be stored") from None


def _stored(connection: Connection, record: Record, office: str) -> Outcome | None:
    """The stored outcome of a spent id; None when it was discarded before it arrived.

    Raises `Refusal` id-reused when another act carries the id, other-office when another office has it.
    """
    key = command_log.find_key(connection, record.command_id)
    if key is None or key[0] != office:
        raise Refusal("other-office", "This id belongs to another office.", rule="permissions")
    if key[1] is None:
        return None
    row = command_log.get_row(connection, office, key[1])
    if row.digest != record.digest:
        raise Refusal("id-reused", "Another command was sent with this id.")
    return command_log.outcome_of(row)


def _held_submission(applying: Applying, command_id: str) -> tuple[Submission, Outcome]:
    key = command_log.find_key(applying.connection, command_id)
    if key is None or key[1] is None:
        raise Refusal("not-held", "Nobody waits for a decision on this command any more.")
    row = command_log.get_row(applying.connection, applying.office, key[1])
    return Submission.model_validate_json(row.body), command_log.outcome_of(row)


def _discard_held(applying: Applying, command_id: str, reason: str) -> None:
    submission, _ = _held_submission(applying, command_id)
    discarded = Refusal("discarded", f"Discarded by {applying.context.actor.name}: {reason}")
    judgement = not_applied(discarded, {"discarded_by": applying.context.command_id})
    outcome = judgement.outcome(submission.envelope, applying.context.now)
    applying.later.append((record_of(submission), outcome))


def _invalid(field: str, message: str) -> Refusal:
    error = {"field": field, "message": message}
    return Refusal("invalid", "Some fields do not fit.", facts={"errors": [error]})
