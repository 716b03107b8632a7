"""After some failed sign-ins in a row a login waits, longer each time; it opens again by itself."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csr_console.central import journal
from csr_console.central.database import Database
from csr_console.central.tables.columns import moment_or_none, to_text
from csr_console.central.tables.staff import sign_in_failure
from csr_console.domain.refusals import Refusal

FAILURES_ALLOWED = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def lock_after(failures: int) -> timedelta | None:
    """How long a login waits after so many failures in a row: 1 minute at the fifth, doubling to 15
    (NIST SP 800-63B section 5.2.2 asks for no more than 100 guesses; this allows about 100 a day)."""
    if failures < FAILURES_ALLOWED:
        return None
    doublings = min(failures - FAILURES_ALLOWED, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


class SignInLocks:
    """Counts per login, also of logins that do not exist: a lock must not tell which do."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def require_open(self, login: str, now: datetime) -> None:
        """Raises `Refusal` too-many with the seconds to wait. A lock that reaches further ahead than any can
        was made under another clock and binds nobody."""
        query = select(sign_in_failure.c.locked_until).where(sign_in_failure.c.login == login)
        with self._db.read() as connection:
            until = moment_or_none(connection.execute(query).scalar_one_or_none())
        if until is not None and now < until <= now + LONGEST_LOCK:
            seconds = ceil((until - now).total_seconds())
            raise Refusal(
                "too-many",
                f"Too many failed sign-ins: wait {ceil(seconds / 60)} min.",
                facts={"retry_after": seconds},
            )

    def count_failure(self, login: str, office: str | None, now: datetime) -> None:
        """One more failure; journalled when the login is somebody's."""

        def work(connection: Connection) -> None:
            connection.execute(
                delete(sign_in_failure).where(sign_in_failure.c.last_at < to_text(now - FORGOTTEN_AFTER))
            )
            failures = _one_more(connection, login, to_text(now))
            if lasts := lock_after(failures):
                connection.execute(
                    update(sign_in_failure)
                    .where(sign_in_failure.c.login == login)
                    .values(locked_until=to_text(now + lasts))
                )
            if office is not None:
                journal.record(connection, journal.Entry(office, login, "session.failed"), now)

        self._db.transact(work)

    def clear(self, connection: Connection, login: str) -> None:
        connection.execute(delete(sign_in_failure).where(sign_in_failure.c.login == login))


def _one_more(connection: Connection, login: str, now: str) -> int:
    """Count in the database: guesses that come at once each count."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(sign_in_failure).values(login=login, failures=1, last_at=now)
    counted = statement.on_conflict_do_update(
        index_elements=[sign_in_failure.c.login],
        set_={"failures": sign_in_failure.c.failures + 1, "last_at": now},
    ).returning(sign_in_failure.c.failures)
    return int(connection.execute(counted).scalar_one())
