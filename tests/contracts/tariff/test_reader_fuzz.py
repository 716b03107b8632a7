"""Whatever happens to the text of a book, reading it ends in a book or in mistakes on its lines."""

import json
from importlib import resources

from hypothesis import given, settings
from hypothesis import strategies as st

from csr_console.contracts.tariff import BookReading, read_book
from csr_console.contracts.tariff.urdb import import_urdb

TEXT = resources.files("csr_console").joinpath("tariffs", "tallahassee.toml").read_text("utf-8")
LINES = TEXT.splitlines()
ODD_VALUES = (
    "0.5", "1e400", "nan", "-inf", "true", "[]", "{}", '""', '"x"', "0", "-1", "1979-05-27T07:32:00Z",
    "0001-01-01", "9999-12-31", "[[1]]", '{ over = "0" }', '"-0.0"', '"NaN"', '"1e5"', '["electric"]',
    "99999999999999999999999",
)  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "double", "swap", "value", "key"]),
        st.integers(0, len(LINES) - 2),
        st.sampled_from(ODD_VALUES),
    ),
    min_size=1,
    max_size=4,
)


def edited(edits: list[tuple[str, int, str]]) -> str:
    lines = list(LINES)
    for kind, at, value in edits:
        key = lines[at].partition("=")[0]
        if kind == "drop":
            lines[at] = ""
        elif kind == "double":
            lines[at] += "\n" + lines[at]
        elif kind == "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        elif kind == "value":
            lines[at] = f"{key}= {value}"
        else:
            lines[at] = lines[at].replace("e", "é", 1)
    return "\n".join(lines)


def holds_together(reading: BookReading, text: str) -> bool:
    last = text.count("\n") + 1
    told = all(0 <= item.line <= last and item.place and item.sentence for item in reading.mistakes)
    return told and (reading.book is None) == bool(reading.mistakes)


@settings(max_examples=60, deadline=None)
@given(EDITS)
def test_an_edited_book_is_read_or_its_mistakes_are_told(edits: list[tuple[str, int, str]]) -> None:
    text = edited(edits)
    assert holds_together(read_book(text), text)


def test_most_single_edits_of_a_figure_are_noticed() -> None:
    """The control of the edits above: an odd value in the place of any price is always a mistake."""
    places = [index for index, line in enumerate(LINES) if line.startswith("price = ")][:20]
    missed = [at for at in places if not read_book(edited([("value", at, "0.5")])).mistakes]
    assert places
    assert not missed


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 13), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["items", "energyratestructure", "energyweekdayschedule", "rate", "max", "unit", "mincharge",
                 "fixedchargefirstmeter", "flatdemandstructure", "flatdemandmonths", "startdate", "label",
                 "fueladjustmentsmonthly", "lookbackpercent", "lookbackrange"]
            ),
            inner, max_size=4,
        ),
    ),
    max_leaves=12,
))  # fmt: skip
@settings(deadline=None)
def test_any_json_becomes_a_book_or_a_sentence(document: object) -> None:
    found = import_urdb(json.dumps(document))
    assert (found.text is None) == bool(found.mistakes)
    if found.text is not None:
        reading = read_book(found.text)
        assert holds_together(reading, found.text)
