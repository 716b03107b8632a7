"""customers.csv into the tables of accounts."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, select, update

from csr_console.central import answers, versions
from csr_console.central.command_log import lock_head
from csr_console.central.database import Database
from csr_console.central.feed import raise_floor
from csr_console.central.imports.openings import post_openings
from csr_console.central.imports.run import (
    Imported,
    Importer,
    Progress,
    RowsRefused,
    file_digest,
    journal_import,
    journal_refused,
)
from csr_console.central.rows import BATCH_ROWS, insert_all, put_all
from csr_console.central.search import name_key
from csr_console.central.secrets import ServerSecret
from csr_console.central.tables.accounts import (
    account,
    account_alert,
    balance,
    contact,
    person,
    premise,
    service,
)
from csr_console.central.tables.columns import from_json, to_json, to_text
from csr_console.central.tables.imports import import_mark
from csr_console.central.tables.network import supply_point
from csr_console.central.tables.verifiers import verifier
from csr_console.contracts.envelope import canonical
from csr_console.contracts.imports import CustomerRow, Refused, read_customers
from csr_console.domain.accounts.commands import CONTACT_FIELDS
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.words import parse_address, street_key

_ACT = "import.customers"
_BALANCE_FIELDS = tuple(column.name for column in balance.c if column.name not in ("office", "account"))
_REPLACED: tuple[Table, ...] = (service, account_alert, verifier)
"""What hangs on an account in any number: removed and written anew when the account's row changed."""


def import_customers(
    db: Database,
    secret: ServerSecret,
    path: Path,
    importer: Importer,
    *,
    progress: Progress = lambda _done, _total: None,
    skip_refused: bool = False,
) -> Imported:
    """Bring the accounts of a file in, all or none; with `skip_refused` all but the refused rows.

    An account is known by its number: a row that is as it was at the last import changes nothing, even if a
    clerk has changed contact details since; in one that differs, the contact fields that the file changed
    go before what a clerk entered. Accounts that the file does not name stay. Desks then take a snapshot.
    Raises `Fault` when the database does not answer; nothing is changed then.
    """
    imported = Imported(file_digest([path]))
    total = _count_lines(path)
    try:
        with db.write() as connection:
            lock_head(connection, importer.office)
            run = _Run(connection, secret, importer, imported, skip_refused)
            for rows in _batches(read_customers(path)):
                run.take(rows)
                progress(min(run.read, total), total)
            run.finish()
            journal_import(connection, importer, _ACT, path.name, imported)
    except RowsRefused:
        journal_refused(db, importer, _ACT, path.name, imported)
    progress(total, total)
    return imported


def _batches(rows: Iterator[CustomerRow | Refused]) -> Iterator[list[CustomerRow | Refused]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _count_lines(path: Path) -> int:
    """The lines below the header: about as many rows, enough for a progress bar."""
    try:
        with path.open("rb") as file:
            return max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
    except OSError:
        return 0


@dataclass(slots=True)
class _Rows:
    """Rows to be written for one batch, by table."""

    by_table: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: Table, **values: Any) -> None:
        self.by_table.setdefault(table.name, []).append(values)

    def of(self, table: Table) -> list[dict[str, Any]]:
        return self.by_table.get(table.name, [])


class _Run:
    """One import within its transaction."""

    def __init__(
        self,
        connection: Connection,
        secret: ServerSecret,
        importer: Importer,
        imported: Imported,
        skip_refused: bool,
    ) -> None:
        self._connection = connection
        self._secret = secret
        self._mark_key = secret.key("import")
        self._office = importer.office
        self._importer = importer
        self._imported = imported
        self._skip_refused = skip_refused
        self._network = self._has_network()
        self.read = 0

    def take(self, batch: Sequence[CustomerRow | Refused]) -> None:
        """Write the rows of a batch that are new or changed; after a refusal only go on reading."""
        self.read += len(batch)
        customers = self._accepted(batch)
        report = self._imported.report
        if report.refused_count and not self._skip_refused:
            return
        report.kept += len(customers)
        numbers = [customer.account_number for customer in customers]
        marks = self._marks(numbers)
        new = [customer for customer in customers if customer.account_number not in marks]
        digests = {customer.account_number: self._digest(customer) for customer in customers}
        changed = [
            customer
            for customer in customers
            if (known := marks.get(customer.account_number)) and known[0] != digests[customer.account_number]
        ]
        self._imported.added += len(new)
        self._imported.changed += len(changed)
        self._imported.unchanged += len(customers) - len(new) - len(changed)
        if new or changed:
            self._write(new, changed, digests, {number: mark[1] for number, mark in marks.items()})

    def finish(self) -> None:
        """Settle what concerns the whole file. Raises `RowsRefused` to undo everything."""
        if self._imported.report.refused_count and not self._skip_refused:
            raise RowsRefused
        if self._imported.added or self._imported.changed:
            kept = exists().where(account.c.office == person.c.office, account.c.person == person.c.person)
            self._connection.execute(delete(person).where(person.c.office == self._office, ~kept))
            raise_floor(self._connection, self._office)

    def _accepted(self, batch: Sequence[CustomerRow | Refused]) -> list[CustomerRow]:
        """The rows that can be written; a supply point has to be one of the network, once there is one."""
        points = {row.supply_point for row in batch if isinstance(row, CustomerRow) and row.supply_point}
        known = self._known_points(points) if self._network else points
        accepted = []
        for row in batch:
            if isinstance(row, Refused):
                self._imported.report.add(row)
            elif row.supply_point is not None and row.supply_point not in known:
                self._imported.report.add(
                    Refused(row.row, "supply_point", "is not in the network model: correct it or empty it")
                )
            else:
                accepted.append(row)
        return accepted

    def _write(
        self,
        new: Sequence[CustomerRow],
        changed: Sequence[CustomerRow],
        digests: Mapping[str, str],
        imported_contacts: Mapping[str, dict[str, str]],
    ) -> None:
        rows = _Rows()
        for customer in (*new, *changed):
            self._fill(rows, customer, digests[customer.account_number])
        connection, office = self._connection, self._office
        put_all(connection, person, list({row["person"]: row for row in rows.of(person)}.values()))
        put_all(connection, premise, list({row["premise"]: row for row in rows.of(premise)}.values()))
        fresh = {customer.account_number for customer in new}
        insert_all(connection, account, [row for row in rows.of(account) if row["account"] in fresh])
        for row in rows.of(account):
            if row["account"] not in fresh:
                self._update_account(row)
        insert_all(connection, contact, [row for row in rows.of(contact) if row["account"] in fresh])
        if changed:
            self._merge_contacts(changed, imported_contacts)
            gone = [customer.account_number for customer in changed]
            for table in _REPLACED:
                connection.execute(delete(table).where(table.c.office == office, table.c.account.in_(gone)))
        for table in _REPLACED:
            insert_all(connection, table, rows.of(table))
        put_all(connection, balance, rows.of(balance))
        known = [customer.account_number for customer in changed]
        post_openings(connection, office, rows.of(balance), self._importer.now, known=known)
        put_all(connection, import_mark, rows.of(import_mark))

    def _fill(self, rows: _Rows, customer: CustomerRow, digest: str) -> None:
        office, number = self._office, customer.account_number
        key = {"office": office, "account": number}
        who = _person_of(customer)
        rows.add(
            person,
            office=office,
            person=who,
            name=customer.name,
            name_key=name_key(customer.name),
            kind=customer.kind,
        )
        rows.add(
            premise,
            office=office,
            premise=customer.premise,
            street=customer.service_street,
            unit=customer.service_unit,
            city=customer.service_city,
            zip=customer.service_zip,
            supply_point=customer.supply_point,
            street_key=street_key(parse_address(customer.service_street).street) or None,
        )
        rows.add(
            account,
            **key,
            person=who,
            premise=customer.premise,
            status=customer.status,
            since_on=customer.since_on.isoformat(),
            version=1,
        )
        rows.add(contact, **key, **_contact_of(customer))
        for position, entry in enumerate(customer.services):
            rows.add(
                service,
                **key,
                position=position,
                service=entry.service,
                meter=entry.meter,
                state=entry.state,
            )
        for alert in customer.alerts:
            rows.add(
                account_alert,
                **key,
                code=alert.code,
                expires_on=alert.expires_on.isoformat() if alert.expires_on else None,
            )
        for factor, answer in _answers_of(customer).items():
            rows.add(
                verifier,
                **key,
                factor=factor.value,
                digest=self._secret.verifier(office, number, factor, answer),
            )
        figures = customer.model_dump(mode="json", include=set(_BALANCE_FIELDS))
        rows.add(balance, **key, **figures)
        rows.add(import_mark, **key, digest=digest, contact=to_json(_contact_of(customer)))

    def _update_account(self, row: Mapping[str, Any]) -> None:
        self._connection.execute(
            update(account)
            .where(account.c.office == row["office"], account.c.account == row["account"])
            .values(
                person=row["person"],
                premise=row["premise"],
                status=row["status"],
                since_on=row["since_on"],
                version=account.c.version + 1,
            )
        )

    def _merge_contacts(self, changed: Sequence[CustomerRow], imported: Mapping[str, dict[str, str]]) -> None:
        """Set the contact fields that differ from the last import; the others keep what a clerk entered."""
        for customer in changed:
            number = customer.account_number
            now, before = _contact_of(customer), imported[number]
            differing = {name: value for name, value in now.items() if before.get(name, "") != value}
            if not differing:
                continue
            self._connection.execute(
                update(contact)
                .where(contact.c.office == self._office, contact.c.account == number)
                .values(differing)
            )
            versions.bump(
                self._connection,
                self._office,
                f"contact:{number}",
                differing,
                actor=self._importer.actor,
                at=to_text(self._importer.now),
            )

    def _marks(self, numbers: Sequence[str]) -> dict[str, tuple[str, dict[str, str]]]:
        """The digest and the contact details of the last import, by account number."""
        rows = self._connection.execute(
            select(import_mark).where(
                import_mark.c.office == self._office, import_mark.c.account.in_(numbers)
            )
        )
        return {row.account: (row.digest, from_json(row.contact)) for row in rows}

    def _digest(self, customer: CustomerRow) -> str:
        """A keyed digest of the row: a plain one would let four secret digits be guessed."""
        document = canonical(customer.model_dump(mode="json", exclude={"row"}))
        return hmac.new(self._mark_key, document, hashlib.sha256).hexdigest()

    def _has_network(self) -> bool:
        query = select(func.count()).select_from(supply_point).where(supply_point.c.office == self._office)
        return bool(self._connection.execute(query).scalar_one())

    def _known_points(self, points: set[str]) -> set[str]:
        query = select(supply_point.c.id).where(
            supply_point.c.office == self._office, supply_point.c.id.in_(sorted(points))
        )
        return set(self._connection.execute(query).scalars())


def _person_of(customer: CustomerRow) -> str:
    """Who is billed: the export knows no persons, so one name on one phone number is one person, and without
    a phone number each account is its own."""
    if not customer.phone_1:
        return f"account-{customer.account_number}"
    return hashlib.sha256(f"{name_key(customer.name)}\x1f{customer.phone_1}".encode()).hexdigest()[:24]


def _contact_of(customer: CustomerRow) -> dict[str, str]:
    return {name: str(getattr(customer, name)) for name in CONTACT_FIELDS}


def _answers_of(customer: CustomerRow) -> dict[Factor, str]:
    """The secret answers on file in the spelling they are compared in."""
    paid = customer.last_payment_cents
    found = {
        Factor.SSN4: customer.verify_ssn4,
        Factor.BIRTH_DATE: customer.verify_dob.isoformat() if customer.verify_dob else "",
        Factor.LICENSE4: customer.verify_dl4.upper(),
        Factor.PASSPHRASE: answers.passphrase(customer.verify_passphrase),
        Factor.LAST_PAYMENT: str(paid) if paid else "",
    }
    return {factor: answer for factor, answer in found.items() if answer}
