"""What was looked at, who came and went, what was imported."""

from sqlalchemy import Index
from sqlmodel import Field

from csr_console.central.tables.append_only import append_only
from csr_console.central.tables.base import CentralTable, table_of


class JournalLine(CentralTable, table=True):
    """One line, append-only; `detail` is JSON without secrets."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_act", "office", "act", "id"),)

    office: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: str
    actor: str
    station: str = ""
    act: str
    subject: str = ""
    detail: str = "{}"


journal = table_of(JournalLine)
append_only(journal)
