"""Who may sign in, their sessions, and the workstations they sign in at."""

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class Staff(CentralTable, table=True):
    """A member of staff; never removed, since the command log names them, only disabled."""

    __tablename__ = "staff"
    __table_args__ = (Index("staff_office", "office"),)

    login: str = Field(primary_key=True)
    name: str
    role: str
    office: str
    password_hash: str
    disabled: int = 0


class Session(CentralTable, table=True):
    """One sign-in at one station; kept for good, since commands sealed in it may arrive years later."""

    __tablename__ = "session"
    __table_args__ = (ForeignKeyConstraint(["login"], ["staff.login"]),)

    session: str = Field(primary_key=True)
    login: str
    station: str
    started_at: str
    ends_at: str
    revoked_at: str | None = None


class RefreshToken(CentralTable, table=True):
    """The SHA-256 of a refresh token; one that was used stays until its session is over."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        ForeignKeyConstraint(["session"], ["session.session"]),
        Index("refresh_token_issued_at", "issued_at"),
    )

    digest: str = Field(primary_key=True)
    session: str
    issued_at: str
    used_at: str | None = None


class Station(CentralTable, table=True):
    """A station's name belongs to the installation that first signed in with it."""

    __tablename__ = "station"

    station: str = Field(primary_key=True)
    installation: str
    last_sign_in_at: str


class SignInFailure(CentralTable, table=True):
    """Failed sign-ins in a row, of logins that exist and of those that do not, so that none is told apart."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("sign_in_failure_last_at", "last_at"),)

    login: str = Field(primary_key=True)
    failures: int
    last_at: str
    locked_until: str | None = None


class Mark(CentralTable, table=True):
    """Facts about the database itself: the fingerprint of the secret it belongs to."""

    __tablename__ = "mark"

    name: str = Field(primary_key=True)
    value: str


staff = table_of(Staff)
session = table_of(Session)
refresh_token = table_of(RefreshToken)
station = table_of(Station)
sign_in_failure = table_of(SignInFailure)
mark = table_of(Mark)
