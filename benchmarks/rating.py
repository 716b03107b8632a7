"""Rating: quotes of one service, all services of an account, a month of hours, beside NREL's Utilityrate5.

    python -m benchmarks.rating [--quotes 5000] [--seed 7] [--json FILE]

Everything is in process, on the books that ship, with every line's reason written out. The peer reckons a
year of hours at once, in C++, without reasons and in floating point; its time stands beside twelve months of
ours.
"""

import argparse
import contextlib
import json
import sys
import time
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness import Figure, Report, percentile, timed
from PySAM import Utilityrate5, UtilityRateTools

from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.urdb import import_urdb
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod
from csr_console.domain.tariff.rate import rate

PREMISE: dict[str, str | int | Decimal] = {
    "location": "inside", "phase": "1", "premise_type": "single_family", "dwelling_units": 1,
    "impervious_sqft": 2400, "building_sqft": 5000, "fire_zone": "1", "fire_category": "commercial",
    "cans": "2", "dumpster_yd3": 4, "pickups_per_week": 2,
}  # fmt: skip
TYPICAL = {"kWh": 1000, "CCF": 25, "gal": 6000, None: 0}
ALL_SERVICES = ("E-RES", "G-RES", "W-RES", "S-RES", "T-RES", "D-RES", "F-RES")
PEER_YEAR = 2018
TIME_OF_USE: dict[str, Any] = {
    "utility": "Benchmark", "name": "Time of use in tiers", "label": "b",
    "fixedchargefirstmeter": 9.5, "fixedchargeunits": "$/month",
    "energyratestructure": [
        [{"max": 400, "rate": 0.05}, {"rate": 0.08}], [{"max": 400, "rate": 0.15}, {"rate": 0.2}],
    ],
    "energyweekdayschedule": [[1 if 7 <= hour < 19 else 0 for hour in range(24)] for _ in range(12)],
    "energyweekendschedule": [[0] * 24 for _ in range(12)],
    "flatdemandstructure": [[{"rate": 5.25}]], "flatdemandmonths": [0] * 12,
}  # fmt: skip


def shipped(name: str) -> tuple[str, TariffBook]:
    """The text of a book that ships, and the book."""
    text = resources.files("csr_console").joinpath("tariffs", f"{name}.toml").read_text("utf-8")
    book = read_book(text).book
    assert book
    return text, book


def quotes(books: Sequence[TariffBook], wanted: int, random: Random) -> list[Callable[[], object]]:
    """Quotes of every schedule by turns, for 25 to 36 days; one in three may have a rate change in it."""
    made: list[Callable[[], object]] = []
    while len(made) < wanted:
        for book in books:
            for schedule in book.schedule:
                changes = [date(2014, 9, 18), date(2016, 9, 20)] if len(made) % 3 == 0 else []
                starts = [day for day in changes if day > schedule.first_day] or [date(2021, 3, 9)]
                start = random.choice(starts)
                use = Decimal(random.randrange(0, 2 * TYPICAL[schedule.unit] + 1))
                peak = {"on": use // 3, "off": use - use // 3} if schedule.id.startswith("E-NW") else {}
                determinants = Determinants(
                    usage=use, usage_by_period=peak, demand_kw=Decimal(72), winter_average=Decimal(4200)
                )
                period = ServicePeriod(start, start + timedelta(days=random.randrange(25, 37)))
                made.append(
                    partial(rate, book, schedule.id, period, determinants, PREMISE, as_of=period.to_read_on)
                )
    return made[:wanted]


def account(book: TariffBook, use: int) -> None:
    """All seven services of a home over one month."""
    period = ServicePeriod(date(2021, 3, 9), date(2021, 4, 8))
    for schedule_id in ALL_SERVICES:
        unit = book.schedules[schedule_id].unit
        determinants = Determinants(usage=Decimal(TYPICAL[unit] + use), winter_average=Decimal(4200))
        rate(book, schedule_id, period, determinants, PREMISE, as_of=period.to_read_on)


def hours_of_a_year(random: Random) -> list[Decimal]:
    return [Decimal(random.randrange(200, 4000)).scaleb(-3) for _ in range(8760)]


def months_by_hours(load: Sequence[Decimal]) -> list[tuple[ServicePeriod, Determinants]]:
    months = []
    for month in range(1, 13):
        first = datetime(PEER_YEAR, month, 1, tzinfo=UTC)
        begin = (first.date() - date(PEER_YEAR, 1, 1)).days * 24
        count = monthrange(PEER_YEAR, month)[1] * 24
        hours = tuple(IntervalUse(first + timedelta(hours=hour), load[begin + hour]) for hour in range(count))
        period = ServicePeriod(first.date() - timedelta(days=1), (first + timedelta(hours=count - 1)).date())
        months.append((period, Determinants(intervals=hours)))
    return months


def peer_model(load: Sequence[Decimal]) -> Any:
    """Utilityrate5 ready to reckon the same rate and the same year."""
    model = Utilityrate5.new()
    model.ElectricityRates.assign(
        UtilityRateTools.URDBv8_to_ElectricityRates(json.loads(json.dumps(TIME_OF_USE)))
    )
    model.ElectricityRates.rate_escalation = [0]
    model.Load.load = [float(value) for value in load]
    model.Load.load_escalation = [0]
    model.Lifetime.analysis_period = 1
    model.Lifetime.system_use_lifetime_output = 0
    model.Lifetime.inflation_rate = 0
    model.SystemOutput.gen = [0] * 8760
    model.SystemOutput.degradation = [0]
    return model


def measure(wanted: int, seed: int) -> Report:
    report = Report("rating, in process")
    random = Random(seed)
    text, gru = shipped("gru")
    tallahassee = shipped("tallahassee")[1]
    mixed = quotes((gru, tallahassee), wanted, random)
    for warm in mixed[:200]:
        warm()
    spent = [timed(one) for one in mixed]
    report.add(
        Figure("quote, p50", percentile(spent, 0.5), "ms"),
        Figure("quote, p95", percentile(spent, 0.95), "ms", "<= 5"),
        Figure("quote, p99", percentile(spent, 0.99), "ms"),
    )
    began, computing = time.perf_counter(), time.process_time()
    for use in range(400):
        account(gru, use)
    seconds, computing = time.perf_counter() - began, time.process_time() - computing
    report.add(
        Figure("accounts of seven services, rated only", 400 / seconds, "1/s"),
        Figure("accounts of seven services, processor alone", 400 / computing, "1/s"),
    )
    imported = import_urdb(json.dumps(TIME_OF_USE)).text
    assert imported
    book = read_book(imported).book
    assert book
    load = hours_of_a_year(random)
    by_hours = []
    for period, determinants in months_by_hours(load):
        one = partial(rate, book, "URDB", period, determinants, {}, as_of=period.to_read_on)
        by_hours.append(min(timed(one) for _ in range(3)))
    model = peer_model(load)
    peer = min(timed(model.execute, 0) for _ in range(3))
    report.add(
        Figure("month of hours, time of use and demand, slowest", max(by_hours), "ms", "<= 5"),
        Figure("year of hours", sum(by_hours), "ms", "", peer, "Utilityrate5"),
        Figure("a book read and checked", min(timed(read_book, text) for _ in range(3)), "ms"),
    )
    report.facts = {"quotes": len(mixed), "schedules": len(gru.schedule) + len(tallahassee.schedule)}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quotes", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options.quotes, options.seed).finish(options.json)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
