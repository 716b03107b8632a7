"""One central service: its database, its secret and what the routes call."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select
from structlog.typing import FilteringBoundLogger

from csr_console.central.auth import SealIdentity, Sessions
from csr_console.central.database import Database
from csr_console.central.device_sign_in import DeviceSignIn
from csr_console.central.feed import prune
from csr_console.central.limits import RateLimit
from csr_console.central.logs import make_log
from csr_console.central.metrics import Metrics, OfficeHead
from csr_console.central.migrations.run import is_current, migrate
from csr_console.central.pipeline import Pipeline
from csr_console.central.secrets import SecretUnusable, ServerSecret, load_secret
from csr_console.central.settings import CentralSettings
from csr_console.central.streams import OutageStreams
from csr_console.central.tables.commands import office_head
from csr_console.central.tables.staff import mark
from csr_console.central.tokens import Proofs
from csr_console.central.verification import Verifications
from csr_console.contracts.registry import REGISTRY
from csr_console.domain.refusals import Fault

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Central:
    """What a request handler finds at `request.app.state.central`."""

    settings: CentralSettings
    db: Database
    clock: Clock
    log: FilteringBoundLogger
    metrics: Metrics
    sessions: Sessions
    verifications: Verifications
    pipeline: Pipeline
    streams: OutageStreams
    searches: RateLimit
    device: DeviceSignIn | None
    """Sign-in at an identity provider, when the settings name one."""

    def require_ready(self) -> None:
        """Raises `Fault` unavailable when the database does not answer or has another schema."""
        with self.db.read() as connection:
            if not is_current(connection):
                raise Fault("unavailable", "The database has the schema of another version: run migrate.")


def prepare(settings: CentralSettings) -> None:
    """Bring the database to this version, bind it to its secret and drop the oldest changes of its feeds.

    Safe to run again, also side by side. A new SQLite file can be read by its owner only. Raises
    `SecretUnusable`, ValueError for a database that is none, or `Fault` when it does not answer.
    """
    secret = load_secret(settings)
    db = Database(settings.database)
    _make_private_file(db)
    try:
        migrate(db)
        if db.transact(lambda connection: _bind_secret(connection, secret)) != secret.fingerprint():
            raise SecretUnusable(
                "The server secret is not the one this database was made with: queued commands could not be"
                " checked. Give the first secret again."
            )
        for office, _, _ in _heads(db):
            with db.write() as connection:
                prune(connection, office, settings.feed_rows_kept)
    finally:
        db.close()


def open_central(
    settings: CentralSettings, *, clock: Clock | None = None, log: FilteringBoundLogger | None = None
) -> Central:
    """The parts of a service on a prepared database. Raises `SecretUnusable`."""
    secret = load_secret(settings)
    db = Database(settings.database)
    now = clock or settings.now
    log = log or make_log(settings)
    metrics = Metrics(lambda: _heads(db))
    proofs = Proofs(secret, timedelta(seconds=settings.proof_seconds))
    sessions = Sessions(db, secret, settings, now)
    return Central(
        settings=settings,
        db=db,
        clock=now,
        log=log,
        metrics=metrics,
        sessions=sessions,
        verifications=Verifications(db, secret, proofs),
        pipeline=Pipeline(db, REGISTRY, SealIdentity(secret, proofs), now, on_outcome=metrics.command),
        streams=OutageStreams(
            db,
            log,
            now,
            metrics.listening,
            poll_seconds=settings.stream_poll_seconds,
            heartbeat_seconds=settings.stream_heartbeat_seconds,
        ),
        searches=RateLimit(
            settings.searches_per_minute, burst=max(1, settings.searches_per_minute // 4), clock=now
        ),
        device=_device_sign_in(settings, sessions, secret, now, log) if settings.oidc_issuer else None,
    )


def _device_sign_in(
    settings: CentralSettings, sessions: Sessions, secret: ServerSecret, now: Clock, log: FilteringBoundLogger
) -> DeviceSignIn:
    """The provider's client is loaded by the services that have a provider."""
    from csr_console.central.oidc import Provider

    return DeviceSignIn(Provider(settings, now), sessions, secret, settings, now, log)


def _make_private_file(db: Database) -> None:
    """SQLite gives its journal files the mode of the database file."""
    if db.dialect != "sqlite" or not db.url.database:
        return
    path = Path(db.url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise ValueError(f"the database file {path} cannot be used: {error.strerror}") from None


def _bind_secret(connection: Connection, secret: ServerSecret) -> str:
    """The fingerprint the database is bound to; the given secret's when there is none yet."""
    bound = connection.execute(select(mark.c.value).where(mark.c.name == "secret")).scalar_one_or_none()
    if bound is not None:
        return str(bound)
    connection.execute(insert(mark).values(name="secret", value=secret.fingerprint()))
    return secret.fingerprint()


def _heads(db: Database) -> list[OfficeHead]:
    """The heads of every office; none while the database does not answer, so that the rest is told."""
    query = select(office_head.c.office, office_head.c.feed_seq, office_head.c.chain_seq)
    try:
        with db.read() as connection:
            return [(row.office, row.feed_seq, row.chain_seq) for row in connection.execute(query)]
    except Fault:
        return []
