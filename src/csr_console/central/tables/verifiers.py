"""The secret answers on file, and how often they were answered wrongly."""

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class Verifier(CentralTable, table=True):
    """The keyed digest of one answer; the answer itself is nowhere."""

    __tablename__ = "verifier"
    __table_args__ = (ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    factor: str = Field(primary_key=True)
    digest: str


class WrongAnswers(CentralTable, table=True):
    """Wrong answers for an account since `since`; too many of them lock its questions for a day."""

    __tablename__ = "wrong_answers"
    __table_args__ = (ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    wrong: int
    since: str


verifier = table_of(Verifier)
wrong_answers = table_of(WrongAnswers)
