"""Answers as RFC 9457 problem documents, and back to the class that was raised."""

from csr_console.contracts.outcome import ProblemDocument
from csr_console.domain.refusals import Answer, answer_for

MEDIA_TYPE = "application/problem+json"


def to_document(answer: Answer) -> ProblemDocument:
    problem = answer.problem
    return ProblemDocument(
        type=f"urn:csr-console:problem:{answer.code}",
        title=problem.title,
        status=problem.status,
        detail=answer.sentence,
        code=answer.code,
        rule=answer.rule,
        next_step=problem.next_step,
        facts=dict(answer.facts),
    )


def from_document(document: ProblemDocument) -> Answer:
    return answer_for(document.code, document.detail, rule=document.rule, facts=document.facts)
