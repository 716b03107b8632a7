"""The demo city on disk: generated, imported through the same commands a utility uses, and kept."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import csr_console
from csr_console import __version__
from csr_console.demo.city import generate_city
from csr_console.demo.city.generate import CityFacts, Resident
from csr_console.domain.permissions import Role

OFFICE = "demo"
REVISIONS = Path(csr_console.__file__).parent / "central" / "migrations" / "versions"
STAFF = {
    "demo": ("Dana Reyes", Role.SPECIALIST),
    "colleague": ("Sam Whitaker", Role.SPECIALIST),
    "lead": ("Robin Akers", Role.LEAD),
    "supervisor": ("Jo Mercer", Role.SUPERVISOR),
}
Progress = Callable[[str, int, int], None]
"""What is being done, how far it is, of how much."""


@dataclass(frozen=True, slots=True)
class DemoCity:
    """A prepared city: the central database as it was imported, its secret, and who is worth calling."""

    folder: Path
    facts: dict[str, Any]
    passwords: dict[str, str]
    as_of: date
    """The day of the balances, and of the newest read."""

    @property
    def database(self) -> Path:
        return self.folder / "central.db"

    @property
    def customers(self) -> Path:
        return self.folder / "customers.csv"

    def copy_database(self, to: Path) -> Path:
        """A working copy of the untouched database with its secret, in the folder `to`."""
        to.mkdir(parents=True, exist_ok=True)
        for name in ("central.db", "central.db.secret"):
            shutil.copy2(self.folder / name, to / name)
        return to / "central.db"


def city_folder(root: Path, accounts: int, network_model: Path | None, revisions: Path = REVISIONS) -> Path:
    """Where the city of these arguments is kept; another version, schema of central or network model is
    another folder."""
    identity: list[object] = [__version__, accounts, _hash_of(revisions)]
    if network_model is not None:
        identity += [
            (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in _files(network_model)
        ]
    return root / hashlib.sha256(repr(identity).encode()).hexdigest()[:12]


def _hash_of(revisions: Path) -> str:
    """What the revisions of central's schema say, as one hash."""
    total = hashlib.sha256()
    for path in sorted(revisions.glob("*.py")):
        total.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def prepare(root: Path, accounts: int, network_model: Path | None, progress: Progress) -> DemoCity:
    """The city of these arguments, generated and imported the first time, reused ever after.

    Raises ValueError for arguments the city cannot be made with. Nothing half-made is ever reused: the folder
    takes its name when it is complete.
    """
    folder = city_folder(root, accounts, network_model)
    if not (folder / "city.json").exists():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            _make(partial, accounts, network_model, progress)
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    kept = json.loads((folder / "city.json").read_text(encoding="utf-8"))
    return DemoCity(folder, kept["facts"], kept["passwords"], date.fromisoformat(kept["as_of"]))


def _make(folder: Path, accounts: int, network_model: Path | None, progress: Progress) -> None:
    as_of = date.today() - timedelta(days=14)  # noqa: DTZ011  the city's own calendar, not a moment
    facts = generate_city(
        folder,
        accounts=accounts,
        network=network_model,
        progress=lambda done, total: progress("building the city", done, total),
        as_of=as_of,
    )
    passwords = {login: secrets.token_urlsafe(12) for login in STAFF}
    _import(folder, facts, passwords, as_of, progress)
    kept = {"facts": _plain(facts), "passwords": passwords, "as_of": as_of.isoformat()}
    target = folder / "city.json"
    target.touch(mode=0o600)
    target.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _import(
    folder: Path, facts: CityFacts, passwords: dict[str, str], as_of: date, progress: Progress
) -> None:
    from csr_console.central.database import Database
    from csr_console.central.imports import Importer, import_customers, import_network
    from csr_console.central.secrets import load_secret
    from csr_console.central.service import prepare as prepare_central
    from csr_console.central.settings import CentralSettings
    from csr_console.central.staff import add_staff
    from csr_console.demo import history
    from csr_console.domain.billing.budget_commands import BudgetStrategy
    from csr_console.domain.permissions import Actor

    settings = CentralSettings(database=f"sqlite:///{folder / 'central.db'}")
    prepare_central(settings)
    db = Database(settings.database)
    try:
        importer = Importer(OFFICE, "demo", settings.now())
        wired = import_network(
            db,
            facts.network,
            importer,
            progress=lambda done, total: progress("wiring the network", done, total),
        )
        moved = import_customers(
            db,
            load_secret(settings),
            facts.customers,
            importer,
            progress=lambda done, total: progress("moving people in", done, total),
        )
        for imported in (wired, moved):
            if not imported.applied:
                raise ValueError(f"the city was refused: {imported.report.refused[0]}")
        history.settle_agreements(
            db,
            OFFICE,
            facts.customers,
            as_of,
            lambda done, total: progress("reading the meters", done, total),
            hourly=_numbers(facts.facility, *facts.neighbours[:1]),
            leaking=_numbers(facts.caller),
        )
        history.measure_weather(db, OFFICE, as_of)
        named = _named(facts)
        on_budget = dict.fromkeys(
            (one.account_number for one in facts.neighbours[1:2]), BudgetStrategy.REVIEW_AT_4_AND_8
        )
        history.bill_accounts(db, OFFICE, named, as_of, on_budget=on_budget)
        progress("billing who is worth calling", len(named), len(named))
        for login, (name, role) in STAFF.items():
            actor = Actor(login, name, role, OFFICE)
            with db.write() as connection:
                add_staff(connection, actor, passwords[login], by="demo", now=settings.now())
    finally:
        db.close()


def _named(facts: CityFacts) -> list[str]:
    """The accounts of the residents that a tour or an example names."""
    people = (facts.caller, facts.maria, facts.nonpay, facts.medical, facts.facility, *facts.neighbours[:2])
    return _numbers(*people)


def _numbers(*people: Resident | None) -> list[str]:
    return sorted({person.account_number for person in people if person is not None})


def _plain(facts: CityFacts) -> dict[str, Any]:
    """The facts as JSON can hold them, paths left out."""
    return {name: value for name, value in asdict(facts).items() if not isinstance(value, Path)}
