"""Every answer a clerk can get has a row in the table: a status, a title and a next step."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import csr_console
from csr_console.domain.refusals import PROBLEMS, Answer, Conflict, Fault, Refusal, answer_for

SOURCE = Path(csr_console.__file__).parent
CLASSES = {"Refusal": "refusal", "Conflict": "conflict", "Fault": "fault"}


def raised_codes() -> Iterator[tuple[str, str, str]]:
    """(file, class, code) of every answer that the source makes with a code in plain sight."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CLASSES
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield path.relative_to(SOURCE).as_posix(), node.func.id, str(node.args[0].value)


def test_every_answer_that_is_made_stands_in_the_table_under_its_grade() -> None:
    made = set(raised_codes())
    assert {"report-closed", "access-blocked", "not-permitted"} <= {code for _, _, code in made}
    assert not {row for row in made if row[2] not in PROBLEMS or PROBLEMS[row[2]].grade != CLASSES[row[1]]}


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_answer_says_what_happened_and_what_to_do(code: str) -> None:
    problem = PROBLEMS[code]
    assert 400 <= problem.status <= 599
    assert problem.title
    assert problem.next_step.endswith(".")
    assert problem.status < 500 or problem.grade == "fault"


@pytest.mark.parametrize(
    ("code", "kind"), [("not-found", Refusal), ("clash", Conflict), ("broken", Fault), ("gone", Conflict)]
)
def test_a_code_becomes_the_class_it_stands_for(code: str, kind: type[Answer]) -> None:
    answer = answer_for(code, "So it is.", rule="a rule", facts={"seen": 1})
    assert type(answer) is kind
    assert (answer.code, str(answer), answer.rule, answer.facts) == (code, "So it is.", "a rule", {"seen": 1})


def test_a_code_of_a_newer_central_service_is_a_fault() -> None:
    """An older desk cannot judge it: the command keeps its id and waits."""
    answer = answer_for("invented-later", "Something new.")
    assert type(answer) is Fault
    assert (answer.code, answer.sentence) == ("broken", "Something new.")
