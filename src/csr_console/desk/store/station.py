"""What the station remembers beside its queue: the installation, sessions, PINs and drafts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from csr_console.desk.model import Draft
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Connection, Row, Store
from csr_console.desk.store.tables import OUTBOX_TABLES, microseconds, moment
from csr_console.domain.permissions import Actor, Role

_SAVE_SESSION = """INSERT OR REPLACE INTO session
    (session, login, name, role, office, shift, seal_key, refresh_token, signed_in_us, active)
    VALUES (:session, :login, :name, :role, :office, :shift, :seal_key, :refresh_token, :signed_in_us,
    :active)"""
_OTHERS_OUT = "UPDATE session SET active = 0, refresh_token = '' WHERE session <> ?"
_ACTIVE = "SELECT * FROM session WHERE active = 1 ORDER BY signed_in_us DESC LIMIT 1"
_NEWEST_OF = "SELECT * FROM session WHERE login = ? ORDER BY active DESC, rowid DESC LIMIT 1"
"""Newest is what was written last, whatever the clock said when it was."""
_SAVE_PIN = "INSERT INTO pin (login, hash, wrong) VALUES (?, ?, ?)"
_SAVE_DRAFT = """INSERT OR REPLACE INTO draft (draft_id, form, title, account, fields, saved_us)
    VALUES (?, ?, ?, ?, ?, ?)"""
_SAVE_OWNER = "INSERT OR IGNORE INTO draft_owner (draft_id, login) VALUES (?, ?)"
_DRAFTS_OF = """SELECT draft.*, coalesce(draft_owner.login, '') AS login FROM draft
    LEFT JOIN draft_owner USING (draft_id) WHERE coalesce(draft_owner.login, '') IN ('', ?)
    ORDER BY saved_us DESC"""
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
        store.create(OUTBOX_TABLES)
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
                connection.execute(_OTHERS_OUT, (values["session"],))
            connection.execute(_SAVE_SESSION, values)

    def find_session(self, login: str | None = None) -> StoredSession | None:
        """The active session, or the newest one of a login."""
        with self._store.read() as connection:
            row = connection.row(_NEWEST_OF, (login,)) if login else connection.row(_ACTIVE)
        return None if row is None else _session(row)

    def office_of(self, login: str) -> str | None:
        """The office somebody last signed in for here; None when they never did."""
        found = self.find_session(login)
        return found.actor.office if found else None

    def set_refresh_token(self, session: UUID, token: str) -> None:
        with self._store.write() as connection:
            connection.execute(
                "UPDATE session SET refresh_token = ? WHERE session = ?", (token, str(session))
            )

    def end_session(self, session: UUID) -> None:
        """Signed out: the seal key stays for offline sign-in by PIN, the refresh token goes."""
        with self._store.write() as connection:
            connection.execute(
                "UPDATE session SET refresh_token = '', active = 0 WHERE session = ?", (str(session),)
            )

    def find_pin(self, login: str) -> Pin | None:
        with self._store.read() as connection:
            row = connection.row("SELECT hash, wrong FROM pin WHERE login = ?", (login,))
        return None if row is None else Pin(row["hash"], row["wrong"])

    def save_pin(self, login: str, pin: Pin | None) -> None:
        """Keep a PIN, or forget it when None."""
        with self._store.write() as connection:
            connection.execute("DELETE FROM pin WHERE login = ?", (login,))
            if pin is not None:
                connection.execute(_SAVE_PIN, (login, pin.hash, pin.wrong))

    def save_draft(self, draft: Draft) -> None:
        values = (
            str(draft.id),
            draft.form,
            draft.title,
            draft.account or "",
            json.dumps(draft.values),
            microseconds(draft.saved_at),
        )
        with self._store.write() as connection:
            connection.execute(_SAVE_DRAFT, values)
            if draft.login:
                connection.execute(_SAVE_OWNER, (str(draft.id), draft.login))

    def drafts(self, login: str) -> list[Draft]:
        """The drafts of a clerk and those of nobody known, the newest first."""
        with self._store.read() as connection:
            found = connection.rows(_DRAFTS_OF, (login,))
        return [
            Draft(
                UUID(row["draft_id"]),
                row["form"],
                row["title"],
                row["account"] or None,
                json.loads(row["fields"]),
                moment(row["saved_us"]),
                row["login"],
            )
            for row in found
        ]

    def drop_draft(self, draft_id: UUID) -> None:
        with self._store.write() as connection:
            connection.execute("DELETE FROM draft WHERE draft_id = ?", (str(draft_id),))
            connection.execute("DELETE FROM draft_owner WHERE draft_id = ?", (str(draft_id),))

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


def _session(row: Row) -> StoredSession:
    return StoredSession(
        UUID(row["session"]),
        Actor(row["login"], row["name"], Role(row["role"]), row["office"]),
        row["shift"],
        bytes.fromhex(row["seal_key"]),
        row["refresh_token"],
        moment(row["signed_in_us"]),
        bool(row["active"]),
    )
