"""The committed description of the API is what the routes say, and says what a client needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from csr_console.central.openapi import DEFAULT_PATH, main, openapi_text
from csr_console.contracts.registry import REGISTRY

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi_text())
    return found


def test_the_committed_document_is_the_generated_one() -> None:
    assert (ROOT / DEFAULT_PATH).read_text(encoding="utf-8") == openapi_text(), "run `make openapi`"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return found.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_every_command_kind_is_described(document: dict[str, Any]) -> None:
    command = document["components"]["schemas"]["Envelope"]["properties"]["command"]
    assert set(command["discriminator"]["mapping"]) == set(REGISTRY.commands)
    assert len(command["oneOf"]) == len(REGISTRY.commands)


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            errors = {status: said for status, said in operation["responses"].items() if status >= "4"}
            assert {"426", "500", "503"} <= set(errors), (method, path)
            assert "default" not in errors, "an answer that nobody has described is found out"
            for said in errors.values():
                assert list(said["content"]) == ["application/problem+json"], (method, path)
                assert said["description"] != "."
            assert operation["summary"]


def test_check_says_when_it_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reference" / "openapi.json"
    assert main([str(path), "--check"]) == 1
    assert "make openapi" in capsys.readouterr().err
    assert main([str(path)]) == 0
    assert main([str(path), "--check"]) == 0
    path.write_text(path.read_text().replace("central", "centre"))
    assert main([str(path), "--check"]) == 1
