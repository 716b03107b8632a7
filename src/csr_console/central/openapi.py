"""The API's description (OpenAPI 3.1), committed as docs/reference/openapi.json and compared by a test.

`python -m csr_console.central.openapi` writes it; with `--check` it says whether it is what is written there.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import SecretStr
from pydantic.json_schema import models_json_schema

from csr_console.central.routes.needed import NEEDED, REFUSED
from csr_console.contracts.outcome import Outcome, ProblemDocument
from csr_console.contracts.problems import MEDIA_TYPE
from csr_console.contracts.registry import COMMANDS
from csr_console.domain.refusals import PROBLEMS

DESCRIPTION = """\
The central service of csr-console. A command is a resource under an id that the workstation makes: sending
it again is asking again. Errors are RFC 9457 problem documents whose `code` is stable.
"""
DEFAULT_PATH = Path("docs/reference/openapi.json")
_REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Have the application describe itself with every command kind and with problems as its errors."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
    )
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, definitions = models_json_schema(
        [*((command, "validation") for command in COMMANDS), (ProblemDocument, "serialization")],
        ref_template=_REFERENCE,
    )
    schemas.update(definitions["$defs"])
    kinds = {
        command.model_fields["kind"].default: _REFERENCE.format(model=command.__name__)
        for command in COMMANDS
    }
    schemas["Envelope"]["properties"]["command"] = {
        "oneOf": [{"$ref": reference} for reference in kinds.values()],
        "discriminator": {"propertyName": "kind", "mapping": kinds},
    }
    schemas["CommandProblem"] = {
        "allOf": [{"$ref": _REFERENCE.format(model="ProblemDocument")}],
        "properties": {"outcome": {"$ref": _REFERENCE.format(model=Outcome.__name__)}},
        "description": "The problem of a command that was not applied, with its whole outcome.",
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _say_problems(method.upper(), path, operation)
            if (needed := NEEDED.get((method.upper(), path))) is not None:
                operation["x-permission"] = [permission.value for permission in needed]
    return document


def _say_problems(method: str, path: str, operation: dict[str, Any]) -> None:
    """Every error an operation can answer with, each a problem document."""
    takes_input = operation["responses"].pop("422", None) is not None
    model = "CommandProblem" if path == "/v1/commands/{command_id}" else "ProblemDocument"
    content = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model=model)}}}
    statuses = {426, 500, 503, *REFUSED.get((method, path), ())}
    if takes_input:
        statuses.add(422)
    if "requestBody" in operation:
        statuses |= {400, 413}
    if (needed := NEEDED.get((method, path))) is not None:
        statuses |= {401, 403} if needed else {401}
    for status in sorted(statuses):
        words = "; ".join(title for title in _titles(status))
        operation["responses"][str(status)] = {"description": f"{words}.", "content": content}


def _titles(status: int) -> list[str]:
    """The titles of the problems with a status."""
    if status == 400:
        status = 422  # a body that cannot be read at all
    return sorted({problem.title for problem in PROBLEMS.values() if problem.status == status})


def openapi_text() -> str:
    """The document as it is committed: sorted, indented, with a last newline."""
    from csr_console.central.app import create_app
    from csr_console.central.settings import CentralSettings

    with tempfile.TemporaryDirectory() as folder:
        settings = CentralSettings(database=f"sqlite:///{folder}/none.db", secret=SecretStr("-" * 32))
        app = create_app(settings)
        document = app.openapi()
        app.state.central.db.close()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` compare it; 1 when it differs."""
    path = next((Path(text) for text in arguments if not text.startswith("-")), DEFAULT_PATH)
    text = openapi_text()
    if "--check" not in arguments:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{path} is not what the routes say: run `make openapi`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
