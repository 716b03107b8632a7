"""Commands that central applies in a second: in process and over HTTP, one by one, at once and in batches.

    python -m benchmarks.pipeline [--seconds 4] [--databases sqlite] [--json FILE]

Every command passes everything that it passes at work: seal, permission, decision, versions, audit chain,
change feed, kept outcome; one transaction each, or what comes at once or as a batch in one. Both databases
sync what they acknowledge. The floor is one INSERT of the bytes of a command and its COMMIT by the driver, in
a file beside the database or in the same server, and over HTTP a route that does nothing. A figure and its
floor run by turns of a few commands, so that whatever else the machine does hits both.
"""

import argparse
import contextlib
import http.client
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlcipher3
from benchmarks.harness import Figure, Report
from benchmarks.served import DATABASES, LOGIN, OFFICE, central_on, city, storm
from pydantic import SecretStr
from sqlalchemy import select
from tests.faults.processes import CentralProcess

from csr_console.central.reads.accounts import roster_entries
from csr_console.central.service import Central, open_central
from csr_console.central.tables.accounts import account
from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.contracts.signin import SessionTokens, SignIn
from csr_console.contracts.views.accounts import RosterEntry
from csr_console.domain.ids import uuid7

TURN = 40
"""Commands of a turn, one by one."""
BATCH = 100
CLIENTS = 8
BARS = {"sqlite": ">= 800", "postgresql": ">= 300"}
Send = Callable[[Sequence[Submission]], object]
"""Applies a turn's commands."""
Floor = Callable[[Sequence[bytes]], object]
"""Does the least that can be done with a turn's bytes."""


class Desk:
    """Makes what a signed-in clerk's desk sends: numbered, sealed, with an id of its own."""

    def __init__(self, central: Central) -> None:
        self._clock = central.clock
        self._counter = self._serial = 0
        self._station = f"B{secrets.randbelow(10_000):04}"
        given = SignIn(
            login=LOGIN,
            password=SecretStr(city().passwords[LOGIN]),
            station=self._station,
            installation=uuid4(),
        )
        self.tokens: SessionTokens = central.sessions.sign_in(given)
        self.requester = central.sessions.admit(self.tokens.access_token).actor
        self._people = _people(central)

    def submissions(self, count: int) -> list[Submission]:
        return [self._next() for _ in range(count)]

    def _next(self) -> Submission:
        self._counter += 1
        now = self._clock()
        envelope = Envelope(
            id=uuid7(now, secrets.token_bytes(10)),
            issued_at=now,
            station=self._station,
            counter=self._counter,
            actor=LOGIN,
            command=command_document(storm(self._people, self._counter)),
        )
        key = bytes.fromhex(self.tokens.seal_key)
        return Submission(envelope=envelope, session=self.tokens.session, seal=seal(key, envelope.digest()))


def _people(central: Central) -> list[RosterEntry]:
    """Customers with electricity and nothing against a report."""
    with central.db.read() as connection:
        numbers = connection.execute(select(account.c.account).where(account.c.status == "active")).scalars()
        entries = roster_entries(connection, OFFICE, list(numbers), central.clock().date())
    return [one for one in entries.values() if not one.flags and one.electric_state == "connected"]


class SqliteFloor:
    """One row and its COMMIT by the driver, in a file of its own beside the database."""

    def __init__(self, folder: Path) -> None:
        self._driver = sqlcipher3.connect(str(folder / "floor.db"), isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            self._driver.execute(statement)
        self._driver.execute("CREATE TABLE raw (id TEXT PRIMARY KEY, body BLOB)")

    def singly(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            self.together([body])

    def together(self, bodies: Sequence[bytes]) -> None:
        self._driver.execute("BEGIN IMMEDIATE")
        self._driver.executemany("INSERT INTO raw VALUES (?, ?)", [(str(uuid4()), body) for body in bodies])
        self._driver.execute("COMMIT")

    def close(self) -> None:
        self._driver.close()


class PostgresqlFloor:
    """One row and its COMMIT by the driver, in the same server."""

    def __init__(self, url: str) -> None:
        self._driver = psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"))
        self._driver.execute("CREATE TABLE raw (id TEXT PRIMARY KEY, body BYTEA)")
        self._driver.commit()

    def singly(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            self._driver.execute("INSERT INTO raw VALUES (%s, %s)", (str(uuid4()), body))
            self._driver.commit()

    def together(self, bodies: Sequence[bytes]) -> None:
        with self._driver.cursor() as cursor:
            cursor.executemany("INSERT INTO raw VALUES (%s, %s)", [(str(uuid4()), body) for body in bodies])
        self._driver.commit()

    def close(self) -> None:
        self._driver.close()


class Client(http.client.HTTPConnection):
    """One connection to a Unix socket; the thinnest client there is, for it runs on the same processors."""

    def __init__(self, listen: Path, token: str) -> None:
        super().__init__("central")
        self._listen = listen
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._listen))

    def send_to(self, method: str, path: str, body: bytes) -> None:
        """Send again when the server has closed a connection that waited for its turn; an id is applied
        once. Raises AssertionError when it is not answered well."""
        try:
            self.request(method, path, body, self._headers)
            answer = self.getresponse()
        except ConnectionError:
            self.close()
            self.request(method, path, body, self._headers)
            answer = self.getresponse()
        words = answer.read()
        assert answer.status in (200, 201), words

    def put(self, bodies: Sequence[tuple[UUID, bytes]]) -> None:
        for command_id, body in bodies:
            self.send_to("PUT", f"/v1/commands/{command_id}", body)

    def post_batch(self, bodies: Sequence[bytes]) -> None:
        self.send_to("POST", "/v1/commands:batch", b'{"submissions":[' + b",".join(bodies) + b"]}")


@dataclass(slots=True)
class Measuring:
    """Adds a figure beside its floor: turns of both, one after the other, for some seconds."""

    report: Report
    desk: Desk
    seconds: float

    def add(self, name: str, send: Send, floor: Floor, floor_name: str, turn: int, bar: str = "") -> float:
        """The processor milliseconds that this process spent on a command, the floor's not among them."""
        spent = least = work = 0.0
        done = 0
        self._turn(send, floor, turn)
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            one, other, processor = self._turn(send, floor, turn)
            spent, least, work, done = spent + one, least + other, work + processor, done + turn
        rate, most = done / spent, done / least
        self.report.add(
            Figure(name, rate, "/s", bar, most, floor_name),
            Figure(f"{name}, of {floor_name}", rate / most, "x"),
        )
        return 1000 * work / done

    def _turn(self, send: Send, floor: Floor, turn: int) -> tuple[float, float, float]:
        """Seconds of the commands and of the floor, and processor seconds of the commands."""
        given = self.desk.submissions(turn)
        bodies = [canonical(submission.document()) for submission in given]
        began = time.perf_counter()
        floor(bodies)
        between, processor = time.perf_counter(), time.process_time()
        send(given)
        return time.perf_counter() - between, between - began, time.process_time() - processor


def in_process(measuring: Measuring, central: Central, dialect: str, floor: Any) -> None:
    pipeline, requester = central.pipeline, measuring.desk.requester

    def apply(given: Submission) -> None:
        assert pipeline.apply(given, requester=requester).outcome.state == "applied"

    def singly(given: Sequence[Submission]) -> None:
        for submission in given:
            apply(submission)

    def batch(given: Sequence[Submission]) -> None:
        outcomes = pipeline.apply_batch(given, requester=requester).outcomes
        assert [outcome.state for outcome in outcomes] == ["applied"] * len(given)

    raw, rows = "raw INSERT and COMMIT", f"raw, {BATCH} a COMMIT"
    bar = BARS[dialect]
    name = f"{dialect}, in process, one by one"
    work = measuring.add(name, singly, floor.singly, raw, TURN, bar)
    measuring.report.add(Figure(f"{name}, processor time", work, "ms/command"))
    with ThreadPoolExecutor(CLIENTS) as pool:

        def at_once(given: Sequence[Submission]) -> None:
            list(pool.map(apply, given))

        name = f"{dialect}, in process, {CLIENTS} threads at once"
        measuring.add(name, at_once, floor.singly, raw, CLIENTS * TURN)
    name = f"{dialect}, in process, batches of {BATCH}"
    work = measuring.add(name, batch, floor.together, rows, BATCH)
    measuring.report.add(Figure(f"{name}, processor time", work, "ms/command"))


def over_http(measuring: Measuring, dialect: str, listen: Path, nothing: Path) -> None:
    token = measuring.desk.tokens.access_token
    with ThreadPoolExecutor(CLIENTS) as pool, ExitStack() as stack:
        busy, idle = (
            [stack.enter_context(contextlib.closing(Client(place, token))) for _ in range(CLIENTS)]
            for place in (listen, nothing)
        )

        def put(clients: Sequence[Client], given: Sequence[tuple[UUID, bytes]]) -> None:
            """Every client an equal share, all at once."""
            gate = threading.Barrier(len(clients))

            def share(index: int) -> None:
                gate.wait()
                clients[index].put(given[index :: len(clients)])

            list(pool.map(share, range(len(clients))))

        for count, name in ((1, "1 client"), (CLIENTS, f"{CLIENTS} clients at once")):
            measuring.add(
                f"{dialect}, HTTP, {name}",
                lambda given, count=count: put(busy[:count], _addressed(given)),
                lambda bodies, count=count: put(idle[:count], [(uuid4(), body) for body in bodies]),
                "no-op route",
                count * TURN,
            )
        measuring.add(
            f"{dialect}, HTTP, batches of {BATCH}",
            lambda given: busy[0].post_batch([body for _, body in _addressed(given)]),
            idle[0].post_batch,
            "no-op route",
            BATCH,
        )


def _addressed(given: Sequence[Submission]) -> list[tuple[UUID, bytes]]:
    return [(submission.envelope.id, canonical(submission.document())) for submission in given]


@contextmanager
def _floor_of(central: Central, folder: Path) -> Iterator[Any]:
    on_sqlite = central.db.dialect == "sqlite"
    floor = SqliteFloor(folder) if on_sqlite else PostgresqlFloor(central.settings.database)
    with contextlib.closing(floor):
        yield floor


def measure(options: argparse.Namespace) -> Report:
    report = Report(f"commands applied by central, {options.seconds:g} s a figure")
    for dialect in options.databases:
        with tempfile.TemporaryDirectory(prefix="csr-bench-pipeline-") as name, ExitStack() as stack:
            folder = Path(name)
            served = stack.enter_context(central_on(dialect, folder))
            nothing = CentralProcess(served._office, folder / "noop.sock", "-m", "benchmarks.noop")
            stack.enter_context(nothing)
            central = open_central(served._office.settings)
            stack.callback(central.db.close)
            floor = stack.enter_context(_floor_of(central, folder))
            measuring = Measuring(report, Desk(central), options.seconds)
            in_process(measuring, central, dialect, floor)
            over_http(measuring, dialect, served.listen, nothing.listen)
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="for each figure with its floor")
    parser.add_argument("--databases", nargs="*", choices=DATABASES, default=DATABASES)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
