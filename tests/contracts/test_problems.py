"""Answers travel as RFC 9457 problem documents and are raised as the same class on the other side."""

import pytest

from csr_console.contracts.outcome import ProblemDocument
from csr_console.contracts.problems import from_document, to_document
from csr_console.domain.refusals import PROBLEMS, Fault, Refusal, answer_for


@pytest.mark.parametrize("code", PROBLEMS)
def test_an_answer_comes_back_as_it_was(code: str) -> None:
    answer = answer_for(code, "The sentence.", rule="16 CFR 681.1(d)", facts={"fields": {"email": "x"}})
    document = to_document(answer)
    back = from_document(ProblemDocument.model_validate_json(document.model_dump_json()))
    assert type(back) is type(answer)
    assert (back.code, back.sentence, back.rule, back.facts) == (
        code,
        "The sentence.",
        "16 CFR 681.1(d)",
        {"fields": {"email": "x"}},
    )


def test_the_members_of_a_problem() -> None:
    """RFC 9457 section 3.1: type, title, status, detail; the rest are extension members."""
    assert to_document(Refusal("not-held", "Nobody waits.")).model_dump() == {
        "type": "urn:csr-console:problem:not-held",
        "title": "Not waiting for approval",
        "status": 409,
        "detail": "Nobody waits.",
        "code": "not-held",
        "rule": "",
        "next_step": "Refresh the list of approvals.",
        "facts": {},
    }


def test_a_problem_of_a_newer_central_service_waits() -> None:
    document = to_document(Refusal("not-held", "New rule.")).model_copy(update={"code": "not-yet-known"})
    assert type(from_document(document)) is Fault
