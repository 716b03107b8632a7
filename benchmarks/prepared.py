"""A workstation with prepared stores: a roster of any size, customers looked at, open reports, a queue.

Its central is never there, so everything measured on it is what the desk does by itself.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from benchmarks.console import PIN
from benchmarks.people import people

from csr_console import __version__
from csr_console.contracts.feed import ChangeRow
from csr_console.contracts.views.accounts import AccountView, RosterEntry
from csr_console.contracts.views.outages import ReportView
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store import cache_rows, roster
from csr_console.desk.store.files import Files
from csr_console.desk.store.station import Pin, StoredSession
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.permissions import Actor, Role

STATION, LOGIN, OFFICE = "B01", "bench", "bench"
NOBODY = "http://127.0.0.1:9"
"""The discard port: a connection is refused at once."""
VIEWED, REPORTED, QUEUED = 40, 60, 12
"""Customers whose whole view is cached, open outage reports, commands that wait: a morning's."""


def prepared(accounts: int) -> Path:
    """The folder of a workstation with that many customers; made once, kept among the temporary files."""
    folder = Path(tempfile.gettempdir()) / f"csr-bench-{__version__}-{accounts}"
    if not (folder / "settings.toml").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        _fill(folder, accounts)
        _queue(folder)
        (folder / "settings.toml").write_text(
            f'station = "{STATION}"\ncentral = "{NOBODY}"\ndata = "{folder}"\nlock_after_minutes = 30\n',
            encoding="utf-8",
        )
    return folder


def known(accounts: int, count: int) -> list[RosterEntry]:
    """The first customers of the workstation; the first `VIEWED` of them were looked at."""
    return list(islice(people(accounts), count))


def _fill(folder: Path, accounts: int) -> None:
    """Through the desk's own stores, as a snapshot and a morning would have."""
    now = datetime.now(UTC)
    files = Files(DeskSettings(folder, STATION), ThrowAwayKeys(folder), lambda: now)
    rest = people(accounts)
    while page := list(islice(rest, 500)):
        with files.cache.write() as connection:
            roster.append(connection, page)
    with files.cache.write() as connection:
        roster.complete(connection)
        for entry in known(accounts, VIEWED):
            cache_rows.save_view(connection, _view(entry, now), etag="", reader=LOGIN, as_of=now, mark=0)
        cache_rows.apply_outages(connection, list(_reports(known(accounts, REPORTED), now)))
        cache_rows.put(connection, {"office": OFFICE, "mark": 0})
        cache_rows.set_position(connection, REPORTED)
    actor = Actor(LOGIN, "Dana Reyes", Role.SPECIALIST, OFFICE)
    session = StoredSession(UUID(int=1), actor, f"{now:%y%m%d}-{LOGIN}", bytes(32), "", now, active=True)
    files.station.save_session(session)
    files.station.save_pin(LOGIN, Pin(PasswordHasher().hash(PIN), 0))
    files.close()


def _queue(folder: Path) -> None:
    accounts = known(10_000, QUEUED)
    desk = Desk.open(
        DeskSettings(folder, STATION), ThrowAwayKeys(folder), gateway=Gateway(NOBODY), on_event=lambda _: None
    )
    desk.unlock(PIN)
    for entry in accounts:
        note = AddNote(account=entry.account, text="Gate code changed; dog is friendly.")
        desk.submit(note, id=desk.new_id(), wait_s=0)
    desk.close()


def _view(entry: RosterEntry, now: datetime) -> AccountView:
    phones: Sequence[str] = [*entry.phones, ""]
    timeline = [
        {
            "id": UUID(int=serial),
            "kind": kind,
            "at": now - timedelta(days=9 * serial, minutes=17 * serial),
            "actor": "reyes",
            "text": text,
        }
        for serial, (kind, text) in enumerate(_HISTORY * 4)
    ]
    return AccountView.model_validate(
        {
            "entry": entry,
            "since_on": date(2019, 4, 2),
            "contact": {"phone_1": phones[0], "phone_2": phones[1], "mailing_zip": entry.zip, "version": 1},
            "services": [
                {"service": "electric", "meter": entry.meters[0], "state": "connected"},
                {"service": "water", "meter": entry.meters[-1], "state": "connected"},
            ],
            "balance": _BALANCE,
            "alerts": [{"code": "dispute", "expires_on": None}],
            "timeline": timeline,
            "open_report": None,
            "others": [],
            "version": 1,
        }
    )


def _reports(entries: Sequence[RosterEntry], now: datetime) -> Iterator[ChangeRow]:
    for serial, entry in enumerate(entries, 1):
        opened = now - timedelta(minutes=3 * serial)
        report: dict[str, Any] = {
            "id": UUID(int=serial),
            "number": serial,
            "state": "open",
            "account": entry.account,
            "premise": entry.premise,
            "place": entry.service_address,
            "name": entry.name,
            "scope": ("all", "part", "flicker")[serial % 3],
            "hazard": "none",
            "critical": entry.critical,
            "priority": 2 if entry.critical else 5,
            "device": entry.device,
            "callback": entry.phones[0],
            "calls": 1 + serial % 3,
            "remarks": [],
            "opened_at": opened,
            "last_call_at": opened,
            "version": 1,
        }
        body = ReportView.model_validate(report).model_dump(mode="json")
        yield ChangeRow(seq=serial, entity="report", key=str(UUID(int=serial)), op="upsert", body=body)


_HISTORY = (
    ("contact", "Called about the balance; read it and the date it is due."),
    ("note", "Gate code changed; dog is friendly."),
    ("outage", "Outage reported: all, no hazard; call back when restored."),
)
_BALANCE = {
    "balance_cents": 18_452,
    "on": date(2026, 8, 28),
    "age_0_30_cents": 12_000,
    "age_31_60_cents": 6_452,
    "age_61_90_cents": 0,
    "age_over_90_cents": 0,
    "due_on": date(2026, 9, 18),
    "cut_on": None,
    "last_payment_cents": 9_900,
    "last_payment_on": date(2026, 8, 2),
}
