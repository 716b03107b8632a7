"""Many at once: one is applied, none is lost, and a reader of the feed misses nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col
from sqlmodel import select as select_model

from csr_console.central import feed
from csr_console.central.chain import verify_audit
from csr_console.central.pipeline import Pipeline
from csr_console.central.tables.accounts import Account, timeline
from csr_console.central.tables.commands import command_log
from csr_console.central.tables.outages import report
from csr_console.contracts.registry import REGISTRY
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.outages.commands import AddToReport, ReportOutage

MARIA = "100482771"
THREADS = 8


def together(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Run `work(index)` in threads that all start at once."""
    gate = threading.Barrier(threads)

    def run(index: int) -> Any:
        gate.wait()
        return work(index)

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(run, index) for index in range(threads)]]


def test_one_id_from_eight_threads_is_applied_once(town: Any) -> None:
    for attempt in range(5):
        submission = town.submission(AddNote(account=MARIA, text=f"note {attempt}"))
        verdicts = together(lambda _, submission=submission: town.send(submission))
        assert sorted(verdict.replayed for verdict in verdicts) == [False] + [True] * (THREADS - 1)
        assert len({verdict.outcome.witness.hash for verdict in verdicts}) == 1
    assert len(town.outcomes) == 5
    with town.db.read() as connection:
        for table in (timeline, command_log):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 5


def test_workers_with_connections_of_their_own_apply_one_id_once(town: Any, database_url: str) -> None:
    """Two processes of the service share nothing but the database: no lock of this process helps them."""
    from csr_console.central.database import Database

    others = [Database(database_url) for _ in range(4)]
    workers = [Pipeline(db, REGISTRY, town.staff, town.clock) for db in others]
    requester = town.staff.actors["clara"]
    try:
        for attempt in range(5):
            submission = town.submission(AddNote(account=MARIA, text=f"note {attempt}"))
            verdicts = together(
                lambda index, submission=submission: workers[index].apply(submission, requester=requester), 4
            )
            assert sorted(verdict.replayed for verdict in verdicts) == [False, True, True, True]
    finally:
        for db in others:
            db.close()
    assert verify_audit(town.db, "main") == []


def _read_modify_write(town: Any, times: int) -> int:
    """The habit this service does not have: read an object, change it, save it. How many updates failed."""
    engine, failed = town.db.engine, 0
    for _ in range(times):
        try:
            with Session(engine) as session:
                row = session.exec(
                    select_model(Account).where(col(Account.office) == "main", col(Account.account) == MARIA)
                ).one()
                row.version += 1
                session.add(row)
                session.commit()
        except DBAPIError:
            failed += 1
    return failed


def test_read_modify_write_loses_updates_and_the_pipeline_loses_none(town: Any) -> None:
    rounds = 50

    def version() -> int:
        with town.db.read() as connection:
            number = select(Account.version).where(
                col(Account.office) == "main", col(Account.account) == MARIA
            )
            return int(connection.execute(number).scalar_one())

    before = version()
    failed = sum(together(lambda _: _read_modify_write(town, rounds)))
    kept = version() - before
    assert kept < THREADS * rounds - failed, "read-modify-write lost nothing: this test proves nothing"

    before = version()
    submissions = [
        [
            town.submission(AddNote(account=MARIA, text=f"note {n}"), station=f"C{index:02d}")
            for n in range(rounds)
        ]
        for index in range(THREADS)
    ]
    together(lambda index: [town.send(submission) for submission in submissions[index]])
    assert version() - before == THREADS * rounds
    with town.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(timeline)).scalar_one() == THREADS * rounds


def test_calls_counted_from_eight_threads_are_all_counted(town: Any) -> None:
    opened = town.do(ReportOutage(premise="P0001204", scope="all", hazard="none"))
    again = AddToReport(report=opened.id, place="P0001204")
    submissions = [town.submission(again) for _ in range(40)]
    together(lambda index: [town.send(submission) for submission in submissions[index::THREADS]])
    with town.db.read() as connection:
        assert connection.execute(select(report.c.calls)).scalar_one() == 41


def test_report_numbers_are_dense_under_concurrent_writers(town: Any) -> None:
    submissions = [
        town.submission(ReportOutage(location=f"Oak & {index}th", scope="all", hazard="none"))
        for index in range(40)
    ]
    refused = [
        town.submission(ReportOutage(premise="P0009999", scope="all", hazard="none")) for _ in range(10)
    ]
    everything = [*submissions, *refused]
    together(lambda index: [town.send(submission) for submission in everything[index::4]], 4)
    with town.db.read() as connection:
        numbers = connection.execute(select(report.c.number).order_by(report.c.number)).scalars().all()
    assert list(numbers) == list(range(1, 41))


def test_a_reader_beside_four_writers_sees_every_row_of_the_feed_in_order(town: Any) -> None:
    writers, each = 4, 30
    submissions = [
        [
            town.submission(ReportOutage(location=f"{index} & {n}", scope="all", hazard="none"))
            for n in range(each)
        ]
        for index in range(writers)
    ]
    done = threading.Event()
    seen: list[int] = []
    polls = 0

    def read() -> None:
        nonlocal polls
        after = 0
        while True:
            last_round = done.is_set()
            while True:
                with town.db.read() as connection:
                    page = feed.changes(connection, "main", after, 7)
                polls += 1
                seen.extend(item.seq for item in page.items)
                after = page.items[-1].seq if page.items else after
                if not page.more:
                    break
            if last_round:
                return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        together(lambda index: [town.send(submission) for submission in submissions[index]], writers)
    finally:
        done.set()
        reader.join()
    assert seen == list(range(1, writers * each + 1))
    assert polls > writers
