"""The change feed of an office: the whole new state of an entity a row, or its tombstone."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class FeedRow(CentralTable, table=True):
    """`body` is the JSON of the entity's view, None for a tombstone; `seq` has no gap above the floor."""

    __tablename__ = "feed_row"

    office: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    entity: str
    key: str
    op: str
    body: str | None = None


feed_row = table_of(FeedRow)
