"""Who is asking, and may they: asked at the head of every handler, inside its own function."""

from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from csr_console.central.auth import Requester
from csr_console.central.service import Central
from csr_console.domain.permissions import Permission, require

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, description="The access token of a session.")),
]

HIGHEST_PLACE = 2**53
"""No feed or chain gets this far, and every JSON reader can count to it."""


def central_of(request: Request) -> Central:
    central: Central = request.app.state.central
    return central


def admit(request: Request, bearer: Bearer, permission: Permission | None = None) -> Requester:
    """The signed-in requester. Raises `Refusal` signed-out, or not-permitted without the permission."""
    requester = central_of(request).sessions.admit(bearer.credentials if bearer else None)
    actor = requester.actor
    request.state.notes.update(actor=actor.login, office=actor.office, role=actor.role.value)
    if permission is not None:
        require(actor, permission, actor.office)
    return requester
