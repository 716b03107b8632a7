"""The command log as it is read: what waits for a second person, the head of the chain, its rows."""

from sqlalchemy import Connection, and_, bindparam, literal_column, select

from csr_console.central import command_log
from csr_console.central.chain import GENESIS
from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tables.commands import command_key, office_head
from csr_console.central.tables.commands import command_log as log
from csr_console.contracts.outcome import Outcome, Witness
from csr_console.domain.oversight.decide import CommandFacts
from csr_console.domain.permissions import Permission

MAX_ROWS = 200

_HELD = Statement(
    select(log)
    .join(command_key, and_(command_key.c.office == log.c.office, command_key.c.seq == log.c.seq))
    .where(
        command_key.c.office == bindparam("office"),
        command_key.c.held == literal_column("1"),  # as the index says it
        log.c.seq > bindparam("after"),
        log.c.applied_at > bindparam("since"),
    )
    .order_by(log.c.seq)
    .limit(bindparam("limit"))
)
_ROWS = Statement(
    select(log)
    .where(log.c.office == bindparam("office"), log.c.seq > bindparam("after"))
    .order_by(log.c.seq)
    .limit(bindparam("limit"))
)
_HEAD = Statement(select(office_head).where(office_head.c.office == bindparam("key")))
_HASH = Statement(
    select(log.c.hash).where(log.c.office == bindparam("office"), log.c.seq == bindparam("seq"))
)

last_counter = command_log.last_counter
outcome_of = command_log.outcome_of


def find_outcome(connection: Connection, office: str, command_id: str) -> Outcome | None:
    """The stored outcome of an id in this office, None when it never arrived."""
    key = command_log.find_key(connection, command_id)
    if key is None or key[0] != office or key[1] is None:
        return None
    return outcome_of(command_log.get_row(connection, office, key[1]))


def find_command(connection: Connection, office: str, command_id: str) -> CommandFacts | None:
    """What is known of another command of the office, None when it never arrived."""
    key = command_log.find_key(connection, command_id)
    if key is None or key[0] != office or key[1] is None:
        return None
    row = command_log.get_row(connection, office, key[1])
    approver = Permission.APPROVAL_DECIDE if row.state == "held" else None
    return CommandFacts(command_id, row.state, row.digest, row.actor, approver)


def list_held(
    connection: Connection, office: str, *, after: int = 0, limit: int = 50, since: str = ""
) -> list[AnyRow]:
    """The log rows of commands that wait for a second person, the longest first; those held before `since` (a
    stored time) are expired and left out."""
    limit = max(1, min(limit, MAX_ROWS))
    values = {"office": office, "after": after, "limit": limit, "since": since}
    return list(connection.execute(_HELD, values))


def list_rows(connection: Connection, office: str, *, after: int = 0, limit: int = 50) -> list[AnyRow]:
    """The rows of the log after a place, for auditors."""
    limit = max(1, min(limit, MAX_ROWS))
    return list(connection.execute(_ROWS, {"office": office, "after": after, "limit": limit}))


def head_of(connection: Connection, office: str) -> Witness:
    """The head of the chain; an office without commands stands at 0."""
    row = connection.execute(_HEAD, {"key": office}).one_or_none()
    if row is None:
        return Witness(office=office, seq=0, hash=GENESIS)
    return Witness(office=office, seq=row.chain_seq, hash=row.chain_hash)


def witness_at(connection: Connection, office: str, seq: int) -> Witness | None:
    """The chain at a place, so that a desk can check what it was told; None beyond the head."""
    found = connection.execute(_HASH, {"office": office, "seq": seq}).scalar()
    return Witness(office=office, seq=seq, hash=found) if found else None
