"""payments.csv into the ledger: each receipt is posted once, however often its file comes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, select

from csr_console.central import ledger
from csr_console.central.database import Database
from csr_console.central.imports.run import (
    Imported,
    Importer,
    Progress,
    file_digest,
    journal_import,
)
from csr_console.central.rows import insert_all
from csr_console.central.tables.accounts import account
from csr_console.central.tables.payments import payment
from csr_console.central.turn import Turn
from csr_console.contracts.imports.payments import PaymentRow, read_payments
from csr_console.contracts.imports.report import Refused
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.ledger.receivables import Standing, spread, standing_after
from csr_console.domain.money import dollars_text

_ACT = "import.payments"
_RECEIPTS = UUID("7d7c1f0e-5a0e-5f0e-8f6e-4b2f6f1f9a11")
"""The namespace of the ids of entries that receipts make (RFC 9562, version 5)."""
ROWS_AT_ONCE = 200
"""Receipts of a transaction: the office's commands wait for no longer than these take."""
_POSTED = select(payment).where(
    payment.c.office == bindparam("office"), payment.c.receipt.in_(bindparam("receipts", expanding=True))
)
_KNOWN = select(account.c.account).where(
    account.c.office == bindparam("office"), account.c.account.in_(bindparam("accounts", expanding=True))
)


def import_payments(
    db: Database,
    path: Path,
    importer: Importer,
    *,
    progress: Progress = lambda _done, _total: None,
) -> Imported:
    """Post the receipts of a file that are not posted yet; what cannot be posted is refused and the others
    are posted all the same, for the money has been taken.

    A few receipts make a transaction, so a run that was cut off goes on where it stopped when the file comes
    again. Raises `Fault` when the database does not answer; what was posted stays posted.
    """
    imported = Imported(file_digest([path]))
    done = 0
    for rows in _batches(read_payments(path, importer.now.date())):
        with db.write() as connection:
            turn = Turn(connection, importer.office)
            _Run(turn, importer, imported).take(rows)
            turn.end(importer.now)
        done += len(rows)
        progress(done, done)
    with db.write() as connection:
        journal_import(connection, importer, _ACT, path.name, imported)
    if imported.unchanged and not imported.added:
        imported.notes.append("Every receipt of this file was posted before: nothing was posted again.")
    return imported


def _batches(rows: Iterator[PaymentRow | Refused]) -> Iterator[list[PaymentRow | Refused]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


class _Run:
    """One batch within its transaction."""

    def __init__(self, turn: Turn, importer: Importer, imported: Imported) -> None:
        self._turn = turn
        self._connection: Connection = turn.connection
        self._importer = importer
        self._imported = imported

    def take(self, batch: Sequence[PaymentRow | Refused]) -> None:
        rows = [row for row in batch if isinstance(row, PaymentRow)]
        for refused in batch:
            if isinstance(refused, Refused):
                self._imported.report.add(refused)
        new = self._new(rows)
        standings = ledger.standings(
            self._connection, self._importer.office, {row.account_number for row in new}
        )
        entries = []
        for row in new:
            entry = _entry(row, standings[row.account_number], self._importer.office, self._importer.now)
            standings[row.account_number] = standing_after(standings[row.account_number], entry.postings)
            entries.append(entry)
        ledger.post(self._connection, self._importer.office, entries)
        insert_all(self._connection, payment, [self._row(*pair) for pair in zip(new, entries, strict=True)])
        self._turn.touch(dict.fromkeys(("account", row.account_number) for row in new))
        self._imported.report.kept += len(rows)
        self._imported.added += len(new)

    def _new(self, rows: Sequence[PaymentRow]) -> list[PaymentRow]:
        """The receipts to post: not posted before, for an account of this office."""
        office = self._importer.office
        values: dict[str, Any] = {"office": office, "receipts": [row.receipt for row in rows]}
        posted = {row.receipt: row for row in self._connection.execute(_POSTED, values)}
        values = {"office": office, "accounts": [row.account_number for row in rows]}
        known = set(self._connection.execute(_KNOWN, values).scalars())
        new = []
        for row in rows:
            before = posted.get(row.receipt)
            if before is not None and (before.account, before.cents) == (
                row.account_number,
                row.amount_cents,
            ):
                self._imported.unchanged += 1
            elif before is not None:
                self._refuse(
                    row,
                    "receipt",
                    f"was posted on {before.paid_on} with {dollars_text(before.cents)} to {before.account}:"
                    " a receipt is posted once; correct the number",
                )
            elif row.account_number not in known:
                self._refuse(
                    row, "account_number", f"no account {row.account_number} in this office: find whose it is"
                )
            else:
                new.append(row)
        return new

    def _refuse(self, row: PaymentRow, field: str, reason: str) -> None:
        self._imported.report.add(Refused(row.row, field, reason))

    def _row(self, row: PaymentRow, entry: Entry) -> dict[str, Any]:
        return {
            "office": self._importer.office,
            "receipt": row.receipt,
            "account": row.account_number,
            "cents": row.amount_cents,
            "paid_on": row.paid_on.isoformat(),
            "tender": row.tender,
            "drawer": row.drawer,
            "entry_id": entry.entry_id,
            "file_digest": self._imported.digest,
        }


def _entry(row: PaymentRow, standing: Standing, office: str, now: datetime) -> Entry:
    kind = AccountKind.DRAWER if row.drawer else AccountKind.CASH
    money = Posting(LedgerAccount(kind, row.drawer), row.amount_cents)
    return Entry(
        str(uuid5(_RECEIPTS, f"{office}/{row.receipt}")),
        EntryKind.PAYMENT,
        row.account_number,
        row.paid_on,
        now,
        f"Payment, {row.tender}, receipt {row.receipt}",
        (money, *spread(standing, row.amount_cents)),
    )
