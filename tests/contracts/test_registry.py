"""Documents become commands again, years later too."""

from typing import Any

import pytest
from pydantic import ValidationError

from csr_console.contracts.envelope import command_document
from csr_console.contracts.registry import COMMANDS, REGISTRY, Registry, field_errors
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.command import Command
from csr_console.domain.refusals import Refusal


def test_every_kind_is_there_once() -> None:
    assert len(REGISTRY.commands) == len(COMMANDS)
    assert all(REGISTRY.commands[command.example().kind] is command for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_travels_and_comes_back(command: type[Command]) -> None:
    example = command.example()
    assert REGISTRY.read(command_document(example)) == example


FROZEN = {
    "kind": "remark.add",
    "customer": "100482771",
    "remark": "Gate code changed; dog is friendly.",
}
"""What a queue of an older release could hold. Never edited."""


def from_remark(document: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "memo.add", "account": document["customer"], "memo": document["remark"]}


def from_memo(document: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "note.add", "account": document["account"], "text": document["memo"]}


OLD = Registry(REGISTRY.commands, {"remark.add": from_remark, "memo.add": from_memo})


def test_a_retired_kind_is_read_through_every_later_one() -> None:
    assert OLD.read(dict(FROZEN)) == AddNote.example()


def test_reading_a_retired_document_leaves_its_bytes_alone() -> None:
    document = dict(FROZEN)
    OLD.read(document)
    assert document == FROZEN


@pytest.mark.parametrize("document", [{}, {"kind": "refund.magic"}, {"kind": None}, {"kind": ["note.add"]}])
def test_an_unknown_kind_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        REGISTRY.read(document)
    assert refused.value.code == "unknown-kind"


def test_upcasters_that_lead_in_a_circle_are_refused() -> None:
    circle = Registry({}, {"a": lambda _: {"kind": "b"}, "b": lambda _: {"kind": "a"}})
    with pytest.raises(Refusal) as refused:
        circle.read({"kind": "a"})
    assert refused.value.code == "unknown-kind"


def test_what_does_not_fit_is_named_field_by_field_and_never_repeated() -> None:
    document = {"kind": "contact.update", "account": "100482717", "phone_1": "555-SECRET", "color": "red"}
    with pytest.raises(Refusal) as refused:
        REGISTRY.read(document)
    errors = refused.value.facts["errors"]
    assert isinstance(errors, list)
    assert {error["field"].split(".")[0] for error in errors} == {"account", "phone_1", "color"}
    assert "SECRET" not in str(errors) + str(refused.value)
    assert refused.value.code == "invalid"


def test_a_sentence_of_a_validator_stands_alone() -> None:
    with pytest.raises(ValidationError) as refused:
        UpdateContact(account="123")
    (error,) = field_errors(refused.value)
    assert error["message"].startswith("an account number has nine digits")
