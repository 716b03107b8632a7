"""Payments as the cashier's office took them."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class Payment(CentralTable, table=True):
    """A receipt that was posted; `entry_id` is its entry in the ledger, `file_digest` the file it came in."""

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),
        ForeignKeyConstraint(["office", "entry_id"], ["ledger_entry.office", "ledger_entry.entry_id"]),
        Index("payment_account", "office", "account", "paid_on"),
    )

    office: str = Field(primary_key=True)
    receipt: str = Field(primary_key=True)
    account: str
    cents: int = Field(sa_type=BigInteger)
    paid_on: str
    tender: str
    drawer: str
    entry_id: str
    file_digest: str


payment = table_of(Payment)
