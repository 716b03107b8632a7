"""The tables of the two files: text and integers only, times in microseconds since 1970 UTC (`_us`).

The bases have registries of their own, since a demo runs desk and central in one process.
"""

from datetime import UTC, datetime, timedelta
from typing import cast

import sqlalchemy
from sqlalchemy import Column, Index, Integer, LargeBinary, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

WAITING_WORDS = "state IN ('queued', 'sending', 'unconfirmed')"
STOPPED_WORDS = "state IN ('conflict', 'expired', 'refused') AND replaced_by = ''"
SUSPECT_WORDS = "faults > 0"
"""What the partial indexes of the queue hold: a query uses one when it says the same words."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class OutboxTable(SQLModel, registry=registry()):
    """Base of the tables of `outbox.db`: nothing but a person's explicit act removes unsent work."""


class CacheTable(SQLModel, registry=registry()):
    """Base of the tables of `cache-<n>.db`: everything here can be fetched again."""


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model."""
    return cast("Table", sqlalchemy.inspect(model).local_table)


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(value_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value_us)


class CommandRow(OutboxTable, table=True):
    """A command in the queue. `body` is the submission byte for byte as it is sent, for ever.

    Order is `seq`, never an id or a time: a clock steps backwards. `closing` numbers the closed rows in the
    order they were closed; `fault` and `faults` count equal faults in a row; `parked` is 1 after five.
    """

    __tablename__ = "command"
    __table_args__ = (
        Index(
            "command_waiting",
            text("urgent DESC"),
            "seq",
            "state",
            "faults",
            "parked",
            sqlite_where=text(WAITING_WORDS),
        ),
        Index("command_stopped", "lane", "seq", sqlite_where=text(STOPPED_WORDS)),
        Index("command_suspect", "lane", "seq", sqlite_where=text(SUSPECT_WORDS)),
        Index("command_held", "seq", sqlite_where=text("state = 'held'")),
        Index("command_lane", "lane", "seq"),
        Index("command_subject", "about", "seq"),
        Index("command_closing", "closing", sqlite_where=text("closing IS NOT NULL")),
        Index(
            "command_witness",
            "witness_office",
            "witness_seq",
            sqlite_where=text("witness_seq IS NOT NULL"),
        ),
        Index("command_discard", "discard_id", sqlite_where=text("discard_id <> ''")),
    )

    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    command_id: str = Field(unique=True)
    station: str
    counter: int
    actor: str
    shift: str
    session: str
    lane: str
    about: str
    urgent: int
    kind: str
    digest: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    entered_us: int
    state: str
    attempts: int = 0
    next_us: int = 0
    fault: str = ""
    faults: int = 0
    parked: int = 0
    problem: str = ""
    outcome: str = ""
    witness_office: str = ""
    witness_seq: int | None = None
    witness_hash: str = ""
    closing: int | None = None
    replaced_by: str = ""
    discard_id: str = ""
    prev_hash: str
    hash: str


class StationRow(OutboxTable, table=True):
    """Facts about the installation: its id, the head of the queue, the lease of the drainer."""

    __tablename__ = "station"

    name: str = Field(primary_key=True)
    value: str


class SessionRow(OutboxTable, table=True):
    """A sign-in session of this station: its seal key, and the refresh token until it is signed out."""

    __tablename__ = "session"

    session: str = Field(primary_key=True)
    login: str = Field(index=True)
    name: str
    role: str
    office: str
    shift: str
    seal_key: str
    refresh_token: str
    signed_in_us: int
    active: int


class PinRow(OutboxTable, table=True):
    """The PIN of a member of staff as an Argon2id hash, and the wrong tries since the last right one."""

    __tablename__ = "pin"

    login: str = Field(primary_key=True)
    hash: str
    wrong: int = 0


class DraftRow(OutboxTable, table=True):
    __tablename__ = "draft"

    draft_id: str = Field(primary_key=True)
    form: str
    title: str
    account: str
    fields: str
    saved_us: int


class PositionRow(CacheTable, table=True):
    """Where this file stands in the feed, and how far its snapshot has come."""

    __tablename__ = "position"

    name: str = Field(primary_key=True)
    value: str


class ViewRow(CacheTable, table=True):
    """An account view as central gave it. `mark` is the outbox's closing number when it was asked for: what
    closed later is not in it. `newest` is the newest version the feed has told of; `reader` is the login
    whose verification of the caller it shows."""

    __tablename__ = "account_view"

    account: str = Field(primary_key=True)
    body: str
    etag: str
    reader: str
    as_of_us: int
    mark: int
    version: int
    newest: int


class OutageRow(CacheTable, table=True):
    """A report, a hazard or a planned outage as the feed gave it."""

    __tablename__ = "outage"
    __table_args__ = (Index("outage_account", "account"), Index("outage_place", "premise"))

    entity: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    account: str
    premise: str
    body: str
