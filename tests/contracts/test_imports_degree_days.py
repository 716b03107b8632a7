"""degree-days.csv: what is taken, and the sentence for everything that is not."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csr_console.contracts.imports.degree_days import DegreeDayEntry, read_degree_days
from csr_console.contracts.imports.report import Refused

TODAY = date(2026, 9, 1)


def read(folder: Path, *lines: str) -> list[DegreeDayEntry | Refused]:
    path = folder / "degree-days.csv"
    path.write_text("\n".join((*lines, "")), encoding="utf-8")
    return list(read_degree_days(path, TODAY))


def test_degree_days_and_temperatures_come_to_the_same(tmp_path: Path) -> None:
    given = read(tmp_path, "date,hdd,cdd", "2026-01-05,38.5,0", "2026-08-01,0,13")
    measured = read(tmp_path, "tmax,date,tmin", "33,2026-01-05,20", "90,2026-08-01,66")
    assert given == measured == [
        DegreeDayEntry(2, date(2026, 1, 5), 385, 0),
        DegreeDayEntry(3, date(2026, 8, 1), 0, 130),
    ]  # fmt: skip
    assert read(tmp_path, "date,tmin,tmax", "2026-08-01,70.1,80")[0] == DegreeDayEntry(
        2, date(2026, 8, 1), 0, 101
    )


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("2026-08-01,,5", "hdd", "is missing: leave the row out"),
        ("2026-08-01,0,M", "cdd", "is missing: leave the row out"),
        ("2026-08-01,0,-9999", "cdd", "is missing: leave the row out"),
        ("2026-08-01,-1,0", "hdd", "is -1: degree days of a day are 0 to 145"),
        ("2026-08-01,0,430", "cdd", "is it a sum of more days?"),
        ("2026-08-01,0,12.25", "cdd", "write a number with at most one decimal"),
        ("2026-08-01,0,1e1", "cdd", "write a number"),
        ("2026-08-01,0,١٢", "cdd", "write a number"),
        ("2026-08-01,3,5", "cdd", "not both"),
        ("08/01/2026,0,5", "date", "write the date as 2026-01-31"),
        ("2026-02-30,0,5", "date", "write the date as 2026-01-31"),
        (",0,5", "date", "is empty: fill it in"),
        ("2026-09-02,0,5", "date", "is in the future"),
        ("2026-08-01,0", "", "has 2 fields where the header has 3"),
    ],
)
def test_a_wrong_degree_day_is_refused_with_its_reason(
    tmp_path: Path, row: str, field: str, reason: str
) -> None:
    bad, good = read(tmp_path, "date,hdd,cdd", row, "2026-08-02,0,5")
    assert isinstance(bad, Refused)
    assert (bad.row, bad.field) == (2, field)
    assert reason in bad.reason
    assert good == DegreeDayEntry(3, date(2026, 8, 2), 0, 50)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("2026-08-01,95,74", "tmax", "tmin 95 is above tmax 74"),
        ("2026-08-01,-81,74", "tmin", "a temperature is -80 to 140 °F"),
        ("2026-08-01,70,141", "tmax", "a temperature is -80 to 140 °F"),
    ],
)
def test_a_wrong_temperature_is_refused_with_its_reason(
    tmp_path: Path, row: str, field: str, reason: str
) -> None:
    (bad,) = read(tmp_path, "date,tmin,tmax", row)
    assert isinstance(bad, Refused)
    assert (bad.field, reason in bad.reason) == (field, True)


def test_a_day_is_taken_once_and_other_files_are_named(tmp_path: Path) -> None:
    first, again = read(tmp_path, "date,hdd,cdd", "2026-08-01,0,5", "2026-08-01,0,6")
    assert isinstance(first, DegreeDayEntry)
    assert str(again) == "degree-days.csv row 3, date: stands in row 2 and again in row 3: keep one of them"
    (semicolons,) = read(tmp_path, "date;tmin;tmax", "2026-08-01;70;80")
    assert "separate them by commas" in str(semicolons)
    assert [str(one) for one in read(tmp_path, "date,tmin,cdd")] == [
        "degree-days.csv row 1, “cdd”: is not a column of this file: remove it",
        "degree-days.csv row 1, tmax: this column is missing: add it",
    ]
    (absent,) = read_degree_days(tmp_path / "absent.csv", TODAY)
    assert "cannot be read" in str(absent)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([b"", b"date,hdd,cdd\n", b"date,tmin,tmax\n2026-08-01,"]), st.binary(max_size=600))
def test_no_bytes_stop_the_reading(tmp_path: Path, start: bytes, rest: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(start + rest)
    for one in read_degree_days(path, TODAY):
        assert isinstance(one, DegreeDayEntry | Refused)
        if isinstance(one, Refused):
            assert "\x1b" not in str(one)
