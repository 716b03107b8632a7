"""The city's staff as central knows them: added, disabled and given passwords by an administrator."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from csr_console.central import journal
from csr_console.central.tables.staff import sign_in_failure, staff
from csr_console.central.tables.staff import station as stations
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal

MIN_PASSWORD = 12
"""Length is what counts; no rules of composition (NIST SP 800-63B section 5.1.1.2)."""
MAX_PASSWORD = 200
_HASHER = PasswordHasher()
"""argon2id with the low-memory profile of RFC 9106 section 4: 64 MiB, three passes."""
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$EKUDQUsbeWdZ4JKmQQzjOg$OSjYghzd/ig1i77EhDNtWhNgp/zVvdiii0jCth46nio"
"""The hash of a password that was thrown away: compared for logins that do not exist."""


def find_actor(connection: Connection, login: str) -> Actor | None:
    """The member of staff with this login as they are now, or None."""
    row = find_staff(connection, login)
    return actor_of(row) if row is not None else None


def find_staff(connection: Connection, login: str) -> RowMapping | None:
    return connection.execute(select(staff).where(staff.c.login == login)).mappings().first()


def actor_of(row: RowMapping) -> Actor:
    return Actor(row["login"], row["name"], Role(row["role"]), row["office"], bool(row["disabled"]))


def list_staff(connection: Connection, office: str) -> list[Actor]:
    rows = connection.execute(select(staff).where(staff.c.office == office).order_by(staff.c.login))
    return [actor_of(row) for row in rows.mappings()]


def password_fits(row: RowMapping | None, password: str) -> bool:
    """Whether the password is that of the row; takes as long when there is no such person."""
    try:
        return (
            _HASHER.verify(row["password_hash"] if row is not None else _NOBODY, password) and row is not None
        )
    except Argon2Error:
        return False


def hash_password(password: str) -> str:
    """The argon2id hash. Raises `Refusal` invalid for a password that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refusal("invalid", f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    return _HASHER.hash(password)


def add_staff(connection: Connection, actor: Actor, password: str, *, by: str, now: datetime) -> None:
    """A new member of staff. Raises `Refusal` invalid for a login that exists or an unfit password."""
    if find_staff(connection, actor.login) is not None:
        raise Refusal("invalid", f"There is already somebody with the login {actor.login}.")
    connection.execute(
        insert(staff).values(
            login=actor.login,
            name=actor.name,
            role=actor.role.value,
            office=actor.office,
            password_hash=hash_password(password),
            disabled=0,
        )
    )
    entry = journal.Entry(actor.office, by, "staff.added", actor.login, {"role": actor.role.value})
    journal.record(connection, entry, now)


def set_disabled(connection: Connection, login: str, disabled: bool, *, by: str, now: datetime) -> None:
    """Sessions end at their next request; commands still queued are held for a lead. Raises `Refusal`
    not-found."""
    actor = _require(connection, login)
    connection.execute(update(staff).where(staff.c.login == login).values(disabled=int(disabled)))
    act = "staff.disabled" if disabled else "staff.enabled"
    journal.record(connection, journal.Entry(actor.office, by, act, login), now)


def set_password(connection: Connection, login: str, password: str, *, by: str, now: datetime) -> None:
    """Also lifts a lock after failed sign-ins. Raises `Refusal` not-found or invalid."""
    actor = _require(connection, login)
    connection.execute(
        update(staff).where(staff.c.login == login).values(password_hash=hash_password(password))
    )
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.login == login))
    journal.record(connection, journal.Entry(actor.office, by, "staff.password", login), now)


def release_station(connection: Connection, station: str, *, office: str, by: str, now: datetime) -> None:
    """Let another machine take a station's name. Raises `Refusal` not-found."""
    if not connection.execute(delete(stations).where(stations.c.station == station)).rowcount:
        raise Refusal("not-found", f"No station {station} has ever signed in.")
    journal.record(connection, journal.Entry(office, by, "station.released", station), now)


def _require(connection: Connection, login: str) -> Actor:
    actor = find_actor(connection, login)
    if actor is None:
        raise Refusal("not-found", f"Nobody has the login {login}.")
    return actor
