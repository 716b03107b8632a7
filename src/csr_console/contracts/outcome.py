"""What central answers to a command; the same for ever, however often the id is sent."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertDocument, InertLine, InertText

State = Literal["applied", "held", "conflict", "refused", "expired", "discarded", "declined"]


class Witness(BaseModel):
    """Where the command stands in the office's audit chain; each desk keeps it and is a witness."""

    model_config = ConfigDict(frozen=True)

    office: str
    seq: int
    hash: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details; `code` is a key of `domain.refusals.PROBLEMS`."""

    model_config = ConfigDict(frozen=True)

    type: InertLine
    title: InertLine
    status: int
    detail: InertText
    code: InertLine
    rule: InertLine = ""
    next_step: InertText = ""
    facts: InertDocument = {}


class Outcome(BaseModel):
    """The outcome of one command. `id` echoes the command: a body without it is not central's answer.

    `answer` is the sentence the clerk reads; `result` what was made (a report's number, new versions);
    `merged` the parallel changes of others to the same resource; `problem` is there when it was not applied.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: UUID
    kind: InertLine
    state: State
    answer: InertText
    result: InertDocument = {}
    merged: list[InertDocument] = []
    problem: ProblemDocument | None = None
    applied_at: AwareDatetime
    witness: Witness | None = None


class BatchAnswer(BaseModel):
    """The outcomes of a batch, in the order of its envelopes; `skipped` marks those of a stopped lane, which
    central has not looked at and the desk sends again."""

    model_config = ConfigDict(frozen=True)

    outcomes: list[Outcome]
    skipped: list[UUID] = []
