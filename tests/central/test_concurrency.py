"""Many at once: one is applied, and what is numbered has no gap; `tests/faults` has the bars and controls."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from csr_console.central.chain import verify_audit
from csr_console.central.pipeline import Pipeline
from csr_console.central.tables.accounts import timeline
from csr_console.central.tables.commands import command_log
from csr_console.central.tables.outages import report
from csr_console.contracts.registry import REGISTRY
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.outages.commands import ReportOutage

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
