"""Balances forward of an import into the ledger: posted once, and posted anew where the file changed them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select

from csr_console.central import ledger
from csr_console.central.tables.ledger import ledger_entry
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting, reversal
from csr_console.domain.ledger.opening import opening_postings
from csr_console.domain.ledger.receivables import settlement

_back = ledger_entry.alias("back")
_IN_FORCE = select(ledger_entry.c.account, ledger_entry.c.entry_id).where(
    ledger_entry.c.office == bindparam("office"),
    ledger_entry.c.account.in_(bindparam("accounts", expanding=True)),
    ledger_entry.c.kind == EntryKind.OPENING.value,
    ~select(_back.c.entry_id)
    .where(_back.c.office == ledger_entry.c.office, _back.c.reverses == ledger_entry.c.entry_id)
    .exists(),
)


def post_openings(
    connection: Connection,
    office: str,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    known: Sequence[str],
) -> None:
    """Post the balances of `rows` (account, balance_on, due_on, the four ages).

    For the accounts in `known` the balance of the import before is taken back first, unless it is the same;
    payments that were posted since stay, and pay what the new balance asks.
    """
    before = _in_force(connection, office, known)
    entries: list[Entry] = []
    for row in rows:
        number, due_on = row["account"], row["due_on"]
        postings = opening_postings(
            number, row, date.fromisoformat(row["balance_on"]), date.fromisoformat(due_on) if due_on else None
        )
        old = before.get(number)
        if old is not None and old.postings == postings:
            continue
        if old is not None:
            entries.append(reversal(old, str(uuid4()), now, "Balance forward taken back"))
        if postings:
            entries.append(_entry(EntryKind.OPENING, number, row["balance_on"], now, postings))
    ledger.post(connection, office, entries)
    _settle(connection, office, [entry.account for entry in entries if entry.reverses], now)


def _in_force(connection: Connection, office: str, accounts: Sequence[str]) -> dict[str, Entry]:
    found = {}
    for row in connection.execute(_IN_FORCE, {"office": office, "accounts": list(accounts)}).all():
        entry = ledger.find_entry(connection, office, row.entry_id)
        if entry is not None:
            found[row.account] = entry
    return found


def _settle(connection: Connection, office: str, accounts: Sequence[str], now: datetime) -> None:
    today = now.date()
    entries = [
        _entry(
            EntryKind.APPLICATION,
            number,
            today.isoformat(),
            now,
            moved,
        )
        for number, standing in ledger.standings(connection, office, accounts).items()
        if (moved := settlement(standing, today))
    ]
    ledger.post(connection, office, entries)


def _entry(kind: EntryKind, account: str, on: str, now: datetime, postings: tuple[Posting, ...]) -> Entry:
    memo = "Balance brought forward" if kind is EntryKind.OPENING else "Credit applied"
    return Entry(str(uuid4()), kind, account, date.fromisoformat(on), now, memo, postings)
