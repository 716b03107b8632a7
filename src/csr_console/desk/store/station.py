"""What the station remembers beside its queue: the installation, sessions, PINs and drafts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, RowMapping, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from csr_console.desk.model import Draft
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Store
from csr_console.desk.store.tables import (
    DraftRow,
    OutboxTable,
    PinRow,
    SessionRow,
    microseconds,
    moment,
    table,
)
from csr_console.domain.permissions import Actor, Role

_SESSION = table(SessionRow)
_PIN = table(PinRow)
_DRAFT = table(DraftRow)
_LEASE_US = 15 * 1_000_000


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A sign-in session of this station; `refresh_token` is "" once it was signed out."""

    session: UUID
    actor: Actor
    shift: str
    seal_key: bytes
    refresh_token: str
    signed_in_at: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class Pin:
    hash: str
    wrong: int


class Station:
    """The facts about one installation, in `outbox.db`."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        store.create(OutboxTable.metadata)
        with store.write() as connection:
            if not rows.fact(connection, "installation"):
                rows.set_fact(connection, "installation", str(uuid4()))
            self.installation = UUID(rows.fact(connection, "installation"))

    def save_session(self, session: StoredSession) -> None:
        """Keep a session; the active one is the one a lock screen or a restart comes back to."""
        values = {
            "session": str(session.session),
            "login": session.actor.login,
            "name": session.actor.name,
            "role": session.actor.role.value,
            "office": session.actor.office,
            "shift": session.shift,
            "seal_key": session.seal_key.hex(),
            "refresh_token": session.refresh_token,
            "signed_in_us": microseconds(session.signed_in_at),
            "active": int(session.active),
        }
        with self._store.write() as connection:
            if session.active:
                others = update(_SESSION).where(_SESSION.c.session != values["session"])
                connection.execute(others.values(active=0, refresh_token=""))
            statement = insert(_SESSION).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["session"], set_=values))

    def find_session(self, login: str | None = None) -> StoredSession | None:
        """The active session, or the newest one of a login."""
        statement = select(_SESSION).order_by(_SESSION.c.signed_in_us.desc()).limit(1)
        statement = statement.where(_SESSION.c.login == login if login else _SESSION.c.active == 1)
        with self._store.read() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _session(row)

    def set_refresh_token(self, session: UUID, token: str) -> None:
        statement = update(_SESSION).where(_SESSION.c.session == str(session)).values(refresh_token=token)
        with self._store.write() as connection:
            connection.execute(statement)

    def end_session(self, session: UUID) -> None:
        """Signed out: the seal key stays for offline sign-in by PIN, the refresh token goes."""
        statement = update(_SESSION).where(_SESSION.c.session == str(session))
        with self._store.write() as connection:
            connection.execute(statement.values(refresh_token="", active=0))

    def find_pin(self, login: str) -> Pin | None:
        with self._store.read() as connection:
            row = connection.execute(select(_PIN).where(_PIN.c.login == login)).mappings().one_or_none()
        return None if row is None else Pin(row["hash"], row["wrong"])

    def save_pin(self, login: str, pin: Pin | None) -> None:
        """Keep a PIN, or forget it when None."""
        with self._store.write() as connection:
            connection.execute(delete(_PIN).where(_PIN.c.login == login))
            if pin is not None:
                connection.execute(insert(_PIN).values(login=login, hash=pin.hash, wrong=pin.wrong))

    def save_draft(self, draft: Draft) -> None:
        values = {
            "draft_id": str(draft.id),
            "form": draft.form,
            "title": draft.title,
            "account": draft.account or "",
            "fields": json.dumps(draft.values),
            "saved_us": microseconds(draft.saved_at),
        }
        statement = insert(_DRAFT).values(values)
        with self._store.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["draft_id"], set_=values))

    def drafts(self) -> list[Draft]:
        """Every draft, the newest first."""
        with self._store.read() as connection:
            found = connection.execute(select(_DRAFT).order_by(_DRAFT.c.saved_us.desc())).mappings().all()
        return [
            Draft(
                UUID(row["draft_id"]),
                row["form"],
                row["title"],
                row["account"] or None,
                json.loads(row["fields"]),
                moment(row["saved_us"]),
            )
            for row in found
        ]

    def drop_draft(self, draft_id: UUID) -> None:
        with self._store.write() as connection:
            connection.execute(delete(_DRAFT).where(_DRAFT.c.draft_id == str(draft_id)))

    def take_lease(self, holder: str) -> bool:
        """Take or renew the right to drain. A lease that reaches further ahead than any can was made under
        another clock and binds nobody."""
        now_us = microseconds(self._clock())
        with self._store.write() as connection:
            theirs, until_us = _lease(connection)
            if theirs not in ("", holder) and now_us < until_us <= now_us + _LEASE_US:
                return False
            rows.set_fact(connection, "lease", f"{holder} {now_us + _LEASE_US}")
            return True

    def drop_lease(self, holder: str) -> None:
        with self._store.write() as connection:
            if _lease(connection)[0] == holder:
                rows.set_fact(connection, "lease", "")


def _lease(connection: Connection) -> tuple[str, int]:
    holder, _, until = rows.fact(connection, "lease").partition(" ")
    return holder, int(until or 0)


def _session(row: RowMapping) -> StoredSession:
    return StoredSession(
        UUID(row["session"]),
        Actor(row["login"], row["name"], Role(row["role"]), row["office"]),
        row["shift"],
        bytes.fromhex(row["seal_key"]),
        row["refresh_token"],
        moment(row["signed_in_us"]),
        bool(row["active"]),
    )
