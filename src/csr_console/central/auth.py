"""Sessions: signing in, going on, signing out; and what the pipeline asks about who entered a command."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csr_console.central import journal
from csr_console.central.database import Database
from csr_console.central.reads.commands import last_counter
from csr_console.central.secrets import ServerSecret
from csr_console.central.settings import CentralSettings
from csr_console.central.signin_locks import SignInLocks
from csr_console.central.staff import actor_of, find_actor, find_staff, password_fits
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import from_text, to_text
from csr_console.central.tables.staff import refresh_token, session, staff, station
from csr_console.central.tokens import Access, AccessTokens, Proofs, successor, token_digest
from csr_console.contracts.signin import DeviceStart, Refresh, SessionTokens, SignIn
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Refusal

_SIGNED_IN = Statement(
    select(staff, session.c.station, session.c.revoked_at)
    .join_from(session, staff, session.c.login == staff.c.login)
    .where(session.c.session == bindparam("session"))
)
_HASHES_AT_ONCE = threading.BoundedSemaphore(4)
"""A password check takes 64 MiB: a storm of sign-ins waits its turn instead of taking the machine."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who sends a request: the actor as they are now, their session and station, when the token ends."""

    actor: Actor
    session: UUID
    station: str
    expires_at: datetime


class Sessions:
    """Sign-in with rotating refresh tokens. Every refusal costs the client nothing that is queued."""

    def __init__(
        self, db: Database, secret: ServerSecret, settings: CentralSettings, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._secret = secret
        self._clock = clock
        self._access = AccessTokens(secret)
        self._locks = SignInLocks(db)
        self._access_lasts = timedelta(seconds=settings.access_seconds)
        self._grace = timedelta(seconds=settings.grace_seconds)
        self._session_lasts = timedelta(hours=settings.session_hours)

    def sign_in(self, given: SignIn) -> SessionTokens:
        """A new session. Raises as `identify`, and `Refusal` station-taken for another machine's name."""
        actor = self.identify(given.login, given.password.get_secret_value())
        opened, token = uuid4(), secrets.token_urlsafe(32)

        def work(connection: Connection) -> SessionTokens:
            self._locks.clear(connection, given.login)
            return self._open(connection, actor, given, opened, token, {})

        return self._db.transact(work)

    def identify(self, login: str, password: str) -> Actor:
        """Whose password it is. Raises `Refusal` sign-in-failed (whatever of login and password is wrong, and
        for the disabled), too-many while the login is locked."""
        now = self._clock()
        with self._db.read() as connection:
            row = find_staff(connection, login)
        with _HASHES_AT_ONCE:
            self._locks.require_open(login, now)
            fits = password_fits(row, password)
            if row is None or not fits or row["disabled"]:
                self._locks.count_failure(login, row["office"] if row is not None else None, now)
                raise Refusal("sign-in-failed", "The login or the password does not fit.")
        return actor_of(row)

    def open_vouched(
        self, login: str, place: DeviceStart, opened: UUID, token: str, provider: str
    ) -> SessionTokens:
        """The session `opened`, with `token` as its first refresh token, of somebody an identity provider
        vouches for. Nobody is made by it. Raises `Refusal` not-staff or station-taken."""
        now = self._clock()
        with self._db.read() as connection:
            row = find_staff(connection, login)
        if row is None or row["disabled"]:
            if row is not None:
                entry = journal.Entry(row["office"], login, "session.failed", station=place.station)
                with self._db.write() as connection:
                    journal.record(connection, entry, now)
            raise Refusal(
                "not-staff", f"{provider} knows you as {login}, but nobody may sign in as that here."
            )
        actor = actor_of(row)
        detail = {"vouched_by": provider}
        return self._db.transact(
            lambda connection: self._open(connection, actor, place, opened, token, detail)
        )

    def opened_before(self, opened: UUID, token: str) -> SessionTokens | None:
        """The tokens of a session just opened, for an answer that was lost; None when there is none.

        Raises `Refusal` sign-in-ended once the first refresh token was used or the grace is over.
        """
        now = self._clock()
        query = (
            select(
                session.c.station, session.c.started_at, session.c.revoked_at, refresh_token.c.used_at, staff
            )
            .join_from(session, staff, session.c.login == staff.c.login)
            .outerjoin(refresh_token, refresh_token.c.digest == token_digest(token))
            .where(session.c.session == str(opened))
        )
        with self._db.read() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            over = row["used_at"] or row["revoked_at"] or row["disabled"]
            if over or now - from_text(row["started_at"]) > self._grace:
                raise Refusal("sign-in-ended", "This code was used before.")
            return self._tokens(connection, actor_of(row), opened, row["station"], token, now)

    def require_own_station(self, place: DeviceStart) -> None:
        """Raises `Refusal` station-taken when another machine has the name."""
        query = select(station.c.installation).where(station.c.station == place.station)
        with self._db.read() as connection:
            owner = connection.execute(query).scalar_one_or_none()
        if owner not in (None, str(place.installation)):
            raise _station_taken(place.station)

    def _open(
        self,
        connection: Connection,
        actor: Actor,
        place: SignIn | DeviceStart,
        opened: UUID,
        token: str,
        detail: Mapping[str, object],
    ) -> SessionTokens:
        now = self._clock()
        _take_station(connection, place, now)
        _forget_old_tokens(connection, now - self._session_lasts - timedelta(hours=1))
        connection.execute(
            insert(session).values(
                session=str(opened),
                login=actor.login,
                station=place.station,
                started_at=to_text(now),
                ends_at=to_text(now + self._session_lasts),
            )
        )
        _keep_token(connection, opened, token, now)
        entry = journal.Entry(
            actor.office, actor.login, "session.opened", detail=detail, station=place.station
        )
        journal.record(connection, entry, now)
        return self._tokens(connection, actor, opened, place.station, token, now)

    def refresh(self, given: Refresh) -> SessionTokens:
        """The next pair of tokens. Raises `Refusal` signed-out.

        A used token is answered again with the same successor within the grace window, unless that
        successor is in use: then somebody has a copy, and the session is revoked (RFC 9700 section 4.14.2).
        """
        now, token = self._clock(), given.refresh_token.get_secret_value()
        tokens = self._db.transact(lambda connection: self._rotate(connection, token, now))
        if tokens is None:
            raise Refusal("signed-out", "The session is over: sign in again.")
        return tokens

    def sign_out(self, requester: Requester) -> None:
        """End the session for good; its seals stay valid for what is still queued."""
        now = self._clock()
        with self._db.write() as connection:
            _revoke(connection, str(requester.session), now)
            actor = requester.actor
            entry = journal.Entry(actor.office, actor.login, "session.closed", station=requester.station)
            journal.record(connection, entry, now)

    def admit(self, token: str | None) -> Requester:
        """Who a token stands for, asked anew each time. Raises `Refusal` signed-out."""
        now = self._clock()
        access = self._access.read(token, now) if token else None
        if access is None:
            raise Refusal("signed-out", "Sign in first.")
        with self._db.read() as connection:
            row = connection.execute(_SIGNED_IN, {"session": str(access.session)}).mappings().one_or_none()
        if row is None or row["revoked_at"] or row["disabled"]:
            raise Refusal("signed-out", "The session is over: sign in again.")
        return Requester(actor_of(row), access.session, row["station"], access.expires_at)

    def _rotate(self, connection: Connection, token: str, now: datetime) -> SessionTokens | None:
        digest, follower = token_digest(token), successor(self._secret, token)
        row = connection.execute(
            select(refresh_token.c.session, session.c.station, session.c.ends_at, session.c.revoked_at, staff)
            .join_from(refresh_token, session, refresh_token.c.session == session.c.session)
            .join(staff, session.c.login == staff.c.login)
            .where(refresh_token.c.digest == digest)
        )
        found = row.mappings().first()
        if found is None or found["revoked_at"] or found["disabled"] or from_text(found["ends_at"]) <= now:
            return None
        actor, opened = actor_of(found), UUID(found["session"])
        first_use = connection.execute(
            update(refresh_token)
            .where(refresh_token.c.digest == digest, refresh_token.c.used_at.is_(None))
            .values(used_at=to_text(now))
        ).rowcount
        if first_use:
            _keep_token(connection, opened, follower, now)
        elif not self._was_lost(connection, digest, follower, now):
            _revoke(connection, found["session"], now)
            entry = journal.Entry(actor.office, actor.login, "session.reused", station=found["station"])
            journal.record(connection, entry, now)
            return None
        return self._tokens(connection, actor, opened, found["station"], follower, now)

    def _was_lost(self, connection: Connection, digest: str, follower: str, now: datetime) -> bool:
        """Whether a used token may be answered again: within the grace and its successor is still unused."""
        used_at = connection.execute(
            select(refresh_token.c.used_at).where(refresh_token.c.digest == digest)
        ).scalar_one()
        follower_used = connection.execute(
            select(refresh_token.c.used_at).where(refresh_token.c.digest == token_digest(follower))
        ).scalar_one()
        return follower_used is None and now - from_text(used_at) <= self._grace

    def _tokens(
        self, connection: Connection, actor: Actor, opened: UUID, name: str, token: str, now: datetime
    ) -> SessionTokens:
        access = self._access.sign(Access(opened, now + self._access_lasts))
        return SessionTokens(
            access_token=access,
            refresh_token=token,
            expires_in=int(self._access_lasts.total_seconds()),
            session=opened,
            seal_key=self._secret.seal_key(opened).hex(),
            login=actor.login,
            name=actor.name,
            role=actor.role,
            office=actor.office,
            last_counter=last_counter(connection, actor.office, name),
        )


class SealIdentity:
    """What the pipeline asks of sign-in: whose seal, which actor, which proven factors."""

    def __init__(self, secret: ServerSecret, proofs: Proofs) -> None:
        self._secret = secret
        self._proofs = proofs

    def sealer(self, connection: Connection, opened: UUID) -> tuple[bytes, Actor] | None:
        """The key of a session and who signed in, as of now; of ended and revoked ones too, since queues
        arrive late. A thief gains nothing by it: a submission needs a signed-in requester beside the seal."""
        row = connection.execute(_SIGNED_IN, {"session": str(opened)}).mappings().one_or_none()
        return (self._secret.seal_key(opened), actor_of(row)) if row is not None else None

    def actor_named(self, connection: Connection, login: str) -> Actor | None:
        return find_actor(connection, login)

    def proven_factors(
        self, proof: str, office: str, account: str, opened: UUID, at: datetime
    ) -> frozenset[Factor] | None:
        proven = self._proofs.read(proof, office=office, account=account, session=opened, at=at)
        return proven.factors if proven else None


def _take_station(connection: Connection, given: SignIn | DeviceStart, now: datetime) -> None:
    """The station's name is this installation's, from its first sign-in on."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "station": given.station,
        "installation": str(given.installation),
        "last_sign_in_at": to_text(now),
    }
    connection.execute(make(station).values(values).on_conflict_do_nothing())
    taken = connection.execute(
        update(station)
        .where(station.c.station == given.station, station.c.installation == str(given.installation))
        .values(last_sign_in_at=to_text(now))
    ).rowcount
    if not taken:
        raise _station_taken(given.station)


def _station_taken(name: str) -> Refusal:
    return Refusal("station-taken", f"Another machine signs in as station {name}.")


def _keep_token(connection: Connection, opened: UUID, token: str, now: datetime) -> None:
    connection.execute(
        insert(refresh_token).values(digest=token_digest(token), session=str(opened), issued_at=to_text(now))
    )


def _forget_old_tokens(connection: Connection, before: datetime) -> None:
    """Tokens of sessions that are over; without this the table grows by six an hour for each desk."""
    connection.execute(delete(refresh_token).where(refresh_token.c.issued_at < to_text(before)))


def _revoke(connection: Connection, opened: str, now: datetime) -> None:
    connection.execute(
        update(session)
        .where(session.c.session == opened, session.c.revoked_at.is_(None))
        .values(revoked_at=to_text(now))
    )
