"""The ledger: entries and their postings, which only grow, and the balances they sum to."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from csr_console.central.tables.append_only import append_only
from csr_console.central.tables.base import CentralTable, table_of


class LedgerEntry(CentralTable, table=True):
    """One financial event; `account` is the customer's or empty, `command_id` the command that made it or
    empty where a job of central's own did. An entry is reversed at most once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("office", "reverses"),
        Index("ledger_entry_account", "office", "account", "effective_on"),
    )

    office: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    kind: str
    account: str
    effective_on: str
    posted_at: str
    memo: str
    reverses: str | None = None
    command_id: str


class LedgerPosting(CentralTable, table=True):
    """A debit (above zero) or a credit (below) of a ledger account; `due_on` is empty but on a receivable."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        ForeignKeyConstraint(["office", "entry_id"], ["ledger_entry.office", "ledger_entry.entry_id"]),
        Index("ledger_posting_account", "office", "account"),
    )

    office: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    line: int = Field(primary_key=True)
    kind: str
    code: str
    account: str
    due_on: str
    cents: int = Field(sa_type=BigInteger)


class LedgerBalance(CentralTable, table=True):
    """What the postings of a ledger account and due date sum to: each posting moves it by its cents."""

    __tablename__ = "ledger_balance"

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    due_on: str = Field(primary_key=True)
    cents: int = Field(sa_type=BigInteger)


ledger_entry = table_of(LedgerEntry)
ledger_posting = table_of(LedgerPosting)
ledger_balance = table_of(LedgerBalance)
append_only(ledger_entry)
append_only(ledger_posting)
