"""Accounts: the workspace of one, the roster, search, the caller's answers, masked fields."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from csr_console.central import journal
from csr_console.central.auth import Requester
from csr_console.central.problems import json_bytes
from csr_console.central.reads.accounts import account_view, contact_of, no_account
from csr_console.central.routes.access import Bearer, admit, central_of
from csr_console.central.routes.tagged import UNCHANGED, IfNoneMatch, tagged
from csr_console.central.search import find_accounts, list_accounts
from csr_console.contracts.lookup import AccountSearch, Reveal, Revealed, RosterList
from csr_console.contracts.signin import VerificationAnswers, VerificationResult
from csr_console.contracts.views.accounts import AccountView
from csr_console.domain.permissions import Permission

router = APIRouter(tags=["accounts"])

Number = Annotated[str, Path(pattern=r"^[0-9]{9}$", description="An account number.")]


@router.get(
    "/v1/accounts/{number}",
    response_model=AccountView,
    responses=UNCHANGED,
)
def get_account(
    request: Request, number: Number, bearer: Bearer, if_none_match: IfNoneMatch = None
) -> Response:
    """The workspace of an account, with the reader's own verification of the caller."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    central = central_of(request)
    with central.db.read() as connection:
        view = account_view(connection, actor.office, number, reader=actor, now=central.clock())
    return tagged(view.model_dump_json().encode(), if_none_match)


@router.get("/v1/accounts", response_model=RosterList)
def get_accounts(
    request: Request,
    bearer: Bearer,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """The roster of the requester's office by account number, a page at a time."""
    actor = admit(request, bearer, Permission.ACCOUNT_READ).actor
    central = central_of(request)
    with central.db.read() as connection:
        page = list_accounts(connection, actor.office, cursor, limit, central)
    return json_bytes(page.model_dump_json().encode())


@router.post("/v1/accounts/search", response_model=RosterList)
def search_accounts(request: Request, search: AccountSearch, bearer: Bearer) -> Response:
    """The first accounts that fit what a caller said. 429 for more searches than a person makes."""
    requester = admit(request, bearer, Permission.ACCOUNT_READ)
    central = central_of(request)
    central.searches.take(requester.actor.login)
    with central.db.read() as connection:
        found = find_accounts(connection, requester.actor.office, search, central)
    detail = {"by": search.by, "found": [entry.account for entry in found]}
    _journal(request, requester, "account.searched", "", detail)
    return json_bytes(RosterList(items=found, next=None).model_dump_json().encode())


@router.post("/v1/accounts/{number}/verification", response_model=VerificationResult)
def verify_answers(request: Request, number: Number, given: VerificationAnswers, bearer: Bearer) -> Response:
    """Compare a caller's answers with what is on file. 409 locked-out after too many wrong ones."""
    requester = admit(request, bearer, Permission.CALLER_VERIFY)
    central = central_of(request)
    result = central.verifications.check(number, given, requester, central.clock())
    return json_bytes(result.model_dump_json().encode())


@router.post("/v1/accounts/{number}/reveal", response_model=Revealed)
def reveal_field(request: Request, number: Number, asked: Reveal, bearer: Bearer) -> Response:
    """The plain text of a masked field; who, which and why stay in the journal."""
    requester = admit(request, bearer, Permission.ACCOUNT_REVEAL)
    office = requester.actor.office
    with central_of(request).db.read() as connection:
        contact = contact_of(connection, office, number)
        if not contact:
            raise no_account(connection, number)
    _journal(request, requester, "account.revealed", number, {"field": asked.field, "reason": asked.reason})
    revealed = Revealed(field=asked.field, value=_value(contact, asked.field))
    return json_bytes(revealed.model_dump_json().encode())


def _value(contact: dict[str, str], field: str) -> str:
    if field != "mailing_address":
        return contact[field]
    place = " ".join(contact[name] for name in ("mailing_state", "mailing_zip") if contact[name])
    return ", ".join(part for part in (contact["mailing_street"], contact["mailing_city"], place) if part)


def _journal(
    request: Request, requester: Requester, act: str, subject: str, detail: Mapping[str, object]
) -> None:
    """Written before anything is shown: what cannot be journalled is not answered."""
    central, actor = central_of(request), requester.actor
    entry = journal.Entry(actor.office, actor.login, act, subject, detail, requester.station)
    with central.db.write() as connection:
        journal.record(connection, entry, central.clock())
