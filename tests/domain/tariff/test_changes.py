"""What a new edition of a book changes is told figure by figure."""

from importlib import resources

import pytest
from tests.domain.tariff.books import readable

from csr_console.domain.tariff.changes import changes_between

TEXT = resources.files("csr_console").joinpath("tariffs", "gru.toml").read_text("utf-8")
OLD = readable(TEXT)
NEXT_FUEL = """to = 2025-09-30
price = "0.078"
citation = "stands in: the factor varies monthly and only that of May 2015 was found"
status = "unverified"

[[component.version]]
from = 2025-10-01
price = "0.081"
citation = "resolution 25-7"
status = "verified"
"""


def told(old: str, new: str) -> list[str]:
    assert old in TEXT
    return [str(change) for change in changes_between(OLD, readable(TEXT.replace(old, new, 1)))]


def test_a_book_changes_nothing_in_itself() -> None:
    assert changes_between(OLD, readable(TEXT + "\n# a comment")) == ()


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (
            '{ over = "750", price = "0.084" }', '{ over = "750", price = "0.086" }',
            "component E-ENERGY, version 2014-10-01, tier 3, price: 0.084 → 0.086",
        ),
        ('label = "Location"', 'label = "Place"', "attribute location, label: Location → Place"),
        (
            'excluding = ["G-PGA"]\nincluding_taxes = ["G-GRT"]', 'excluding = ["G-PGA"]',
            "tax G-PST, including_taxes: gone, G-GRT",
        ),
        ("decimals = 0\n", "decimals = 2\n", "billing factor G-BTU, decimals: 0 → 2"),
        (
            'components = ["F-BUILDING"]\n', 'components = ["F-BUILDING"]\nclosed_on = 2020-01-01\n',
            "schedule F-COM, closed_on: new, 2020-01-01",
        ),
    ],
)  # fmt: skip
def test_each_difference_is_told_once(old: str, new: str, change: str) -> None:
    assert told(old, new) == [change]


def test_a_new_version_is_told_with_its_source() -> None:
    last = TEXT.index("from = 2015-05-31") + len("from = 2015-05-31\n")
    old = TEXT[last : TEXT.index("[[component]]", last)]
    book = readable(TEXT[:last] + NEXT_FUEL + "\n" + TEXT[last + len(old) :])
    assert [str(change) for change in changes_between(OLD, book)] == [
        "component E-FUEL, version 2015-05-31, to: new, 2025-09-30",
        "component E-FUEL, version 2025-10-01, from: new, 2025-10-01",
        "component E-FUEL, version 2025-10-01, citation: new, resolution 25-7",
        "component E-FUEL, version 2025-10-01, status: new, verified",
        "component E-FUEL, version 2025-10-01, price: new, 0.081",
    ]


def test_a_component_that_is_gone() -> None:
    book = readable(TEXT.replace(', "G-MGP"', ""))
    found = [str(change) for change in changes_between(OLD, book)]
    before, after = "G-CUST, G-ENERGY, G-MGP, G-PGA, G-OUTSIDE", "G-CUST, G-ENERGY, G-PGA, G-OUTSIDE"
    assert f"schedule G-RES, components: {before} → {after}" in found
