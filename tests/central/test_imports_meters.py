"""Agreements, reads and intervals into the database: whole or not, again without harm, by their rules."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from tests.central.conftest import MARIA, NEIGHBOR, Town
from tests.central.hours import NOW, ZONE, Files, in_force
from tests.papers import views

from csr_console.central.imports import import_intervals
from csr_console.central.tables import billing
from csr_console.central.tables.journal import journal
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.views.hours import HoursBlock, HoursView
from csr_console.papers.green_button import green_button_xml

FIRST = date(2026, 8, 5)
PREMISE = "location=inside;phase=1"
ELECTRIC = (MARIA, "electric", "E-NW", "tallahassee", FIRST, "E1000000", 5, 1, PREMISE)


@pytest.fixture
def files(town: Town, tmp_path: Path) -> Files:
    in_force(town.db, shipped_texts()["tallahassee"])
    return Files(town, tmp_path)


def reasons(imported: Any) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.reason) for one in imported.report.refused]


def flat(_moment: object) -> Decimal:
    return Decimal("1.25")


def billed(files: Files) -> date:
    """Maria's first bill by the hour."""
    last = FIRST + timedelta(days=30)
    files.agreements(ELECTRIC)
    files.reads(("E1000000", FIRST, 100, "actual", ""), ("E1000000", last, 1000, "actual", ""))
    files.hours("E1000000", FIRST + timedelta(days=1), last, flat)
    assert files.run(last).bills == 1
    return last


def test_the_same_files_again_change_nothing(files: Files) -> None:
    water = (MARIA, "water", "W-RES", "tallahassee", FIRST, "W1000000", 5, 100, PREMISE)
    assert files.agreements(ELECTRIC, water).counts == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert files.agreements(ELECTRIC, water).unchanged == 2
    rows = (
        ("E1000000", FIRST, 100, "actual", ""),
        ("E1000000", FIRST + timedelta(days=30), 700, "actual", ""),
    )
    assert files.reads(*rows).added == 2
    assert files.reads(*rows).unchanged == 2
    day = FIRST + timedelta(days=1)
    assert files.hours("E1000000", day, day, flat).added == 24
    assert files.hours("E1000000", day, day, flat).unchanged == 24
    assert [row.act for row in files.rows(journal) if row.act.startswith("import.")].count(
        "import.reads"
    ) == 2


def test_nothing_is_imported_by_halves(files: Files) -> None:
    stranger = ("100519030", "gas", "G-RES", "tallahassee", FIRST, "G9", 5, 1, PREMISE)
    imported = files.agreements(ELECTRIC, stranger)
    assert not imported.applied
    assert files.rows(billing.agreement) == []
    imported = files.agreements(ELECTRIC, stranger, skip_refused=True)
    assert (imported.applied, imported.added, imported.report.refused_count) == (True, 1, 1)
    reads = (("E1000000", FIRST, 100, "actual", ""), ("X1", FIRST, 5, "actual", ""))
    imported = files.reads(*reads)
    assert reasons(imported) == [(3, "meter", "no agreement has the meter X1: import the agreement first")]
    assert (imported.applied, files.rows(billing.meter_read)) == (False, [])
    start = "2026-08-06T00:00-04:00"
    imported = files.intervals(("E1000000", start, 60, 1, "actual"), ("X1", start, 60, 1, "actual"))
    assert (imported.applied, files.rows(billing.interval_use)) == (False, [])


@pytest.mark.parametrize(
    ("place", "cell", "field", "words"),
    [
        (0, "100519030", "account_number", "no account 100519030 in this office"),
        (2, "E-NOWHERE", "schedule", "the book has no E-NOWHERE for electric"),
        (2, "W-RES", "schedule", "the book has no W-RES for electric"),
        (3, "gru", "book", "no tariff book gru is in force (tallahassee)"),
        (5, "", "meter", "the schedule charges for use: write the meter"),
        (8, "location=inside", "premise", "phase is missing"),
        (8, "location=inside;phase=2", "premise", "phase is “2”: write 1 or 3"),
        (8, "location=inside;phase=1;pool=yes", "premise", "“pool” is no attribute of the book"),
        (8, "location=inside;phase=1;power_factor=x", "premise", "power_factor is missing or no number"),
    ],
)
def test_an_agreement_fits_its_account_and_its_book(
    files: Files, place: int, cell: str, field: str, words: str
) -> None:
    row: list[object] = list(ELECTRIC)
    row[place] = cell
    imported = files.agreements(row)
    ((at, name, reason),) = reasons(imported)
    assert (at, name) == (2, field)
    assert words in reason
    assert files.rows(billing.agreement) == []


def test_a_schedule_that_is_closed_takes_no_newer_agreement(files: Files) -> None:
    row = (MARIA, "gas", "G-SMALL-INT", "tallahassee", FIRST, "G1000000", 5, 1, PREMISE)
    ((_, field, reason),) = reasons(files.agreements(row))
    assert field == "schedule"
    assert "is closed since 2013-04-01" in reason


def test_a_service_is_agreed_once_and_a_meter_is_of_one_service(files: Files) -> None:
    files.agreements(ELECTRIC)
    later = (*ELECTRIC[:4], FIRST + timedelta(days=9), *ELECTRIC[5:])
    ((_, field, reason),) = reasons(files.agreements(later))
    assert (field, "write that day" in reason) == ("since_on", True)
    other = (NEIGHBOR, *ELECTRIC[1:])
    ((_, field, reason),) = reasons(files.agreements(other))
    assert (field, reason) == (
        "meter",
        f"counts electric of account {MARIA}: a meter is of one service",
    )


def test_a_changed_agreement_goes_on_where_it_was_billed(files: Files) -> None:
    last = billed(files)
    changed = (*ELECTRIC[:2], "E-RES", *ELECTRIC[3:])
    assert files.agreements(changed).changed == 1
    (row,) = files.rows(billing.agreement)
    assert (row.schedule, row.billed_to_on) == ("E-RES", last.isoformat())
    assert files.run(last + timedelta(days=1)).bills == 0


def test_a_read_goes_on_from_the_one_before_it(files: Files) -> None:
    """The sentence and the rule are those of a bill run."""
    files.agreements(ELECTRIC)
    files.reads(("E1000000", FIRST, 73_670, "actual", ""))
    later = FIRST + timedelta(days=30)
    ((row, field, reason),) = reasons(files.reads(("E1000000", later, 73_000, "actual", "")))
    assert (row, field) == (2, "value")
    assert reason == (
        f"The read 73000 of {later} is below the last one, 73670 of {FIRST}, and no rollover is marked."
        " Rule: a read below the last needs a rollover."
    )
    assert files.reads(("E1000000", later, 573, "actual", "yes")).added == 1
    ((_, _, reason),) = reasons(files.reads(("E1000000", FIRST + timedelta(days=15), 70_000, "actual", "")))
    assert "is below the last one, 73670" in reason
    ((_, _, reason),) = reasons(
        files.reads(("E1000000", FIRST + timedelta(days=15), 73_900, "actual", "yes"))
    )
    assert "a rollover passes zero" in reason
    assert files.reads(("E1000000", FIRST + timedelta(days=15), 99_000, "actual", "")).added == 1
    ((_, _, reason),) = reasons(files.reads(("E1000000", FIRST + timedelta(days=15), 500, "actual", "yes")))
    assert "A rollover is marked, but 573 is not below the last read, 500" in reason


def test_a_read_has_no_more_digits_than_its_register(files: Files) -> None:
    files.agreements(ELECTRIC)
    ((_, field, reason),) = reasons(files.reads(("E1000000", FIRST, 123_456, "actual", "")))
    assert field == "value"
    assert "does not fit a register of 5 dials" in reason
    ((_, field, reason),) = reasons(files.reads(("E1000000", FIRST - timedelta(days=1), 5, "actual", "")))
    assert (field, "before service began" in reason) == ("read_on", True)


def test_reads_of_many_years_are_checked_against_the_last_one(files: Files) -> None:
    files.agreements((*ELECTRIC[:4], date(2021, 1, 4), *ELECTRIC[5:]))
    files.reads(("E1000000", date(2021, 1, 4), 500, "actual", ""))
    ((_, _, reason),) = reasons(files.reads(("E1000000", FIRST, 400, "actual", "")))
    assert "below the last one, 500 of 2021-01-04" in reason


def test_what_was_billed_is_not_changed_by_a_file(files: Files) -> None:
    last = billed(files)
    ((_, field, reason),) = reasons(files.reads(("E1000000", last, 1001, "actual", "")))
    assert (field, reason) == (
        "value",
        f"was billed as 1000 on {last}: correct the bill at a desk (rebill)",
    )
    ((_, field, reason),) = reasons(files.reads(("E1000000", last - timedelta(days=9), 900, "actual", "")))
    assert (field, "lies in what was billed up to" in reason) == ("read_on", True)
    at = f"{last}T12:00-04:00"
    ((_, field, reason),) = reasons(files.intervals(("E1000000", at, 60, 9, "actual")))
    assert (field, reason.startswith("was billed as 1.25")) == ("value", True)
    with files.town.db.write() as connection:
        connection.execute(update(billing.agreement).values(billed_to_on=FIRST.isoformat()))
    assert files.reads(("E1000000", last, 1001, "actual", "")).changed == 1
    assert files.intervals(("E1000000", at, 60, 9, "actual")).changed == 1


def test_a_day_has_intervals_of_one_length(files: Files) -> None:
    files.agreements(ELECTRIC)
    hour = ("E1000000", "2026-08-06T00:00-04:00", 60, 1, "actual")
    quarter = ("E1000000", "2026-08-06T05:00Z", 15, 1, "actual")
    ((row, field, _),) = reasons(files.intervals(hour, quarter))
    assert (row, field) == (3, "minutes")
    early = ("E1000000", "2026-08-05T23:00-04:00", 60, 1, "actual")
    ((_, field, reason),) = reasons(files.intervals(early))
    assert (field, "before service began" in reason) == ("start", True)


def test_hours_come_in_any_order_and_offset(files: Files) -> None:
    """Written in UTC, the latest first and over two files: a row a day of the city's clock."""
    files.agreements(ELECTRIC)
    rows = [("E1000000", f"2026-08-07T{hour:02}:00Z", 60, hour, "actual") for hour in range(24)]
    assert files.intervals(*rows[:3:-1]).added == 20
    again = files.intervals(*rows[:5])
    assert (again.added, again.unchanged, again.report.refused_count) == (4, 1, 0)
    stored = {row.day: json.loads(row.blocks) for row in files.rows(billing.interval_use)}
    assert stored == {
        "2026-08-06": [["2026-08-06T20:00:00-04:00", "0 1 2 3", "aaaa"]],
        "2026-08-07": [["2026-08-07T00:00:00-04:00", " ".join(map(str, range(4, 24))), "a" * 20]],
    }


def test_a_green_button_file_is_taken_in_the_unit_of_the_schedule(files: Files, tmp_path: Path) -> None:
    """Watt-hours of the feed are kilowatt-hours of the bill."""
    files.agreements(ELECTRIC)
    start = (NOW - timedelta(days=3)).astimezone(ZONE).replace(hour=0, minute=0)
    view = HoursView(
        service="electric", meter="E1000000", unit="kWh", minutes=60,
        blocks=[HoursBlock(starts_at=start, values=[Decimal("0.412"), Decimal("1.5")])],
    )  # fmt: skip
    use = [one for one in views.use() if one.service == "electric"]
    path = tmp_path / "usage.XML"
    path.write_bytes(green_button_xml(use, UUID(int=1), NOW, ZONE, [view]))
    imported = import_intervals(files.town.db, path, files.importer, ZONE, meter="E1000000")
    assert (imported.applied, imported.added) == (True, 2)
    (row,) = files.rows(billing.interval_use)
    assert row.unit == "kWh"
    ((_, values, _),) = json.loads(row.blocks)
    assert [Decimal(value) for value in values.split()] == [Decimal("0.412"), Decimal("1.5")]
