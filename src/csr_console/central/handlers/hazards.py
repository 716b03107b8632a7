"""Dangers to life: written at once, never merged, open until verified as controlled."""

from sqlalchemy import bindparam, select, update

from csr_console.central.applying import Applying
from csr_console.central.handlers.handler import Handler, Handlers, Writes
from csr_console.central.handlers.places import place_in_words
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account
from csr_console.central.tables.columns import AnyRow, from_json, to_json, to_text
from csr_console.central.tables.outages import hazard
from csr_console.domain.outages.commands import AcknowledgeHazard, CloseHazard, DetailHazard, OpenHazard
from csr_console.domain.outages.hazards import (
    HazardAcknowledged,
    HazardClosed,
    HazardDetailed,
    HazardFacts,
    HazardOpened,
    decide_acknowledge_hazard,
    decide_close_hazard,
    decide_detail_hazard,
    decide_open_hazard,
)
from csr_console.domain.outages.kinds import Hazard
from csr_console.domain.refusals import Refusal

_HAZARD = Statement(
    select(hazard).where(hazard.c.office == bindparam("office"), hazard.c.hazard_id == bindparam("hazard_id"))
)
_PREMISE_OF = Statement(
    select(account.c.premise).where(
        account.c.office == bindparam("office"), account.c.account == bindparam("account")
    )
)
_NEW_HAZARD = Statement(hazard.insert())


def _set(*names: str) -> Statement:
    return Statement(
        update(hazard)
        .where(hazard.c.office == bindparam("in_office"), hazard.c.hazard_id == bindparam("of_hazard"))
        .values({name: bindparam(name) for name in names})
    )


_DETAIL = _set("premise", "location", "place", "phone", "strongest", "people_inside", "access", "remarks")
_ACKNOWLEDGE = _set("dispatcher", "expected_at", "acknowledged_at")
_CLOSE = _set("state", "verified_by", "closed_at")
_REOPEN = _set("state", "remarks")


def _find(applying: Applying, hazard_id: str) -> AnyRow | None:
    key = {"office": applying.office, "hazard_id": hazard_id}
    return applying.connection.execute(_HAZARD, key).one_or_none()


def _get(applying: Applying, hazard_id: str) -> AnyRow:
    row = _find(applying, hazard_id)
    if row is None:
        raise Refusal("not-found", "There is no such hazard record.")
    return row


def _facts(applying: Applying, command: DetailHazard | AcknowledgeHazard | CloseHazard) -> HazardFacts:
    row = _get(applying, str(command.hazard_id))
    return HazardFacts(row.hazard_id, row.state == "open", row.acknowledged_at is not None)


def _nothing(_applying: Applying, _command: OpenHazard) -> None:
    return None


def _key(applying: Applying, hazard_id: str) -> dict[str, str]:
    return {"in_office": applying.office, "of_hazard": hazard_id}


def _write_opened(applying: Applying, change: HazardOpened) -> None:
    """A second opening of the same record is kept as a remark and opens it again: no danger is dropped."""
    applying.result["hazard"] = change.hazard_id
    applying.touch("hazard", change.hazard_id)
    if known := _find(applying, change.hazard_id):
        remarks = [*from_json(known.remarks), f"Reported again: {Hazard(change.hazard).label}"]
        values = {"state": "open", "remarks": to_json(remarks)}
        applying.connection.execute(_REOPEN, {**_key(applying, change.hazard_id), **values})
        return
    premise = change.premise or _premise_of(applying, change.account)
    applying.connection.execute(
        _NEW_HAZARD,
        {
            "office": applying.office,
            "hazard_id": change.hazard_id,
            "hazard": str(change.hazard),
            "state": "open",
            "account": change.account,
            "premise": premise,
            "location": change.location,
            "place": place_in_words(applying, premise, change.location),
            "remarks": "[]",
            "opened_at": to_text(change.opened_at),
            "opened_by": applying.context.actor.login,
            "station": applying.context.station,
            "version": 0,
        },
    )


def _premise_of(applying: Applying, number: str | None) -> str | None:
    if number is None:
        return None
    key = {"office": applying.office, "account": number}
    return applying.connection.execute(_PREMISE_OF, key).scalar()


def _write_detailed(applying: Applying, change: HazardDetailed) -> None:
    row = _get(applying, change.hazard_id)
    premise = change.premise or row.premise
    location = change.location or row.location
    words = place_in_words(applying, premise, location)
    remarks = from_json(row.remarks)
    values = {
        "premise": premise,
        "location": location,
        "place": change.location if change.location and not change.premise else words,
        "phone": row.phone if change.phone is None else change.phone,
        "strongest": row.strongest if change.where is None else change.where,
        "people_inside": row.people_inside if change.people_inside is None else change.people_inside,
        "access": row.access if change.access is None else change.access,
        "remarks": to_json([*remarks, change.remark] if change.remark else remarks),
    }
    applying.connection.execute(_DETAIL, {**_key(applying, change.hazard_id), **values})
    applying.touch("hazard", change.hazard_id)


def _write_acknowledged(applying: Applying, change: HazardAcknowledged) -> None:
    values = {
        "dispatcher": change.dispatcher,
        "expected_at": to_text(change.expected_at),
        "acknowledged_at": to_text(change.acknowledged_at),
    }
    applying.connection.execute(_ACKNOWLEDGE, {**_key(applying, change.hazard_id), **values})
    applying.touch("hazard", change.hazard_id)


def _write_closed(applying: Applying, change: HazardClosed) -> None:
    values = {
        "state": "closed",
        "verified_by": change.verified_by,
        "closed_at": to_text(change.closed_at),
    }
    applying.connection.execute(_CLOSE, {**_key(applying, change.hazard_id), **values})
    applying.touch("hazard", change.hazard_id)


HANDLERS: Handlers = {
    "hazard.open": Handler(_nothing, decide_open_hazard),
    "hazard.detail": Handler(_facts, decide_detail_hazard),
    "hazard.acknowledge": Handler(_facts, decide_acknowledge_hazard),
    "hazard.close": Handler(_facts, decide_close_hazard),
}
WRITES: Writes = {
    HazardOpened: _write_opened,
    HazardDetailed: _write_detailed,
    HazardAcknowledged: _write_acknowledged,
    HazardClosed: _write_closed,
}
