"""A tariff book with a mistake is refused with the line and what to write; all mistakes at once."""

from importlib import resources

import pytest

from csr_console.contracts.tariff import BookMistake, read_book
from csr_console.contracts.tariff.reader import refusal_text

GRU = resources.files("csr_console").joinpath("tariffs", "gru.toml").read_text("utf-8")
BOOK = """[book]
id = "test"
name = "A book of a test"
jurisdiction = "Nowhere"
rounding = "line-half-up"

[[attribute]]
id = "phase"
label = "Phase"
values = ["1", "3"]

[[proration]]
id = "FULL"
fixed = "full"
tiers = "full"
citation = "the test"
status = "verified"

[[component]]
id = "ENERGY"
kind = "block"
label = "Energy"
group = "energy"
unit = "kWh"

[[component.version]]
from = 2014-10-01
to = 2015-09-30
tier = [
    { over = "0", up_to = "250", price = "0.031" },
    { over = "250", price = "0.042" },
]
citation = "page 1"
status = "verified"

[[component.version]]
from = 2015-10-01
tier = [{ over = "0", price = "0.05" }]
citation = "page 2"
status = "unverified"

[[component]]
id = "CUST"
kind = "fixed"
label = "Customer charge"
group = "customer"

[[component.version]]
from = 2014-10-01
row = [
    { where = { phase = "1" }, price = "7.77" },
    { where = { phase = "3" }, price = "27.20" },
]
citation = "page 3"
status = "verified"

[[schedule]]
id = "E"
name = "Electric"
service = "electric"
class = "residential"
eligibility = "Everyone."
unit = "kWh"
from = 2014-10-01
proration = "FULL"
components = ["CUST", "ENERGY"]

[[tax]]
id = "T"
label = "Tax"
jurisdiction = "Nowhere"
services = ["electric"]
base = ["CUST", "ENERGY"]

[[tax.version]]
from = 2014-10-01
method = "percent"
rate = "10"
citation = "page 4"
status = "verified"
"""


def mistakes(old: str, new: str, text: str = BOOK) -> list[BookMistake]:
    assert text.count(old) >= 1
    reading = read_book(text.replace(old, new, 1))
    assert reading.book is None
    return list(reading.mistakes)


def test_the_book_itself_is_right() -> None:
    reading = read_book(BOOK)
    assert not reading.mistakes
    assert reading.book
    assert len(reading.book.digest) == 64


COMPONENTS = 'components = ["CUST", "ENERGY"]'
BASE = 'base = ["CUST", "ENERGY"]'
TIER_2 = '{ over = "250", price'
ROW_2 = '{ where = { phase = "3" }'
PRICE = 'price = "0.05"'
FROM = "from = 2015-10-01"
OPENED = "from = 2014-10-01\nproration"


@pytest.mark.parametrize(
    ("old", "new", "at", "place", "words"),
    [
        (PRICE, "price = 0.05", "", "ENERGY, version 2, tier 1, price", 'the float 0.05: write "0.05"'),
        (PRICE, "price = 1", "price = 1 }", "tier 1, price", 'bare number: write "1"'),
        (PRICE, 'price = "$0.05"', "", "tier 1, price", "digits and a point only"),
        (PRICE, 'prise = "0.05"', "", "tier 1, prise", "is no key here: is price meant?"),
        ('unit = "kWh"', 'unit = "kwh"', "", "component ENERGY, unit", "“kwh” is no unit known here"),
        (FROM, "from = 2015-10-05", "", "component ENERGY, version 2, from", "gap"),
        (FROM, "from = 2015-09-15", "", "version 2, from", "overlap with the version before"),
        (FROM, "from = 2014-09-01", "", "version 2, from", "oldest to the newest"),
        (FROM, 'from = "2015-10-01"', "", "version 2, from", "date without quotes"),
        ("to = 2015-09-30", "to = 2014-01-01", "", "version 1, to", "before its first day"),
        (TIER_2, '{ over = "251", price', "", "tier 2, over", "gap, the tiers before end at 250"),
        (TIER_2, '{ over = "200", price', "", "tier 2, over", "overlap"),
        (TIER_2, '{ over = "250", up_to = "900", price', "", "tier 2, up_to", "gap, nothing is priced above"),
        ('"0", up_to = "250", price', '"0", price = "1", price', "", "the book", "is not TOML"),
        ('{ over = "0", up_to = "250", ', '{ over = "0",  ', "", "tier 1", "has no up_to"),
        ('citation = "page 1"\n', "", "[[component.version]]", "version 1, citation", "has no citation"),
        ('citation = "page 1"', 'citation = ""', "", "citation", "is empty"),
        ('status = "unverified"', 'status = "maybe"', "", "status", "'verified' or 'unverified'"),
        (COMPONENTS, "components = []", "", "schedule E, components", "has no components"),
        (COMPONENTS, "", "[[schedule]]", "schedule E, components", "has no components"),
        (COMPONENTS, 'components = ["ENERGIE"]', "", "schedule E, components 1", "is ENERGY meant?"),
        (COMPONENTS, 'components = ["CUST", "CUST"]', "", "components 2", "twice"),
        (BASE, 'base = ["CUST", "FUEL"]', "", "tax T, base 2", "“FUEL” is no component"),
        (BASE, 'base = "most"', "", "tax T, base", 'write "all" or a list'),
        (BASE, 'including_taxes = ["T"]', "", "tax T, including_taxes", "circle: T includes T"),
        ('services = ["electric"]', 'services = ["gas"]', "", "services 1", "service of no schedule"),
        ('proration = "FULL"', 'proration = "HALF"', "", "schedule E, proration", "is no proration"),
        (ROW_2, '{ where = { phase = "2" }', "", "row 2, where", "“2” is no value of phase"),
        ('phase = "1" }', 'phase = ["1", "3"] }', ROW_2, "row 2", "overlap"),
        (ROW_2, '{ where = { fase = "3" }', "", "row 2, where", "is phase meant?"),
        (ROW_2, '{ where = { phase = { over = "1" } }', "", "row 2, where", "is one of 1, 3"),
        ('kind = "block"', 'kind = "blocks"', "", "component ENERGY, kind", "write one of"),
        ('kind = "block"\n', "", "[[component]]", "component ENERGY", "has no kind"),
        ('id = "CUST"', 'id  = "ENERGY"', "", "component ENERGY, id", "is taken already by component 1"),
        ('id = "T"', 'id  = "CUST"', "", "tax CUST, id", "is the name of a component"),
        (OPENED, "from = 2013-01-01\nproration", COMPONENTS, "components", "gap: the schedule"),
        ('unit = "kWh"\nfrom', 'unit = "gal"\nfrom', COMPONENTS, "components 2", "measure different things"),
        ('rounding = "line-half-up"\n', "", "[book]", "book, rounding", "has no rounding"),
        ('service = "electric"', 'service = "power"', "", "schedule E, service", "'electric', 'water'"),
        ("[[attribute]]", "[[atribute]]", "", "atribute", "is no table of a tariff book"),
        ('method = "percent"', 'method = "volume"', "[[tax.version]]", "tax T, version 1", "needs index"),
        ("[[proration]]", "[[proration", "", "the book", "is not TOML here"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, at: str, place: str, words: str) -> None:
    text = BOOK.replace(old, new, 1)
    line = text[: text.index(at or new)].count("\n") + 1
    found = mistakes(old, new)
    right = [item for item in found if item.line == line and place in item.place and words in item.sentence]
    assert right, f"expected line {line}:\n" + "\n".join(map(str, found))


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = BOOK.replace('price = "0.05"', "price = 0.05").replace('rate = "10"', "rate = 10.0")
    text = text.replace('unit = "kWh"\n\n', 'unit = "kwh"\n\n').replace('phase = "3"', 'phase = "9"')
    found = read_book(text).mistakes
    wrong = ('unit = "kwh"', "price = 0.05", 'phase = "9"', "rate = 10.0")
    assert [item.line for item in found] == [text[: text.index(item)].count("\n") + 1 for item in wrong]


def test_a_table_with_a_mistake_is_checked_for_others_all_the_same() -> None:
    """A float, an unknown key and a missing citation hide neither a gap in tiers nor one in dates."""
    text = BOOK.replace('"0.031"', "0.031").replace('citation = "page 1"\n', 'colour = "red"\n')
    text = text.replace('over = "250", price', 'over = "251", price').replace(FROM, "from = 2015-11-01")
    sentences = " ".join(item.sentence for item in read_book(text).mistakes)
    for words in (
        "is the float 0.031",
        "is no key here",
        "has no citation",
        "the tiers before end at 250",
        "nothing holds",
    ):
        assert words in sentences
    assert len(read_book(text).mistakes) == 5


def test_a_component_with_a_mistake_is_not_reported_again_where_it_is_named() -> None:
    assert len(mistakes('kind = "block"', 'kind = "blocks"')) == 1


def test_a_circle_of_taxes_is_drawn() -> None:
    second = BOOK[BOOK.index("[[tax]]") :].replace('id = "T"', 'id = "U"')
    text = (BOOK + "\n" + second).replace(
        'id = "T"\n', 'id = "T"\nincluding_taxes = ["U"]\n'
    ).replace('id = "U"\n', 'id = "U"\nincluding_taxes = ["T"]\n')  # fmt: skip
    sentences = [item.sentence for item in read_book(text).mistakes]
    assert sentences == [
        "goes in a circle: T includes U includes T",
        "goes in a circle: U includes T includes U",
    ]


def test_a_minimum_before_what_it_is_on() -> None:
    minimum = """
[[component]]
id = "MIN"
kind = "minimum"
label = "Minimum"
group = "minimum"
version = [{ from = 2014-10-01, of = ["ENERGY"], price = "5", citation = "page 9", status = "verified" }]
"""
    text = BOOK.replace("[[schedule]]", minimum + "\n[[schedule]]")
    text = text.replace('components = ["CUST", "ENERGY"]', 'components = ["CUST", "MIN", "ENERGY"]')
    assert [item.sentence for item in read_book(text).mistakes] == [
        "MIN stands before ENERGY, which it is on: list it after"
    ]


CALENDAR = """
[[calendar]]
id = "TOU"
period = [{ id = "on", label = "on-peak" }, { id = "off", label = "off-peak" }]
otherwise = "off"
on_holidays = "off"
citation = "page 5"
status = "verified"
window = [
    { period = "on", days = ["mon", "tue"], from = "07:00", to = "19:00" },
    WINDOW
]
holiday = [
    HOLIDAY
]
"""


@pytest.mark.parametrize(
    ("window", "holiday", "words"),
    [
        ('{ period = "off", days = ["tue"], from = "18:00", to = "20:00" }', "", "overlap"),
        ('{ period = "mid" }', "", "is no period of this calendar"),
        ('{ period = "on", days = ["wed"], from = "19:00", to = "07:00" }', "", "write two windows"),
        ('{ period = "on", from = "7am" }', "", 'write a time such as "07:00"'),
        (
            "",
            '{ name = "Labor Day", rule = "nth-weekday", month = 9, weekday = "mon" }',
            "takes month, nth",
        ),
        ("", '{ name = "Leap day", rule = "fixed", month = 2, day = 29 }', "not every year"),
        (
            "",
            '{ name = "Sixth", rule = "nth-weekday", month = 9, weekday = "mon", nth = 6 }',
            "less than or equal",
        ),
    ],
)
def test_calendars(window: str, holiday: str, words: str) -> None:
    text = BOOK + CALENDAR.replace("WINDOW", window).replace("HOLIDAY", holiday)
    found = read_book(text).mistakes
    assert any(words in item.sentence for item in found), found
    assert all(item.line > 80 for item in found)


def test_ranges_of_a_table_leave_no_gap_and_do_not_overlap() -> None:
    sized = BOOK.replace('values = ["1", "3"]', 'unit = "sqft"')
    rows = '{ where = { phase = { over = "0", up_to = "100" } }'
    text = sized.replace('{ where = { phase = "1" }', rows)
    gap = text.replace('{ where = { phase = "3" }', '{ where = { phase = { over = "150" } }')
    overlap = text.replace('{ where = { phase = "3" }', '{ where = { phase = { over = "99" } }')
    right = text.replace('{ where = { phase = "3" }', '{ where = { phase = { over = "100" } }')
    assert [item.sentence for item in read_book(gap).mistakes] == ["gap: no row has phase over 100 up to 150"]
    assert "overlap" in read_book(overlap).mistakes[0].sentence
    assert not read_book(right).mistakes


def test_the_shipped_book_of_gainesville_with_one_float() -> None:
    found = mistakes(
        'tier = [\n    { over = "0", up_to = "250", price = "0.031" }',
        'tier = [\n    { over = "0", up_to = "250", price = 0.031 }',
        GRU,
    )
    assert [item.line for item in found] == [GRU[: GRU.index('price = "0.031"')].count("\n") + 1]
    assert refusal_text(found, "gru.toml").startswith(
        f"gru.toml line {found[0].line}, component E-ENERGY, version 2"
    )


@pytest.mark.parametrize("text", ["", "x", "[book]\n", "book = 3", "component = [1]", "[" * 3000, "\x00"])
def test_what_is_no_book_at_all_is_refused_too(text: str) -> None:
    reading = read_book(text)
    assert reading.book is None
    assert reading.mistakes
    assert all(str(item) for item in reading.mistakes)


def test_a_value_is_quoted_without_what_a_terminal_obeys() -> None:
    found = mistakes('unit = "kWh"', 'unit = "k\\u001b[31mWh"')
    assert "\x1b" not in "".join(map(str, found))
