"""The roster: what is found by what, and that changes leave the same keys as a new snapshot."""

import string
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.townsfolk import KEY, account_number, city_people, filled, person

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.model import StoreLocked
from csr_console.desk.store import roster
from csr_console.desk.store.database import Store
from csr_console.desk.store.roster import Roster
from csr_console.desk.store.roster_schema import ROSTER_TABLES
from csr_console.desk.store.roster_search import RosterReader
from csr_console.domain.words import address_query, words

MARIA = person(
    1, name="María R. López", phones=["8505550142", "2295550143"], meters=["E1020304", "W77"],
    service_address="1204 Oak St", supply_point="city:C9", device="city:T1", flags=["dispute", "language"],
)  # fmt: skip
FORMER = person(2, name="Tom O'Brien", status="final", premise=MARIA.premise, service_address="1204 Oak St")
NEXT_DOOR = person(3, name="Juan de la Cruz", service_address="1208 Oak St", phones=["4045550142"])
FLATS = [person(10 + n, name="Ann McDonald", service_address=f"1212 Oak Street, Apt {n}") for n in (2, 10, 3)]
NORTH = person(40, name="Cedar Bakery LLC", service_address="300 NW Lake Shore Dr # B")
AVENUE = person(41, name="Lopez Garcia Ana", service_address="1204 Oakwood Ave")
TOWN = [MARIA, FORMER, NEXT_DOOR, *FLATS, NORTH, AVENUE]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = filled(tmp_path / "cache-1.db", TOWN)
    yield store
    store.close()


@pytest.fixture
def reader(store: Store) -> Iterator[RosterReader]:
    with Roster(store).reader() as reader:
        yield reader


def test_an_entry_comes_back_as_it_was(reader: RosterReader) -> None:
    assert reader.entry(MARIA.account) == MARIA
    bare = person(5, phones=[], meters=[], electric_state=None, supply_point=None, device=None)
    assert reader.entry(bare.account) is None


def test_identifiers(reader: RosterReader) -> None:
    assert reader.by_phone("8505550142") == [MARIA]
    assert reader.by_phone("2295550143") == [MARIA]
    assert reader.by_phone("85055501") == [MARIA]
    assert reader.by_local_phone("5550142") == [MARIA, NEXT_DOOR]
    assert reader.by_local_phone("55501") == [MARIA, NEXT_DOOR]
    assert reader.by_premise(MARIA.premise) == [MARIA, FORMER]
    assert reader.by_supply_point("city:C9") == [MARIA]
    assert reader.by_device("city:T1") == [MARIA, FLATS[0], FLATS[2]]
    assert reader.by_account(MARIA.account[:8]) == [MARIA]


@pytest.mark.parametrize("typed", ["E1020304", "e-1020304", "1020304", "E102", "10203"])
def test_meters_with_and_without_their_letters(reader: RosterReader, typed: str) -> None:
    assert reader.by_meter(typed) == [MARIA]


def test_a_meter_of_other_letters_is_another_meter(reader: RosterReader) -> None:
    assert reader.by_meter("W1020304") == []


@pytest.mark.parametrize(
    "typed",
    [
        "maria lopez",
        "lopez maria",
        "lop",
        "mar lop",
        "LÓPEZ, María",
        "maria r lopez",
        "lopez r",
        "l m",
        "lopez mar",
    ],
)
def test_words_of_a_name_in_any_order_and_length(reader: RosterReader, typed: str) -> None:
    assert MARIA in reader.named(typed).exact


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("obrien", FORMER), ("o'brien", FORMER), ("o brien", FORMER), ("brien", FORMER),
        ("delacruz", NEXT_DOOR), ("de la cruz", NEXT_DOOR), ("cruz juan", NEXT_DOOR),
        ("mcdonald", FLATS[0]), ("mc donald", FLATS[0]), ("donald ann", FLATS[0]),
    ],
)  # fmt: skip
def test_a_blank_more_or_less_in_a_name_makes_no_difference(
    reader: RosterReader, typed: str, expected: RosterEntry
) -> None:
    assert expected in reader.named(typed).exact


@pytest.mark.parametrize(
    "typed", ["lopes maria", "mraia lopez", "maria lpez", "lopwz", "marria lopez", "lupes"]
)
def test_a_name_nearly_right(reader: RosterReader, typed: str) -> None:
    found = reader.named(typed)
    assert found.exact == []
    assert MARIA in found.near
    assert reader.named(typed, near=False).near == []


def test_two_words_wrong_or_one_twice(reader: RosterReader) -> None:
    assert MARIA in reader.named("mraia lpoez").near
    assert NORTH in reader.named("cedr bakrey").near
    assert NORTH in reader.named("bakkerry").near


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1204 oak", [MARIA, FORMER, AVENUE]),
        ("1204 oa", [MARIA, FORMER, AVENUE]),
        ("1204 oak st", [MARIA, FORMER]),
        ("1204 oak str", [MARIA, FORMER]),
        ("1204 Oak Street", [MARIA, FORMER]),
        ("oak st 1204", [MARIA, FORMER]),
        ("1204 oakw", [AVENUE]),
        ("1204 oak avenue", []),
        ("1205 oak st", []),
        ("oak st 120", [MARIA, FORMER, NEXT_DOOR]),
        ("1212 oak", [FLATS[0], FLATS[2], FLATS[1]]),
        ("1212 oak apt 1", [FLATS[1]]),
        ("1212 oak #3", [FLATS[2]]),
        ("1212 oak 3", [FLATS[2]]),
        ("1212 oak ap", [FLATS[0], FLATS[2], FLATS[1]]),
        ("300 northwest lake", [NORTH]),
        ("300 lake shore", [NORTH]),
        ("300 shore dr b", [NORTH]),
        ("1204 oka st", [MARIA, FORMER]),
        ("300 laek shoer", []),
        ("300 shroe", [NORTH]),
    ],
)
def test_addresses(reader: RosterReader, typed: str, expected: list[RosterEntry]) -> None:
    assert reader.at_address(address_query(typed)) == expected


def test_next_door(reader: RosterReader) -> None:
    assert reader.neighbor(MARIA, 1) == NEXT_DOOR
    assert reader.neighbor(NEXT_DOOR, -1) == MARIA
    assert reader.neighbor(NEXT_DOOR, 1) == FLATS[0]
    assert reader.neighbor(FLATS[0], 1) == FLATS[2]
    assert reader.neighbor(MARIA, 2) == FLATS[0]
    assert reader.neighbor(MARIA, -1) is None


def test_streets_known(reader: RosterReader) -> None:
    assert reader.knows_street("oak")
    assert reader.knows_street("Oak Street")
    assert reader.knows_street("lake shore")
    assert not reader.knows_street("maria")


def test_changes(store: Store) -> None:
    moved = MARIA.model_copy(
        update={"name": "Maria Smith", "phones": ["8505550199"], "service_address": "9 Pine Ct", "version": 2}
    )
    new = person(30, name="Zoe Quick")
    with store.write() as connection:
        roster.upsert(connection, [moved, new])
        roster.delete(connection, [NEXT_DOOR.account, account_number(999)])
        assert roster.count(connection) == len(TOWN)
    with Roster(store).reader() as reader:
        assert reader.entry(MARIA.account) == moved
        assert reader.by_phone("8505550142") == []
        assert reader.named("lopez maria").exact == []
        assert reader.named("smith").exact == [moved]
        assert reader.at_address(address_query("9 pine")) == [moved]
        assert reader.named("zoe").exact == [new]
        assert reader.entry(NEXT_DOOR.account) is None


names = st.sampled_from(
    ["Maria Lopez", "María R. López", "O'Brien Tom", "Ann McDonald", "Ana de la Cruz", "X"]
)
addresses = st.sampled_from(["1204 Oak St", "1204 Oak St Apt 2", "1 Pine Ct", "Lift station", "7 1/2 W Oak"])
changes = st.lists(
    st.tuples(
        st.integers(0, 5), names, addresses, st.sampled_from(["8505550142", "4045550142"]), st.booleans()
    ),
    max_size=12,
)  # fmt: skip

KEYS = (
    "SELECT h.kind, h.handle, e.account FROM roster_handle h JOIN roster_entry e USING (id)",
    "SELECT n.key, e.account FROM roster_name n JOIN roster_entry e USING (id)",
    """SELECT h.number, s.street, h.unit, e.account FROM roster_house h
        JOIN roster_street s ON s.id = h.street JOIN roster_entry e ON e.id = h.id""",
    """SELECT f.number, s.street, f.unit, e.account FROM roster_frontage f
        JOIN roster_street s ON s.id = f.street JOIN roster_entry e ON e.id = f.id""",
    "SELECT token, uses, sound FROM roster_token",
    "SELECT area, uses FROM roster_area WHERE uses > 0",
    "SELECT count(*), (SELECT count(*) FROM roster_handle WHERE kind = 'a') FROM roster_entry",
)


def keys_of(store: Store) -> list[list[tuple[object, ...]]]:
    with store.read() as connection:
        return [sorted(connection.cursor().execute(query).fetchall()) for query in KEYS]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=changes, then=changes)
def test_changes_leave_the_keys_a_new_snapshot_would(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[int, str, str, str, bool]],
    then: list[tuple[int, str, str, str, bool]],
) -> None:
    folder = tmp_path_factory.mktemp("rosters")
    now: dict[str, RosterEntry] = {}
    changed = filled(folder / "changed.db", [])
    for batch in (first, then):
        for serial, name, address, phone, gone in batch:
            entry = person(serial, name=name, service_address=address, phones=[phone])
            with changed.write() as connection:
                if gone:
                    roster.delete(connection, [entry.account])
                    now.pop(entry.account, None)
                else:
                    roster.upsert(connection, [entry])
                    now[entry.account] = entry
    fresh = filled(folder / "fresh.db", now.values())
    assert keys_of(changed) == keys_of(fresh)
    changed.close()
    fresh.close()


def test_keys_are_laid_in_batches_while_a_snapshot_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "KEYED_AT_ONCE", 7)
    people = [person(n) for n in range(40)]
    store = Store(tmp_path / "cache-2.db", KEY, "normal")
    store.create(ROSTER_TABLES)
    with store.write() as connection:
        for start in range(0, 40, 4):
            roster.append(connection, people[start : start + 4])
        assert 30 < roster.count(connection) < 40
        roster.complete(connection)
        assert roster.count(connection) == 40
    whole = filled(tmp_path / "cache-3.db", people)
    assert keys_of(store) == keys_of(whole)
    store.close()
    whole.close()


def test_nothing_of_it_is_readable_on_the_disk(store: Store, tmp_path: Path) -> None:
    store.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes().lower()
        assert b"lopez" not in content
        assert b"8505550142" not in content
        assert b"sqlite format" not in content
    with pytest.raises(StoreLocked):
        Store(tmp_path / "cache-1.db", bytes(32), "normal")


def mistyped(word: str, random: Random) -> str:
    """The word with one letter inserted, deleted, substituted or swapped with the next."""
    place, letter = random.randrange(len(word)), random.choice(string.ascii_lowercase)
    wrong = random.choice(
        [
            word[:place] + letter + word[place:],
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
        ]
    )
    return wrong if wrong not in ("", word) else mistyped(word, random)


def test_nine_of_ten_mistyped_names_are_in_the_first_twenty(tmp_path: Path) -> None:
    people = city_people(20_000)
    store = filled(tmp_path / "cache-1.db", people)
    random = Random(11)
    found = 0
    sample = random.sample(people, 300)
    with Roster(store).reader() as reader:
        for entry in sample:
            tokens = words(entry.name)
            place = random.choice([place for place, token in enumerate(tokens) if len(token) > 1])
            tokens[place] = mistyped(tokens[place], random)
            answer = reader.named(" ".join(tokens))
            found += entry in [*answer.exact, *answer.near][:20]
    store.close()
    assert found >= 0.9 * len(sample)
