"""The judgement of one command: expiry, permission, versions, facts, decision, approval - in that order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from csr_console.central import versions
from csr_console.central.applying import Applying
from csr_console.central.handlers import HANDLERS, WRITES
from csr_console.central.handlers.handler import Handler
from csr_console.central.waiting import refuse_if_over, refuse_second
from csr_console.contracts.envelope import Envelope
from csr_console.contracts.outcome import Outcome, State
from csr_console.contracts.problems import to_document
from csr_console.domain.approvals import DISABLED_ACTOR, ApprovalPolicy, policy_for
from csr_console.domain.command import Command
from csr_console.domain.permissions import Actor, require
from csr_console.domain.refusals import Answer, Conflict, Refusal

UNSTORED = frozenset({"invalid", "unknown-kind", "id-reused", "seal-invalid"})
"""Refusals of something that is no command of anybody: raised, never an outcome of the id."""
OVER_LIMIT = "over-limit"
"""A refusal of the approval: the command it is about goes on waiting."""
_STATES: dict[str, State] = {"expired": "expired", "discarded": "discarded", "declined": "declined"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a command came to."""

    state: State
    answer: str
    result: dict[str, Any] = field(default_factory=dict)
    merged: list[dict[str, Any]] = field(default_factory=list)
    problem: Answer | None = None

    def outcome(self, envelope: Envelope, now: datetime) -> Outcome:
        return Outcome(
            id=envelope.id,
            kind=envelope.kind,
            state=self.state,
            answer=self.answer,
            result=self.result,
            merged=self.merged,
            problem=to_document(self.problem) if self.problem else None,
            applied_at=now,
        )


def not_applied(answer: Answer, result: dict[str, Any] | None = None) -> Judgement:
    """The judgement that an answer stands for."""
    state: State = "conflict" if isinstance(answer, Conflict) else _STATES.get(answer.code, "refused")
    return Judgement(state, answer.sentence, result or {}, problem=answer)


def judge(
    applying: Applying,
    command: Command,
    envelope: Envelope,
    approved: Collection[str] = (),
    approver: Actor | None = None,
) -> Judgement:
    """Decide the command on the facts of now and write what follows from it.

    `approved` are the codes of the policies a second person has said yes to, the last of them `approver`.
    Raises `Refusal` of `UNSTORED`, and over-limit where the approver may not say yes to what it comes to now;
    nothing has been written then, nor when the judgement is anything but applied.
    """
    try:
        return _judge(applying, command, envelope, approved, approver)
    except (Refusal, Conflict) as answer:
        if answer.code in UNSTORED or (approver is not None and answer.code == OVER_LIMIT):
            raise
        return not_applied(answer)


def _judge(
    applying: Applying,
    command: Command,
    envelope: Envelope,
    approved: Collection[str],
    approver: Actor | None,
) -> Judgement:
    context = applying.context
    if envelope.not_after and context.now > envelope.not_after:
        raise Refusal("expired", "It reached the central service after its time had passed.")
    if context.actor.disabled:
        return _held(DISABLED_ACTOR, approved)
    require(context.actor, command.permission, applying.office)
    handler = HANDLERS[command.kind]
    facts = handler.facts(applying, command)
    merged = _merged(applying, command, handler, facts, envelope)
    plan = handler.decide(command, facts, context)
    policy = policy_for(command.kind, handler.alerts(facts))
    if policy and policy.code not in approved:
        refuse_second(applying, command)
        return _held(policy, approved, plan.shown)
    if policy and approver:
        refuse_if_over(applying, command, plan.shown, approver)
    applying.result |= plan.shown
    for change in plan.changes:
        WRITES[type(change)](applying, change)
    answer = applying.answer or plan.answer
    return Judgement("applied", _told(answer, merged), applying.result, merged)


def _held(
    policy: ApprovalPolicy, approved: Collection[str], shown: Mapping[str, Any] | None = None
) -> Judgement:
    result = {**(shown or {}), "policy": policy.code, "rule": policy.rule, "approved": sorted(approved)}
    return Judgement("held", policy.sentence, result)


def _merged(
    applying: Applying, command: Command, handler: Handler, facts: Any, envelope: Envelope
) -> list[dict[str, Any]]:
    """The parallel changes of others. Raises `Conflict` clash, `Refusal` invalid without a version."""
    if command.resource is None:
        return []
    expected = envelope.expects.get(command.resource)
    if expected is None:
        error = {"field": "expects", "message": f"say which version of {command.resource} was seen"}
        raise Refusal("invalid", "Some fields do not fit.", facts={"errors": [error]})
    known = versions.current(applying.connection, applying.office, command.resource)
    yours = {name: getattr(command, name) for name in sorted(command.changed_fields)}
    return versions.compare(known, expected, yours, handler.values(facts), actor=envelope.actor)


def _told(answer: str, merged: list[dict[str, Any]]) -> str:
    if not merged:
        return answer
    meanwhile = "; ".join(f"{change['by']} changed {change['field'].replace('_', ' ')}" for change in merged)
    return f"{answer} Meanwhile {meanwhile}."
