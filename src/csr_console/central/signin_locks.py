"""After some failed sign-ins in a row a login waits, longer each time; it opens again by itself."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, delete, insert, select, update

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
        """Raises `Refusal` too-many with the seconds to wait."""
        query = select(sign_in_failure.c.locked_until).where(sign_in_failure.c.login == login)
        with self._db.read() as connection:
            until = moment_or_none(connection.execute(query).scalar_one_or_none())
        if until is not None and now < until:
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
            mine = sign_in_failure.c.login == login
            row = connection.execute(select(sign_in_failure).where(mine)).mappings().first()
            failures = (row["failures"] if row is not None else 0) + 1
            lasts = lock_after(failures)
            values = {
                "failures": failures,
                "last_at": to_text(now),
                "locked_until": to_text(now + lasts) if lasts else None,
            }
            if row is None:
                connection.execute(insert(sign_in_failure).values(login=login, **values))
            else:
                connection.execute(update(sign_in_failure).where(mine).values(values))
            if office is not None:
                journal.record(connection, journal.Entry(office, login, "session.failed"), now)

        self._db.transact(work)

    def clear(self, connection: Connection, login: str) -> None:
        connection.execute(delete(sign_in_failure).where(sign_in_failure.c.login == login))
