"""Many at once at central: no update is lost, no change is missed, one id is applied once by whoever gets it.

Each bar stands beside the habit that this service does not have: reading an object, changing it and saving
it; a row numbered before its commit; a new id for each attempt. Each of those has to fail here.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col
from sqlmodel import select as select_model
from tests.faults import stream
from tests.faults.processes import LOGIN, PASSWORD, CentralProcess, Office, audit_findings, read_log

from csr_console.central import feed
from csr_console.central.chain import verify_audit
from csr_console.central.database import Database
from csr_console.central.tables.outages import Report
from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.contracts.outcome import Outcome
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.ids import uuid7
from csr_console.domain.outages.commands import AddToReport, ReportOutage

WRITERS, UPDATES = 8, 100
PREMISE = "P0001204"
PATIENCE_S = 120.0


def together(work: Callable[[int], Any], threads: int = WRITERS) -> list[Any]:
    """Run `work(index)` in threads that all start at once."""
    gate = threading.Barrier(threads)

    def run(index: int) -> Any:
        gate.wait()
        return work(index)

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(run, index) for index in range(threads)]]


def calls_on(town: Any, report: UUID) -> int:
    with town.db.read() as connection:
        calls = select(Report.calls).where(col(Report.report_id) == str(report))
        return int(connection.execute(calls).scalar_one())


def open_report(town: Any) -> Outcome:
    outcome: Outcome = town.do(ReportOutage(premise=PREMISE, scope="all", hazard="none"))
    return outcome


def test_eight_writers_lose_no_update_of_one_row(town: Any) -> None:
    opened = open_report(town)
    again = AddToReport(report=opened.id, place=PREMISE)
    written = [
        [town.submission(again, station=f"C{writer:02}") for _ in range(UPDATES)] for writer in range(WRITERS)
    ]
    answers = together(lambda writer: [town.send(given).outcome for given in written[writer]])
    outcomes = [outcome for answer in answers for outcome in answer]
    assert calls_on(town, opened.id) == 1 + WRITERS * UPDATES
    assert sorted(outcome.result["calls"] for outcome in outcomes) == list(range(2, WRITERS * UPDATES + 2))
    assert [outcome for outcome in outcomes if "counter_gap" in outcome.result] == []
    assert verify_audit(town.db, "main", [outcome.witness for outcome in outcomes]) == []


def read_modify_write(db: Database, report: UUID) -> int:
    """Read the object, change it, save it; how many of the updates were told to be saved."""
    saved = 0
    for _ in range(UPDATES):
        try:
            with Session(db.engine) as session:
                row = session.exec(select_model(Report).where(col(Report.report_id) == str(report))).one()
                row.calls += 1
                session.add(row)
                session.commit()
                saved += 1
        except DBAPIError:
            continue
    return saved


def test_the_control_that_reads_modifies_and_writes_loses_updates(town: Any) -> None:
    opened = open_report(town)
    saved = sum(together(lambda _: read_modify_write(town.db, opened.id)))
    lost = saved - (calls_on(town, opened.id) - 1)
    assert lost > 0


class Follower:
    """A reader that follows numbered rows page by page while others write: `page(after)` gives what is seen
    behind a place, oldest first."""

    def __init__(self, page: Callable[[int], Sequence[int]]) -> None:
        self._page = page
        self.seen: list[int] = []
        self.looked_beside = 0

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow while the block writes, and then to the end."""
        done = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            followed = pool.submit(self._follow, done)
            try:
                yield
            finally:
                done.set()
                followed.result()

    def _follow(self, done: threading.Event) -> None:
        after = 0
        while True:
            last_look = done.is_set()
            while rows := self._page(after):
                self.seen += rows
                after = rows[-1]
                self.looked_beside += not last_look
            if last_look:
                return


def follow_the_feed(town: Any, rows: int, at_once: int) -> Follower:
    """What a reader of the changes saw while eight writers made that many, so many in a batch."""
    requester = town.staff.actors["clara"]

    def page(after: int) -> list[int]:
        with town.db.read() as connection:
            return [row.seq for row in feed.changes(connection, "main", after, 50).items]

    def write(writer: int) -> None:
        for first in range(0, rows // WRITERS, at_once):
            corners = [f"{writer} & {number}" for number in range(first, first + at_once)]
            batch = [
                town.submission(
                    ReportOutage(location=corner, scope="all", hazard="none"), station=f"C{writer:02}"
                )
                for corner in corners
            ]
            if at_once == 1:
                states = [town.send(batch[0]).outcome.state]
            else:
                answer = town.pipeline.apply_batch(batch, requester=requester)
                states = [outcome.state for outcome in answer.outcomes]
            assert states == ["applied"] * at_once

    follower = Follower(page)
    with follower.following():
        together(write)
    return follower


@pytest.mark.parametrize(("rows", "at_once"), [(800, 1), pytest.param(10_000, 25, marks=pytest.mark.soak)])
def test_a_reader_beside_eight_writers_misses_no_change(town: Any, rows: int, at_once: int) -> None:
    follower = follow_the_feed(town, rows, at_once)
    assert follower.seen == list(range(1, rows + 1))
    assert follower.looked_beside > 10


def test_the_control_whose_rows_are_numbered_before_their_commit_misses_some(db: Database) -> None:
    bare = Table("bare", MetaData(), Column("seq", Integer, primary_key=True))
    with db.write() as connection:
        bare.create(connection)
    numbers = count(1)

    def page(after: int) -> list[int]:
        with db.read() as connection:
            rows = select(bare.c.seq).where(bare.c.seq > after).order_by(bare.c.seq).limit(50)
            return list(connection.execute(rows).scalars())

    def write(_: int) -> None:
        for _ in range(UPDATES):
            number = next(numbers)
            with db.write() as connection:
                connection.execute(bare.insert().values(seq=number))

    follower = Follower(page)
    try:
        with follower.following():
            together(write)
        with db.read() as connection:
            written = connection.execute(select(func.count()).select_from(bare)).scalar_one()
    finally:
        with db.write() as connection:
            bare.drop(connection)
    missed = WRITERS * UPDATES - len(follower.seen)
    assert written == WRITERS * UPDATES
    assert missed > 0


class Caller:
    """A clerk's connection to one worker process; two of them carry the same session."""

    def __init__(self, socket: Path) -> None:
        self._http = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://central", timeout=PATIENCE_S
        )

    def sign_in(self) -> dict[str, Any]:
        given = {"login": LOGIN, "password": PASSWORD, "station": "C07", "installation": str(uuid4())}
        answer = self._http.post("/v1/sessions", json=given)
        assert answer.status_code == 201, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def send(self, given: Submission, tokens: dict[str, Any]) -> httpx.Response:
        return self._http.put(
            f"/v1/commands/{given.envelope.id}",
            content=canonical(given.document()),
            headers={
                "authorization": f"Bearer {tokens['access_token']}",
                "content-type": "application/json",
            },
        )

    def close(self) -> None:
        self._http.close()


def note(tokens: dict[str, Any], counter: int) -> Submission:
    now = datetime.now(UTC)
    envelope = Envelope(
        id=uuid7(now, secrets.token_bytes(10)),
        issued_at=now,
        station="C07",
        counter=counter,
        actor=LOGIN,
        command=command_document(AddNote(account=stream.account_number(0), text=f"entry {counter}.")),
    )
    key = bytes.fromhex(tokens["seal_key"])
    return Submission(envelope=envelope, session=UUID(tokens["session"]), seal=seal(key, envelope.digest()))


@pytest.fixture
def two_workers(make_office: Callable[[str], Office], sockets: Path) -> Iterator[tuple[Office, list[Caller]]]:
    """Two processes of central on one PostgreSQL database, and a connection to each."""
    office = make_office("postgresql")
    with (
        CentralProcess(office, sockets / "one") as one,
        CentralProcess(office, sockets / "two") as two,
    ):
        callers = [Caller(one.listen), Caller(two.listen)]
        try:
            yield office, callers
        finally:
            for caller in callers:
                caller.close()


@pytest.mark.parametrize("times", [60, pytest.param(1_000, marks=pytest.mark.soak)])
def test_two_worker_processes_given_one_id_at_once_apply_it_once(
    two_workers: tuple[Office, list[Caller]], times: int
) -> None:
    office, callers = two_workers
    tokens = callers[0].sign_in()
    first_of_two: set[int] = set()
    for counter in range(1, times + 1):
        given = note(tokens, counter)
        answers = together(
            lambda worker, given=given: callers[worker].send(given, tokens), threads=len(callers)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 201], answers[0].text
        assert answers[0].content == answers[1].content
        first_of_two.add([answer.status_code for answer in answers].index(201))
    assert first_of_two == {0, 1}, "one worker was always first: they never met"
    applied = [row.command_id for row in read_log(office.database)]
    assert len(applied) == len(set(applied)) == times
    assert audit_findings(office.database) == []

    attempts = [note(tokens, times + 1) for _ in callers]
    together(lambda worker: callers[worker].send(attempts[worker], tokens), threads=len(callers))
    doubled = len(read_log(office.database)) - times - 1
    assert doubled > 0, "the control: an id for each attempt"
