"""The real central service on one database, what can be done to it, and the truth it holds."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select, update
from tests.central.conftest import MARIA, MEDICAL, OFFICE, seed
from tests.property.fields import FOUND

from csr_console.central import feed
from csr_console.central.agreements import Agreed, put_agreements, put_book_in_force
from csr_console.central.app import build_app
from csr_console.central.billing_run import run_bills
from csr_console.central.database import Database
from csr_console.central.imports import Importer, import_payments
from csr_console.central.logs import log_to
from csr_console.central.pipeline import Pipeline, Verdict
from csr_console.central.service import Central, open_central
from csr_console.central.settings import CentralSettings
from csr_console.central.staff import set_disabled
from csr_console.central.tables.accounts import account, timeline
from csr_console.central.tables.billing import bill_exception
from csr_console.central.tables.commands import command_log
from csr_console.central.tables.staff import staff
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.registry import REGISTRY
from csr_console.domain.billing.reads import Read
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import AddToReport, ReportOutage

PASSWORD = "correct horse battery"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STAFF = {"sam": "specialist", "cleo": "clerk", "lea": "lead", "sue": "supervisor", "boss": "supervisor"}
"""`boss` never enters anything but the decisions of the last hour: a second person for everybody."""
CLERKS = ("sam", "cleo", "lea", "sue")


class Killed(BaseException):
    """The process is gone, in the middle of whatever it did."""


class Clock:
    """Ticks a millisecond at each look, and jumps when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 8, 30, 14, 2, tzinfo=UTC)
        self.latest = self.now
        self.days = {self.now.date()}

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        self.latest = max(self.latest, self.now)
        self.days.add(self.now.date())
        return self.now

    def jump(self, **by: float) -> None:
        self.now += timedelta(**by)


def furnish(db: Database) -> None:
    """The small town and its staff."""
    seed(db, OFFICE)
    password = HASHER.hash(PASSWORD)
    with db.write() as connection:
        for login, role in STAFF.items():
            row = {"login": login, "name": login.title(), "role": role, "office": OFFICE}
            connection.execute(insert(staff).values(**row, password_hash=password, disabled=0))
    bill(db)


def bill(db: Database) -> None:
    """Two bills of Maria's, 1001 and 1002, for clerks to correct, and two things that their run found; nobody
    has looked at them yet. A second account at her premise shows them, too."""
    first, days = date(2026, 6, 20), (date(2026, 7, 20), date(2026, 8, 20))
    premise = {"location": "inside", "phase": "1", "dwelling_units": "1", "impervious_sqft": "1990"}
    since = datetime(2026, 6, 1, tzinfo=UTC)
    with db.write() as connection:
        connection.execute(update(account).where(account.c.account == MEDICAL).values(premise="P0001204"))
        text = shipped_texts()["tallahassee"]
        put_book_in_force(connection, OFFICE, text, loaded_by="ann", approved_by="ben", since=since)
        for service, schedule, meter, values, multiplier in (
            ("electric", "E-RES", "E1000000", (73_000, 73_903, 74_800), 1),
            ("water", "W-RES", "W1000000", (500, 555, 955), 100),
        ):
            reads = tuple(Read(on, Decimal(value)) for on, value in zip((first, *days), values, strict=True))
            agreed = Agreed(
                MARIA, service, first, "tallahassee", schedule, premise, meter, 5, Decimal(multiplier), reads
            )
            put_agreements(connection, OFFICE, [agreed])
    for on in days:
        run_bills(db, OFFICE, on, lambda: since, tell=False)
    found = {"office": OFFICE, "account": MARIA, "sentence": "Look at it.", "found_on": FOUND["run"]}
    with db.write() as connection:
        for one in (FOUND, {**FOUND, "code": "missing-read"}):
            connection.execute(insert(bill_exception).values(**found, **one))


def copied(template: Path, folder: Path) -> str:
    """The address of a SQLite database of its own."""
    for suffix in ("", "-wal"):
        if (part := template.with_name(template.name + suffix)).exists():
            shutil.copy(part, folder / f"central.db{suffix}")
    return f"sqlite:///{folder / 'central.db'}"


@dataclass(frozen=True)
class Decided:
    """A command as central's log has it, in the order of the log; `outcome` is the row's own."""

    seq: int
    id: str
    station: str
    counter: int
    kind: str
    lane: str
    urgent: bool
    called: bool
    """Whether it counts a call on a report."""
    outcome: Outcome


class City:
    """Central, its clock, and the ways to break it."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.settings = CentralSettings(database=url, secret=SecretStr("s" * 40))
        self.breaks: Counter[str] = Counter()
        """How often central still breaks on a command, by id."""
        self.broke: Counter[str] = Counter()
        """How often it has broken on one."""
        self.receipts: list[str] = []
        """The payments that the cashier's office took."""
        self._dying: int | None = None
        self._commands: dict[str, Command] = {}
        self.central: Central
        self.app: FastAPI
        self._start()

    def _start(self) -> None:
        self._dying = None
        central = open_central(self.settings, clock=self.clock, log=log_to(StringIO()))
        pipeline = _Fragile(
            central.db,
            REGISTRY,
            central.pipeline._identity,
            self._pipeline_clock,
            central.metrics.command,
        )
        pipeline.broken = self._broken
        self.central = replace(central, pipeline=pipeline)
        self.app = build_app(self.central)

    def restart(self) -> None:
        """Another process on the same database."""
        self.central.db.close()
        self._start()

    def close(self) -> None:
        self.central.db.close()

    def dies_before_commit(self) -> None:
        """The next transaction of commands does all its work and is never committed."""
        self._dying = 2

    def _pipeline_clock(self) -> datetime:
        """Looked at for each new command, and once more right before the commit."""
        if self._dying is not None:
            self._dying -= 1
            if self._dying == 0:
                raise Killed
        return self.clock()

    def _broken(self, command_id: str) -> bool:
        self.breaks[command_id] -= 1
        breaks = self.breaks[command_id] >= 0
        self.broke[command_id] += breaks
        return breaks

    # what an administrator does

    def set_disabled(self, login: str, disabled: bool) -> None:
        with self.central.db.write() as connection:
            set_disabled(connection, login, disabled, by="admin", now=self.clock.now)

    def prune(self, keep: int) -> None:
        """Forget all but the newest changes."""
        with self.central.db.write() as connection:
            feed.prune(connection, OFFICE, keep)

    def forget_feed(self) -> None:
        """As after an import."""
        with self.central.db.write() as connection:
            feed.raise_floor(connection, OFFICE)

    def take_payment(self, account: str, cents: int, folder: Path) -> None:
        """One receipt in a file of the cashier's."""
        receipt = f"R{len(self.receipts) + 1}"
        day = self.clock.now.date().isoformat()
        with (folder / "payments.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(PAYMENT_COLUMNS)
            writer.writerow([receipt, account, cents, day, "cash", ""])
        imported = import_payments(
            self.central.db, folder / "payments.csv", Importer(OFFICE, "cashier", self.clock())
        )
        assert imported.added == 1
        self.receipts.append(receipt)

    # the truth

    def read(self, question: Callable[[Connection], Any]) -> Any:
        with self.central.db.read() as connection:
            return question(connection)

    def log(self) -> list[Decided]:
        """The command log of the office in its order."""
        statement = select(command_log).where(command_log.c.office == OFFICE).order_by(command_log.c.seq)
        return [
            self._decided(row) for row in self.read(lambda connection: connection.execute(statement).all())
        ]

    def _decided(self, row: Any) -> Decided:
        if row.command_id not in self._commands:
            document = json.loads(row.body)["envelope"]["command"]
            self._commands[row.command_id] = REGISTRY.read(document)
        command = self._commands[row.command_id]
        return Decided(
            row.seq,
            row.command_id,
            row.station,
            row.counter,
            row.kind,
            command.lane,
            command.urgent,
            isinstance(command, ReportOutage) or (isinstance(command, AddToReport) and command.called_again),
            Outcome.model_validate_json(row.outcome),
        )

    def command(self, command_id: str) -> Command:
        """A command of the log."""
        return self._commands[command_id]

    def entries(self) -> list[str]:
        """The ids of every line of every timeline."""
        statement = select(timeline.c.entry_id).where(timeline.c.office == OFFICE)
        return self.read(lambda connection: list(connection.execute(statement).scalars()))


class _Fragile(Pipeline):
    """Breaks on commands that it is told to break on, when everything is written and nothing committed."""

    broken: Callable[[str], bool]

    def _apply(self, turn: Any, incoming: Any, requester: Any) -> Verdict:
        verdict = super()._apply(turn, incoming, requester)
        if self.broken(str(incoming.submission.envelope.id)):
            raise RuntimeError("central breaks on this one")
        return verdict
