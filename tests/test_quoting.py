"""`csr-console quote`: the printed bill of Gainesville line by line, and a sentence for what is wrong."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from csr_console.quoting import quote_text

GRU = Path(str(resources.files("csr_console").joinpath("tariffs", "gru.toml")))
MAY = {"schedule": "E-RES", "from_read_on": "2015-04-29", "to_read_on": "2015-05-30", "usage": "903"}


def quoted(given: dict[str, Any], *, path: Path = GRU, premise: str = "location=inside", **rest: Any) -> str:
    return quote_text(path, given, rest.pop("use_in", []), [premise] if premise else [], as_json=True, **rest)


def test_the_printed_bill_comes_out_line_by_line() -> None:
    segment = json.loads(quoted(MAY))
    amounts = [(line["label"], line["amount_cents"]) for line in segment["lines"]]
    assert amounts[0] == ("Electric customer charge", 1275)
    assert segment["total_cents"] == 13374 == sum(cents for _label, cents in amounts)
    assert segment["lines"][-1]["why"]["rule"] == "gru/E-PST@2006-01-01"


def test_as_text_every_line_has_its_arithmetic_and_its_source() -> None:
    page = quote_text(GRU, MAY, [], ["location=inside"], as_json=False)
    assert "153 kWh × 0.084 = 12.852 → 12.85" in page
    assert page.splitlines()[-1] == f"{'Total':<52}{'133.74':>12}"


@pytest.mark.parametrize(
    ("changed", "premise", "sentence"),
    [
        ({"usage": "9o3"}, "location=inside", "--usage: write digits and a point only"),
        (
            {"to_read_on": "2015-04-29"},
            "location=inside",
            "--from and --to: the second read is 1 to 400 days",
        ),
        ({"to_read_on": "30 May"}, "location=inside", "--to: Input should be a valid date"),
        ({"schedule": "E-NONE"}, "location=inside", "No rate schedule E-NONE in the tariff book gru"),
        ({}, "", r"Location \(location\) is not known for the premise"),
        ({}, "location", "--premise: write name=value"),
        ({}, "location=moon", "is moon, not inside or outside"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, str], premise: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        quoted(MAY | changed, premise=premise)


def test_a_book_that_is_none_is_refused_with_its_lines(tmp_path: Path) -> None:
    book = tmp_path / "book.toml"
    book.write_text(GRU.read_text("utf-8").replace('price = "0.084"', "price = 0.084", 1), "utf-8")
    line = (
        GRU.read_text("utf-8")
        .splitlines()
        .index(next(x for x in GRU.read_text().splitlines() if '"0.084"' in x))
    )
    with pytest.raises(
        ValueError, match=f"book.toml line {line + 1}, component E-ENERGY.*floats are not exact"
    ):
        quoted(MAY, path=book)
    with pytest.raises(ValueError, match="cannot be read: no such file"):
        quoted(MAY, path=tmp_path / "none.toml")
    book.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        quoted(MAY, path=book)
