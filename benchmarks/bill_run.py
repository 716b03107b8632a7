"""The bill run: accounts of the demo city billed and posted in one process, all services, every reason kept.

    python -m benchmarks.bill_run [--accounts 2000] [--months 2] [--json FILE]

The database is SQLite in a temporary folder, synced at every batch as central's is. Beside the run stands the
rating of the same segments alone: what is left is reading, the ledger, the rows and the disk.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.harness import Figure, Report

from csr_console.central import ledger
from csr_console.central.billing_run import run_bills
from csr_console.central.bills import list_bills, segments_of
from csr_console.central.database import Database
from csr_console.central.imports import Importer, import_customers
from csr_console.central.secrets import ServerSecret
from csr_console.contracts.imports import CustomerRow, read_customers
from csr_console.demo.city import generate_city
from csr_console.demo.city.billing import cycle_of, read_days
from csr_console.demo.history import settle_agreements

OFFICE = "bench"
AS_OF = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Spent:
    wall_s: float
    processor_s: float


def measured(work: Callable[[], object]) -> Spent:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - processor)


def prepared(folder: Path, accounts: int) -> tuple[Database, dict[int, list[str]]]:
    """A city that was never billed, and its accounts by the day of the month they are read on."""
    facts = generate_city(folder / "city", accounts=accounts)
    db = Database(f"sqlite:///{folder / 'central.db'}")
    db.create_all()
    moment = datetime(2026, 10, 31, 12, tzinfo=UTC)
    import_customers(db, ServerSecret(b"b" * 40), facts.customers, Importer(OFFICE, "bench", moment))
    settle_agreements(db, OFFICE, facts.customers, AS_OF, lambda _done, _total: None)
    cycles: dict[int, list[str]] = defaultdict(list)
    for row in read_customers(facts.customers):
        if isinstance(row, CustomerRow) and row.status == "active":
            cycles[cycle_of(row.account_number)].append(row.account_number)
    return db, cycles


def measure(accounts: int, months: int) -> Report:
    report = Report("a bill run, in one process")
    with tempfile.TemporaryDirectory(prefix="csr-bench-bills-") as folder:
        db, cycles = prepared(Path(folder), accounts)
        billed = 0

        def run() -> None:
            nonlocal billed
            for some in cycles.values():
                for day in read_days(some[0], AS_OF)[1 : months + 1]:
                    moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
                    billed += run_bills(db, OFFICE, day, lambda at=moment: at, accounts=some).bills  # type: ignore[misc]

        spent = measured(run)
        with db.read() as connection:
            assert not ledger.verify_ledger(connection, OFFICE), "the ledger does not add up"
            kept = [
                rated
                for bill in list_bills(connection, OFFICE, cycles[min(cycles)])
                for rated, _segment in segments_of(connection, OFFICE, bill.bill_id, bill.billed_on)
            ]
        rating = measured(lambda: [rated.segment() for rated in kept])
        segments = billed * len(kept) / max(1, len(cycles[min(cycles)]) * months)
        db.close()
    report.add(
        Figure(
            "accounts billed and posted", billed / spent.wall_s, "1/s", ">= 500",
            billed / (rating.wall_s * segments / len(kept)), "rated only",
        ),
        Figure(
            "the same, processor alone", billed / spent.processor_s, "1/s", "",
            billed / (rating.processor_s * segments / len(kept)), "rated only",
        ),
    )  # fmt: skip
    report.facts = {"bills": billed, "segments": round(segments)}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options.accounts, options.months).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
