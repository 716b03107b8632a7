"""agreements.csv, reads.csv, intervals.csv and Green Button: what is read, what is refused and how."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.papers import views

from csr_console.contracts.imports.agreements import AGREEMENT_COLUMNS, AgreementRow, read_agreements
from csr_console.contracts.imports.espi import READINGS_LIMIT, read_espi
from csr_console.contracts.imports.intervals import INTERVAL_COLUMNS, IntervalRow, read_intervals
from csr_console.contracts.imports.reads import READ_COLUMNS, ReadRow, read_meter_reads
from csr_console.contracts.imports.report import Refused
from csr_console.contracts.views.hours import HoursBlock, HoursView
from csr_console.papers.green_button import green_button_xml

NOW = datetime(2026, 9, 8, 12, tzinfo=UTC)
Reader = Callable[[Path], Iterator[Any]]
READERS: dict[str, tuple[tuple[str, ...], Reader]] = {
    "agreements": (AGREEMENT_COLUMNS, read_agreements),
    "reads": (READ_COLUMNS, lambda path: read_meter_reads(path, NOW.date())),
    "intervals": (INTERVAL_COLUMNS, lambda path: read_intervals(path, NOW)),
}
GOOD = {
    "agreements": "100482771,electric,E-NW,tallahassee,2026-08-05,E1000000,5,1.5,location=inside; phase=1",
    "reads": "E1000000,2026-08-05,73670,actual,no",
    "intervals": "E1000000,2026-08-05T00:00-04:00,60,0.412,actual",
}


def read(folder: Path, kind: str, *lines: str | bytes) -> list[Any]:
    columns, reader = READERS[kind]
    path = folder / f"{kind}.csv"
    head = ",".join(columns).encode()
    path.write_bytes(b"\n".join((head, *(one if isinstance(one, bytes) else one.encode() for one in lines))))
    return list(reader(path))


def test_good_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    (agreed,) = read(tmp_path, "agreements", GOOD["agreements"])
    assert isinstance(agreed, AgreementRow)
    assert agreed.premise == {"location": "inside", "phase": "1"}
    assert (agreed.since_on, agreed.dials, agreed.multiplier) == (date(2026, 8, 5), 5, Decimal("1.5"))
    (plain,) = read(tmp_path, "agreements", "100482771,stormwater,D-RES,tallahassee,2026-08-05,,,,")
    assert (plain.meter, plain.dials, plain.multiplier, plain.premise) == ("", 5, 1, {})
    (shown,) = read(tmp_path, "reads", GOOD["reads"])
    assert isinstance(shown, ReadRow)
    assert (shown.read.value, shown.rolled_over) == (73670, False)
    (interval,) = read(tmp_path, "intervals", GOOD["intervals"])
    assert isinstance(interval, IntervalRow)
    assert interval.start.utcoffset() == timedelta(hours=-4)
    assert (interval.minutes, interval.value, interval.row) == (60, Decimal("0.412"), 2)


@pytest.mark.parametrize(
    ("kind", "place", "cell", "field", "words"),
    [
        ("agreements", 0, "100482770", "account_number", "check digit does not fit"),
        ("agreements", 1, "steam", "service", "write 'electric'"),
        ("agreements", 2, "=1+1", "schedule", "write letters, digits"),
        ("agreements", 4, "8/5/2026", "since_on", "write the date as"),
        ("agreements", 4, "", "since_on", "is empty: fill it in"),
        ("agreements", 5, "@SUM(A1)", "meter", "write letters, digits"),
        ("agreements", 6, "2", "dials", "write how many digits"),
        ("agreements", 7, "1e9", "multiplier", "write digits and at most one point"),
        ("agreements", 7, "0", "multiplier", "is nothing"),
        ("agreements", 8, "location=inside;location=outside", "premise", "names location twice"),
        ("agreements", 8, "location==cmd|calc", "premise", "write name=value"),
        ("reads", 2, "-1", "value", "write digits and at most one point"),
        ("reads", 2, "=73670", "value", "write digits and at most one point"),
        ("reads", 2, "٧٣٦٧٠", "value", "write digits and at most one point"),
        ("reads", 3, "guessed", "kind", "write 'actual'"),
        ("reads", 4, "maybe", "rolled_over", "write yes where the register passed zero"),
        ("reads", 1, "2026-09-09", "read_on", "is in the future"),
        ("intervals", 1, "2026-08-05T00:00", "start", "with its offset from UTC"),
        ("intervals", 1, "2026-08-05T00:07-04:00", "start", "multiple of 60 minutes"),
        ("intervals", 1, "2026-02-30T00:00-04:00", "start", "with its offset from UTC"),
        ("intervals", 1, "2026-08-05T00:00+99:00", "start", "with its offset from UTC"),
        ("intervals", 1, "2026-09-08T08:00-04:00", "start", "has not ended yet"),
        ("intervals", 2, "45", "minutes", "write 5, 10, 15, 20, 30 or 60"),
        ("intervals", 3, "NaN", "value", "write digits and at most one point"),
        ("intervals", 3, "0.1234567", "value", "write digits and at most one point"),
        ("intervals", 4, "good", "quality", "write 'actual'"),
    ],
)
def test_a_wrong_cell_is_refused_with_what_to_write(
    tmp_path: Path, kind: str, place: int, cell: str, field: str, words: str
) -> None:
    cells = GOOD[kind].split(",")
    cells[place] = cell
    (refused,) = read(tmp_path, kind, ",".join(cells))
    assert isinstance(refused, Refused)
    assert (refused.row, refused.field) == (2, field)
    assert words in refused.reason


@pytest.mark.parametrize(
    ("kind", "other", "field"),
    [
        ("agreements", "100482771,electric,E-RES,tallahassee,2026-08-09,E7,5,1,", "service"),
        ("agreements", "100519030,electric,E-RES,tallahassee,2026-08-05,E1000000,5,1,", "meter"),
        ("reads", "E1000000,2026-08-05,73671,customer,", "read_on"),
        ("intervals", "E1000000,2026-08-05T04:00Z,60,0.5,actual", "start"),
    ],
)
def test_what_stands_twice_is_taken_once(tmp_path: Path, kind: str, other: str, field: str) -> None:
    taken, refused = read(tmp_path, kind, GOOD[kind], other)
    assert not isinstance(taken, Refused)
    assert (refused.row, refused.field) == (3, field)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_of_any_file_end_the_reading(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """Hostile lines are refused one by one; the good row after them is read all the same."""
    hostile = data.draw(
        st.lists(
            st.one_of(
                st.binary(max_size=60).map(lambda some: some.replace(b"\n", b"").replace(b'"', b"")),
                st.sampled_from(
                    [b'"never closed', b"\xff\xfe=cmd|' /C calc'!A0", b",,,,,,,,,,,,", b"\x1b[2J\0"]
                ),
            ),
            max_size=4,
        )
    )
    found = read(tmp_path, kind, *hostile, GOOD[kind])
    assert all(isinstance(one, Refused) for one in found[:-1])
    assert not isinstance(found[-1], Refused)
    assert "\x1b" not in "".join(str(one) for one in found if isinstance(one, Refused))


# Green Button.


def feed(folder: Path, *, hours: int = 25) -> Path:
    """What the desk itself exports: bills, and the hours of the day on which the clocks went back."""
    start = datetime(2025, 11, 2, 4, tzinfo=UTC)
    values = [Decimal(place) / 8 for place in range(hours)]
    view = HoursView(
        service="electric", meter="E1182204", unit="kWh", minutes=60,
        blocks=[HoursBlock(starts_at=start, values=values, estimated=[3])],
    )  # fmt: skip
    path = folder / "usage.xml"
    path.write_bytes(green_button_xml(views.use(), UUID(int=7), NOW, UTC, [view]))
    return path


def one_point(path: Path) -> Path:
    """Only the electric entries of a feed: a meter's own file."""
    text = path.read_text("utf-8")
    head, *entries = text.split("<entry>")
    entries[-1] = entries[-1].replace("</feed>", "")
    points = [one for one in entries if "<espi:kind>0</espi:kind>" in one]
    (name,) = {one.split("UsagePoint/")[1][:36] for one in points}
    own = [one for one in entries if name in one or "ReadingType" in one]
    path.write_text("<entry>".join([head, *own]) + "</feed>", "utf-8")
    return path


def test_the_hours_of_an_export_come_back(tmp_path: Path) -> None:
    rows = list(read_espi(one_point(feed(tmp_path)), "E1182204", NOW))
    assert [row.value for row in rows] == [Decimal(place) * 125 for place in range(25)]
    assert {(row.unit, row.minutes, row.meter) for row in rows} == {("Wh", 60, "E1182204")}
    assert [row.quality for row in rows].index("estimated") == 3
    assert [row.start for row in rows] == [
        datetime(2025, 11, 2, 4, tzinfo=UTC) + timedelta(hours=place) for place in range(25)
    ]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>'
)
OUTSIDE = '<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "has a document type"),
        (OUTSIDE, "has a document type"),
        ("", "is not well-formed XML"),
        ("<feed>", "is not well-formed XML"),
        ("\0\0", "is not well-formed XML"),
        ("<feed/>", "holds no use by the hour"),
        ("<a>" * 60 + "</a>" * 60, "nested deeper"),
        ("E1000000,2026-08-05T00:00-04:00,60,0.412,actual", "is not well-formed XML"),
    ],
)
def test_what_is_no_feed_is_refused_whole(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "usage.xml"
    path.write_text(text, "utf-8")
    (refused,) = read_espi(path, "E1000000", NOW)
    assert isinstance(refused, Refused)
    assert (refused.row, refused.field) == (0, "")
    assert words in refused.reason


def test_a_feed_of_several_meters_or_of_none_is_refused(tmp_path: Path) -> None:
    path = feed(tmp_path)
    (several,) = read_espi(path, "E1182204", NOW)
    assert "holds 3 usage points" in several.reason
    (nameless,) = read_espi(path, "", NOW)
    assert "--meter" in nameless.reason
    (gone,) = read_espi(tmp_path / "none.xml", "E1182204", NOW)
    assert "cannot be read" in gone.reason


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("<espi:value>125</espi:value>", "<espi:value>-125</espi:value>", "value"),
        ("<espi:value>125</espi:value>", "<espi:value>1.5</espi:value>", "value"),
        ("<espi:start>1762059600</espi:start>", "<espi:start>-5</espi:start>", "start"),
        ("<espi:start>1762059600</espi:start>", "<espi:start>1762056000</espi:start>", "start"),
        ("<espi:uom>72</espi:uom>", "<espi:uom>38</espi:uom>", "uom"),
    ],
)
def test_a_wrong_reading_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, field: str
) -> None:
    path = one_point(feed(tmp_path))
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    refused = [one for one in read_espi(path, "E1182204", NOW) if isinstance(one, Refused)]
    assert refused
    assert {one.field for one in refused if one.row} == {field}


def test_more_readings_than_any_meter_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_console.contracts.imports.espi.READINGS_LIMIT", 10)
    (refused,) = read_espi(one_point(feed(tmp_path)), "E1182204", NOW)
    assert "over 10 readings" in refused.reason
    assert READINGS_LIMIT > 87_660


def test_the_examples_of_the_page_are_taken(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "meter-files.md").read_text("utf-8")
    examples = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    assert len(examples) == len(READERS)
    for kind, text in zip(READERS, examples, strict=True):
        head, *lines = text.splitlines()
        assert head.split(",") == list(READERS[kind][0])
        found = read(tmp_path, kind, *lines)
        assert len(found) == 2
        assert not [one for one in found if isinstance(one, Refused)]
    for columns, _ in READERS.values():
        assert [name for name in columns if f"`{name}`" not in page] == []
