"""Commands: each is a resource under its own id, so that sending it again is asking again."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from csr_console.central.problems import json_bytes, note_code, problem_response
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.contracts.envelope import MAX_BODY_BYTES, Batch, Submission, canonical
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.contracts.problems import from_document
from csr_console.domain.refusals import Refusal

router = APIRouter(tags=["commands"])


@router.put(
    "/v1/commands/{command_id}",
    response_model=Outcome,
    responses={
        200: {"description": "Applied before: the first outcome again; or what a dry run would come to."},
        201: {"model": Outcome, "description": "Applied."},
        202: {"model": Outcome, "description": "Held: a second person decides."},
    },
)
def put_command(
    request: Request, command_id: UUID, submission: Submission, bearer: Bearer, dry_run: bool = False
) -> Response:
    """Apply a command once, however often it is sent.

    What was refused, in conflict, expired or discarded answers with its problem's status; the problem
    document has the whole outcome as an extra member. With `dry_run` the same path is rolled back.
    """
    requester = admit(request, bearer)
    if submission.envelope.id != command_id:
        raise Refusal("invalid", "The address and the envelope name different commands.")
    verdict = central_of(request).pipeline.apply(submission, requester=requester.actor, dry_run=dry_run)
    outcome = verdict.outcome
    request.state.notes.update(kind=outcome.kind, state=outcome.state)
    if verdict.replayed:
        central_of(request).metrics.replayed()
    if outcome.problem is not None and outcome.state != "held":
        note_code(request, outcome.problem.code)
        return problem_response(from_document(outcome.problem), {"outcome": outcome.model_dump(mode="json")})
    status = 202 if outcome.state == "held" else 200 if verdict.replayed or dry_run else 201
    return json_bytes(canonical(outcome.model_dump(mode="json")), status)


@router.post("/v1/commands:batch", response_model=BatchAnswer)
def post_batch(request: Request, batch: Batch, bearer: Bearer) -> Response:
    """Apply up to 200 commands, each by itself, and answer each in order.

    One that is not applied stops only the later ones of its lane, which are listed as skipped.
    """
    requester = admit(request, bearer)
    for submission in batch.submissions:
        if len(submission.model_dump_json()) > MAX_BODY_BYTES:
            raise Refusal("not-acceptable", f"A command is larger than {MAX_BODY_BYTES // 1024} KiB.")
    answer = central_of(request).pipeline.apply_batch(batch.submissions, requester=requester.actor)
    request.state.notes.update(commands=len(batch.submissions), skipped=len(answer.skipped))
    return json_bytes(answer.model_dump_json().encode())
