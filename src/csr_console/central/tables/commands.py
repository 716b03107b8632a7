"""The command log, the ids that were ever seen, and the head of each office."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from csr_console.central.tables.append_only import append_only
from csr_console.central.tables.base import CentralTable, table_of

_IS_HELD = text("held = 1")


class CommandLog(CentralTable, table=True):
    """One judged command: append-only, each row chained to the one before it in its office.

    A command that was held and then decided, or discarded, has a second row; `command_key` points to the
    newest. `body` is the canonical submission, `outcome` the outcome without its witness.
    """

    __tablename__ = "command_log"
    office: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    command_id: str
    kind: str
    actor: str
    station: str
    counter: int = Field(sa_type=BigInteger)
    session: str
    issued_at: str
    applied_at: str
    digest: str
    body: str
    state: str
    outcome: str
    prev_hash: str
    hash: str


class CommandKey(CentralTable, table=True):
    """An id that is spent: inserted before anything else happens, kept for good.

    `seq` is the newest log row of the id, None while it was only discarded before it ever arrived. The index
    has those that are held alone: every command would pay for a place in it.
    """

    __tablename__ = "command_key"
    __table_args__ = (
        Index("command_key_held", "office", "seq", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
    )

    command_id: str = Field(primary_key=True)
    office: str
    seq: int | None = Field(default=None, sa_type=BigInteger)
    held: int = 0


class OfficeHead(CentralTable, table=True):
    """The ends of an office's chain and feed. Locked while a command of the office is applied."""

    __tablename__ = "office_head"

    office: str = Field(primary_key=True)
    chain_seq: int = Field(default=0, sa_type=BigInteger)
    chain_hash: str
    feed_seq: int = Field(default=0, sa_type=BigInteger)
    feed_floor: int = Field(default=0, sa_type=BigInteger)
    next_report_number: int = Field(default=1, sa_type=BigInteger)


class StationCounter(CentralTable, table=True):
    """The highest counter seen from a station, and the one before: a jump shows what is missing."""

    __tablename__ = "station_counter"

    office: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    last_counter: int = Field(sa_type=BigInteger)
    previous_counter: int = Field(default=0, sa_type=BigInteger)


command_log = table_of(CommandLog)
command_key = table_of(CommandKey)
office_head = table_of(OfficeHead)
station_counter = table_of(StationCounter)
append_only(command_log)
