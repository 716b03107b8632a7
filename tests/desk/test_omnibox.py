"""What a line comes to: which hits, whether Enter acts, what the chip says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.townsfolk import filled, person

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.omnibox import Lookup, Resolution, resolve
from csr_console.desk.store.roster import Roster
from csr_console.domain.line import SubjectKind

DOLORES = person(
    1, account="100482771", name="Dolores Whitfield", phones=["8505550142"], meters=["E1020304"],
    service_address="1204 Oak St",
)  # fmt: skip
TENANT_BEFORE = person(
    2, name="Ned Early", status="final", premise=DOLORES.premise, service_address="1204 Oak St", phones=[]
)
MARIAS = [
    person(3, name="Maria Lopez", phones=["8505550150"], service_address="7 Pine Ct"),
    person(4, name="Maria Lopez", phones=["8505550151"], service_address="9 Pine Ct", status="final"),
]
ELSEWHERE = person(
    5, name="Carl Lock", phones=["2295550150"], service_address="88 12th Ave", meters=["G5550199"]
)
JOINT = person(6, name="Rosa & Luis Vega", phones=["8505550160"], service_address="15 Oak St")
COLA = person(7, name="Nora Nota", phones=["8505550161"], service_address="17 Oak St")
TOWN = [DOLORES, TENANT_BEFORE, *MARIAS, ELSEWHERE, JOINT, COLA]


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lookup]:
    folder: Path = tmp_path_factory.mktemp("omnibox")
    store = filled(folder / "cache-1.db", TOWN)
    with Roster(store).reader() as reader:
        yield reader
    store.close()


TOKENS = [
    "1204",
    "oak",
    "&",
    "850",
    ".",
    "#",
    "n:",
    "d:",
    "maria",
    "lopez",
    "out",
    "n",
    "!",
    "gas",
    "%*",
    '"',
]


def found(resolution: Resolution) -> list[RosterEntry]:
    return [hit.entry for hit in resolution.hits if hit.why != "similar"]


@pytest.mark.parametrize(
    ("line", "entry", "chip"),
    [
        ("8505550142", DOLORES, "phone -> 1 account"),
        ("(850) 555-0142", DOLORES, "phone -> 1 account"),
        ("5550142", DOLORES, "phone -> 1 account"),
        ("p:5550142", DOLORES, "phone -> 1 account"),
        ("100482771", DOLORES, "account -> 1 account"),
        ("a:100482771", DOLORES, "account -> 1 account"),
        ("E1020304", DOLORES, "meter -> 1 account"),
        ("5550199", ELSEWHERE, "meter -> 1 account"),
        ("P0000003", MARIAS[0], "premise -> 1 account"),
        ("1204 oak", DOLORES, "address -> 2 accounts"),
        ("1204 oak street", DOLORES, "address -> 2 accounts"),
        ("88 12th", ELSEWHERE, "address -> 1 account"),
        ("dolores whitfield", DOLORES, "name -> 1 account"),
        ("whitfield", DOLORES, "name -> 1 account"),
        ("carl lock", ELSEWHERE, "name -> 1 account"),
        ("rosa & luis", JOINT, "name -> 1 account"),
    ],
)
def test_one_exact_hit_opens_at_once(lookup: Lookup, line: str, entry: RosterEntry, chip: str) -> None:
    resolution = resolve(line, lookup)
    assert resolution.exact
    assert resolution.hits[0].entry == entry
    assert resolution.chip.startswith(chip)
    assert resolution.verb is None


@pytest.mark.parametrize(
    "line", ["8505550142 out a n", "1204 oak out a n", "whitfield out a n", "100482771 out a n"]
)
def test_an_outage_in_one_line(lookup: Lookup, line: str) -> None:
    resolution = resolve(line, lookup)
    assert resolution.exact
    assert resolution.hits[0].entry == DOLORES
    assert resolution.verb is not None
    assert (resolution.verb.code, resolution.args) == ("out", ("a", "n"))
    assert resolution.chip.endswith("Report an outage")


@pytest.mark.parametrize(
    ("line", "entries"),
    [
        ("maria lopez", MARIAS),
        ("5550150", [MARIAS[0], ELSEWHERE]),
        ("dolores whit", [DOLORES]),
        ("1204 oa", [DOLORES, TENANT_BEFORE]),
        ("85055501", [DOLORES, *MARIAS, JOINT, COLA]),
        ("pine ct", MARIAS),
    ],
)
def test_more_or_less_than_one_is_a_list(lookup: Lookup, line: str, entries: list[RosterEntry]) -> None:
    resolution = resolve(line, lookup)
    assert not resolution.exact
    assert sorted(entry.account for entry in found(resolution)) == sorted(entry.account for entry in entries)


def test_hits_are_told_apart(lookup: Lookup) -> None:
    apart = [hit.apart for hit in resolve("maria lopez", lookup).hits]
    assert apart == [("7 Pine Ct", "0150", "active"), ("9 Pine Ct", "0151", "final")]


def test_a_misspelled_name_never_opens_by_itself(lookup: Lookup) -> None:
    resolution = resolve("dolores whitfeild", lookup)
    assert not resolution.exact
    assert resolution.hits[0].entry == DOLORES
    assert resolution.hits[0].why == "similar"
    assert resolution.chip == "name -> no account · 1 similar"


def test_identifiers_beat_names(lookup: Lookup) -> None:
    assert resolve("8505550142 smith", lookup).line.unknown == ("smith",)
    assert not resolve("8505550142 smith", lookup).exact
    assert not resolve("8505550142 smith out a n", lookup).exact
    assert "not understood: smith" in resolve("8505550142 smith out a n", lookup).chip


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("oak & 12th out a n", "oak & 12th"),
        ("pole 10432 out a w", "pole 10432"),
        ("30.4401,-84.2807 out a n", "30.4401,-84.2807"),
    ],
)
def test_a_call_without_a_customer(lookup: Lookup, line: str, place: str) -> None:
    resolution = resolve(line, lookup)
    assert (resolution.exact, resolution.hits, resolution.place) == (True, (), place)
    assert "call without a customer" in resolution.chip


def test_tickets_and_verbs_alone(lookup: Lookup) -> None:
    assert (resolve("#12", lookup).ticket, resolve("#12", lookup).exact) == (12, True)
    for line in ("gas", "queue", "cola", "help out", "lock"):
        resolution = resolve(line, lookup)
        assert resolution.exact
        assert resolution.verb is not None
        assert resolution.chip == resolution.verb.title


def test_the_customer_on_screen(lookup: Lookup) -> None:
    for line in (". out p n!", "out p n!"):
        resolution = resolve(line, lookup, here=DOLORES.account)
        assert resolution.exact
        assert resolution.insist
        assert found(resolution) == [DOLORES]
    assert not resolve(". out p n!", lookup).exact
    assert found(resolve("gas", lookup, here=DOLORES.account)) == [DOLORES]


def test_an_outage_without_any_place_opens_the_form_that_asks_for_it(lookup: Lookup) -> None:
    resolution = resolve("out p n!", lookup)
    assert (resolution.exact, resolution.hits, resolution.args) == (True, (), ("p", "n"))
    assert not resolve("note", lookup).exact


def test_a_wrong_check_digit_is_said(lookup: Lookup) -> None:
    resolution = resolve("100482772", lookup)
    assert not resolution.exact
    assert "check digit" in resolution.chip


def test_nothing_found_says_so(lookup: Lookup) -> None:
    assert resolve("9999999999", lookup).chip == "phone -> no account"
    assert not resolve("9999999999", lookup).exact
    assert resolve("", lookup).chip == ""
    assert resolve("1 nowhere", lookup).chip == "address -> no account"


def test_a_name_that_is_also_a_verb(lookup: Lookup) -> None:
    resolution = resolve("n:nora nota", lookup)
    assert resolution.line.subject.kind is SubjectKind.NAME
    assert found(resolve("nora nota", lookup)) == [COLA]
    assert resolve("nora nota", lookup).verb is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            [
                "1204",
                "oak",
                "&",
                "850",
                ".",
                "#",
                "n:",
                "d:",
                "maria",
                "lopez",
                "out",
                "a",
                "n",
                "!",
                "E1",
                "gas",
                "v",
                "%*",
                '"',
                "'",
                "(",
                "st",
            ]
        )
    ).map(" ".join)
)
def test_any_line_resolves(lookup: Lookup, line: str) -> None:
    resolution = resolve(line, lookup, here=DOLORES.account)
    assert len(resolution.hits) <= 20
    assert not (resolution.exact and resolution.line.unknown)
