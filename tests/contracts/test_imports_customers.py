"""customers.csv: what is read, what is refused and with which sentence."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csr_console.contracts.imports import (
    ALERT_CODES,
    CUSTOMER_COLUMNS,
    CustomerRow,
    ImportReport,
    Refused,
    read_customers,
)
from csr_console.domain.ids import damm_digit
from csr_console.domain.text import clean_line

GOOD = {
    "account_number": "100482771", "kind": "residential", "status": "active", "name": "Dolores Whitfield",
    "language": "en", "phone_1": "8505550142", "phone_2": "", "email": "d@example.org", "mailing_street": "",
    "mailing_city": "", "mailing_state": "", "mailing_zip": "", "premise": "P0001204",
    "service_street": "1204 Oak St", "service_unit": "Apt 3", "service_city": "Port Laurel",
    "service_zip": "32390", "supply_point": "demo:C17",
    "services": "electric:E1020304:connected;water:W2030405:nonpay;sewer::connected",
    "since_on": "2019-04-01",
    "balance_cents": "1500", "balance_on": "2026-11-02", "age_0_30_cents": "1000", "age_31_60_cents": "500",
    "age_61_90_cents": "0", "age_over_90_cents": "0", "due_on": "2026-11-20", "cut_on": "",
    "last_payment_cents": "9000", "last_payment_on": "2026-10-02",
    "alerts": "language;life_support:2027-01-31", "verify_ssn4": "4417", "verify_dob": "1961-03-08",
    "verify_dl4": "", "verify_passphrase": "copper heron",
}  # fmt: skip

Write = Callable[..., Path]


def number(serial: int) -> str:
    digits = f"{20_000_000 + serial}"
    return digits + damm_digit(digits)


def line(**changes: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow({**GOOD, **changes}.values())
    return text.getvalue()


HEADER = ",".join(CUSTOMER_COLUMNS) + "\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*lines: str | bytes, header: str | bytes = HEADER) -> Path:
        path = tmp_path / "customers.csv"
        path.write_bytes(b"".join(p if isinstance(p, bytes) else p.encode() for p in (header, *lines)))
        return path

    return written


def only(path: Path) -> Refused:
    (one,) = list(read_customers(path))
    assert isinstance(one, Refused)
    return one


def test_a_row_is_read_with_its_types(write: Write) -> None:
    (row,) = list(read_customers(write(line())))
    assert isinstance(row, CustomerRow)
    assert (row.row, row.account_number, row.phone_2, row.supply_point) == (2, "100482771", "", "demo:C17")
    assert [(s.service, s.meter, s.state) for s in row.services] == [
        ("electric", "E1020304", "connected"),
        ("water", "W2030405", "nonpay"),
        ("sewer", "", "connected"),
    ]
    assert [(a.code, a.expires_on) for a in row.alerts] == [
        ("life_support", date(2027, 1, 31)),
        ("language", None),
    ]
    assert (row.balance_cents, row.cut_on, row.verify_dob) == (1500, None, date(1961, 3, 8))
    assert "4417" not in repr(row)
    assert "copper" not in repr(row)


def test_columns_in_any_order_with_byte_order_mark_and_crlf(write: Write) -> None:
    names = [*reversed(CUSTOMER_COLUMNS)]
    values = [*reversed(next(csv.reader([line()])))]
    header = b"\xef\xbb\xbf" + (",".join(names) + "\r\n").encode()
    (row,) = list(read_customers(write(",".join(values) + "\r\n\r\n", header=header)))
    assert isinstance(row, CustomerRow)
    assert row.name == "Dolores Whitfield"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("account_number", "100482772", "check digit"),
        ("account_number", "１００４８２７７１", "nine digits"),
        ("kind", "industrial", "'residential' or 'commercial'"),
        ("status", "closed", "'active'"),
        ("name", "", "is empty"),
        ("name", "x" * 201, "longer than 200"),
        ("name", "4111 1111 1111 1111", "no card number"),
        ("language", "fr", "'en' or 'es'"),
        ("phone_1", "555-0142", "ten digits"),
        ("email", "nobody", "name@example.org"),
        ("mailing_state", "Florida", "two capital letters"),
        ("mailing_zip", "3239", "five digits"),
        ("premise", "1204", "P and seven digits"),
        ("service_street", "  ", "is empty"),
        ("service_zip", "", "five digits"),
        ("supply_point", "c" * 81, "longer than 80"),
        ("services", "electric:E1020304", "service:meter:state"),
        ("services", "steam::connected", "unknown service “steam”"),
        ("services", "electric:W1020304:connected", "E and seven digits"),
        ("services", "sewer:E1020304:connected", "not metered"),
        ("services", "water::off", "unknown state “off”"),
        ("services", "sewer::connected;sewer::connected", "names sewer twice"),
        ("services", ";".join(["sewer::connected"] * 41), "at most 40"),
        ("since_on", "04/01/2019", "2026-01-31"),
        ("since_on", "2019-02-30", "2026-01-31"),
        ("balance_on", "", "is empty"),
        ("balance_cents", "15.00", "whole cents"),
        ("balance_cents", "1501", "is 1501 but the four ages sum to 1500"),
        ("age_0_30_cents", "=1000", "whole cents"),
        ("due_on", "soon", "2026-01-31"),
        ("last_payment_cents", "9" * 13, "whole cents"),
        ("alerts", "vip", "unknown alert “vip”"),
        ("alerts", "outage_here", "unknown alert"),
        ("alerts", "loan;loan", "names loan twice"),
        ("alerts", "loan:tomorrow", "2026-01-31"),
        ("alerts", "loan:2027-01-31:x", "code or code:2026-01-31"),
        ("verify_ssn4", "123456789", "not four digits"),
        ("verify_dob", "8 March 1961", "not a date"),
    ],
)
def test_a_wrong_value_is_refused_by_row_field_and_reason(
    write: Write, field: str, value: str, words: str
) -> None:
    refused = only(write(line(**{field: value})))
    where = "balance_cents" if "ages" in words else field
    assert (refused.file, refused.row, refused.field) == ("customers.csv", 2, where)
    assert words.lower() in refused.reason.lower()
    assert str(refused).startswith(f"customers.csv row 2, {where}: ")


def test_secrets_are_never_quoted(write: Write) -> None:
    for field, value in {
        "verify_ssn4": "123456789",
        "verify_dob": "8 March 1961",
        "verify_dl4": "w535",
    }.items():
        assert value not in only(write(line(**{field: value}))).reason


def test_each_wrong_field_of_a_row_is_told_and_the_next_row_is_read(write: Write) -> None:
    found = list(read_customers(write(line(kind="x", since_on="x"), line())))
    assert [one.field for one in found[:2] if isinstance(one, Refused)] == ["kind", "since_on"]
    assert isinstance(found[2], CustomerRow)


def test_a_second_row_of_an_account_names_both_rows(write: Write) -> None:
    first, second = read_customers(write(line(), line(name="Someone Else")))
    assert isinstance(first, CustomerRow)
    assert isinstance(second, Refused)
    assert "row 2" in second.reason
    assert "row 3" in second.reason


def test_unknown_missing_and_doubled_columns_are_named_and_nothing_is_read(write: Write) -> None:
    header = HEADER.replace("phone_1", "Phone 1").replace("email", "language")
    found = list(read_customers(write(line(), header=header)))
    assert all(isinstance(one, Refused) and one.row == 1 for one in found)
    told = " | ".join(str(one) for one in found)
    assert "“Phone 1”: is not a column of this file (is phone_1 meant?)" in told
    assert "language: is named twice" in told
    assert "email: this column is missing" in told


def test_a_header_of_another_file_is_cut_short(write: Write) -> None:
    found = list(read_customers(write(header=",".join(f"c{n}" for n in range(5000)) + "\n")))
    assert len(found) == 21
    assert "right file" in str(found[-1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04....", "workbook"),
        (b"\x1f\x8b....", "compressed"),
        (HEADER.replace(",", ";").encode(), "separated by ';'"),
        (HEADER.replace("\n", "\r").encode() + b"x,y\r", "carriage return"),
    ],
)
def test_another_kind_of_file_is_one_sentence(write: Write, content: bytes, words: str) -> None:
    assert words in only(write(header=content)).reason


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    assert "no such file" in only(tmp_path / "customers.csv").reason
    assert "cannot be read" in only(tmp_path).reason


def test_latin_1_nul_and_ragged_rows_cost_one_row_each(write: Write) -> None:
    latin = line(name="José Peña").encode("latin-1")
    found = list(read_customers(write(latin, line(name="a\0b"), line()[:60] + "\n", line())))
    assert [one.row for one in found] == [2, 3, 4, 5]
    assert ["UTF-8" in str(found[0]), "NUL" in str(found[1]), "35" in str(found[2])] == [True] * 3
    assert isinstance(found[3], CustomerRow)


def test_a_line_of_ten_megabytes_costs_one_row(write: Write) -> None:
    found = list(read_customers(write("x" * 10_000_000 + "\n", line(name="y" * 70_000), line())))
    assert [isinstance(one, Refused) for one in found] == [True, True, False]
    assert [one.row for one in found] == [2, 3, 4]
    assert max(len(str(one)) for one in found[:2]) < 200


def test_an_open_quotation_mark_costs_one_row(write: Write) -> None:
    broken = line().replace("Dolores", '"Dolores', 1)
    rows = [line(account_number=number(n)) for n in range(30)]
    found = list(read_customers(write(broken, *rows)))
    assert isinstance(found[0], Refused)
    assert "quotation mark" in found[0].reason
    assert sum(isinstance(one, CustomerRow) for one in found) == 30


def test_a_quoted_line_break_is_one_line_of_text(write: Write) -> None:
    (row,) = list(read_customers(write(line(name="Dolores\nWhitfield, MD"))))
    assert isinstance(row, CustomerRow)
    assert row.name == "Dolores Whitfield, MD"


def test_hostile_text_is_made_inert_and_formulas_stay_data(write: Write) -> None:
    hostile = "\x1b]0;owned\x07\u202eevil [bold]x[/]"
    first, second = read_customers(
        write(line(name=hostile), line(account_number=number(1), name="=HYPERLINK(1)"))
    )
    assert isinstance(first, CustomerRow)
    assert isinstance(second, CustomerRow)
    assert not set(first.name) & {"\x1b", "\x07", "\u202e"}
    assert first.name.endswith("[bold]x[/]")
    assert second.name == "=HYPERLINK(1)"


def test_a_refusal_quotes_little_and_never_controls(write: Write) -> None:
    refused = only(write(line(kind="\x1b[2J" + "z" * 150)))
    assert "\x1b" not in refused.reason
    assert "z" * 41 not in refused.reason


def test_alert_codes_are_the_ribbon_without_what_is_computed() -> None:
    assert ALERT_CODES[:2] == ("safety", "life_support")
    assert len(ALERT_CODES) == 16


def test_the_report_counts_all_and_keeps_a_thousand() -> None:
    report = ImportReport()
    for row in range(1500):
        report.add(Refused(row, "name" if row % 3 else "email", "is empty", "customers.csv"))
    assert (report.refused_count, len(report.refused)) == (1500, 1000)
    assert report.by_field() == {"name": 1000, "email": 500}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=4000))
def test_any_bytes_give_rows_or_refusals(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "customers.csv"
    for prefix in (b"", HEADER.encode()):
        path.write_bytes(prefix + content)
        assert all(isinstance(one, CustomerRow | Refused) for one in read_customers(path))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(CUSTOMER_COLUMNS), st.text(st.characters(codec="utf-8"), max_size=60)
        ),
        max_size=6,
    )
)
def test_any_values_are_kept_or_refused_with_an_inert_sentence(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(HEADER + "".join(line(**row) for row in rows), encoding="utf-8", newline="")
    for one in read_customers(path):
        if isinstance(one, Refused):
            assert clean_line(str(one), limit=1000) == str(one)
            assert len(one.reason) < 400
        else:
            ages = one.age_0_30_cents + one.age_31_60_cents + one.age_61_90_cents + one.age_over_90_cents
            assert ages == one.balance_cents
