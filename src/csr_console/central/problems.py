"""Every error leaves as an RFC 9457 problem document, and none repeats what was sent."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from csr_console.contracts.envelope import MAX_BATCH, Unspellable, canonical
from csr_console.contracts.problems import MEDIA_TYPE, to_document
from csr_console.domain.refusals import Answer, Fault, Refusal

RETRY_AFTER_SECONDS = 2
_CODES = {
    401: "signed-out",
    403: "not-permitted",
    404: "not-found",
    405: "wrong-method",
    413: "not-acceptable",
}
_SENTENCES = {
    "not-found": "There is nothing at this address.",
    "wrong-method": "This address does not take that method.",
    "not-acceptable": "The request is larger than central takes.",
    "invalid": "The request is not a document that central can read.",
}


def problem_response(answer: Answer, extra: Mapping[str, Any] | None = None) -> Response:
    """The problem document of an answer, with the headers its status asks for and extra members."""
    document = to_document(answer).model_dump(mode="json") | dict(extra or {})
    headers = {}
    status = answer.problem.status
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status in (429, 503):
        headers["retry-after"] = str(answer.facts.get("retry_after", RETRY_AFTER_SECONDS))
    return Response(canonical(document), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def note_code(request: Request, code: str) -> None:
    """Put the answer's code on the request's log line."""
    request.state.notes["code"] = code


def _render_answer(request: Request, error: Exception) -> Response:
    if not isinstance(error, Answer):
        raise error
    note_code(request, error.code)
    if isinstance(error, Fault):
        request.state.notes["fault"] = error.sentence
    return problem_response(error)


def _render_http(request: Request, error: Exception) -> Response:
    """Starlette's own errors: unknown address, wrong method, a body that was cut or too large."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(error.status_code, "invalid" if error.status_code < 500 else "broken")
    kind = Fault if code in ("wrong-method", "broken") else Refusal
    note_code(request, code)
    response = problem_response(kind(code, _SENTENCES.get(code, "The request could not be answered.")))
    response.headers.update(error.headers or {})
    return response


def _render_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if any(item["type"] == "too_long" and item["loc"] == ("body", "submissions") for item in error.errors()):
        note_code(request, "not-acceptable")
        return problem_response(Refusal("not-acceptable", f"A batch takes at most {MAX_BATCH} commands."))
    note_code(request, "invalid")
    errors = [
        {
            "field": ".".join(str(part) for part in item["loc"] if part not in ("body", "path", "query"))
            or "body",
            "message": str(item["msg"]).removeprefix("Value error, "),
        }
        for item in error.errors()
    ]
    return problem_response(Refusal("invalid", "Some fields do not fit.", facts={"errors": errors[:50]}))


def _render_unreadable(request: Request, _error: Exception) -> Response:
    """Text that is not Unicode (a lone surrogate), or nested deeper than any document of ours."""
    note_code(request, "invalid")
    return problem_response(Refusal("invalid", _SENTENCES["invalid"]))


def install(app: FastAPI) -> None:
    """Have the application answer every error with a problem document."""
    app.add_exception_handler(Answer, _render_answer)
    app.add_exception_handler(HTTPException, _render_http)
    app.add_exception_handler(RequestValidationError, _render_invalid)
    app.add_exception_handler(UnicodeEncodeError, _render_unreadable)
    app.add_exception_handler(Unspellable, _render_unreadable)
    app.add_exception_handler(RecursionError, _render_unreadable)


def json_bytes(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response of JSON that is already written."""
    return Response(content, status_code=status, media_type=JSONResponse.media_type, headers=headers)
