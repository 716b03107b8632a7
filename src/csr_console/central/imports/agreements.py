"""agreements.csv into the table of agreements: by a tariff book in force, with what its schedule asks for."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, or_, select

from csr_console.central.agreements import Agreed, agreement_row, put_agreements
from csr_console.central.database import Database
from csr_console.central.demand import figure_of
from csr_console.central.imports.run import Imported, Importer, Progress
from csr_console.central.imports.whole import Taking, import_whole
from csr_console.central.tables.accounts import account
from csr_console.central.tables.billing import agreement
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tariffs import books_in_force
from csr_console.contracts.imports.agreements import AgreementRow, read_agreements
from csr_console.contracts.imports.report import excerpt
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import Attribute, Schedule, TariffBook, refuse_if_not_offered
from csr_console.domain.tariff.needs import Needs, needs_of

_ACT = "import.agreements"
_FOLLOWS_WATER = "sewer"


def import_agreements(
    db: Database,
    path: Path,
    importer: Importer,
    *,
    progress: Progress = lambda _done, _total: None,
    skip_refused: bool = False,
) -> Imported:
    """Bring the agreements of a file in, all or none; with `skip_refused` all but the refused rows.

    An agreement is known by its account, service and first day. One that is there already takes the new
    values for its next bill and goes on where it was billed to; those that the file does not name stay.
    Raises `Fault` when the database does not answer; nothing is changed then.
    """
    rows = read_agreements(path)
    return import_whole(
        db, path, importer, _ACT, rows, _Agreements, progress=progress, skip_refused=skip_refused
    )


class _Agreements(Taking[AgreementRow]):
    def __init__(self, connection: Connection, importer: Importer, imported: Imported) -> None:
        super().__init__(connection, importer, imported)
        self._books = books_in_force(connection, self.office)
        self._needs: dict[tuple[str, str], Needs] = {}

    def take(self, rows: Sequence[AgreementRow]) -> None:
        accounts = self._known_accounts(rows)
        there = self._there(rows)
        by_key = {(one.account, one.service, one.since_on): one for one in there}
        write: list[Agreed] = []
        for row in rows:
            mistakes = self._mistakes(row, accounts, there)
            for field, reason in mistakes:
                self.refuse(row, field, reason)
            if mistakes:
                continue
            agreed = _agreed(row)
            before = by_key.get((row.account_number, row.service, row.since_on.isoformat()))
            if before is not None and _is_as(before, agreement_row(self.office, agreed)):
                self.imported.unchanged += 1
                continue
            self.imported.added += before is None
            self.imported.changed += before is not None
            write.append(agreed)
        put_agreements(self.connection, self.office, write)

    def _known_accounts(self, rows: Sequence[AgreementRow]) -> set[str]:
        query = select(account.c.account).where(
            account.c.office == self.office, account.c.account.in_({row.account_number for row in rows})
        )
        return set(self.connection.execute(query).scalars())

    def _there(self, rows: Sequence[AgreementRow]) -> Sequence[AnyRow]:
        """The agreements of the accounts and of the meters of a batch."""
        query = select(agreement).where(
            agreement.c.office == self.office,
            or_(
                agreement.c.account.in_({row.account_number for row in rows}),
                agreement.c.meter.in_({row.meter for row in rows if row.meter}),
            ),
        )
        return self.connection.execute(query).all()

    def _mistakes(
        self, row: AgreementRow, accounts: set[str], there: Sequence[AnyRow]
    ) -> list[tuple[str, str]]:
        """Field and reason of everything that does not fit."""
        found = []
        if row.account_number not in accounts:
            found.append(
                ("account_number", f"no account {row.account_number} in this office: find whose it is")
            )
        for one in there:
            if one.until_on is not None:
                continue
            same = (one.account, one.service) == (row.account_number, row.service)
            if same and one.since_on != row.since_on.isoformat():
                reason = f"is another than that of the agreement in force, {one.since_on}: write that day"
                found.append(("since_on", reason))
            if row.meter and one.meter == row.meter and not same:
                reason = f"counts {one.service} of account {one.account}: a meter is of one service"
                found.append(("meter", reason))
        return found or self._against_book(row)

    def _against_book(self, row: AgreementRow) -> list[tuple[str, str]]:
        book = self._books.get(row.book)
        if book is None:
            known = ", ".join(sorted(self._books)) or "none yet"
            return [
                ("book", f"no tariff book {row.book} is in force ({known}): load it, or correct the name")
            ]
        schedule = book.schedules.get(row.schedule)
        if schedule is None or schedule.service != row.service:
            names = ", ".join(one.id for one in book.schedule if one.service == row.service)
            return [
                ("schedule", f"the book has no {row.schedule} for {row.service}: use {names or 'another'}")
            ]
        try:
            refuse_if_not_offered(schedule, row.since_on)
        except Refusal as refusal:
            return [("schedule", refusal.sentence)]
        if bool(row.meter) != _is_metered(schedule):
            wants = (
                "is empty, but the schedule charges for use: write the meter"
                if not row.meter
                else ("is given for a service without a meter: empty it")
            )
            return [("meter", wants)]
        return [("premise", reason) for reason in self._premise(row, book)]

    def _premise(self, row: AgreementRow, book: TariffBook) -> list[str]:
        """What the premise lacks of what the schedule asks for, and what it says that nobody knows."""
        key = (book.digest, row.schedule)
        if key not in self._needs:
            self._needs[key] = needs_of(book, row.schedule)
        needs = self._needs[key]
        found = [_wrong(book.attributes[name], row.premise.get(name)) for name in needs.attributes]
        for name, wanted in (("contract_kw", needs.contract_kw), ("power_factor", needs.power_factor)):
            if (wanted or name in row.premise) and figure_of(row.premise, name) is None:
                found.append(f"{name} is missing or no number: the schedule charges by it")
        found += [
            f"{excerpt(name)} is no attribute of the book: remove it"
            for name in row.premise
            if name not in book.attributes and name not in ("contract_kw", "power_factor")
        ]
        return [reason for reason in found if reason][:1]


def _is_metered(schedule: Schedule) -> bool:
    return schedule.unit is not None and schedule.service != _FOLLOWS_WATER


def _wrong(attribute: Attribute, value: str | None) -> str:
    """What is wrong with an attribute that the schedule asks for; nothing when it will do."""
    if value is None:
        return f"{attribute.id} is missing ({attribute.label}): the schedule charges by it"
    if not attribute.numeric:
        wanted = " or ".join(attribute.values)
        return "" if value in attribute.values else f"{attribute.id} is {excerpt(value)}: write {wanted}"
    try:
        good = Decimal(value).is_finite() and Decimal(value) >= 0
    except InvalidOperation:
        good = False
    return "" if good else f"{attribute.id} is {excerpt(value)}: write a number"


def _agreed(row: AgreementRow) -> Agreed:
    return Agreed(
        row.account_number,
        row.service,
        row.since_on,
        row.book,
        row.schedule,
        row.premise,
        row.meter,
        row.dials,
        row.multiplier,
    )


def _is_as(before: AnyRow, row: dict[str, Any]) -> bool:
    """Whether an agreement is as the file has it; how far it was billed is nothing of the file's."""
    return all(before._mapping[name] == value for name, value in row.items() if name != "billed_to_on")
