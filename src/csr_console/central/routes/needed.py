"""What each route asks of whoever calls it: said by the OpenAPI document and the reference, held by a test.

The routes ask for themselves, at the head of each handler; this is what they are meant to ask.
"""

from collections.abc import Mapping

from csr_console.domain.permissions import Permission

ANYBODY = None
SIGNED_IN: tuple[Permission, ...] = ()
_FEED = (Permission.ACCOUNT_READ, Permission.OUTAGE_READ)

NEEDED: Mapping[tuple[str, str], tuple[Permission, ...] | None] = {
    ("POST", "/v1/sessions"): ANYBODY,
    ("POST", "/v1/sessions/refresh"): ANYBODY,
    ("GET", "/v1/sign-in"): ANYBODY,
    ("POST", "/v1/sign-in/device"): ANYBODY,
    ("POST", "/v1/sign-in/device/poll"): ANYBODY,
    ("DELETE", "/v1/sessions/current"): SIGNED_IN,
    ("PUT", "/v1/commands/{command_id}"): SIGNED_IN,
    ("POST", "/v1/commands:batch"): SIGNED_IN,
    ("GET", "/v1/accounts"): (Permission.ACCOUNT_READ,),
    ("GET", "/v1/accounts/{number}"): (Permission.ACCOUNT_READ,),
    ("POST", "/v1/accounts/search"): (Permission.ACCOUNT_READ,),
    ("POST", "/v1/accounts/{number}/verification"): (Permission.CALLER_VERIFY,),
    ("POST", "/v1/accounts/{number}/reveal"): (Permission.ACCOUNT_REVEAL,),
    ("GET", "/v1/outages/reports"): (Permission.OUTAGE_READ,),
    ("GET", "/v1/outages/hazards"): (Permission.OUTAGE_READ,),
    ("GET", "/v1/outages/planned"): (Permission.OUTAGE_READ,),
    ("GET", "/v1/outages/stream"): (Permission.OUTAGE_READ,),
    ("GET", "/v1/changes"): _FEED,
    ("GET", "/v1/snapshot"): _FEED,
    ("GET", "/v1/accounts/{number}/billing"): (Permission.ACCOUNT_READ,),
    ("GET", "/v1/accounts/{number}/bills/{which}"): (Permission.ACCOUNT_READ,),
    ("POST", "/v1/quotes"): (Permission.ACCOUNT_READ,),
    ("GET", "/v1/bill-exceptions"): (Permission.ACCOUNT_READ,),
    ("GET", "/v1/approvals"): (Permission.APPROVAL_DECIDE,),
    ("GET", "/v1/audit/head"): SIGNED_IN,
    ("GET", "/v1/audit"): (Permission.AUDIT_READ,),
    ("GET", "/v1/audit/journal"): (Permission.AUDIT_READ,),
    ("GET", "/v1/about"): ANYBODY,
    ("GET", "/livez"): ANYBODY,
    ("GET", "/readyz"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,
}
"""By method and path: permissions of which all are needed, none for anybody who is signed in. A command is
judged by its own permission, of the person who entered it and not of the one who sends it."""

REFUSED: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("POST", "/v1/sessions"): (401, 409, 429),
    ("POST", "/v1/sessions/refresh"): (401,),
    ("POST", "/v1/sign-in/device"): (404, 409, 429),
    ("POST", "/v1/sign-in/device/poll"): (403, 404, 409),
    ("PUT", "/v1/commands/{command_id}"): (403, 404, 409, 410),
    ("POST", "/v1/commands:batch"): (403,),
    ("GET", "/v1/accounts/{number}"): (404,),
    ("POST", "/v1/accounts/search"): (429,),
    ("POST", "/v1/accounts/{number}/verification"): (404, 409),
    ("POST", "/v1/accounts/{number}/reveal"): (404,),
    ("GET", "/v1/accounts/{number}/billing"): (404,),
    ("GET", "/v1/accounts/{number}/bills/{which}"): (404, 409),
    ("POST", "/v1/quotes"): (404, 409),
    ("GET", "/v1/outages/stream"): (410,),
    ("GET", "/v1/changes"): (410,),
    ("GET", "/v1/snapshot"): (410,),
    ("GET", "/v1/audit/head"): (404,),
}
"""Statuses of problems that a route answers with beside those that follow from what it takes and needs."""
