"""Posting to the ledger, reading it, and proving it.

A balance is a projection: each posting moves it by its cents in one statement, so two writers cannot lose a
posting between them, and `verify_ledger` sums every posting again to show that none was lost.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, union_all
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from csr_console.central.statements import Statement
from csr_console.central.tables.columns import AnyRow, from_text, to_text
from csr_console.central.tables.ledger import ledger_balance, ledger_entry, ledger_posting
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import Due, Standing

_NEW_ENTRY = Statement(ledger_entry.insert())
_NEW_POSTING = Statement(ledger_posting.insert())
_KEY = ("office", "account", "kind", "code", "due_on")
_INSERTS: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


def _move(name: str) -> Statement:
    statement = _INSERTS[name](ledger_balance)
    moved = ledger_balance.c.cents + statement.excluded.cents
    return Statement(statement.on_conflict_do_update(index_elements=_KEY, set_={"cents": moved}))


_MOVES = {name: _move(name) for name in _INSERTS}
_STANDING = select(ledger_balance).where(
    ledger_balance.c.office == bindparam("office"),
    ledger_balance.c.account.in_(bindparam("accounts", expanding=True)),
    ledger_balance.c.kind.in_((AccountKind.RECEIVABLE.value, AccountKind.CREDIT.value)),
    ledger_balance.c.cents != 0,
)
_ENTRY = select(ledger_entry).where(
    ledger_entry.c.office == bindparam("office"), ledger_entry.c.entry_id == bindparam("entry_id")
)
_POSTING = (
    ledger_posting.c.kind.label("of_kind"),
    ledger_posting.c.code,
    ledger_posting.c.account.label("of_account"),
    ledger_posting.c.due_on,
    ledger_posting.c.cents,
)
_POSTINGS = (
    select(*_POSTING)
    .where(ledger_posting.c.office == bindparam("office"), ledger_posting.c.entry_id == bindparam("entry_id"))
    .order_by(ledger_posting.c.line)
)
_ALL = (
    select(*ledger_entry.c, *_POSTING)
    .join(
        ledger_posting,
        (ledger_posting.c.office == ledger_entry.c.office)
        & (ledger_posting.c.entry_id == ledger_entry.c.entry_id),
    )
    .where(ledger_entry.c.office == bindparam("office"))
    .order_by(ledger_entry.c.posted_at, ledger_entry.c.entry_id, ledger_posting.c.line)
)


def post(connection: Connection, office: str, entries: Sequence[Entry], command_id: str = "") -> None:
    """Write entries and move the balances by their postings, in the order of their keys: two transactions
    that meet wait for each other and never both ways."""
    if not entries:
        return
    rows = [
        _row(office, entry, line, posting) for entry in entries for line, posting in enumerate(entry.postings)
    ]
    connection.execute(_NEW_ENTRY, [_entry_row(office, entry, command_id) for entry in entries])
    connection.execute(_NEW_POSTING, rows)
    moved: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[name] for name in _KEY)
        moved[key] = moved.get(key, 0) + row["cents"]
    deltas = [{**dict(zip(_KEY, key, strict=True)), "cents": cents} for key, cents in sorted(moved.items())]
    connection.execute(_MOVES[connection.dialect.name], deltas)


def _entry_row(office: str, entry: Entry, command_id: str) -> dict[str, Any]:
    return {
        "office": office,
        "entry_id": entry.entry_id,
        "kind": entry.kind.value,
        "account": entry.account,
        "effective_on": entry.effective_on.isoformat(),
        "posted_at": to_text(entry.posted_at),
        "memo": entry.memo,
        "reverses": entry.reverses,
        "command_id": command_id,
    }


def _row(office: str, entry: Entry, line: int, posting: Posting) -> dict[str, Any]:
    return {
        "office": office,
        "entry_id": entry.entry_id,
        "line": line,
        "kind": posting.ledger.kind.value,
        "code": posting.ledger.code,
        "account": posting.ledger.account,
        "due_on": posting.due_on.isoformat() if posting.due_on else "",
        "cents": posting.cents,
    }


def standings(connection: Connection, office: str, accounts: Iterable[str]) -> dict[str, Standing]:
    """Where customers stand, by account number; one without a posting owes nothing."""
    numbers = list(accounts)
    dues: dict[str, list[Due]] = {number: [] for number in numbers}
    credits = dict.fromkeys(numbers, 0)
    for row in connection.execute(_STANDING, {"office": office, "accounts": numbers}):
        if row.kind == AccountKind.CREDIT:
            credits[row.account] -= row.cents
        else:
            dues[row.account].append(Due(row.code, date.fromisoformat(row.due_on), row.cents))
    return {
        number: Standing(
            number, tuple(sorted(found, key=lambda due: (due.due_on, due.service))), credits[number]
        )
        for number, found in dues.items()
    }


def find_entry(connection: Connection, office: str, entry_id: str) -> Entry | None:
    """An entry as it was posted, None where there is none."""
    key = {"office": office, "entry_id": entry_id}
    row = connection.execute(_ENTRY, key).one_or_none()
    return _entry(row, connection.execute(_POSTINGS, key).all()) if row else None


def list_entries(connection: Connection, office: str) -> Iterator[Entry]:
    """Every entry of an office in the order it was posted, read in one pass."""
    held: list[AnyRow] = []
    for row in connection.execute(_ALL, {"office": office}, execution_options={"yield_per": 2000}):
        if held and row.entry_id != held[0].entry_id:
            yield _entry(held[0], held)
            held = []
        held.append(row)
    if held:
        yield _entry(held[0], held)


def _entry(row: AnyRow, postings: Sequence[AnyRow]) -> Entry:
    return Entry(
        row.entry_id,
        EntryKind(row.kind),
        row.account,
        date.fromisoformat(row.effective_on),
        from_text(row.posted_at),
        row.memo,
        tuple(_posting(one) for one in postings),
        row.reverses,
    )


def _posting(row: AnyRow) -> Posting:
    ledger = LedgerAccount(AccountKind(row.of_kind), row.code, row.of_account)
    return Posting(ledger, row.cents, date.fromisoformat(row.due_on) if row.due_on else None)


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """Something that does not add up: which entry or which balance, and what it says against what it is."""

    where: str
    says_cents: int
    is_cents: int

    @property
    def sentence(self) -> str:
        return f"{self.where}: {self.says_cents} cents where the postings come to {self.is_cents}."


def verify_ledger(connection: Connection, office: str) -> list[LedgerFinding]:
    """Sum every posting again: each entry comes to zero, and each balance to its postings, both ways."""
    found = [
        LedgerFinding(f"Entry {row.entry_id}", 0, int(row.total))
        for row in connection.execute(
            select(ledger_posting.c.entry_id, func.sum(ledger_posting.c.cents).label("total"))
            .where(ledger_posting.c.office == office)
            .group_by(ledger_posting.c.entry_id)
            .having(func.sum(ledger_posting.c.cents) != 0)
            .order_by(ledger_posting.c.entry_id)
        )
    ]
    names = ("account", "kind", "code", "due_on")
    is_ = select(*(ledger_posting.c[name] for name in names), -ledger_posting.c.cents, ledger_posting.c.cents)
    says = select(
        *(ledger_balance.c[name] for name in names), ledger_balance.c.cents, ledger_balance.c.cents * 0
    )
    both = union_all(
        is_.where(ledger_posting.c.office == office), says.where(ledger_balance.c.office == office)
    ).subquery()
    account, kind, code, due_on, off, cents = both.c
    rows = connection.execute(
        select(account, kind, code, due_on, func.sum(off), func.sum(cents))
        .group_by(account, kind, code, due_on)
        .having(func.sum(off) != 0)
        .order_by(account, kind, code, due_on)
    )
    for number, of_kind, of_code, due, difference, total in rows:
        name = ":".join(part for part in (of_kind, of_code, number, due) if part)
        found.append(LedgerFinding(f"Balance {name}", int(difference) + int(total), int(total)))
    return found


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """How much a ledger holds."""

    entries: int
    postings: int
    balances: int


def count(connection: Connection, office: str) -> LedgerCounts:
    tables = (ledger_entry, ledger_posting, ledger_balance)
    counts = (
        connection.execute(
            select(func.count()).select_from(table).where(table.c.office == office)
        ).scalar_one()
        for table in tables
    )
    return LedgerCounts(*counts)
