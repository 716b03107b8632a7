"""What the last import brought: the same file changes nothing, and a clerk's later change survives it."""

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class ImportMark(CentralTable, table=True):
    """The digest of an account's last imported row, and the contact details it had (JSON)."""

    __tablename__ = "import_mark"
    __table_args__ = (ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    digest: str
    contact: str


import_mark = table_of(ImportMark)
