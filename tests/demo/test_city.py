"""The demo city: deterministic, fictional, and one city in its addresses, its wires and its accounts."""

import csv
import hashlib
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from csr_console.contracts.imports import (
    ALERT_CODES,
    CustomerRow,
    Network,
    read_customers,
    read_network,
)
from csr_console.demo.city import CityFacts, generate_city
from csr_console.demo.city.accounts import account_number, phone
from csr_console.demo.city.names import surnames
from csr_console.demo.city.network import LEAST_PER_TRANSFORMER, MOST_PER_TRANSFORMER
from csr_console.demo.city.streets import District, street_name
from csr_console.domain.ids import is_account_number

IEEE9500 = Path(__file__).parents[3] / "shared/data/feeders/ieee9500"
City = tuple[CityFacts, list[CustomerRow], Network]


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def read(facts: CityFacts) -> City:
    rows = list(read_customers(facts.customers))
    network = read_network(facts.network)
    assert isinstance(network, Network), network
    kept = [row for row in rows if isinstance(row, CustomerRow)]
    assert kept == rows
    return facts, kept, network


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return read(generate_city(tmp_path_factory.mktemp("city")))


def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path: Path, city: City) -> None:
    script = (
        "import sys; from pathlib import Path; from csr_console.demo.city import generate_city;"
        "generate_city(Path(sys.argv[1]))"
    )
    for seed in ("1", "77"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(folder)], check=True, env=environment)
        assert digest(folder) == digest(city[0].customers.parent)
    generate_city(tmp_path / "other", seed=2)
    assert digest(tmp_path / "other") != digest(city[0].customers.parent)


def test_the_readers_accept_everything_and_the_counts_are_true(city: City) -> None:
    facts, rows, network = city
    assert facts.accounts == len(rows) == 5000
    assert facts.premises == len({row.premise for row in rows})
    assert facts.supply_points == len(network.supply_points)
    kinds = Counter(device.kind for device in network.devices)
    assert facts.substations == kinds["substation"] == 2
    assert facts.feeders == kinds["breaker"] == 6
    assert facts.transformers == kinds["transformer"]
    assert kinds["recloser"] >= 6
    assert kinds["fuse"] >= 40
    assert Counter(edge.normal for edge in network.edges)["open"] >= 2


def test_the_caller_and_the_others_worth_calling(city: City) -> None:
    facts, rows, network = city
    by_number = {row.account_number: row for row in rows}
    caller = by_number["100482771"]
    assert facts.caller is not None
    assert facts.caller.account_number == "100482771"
    assert (caller.phone_1, caller.service_street) == ("8505550142", "1204 Oak St")
    assert (caller.kind, caller.status, caller.services[0].state) == ("residential", "active", "connected")
    assert caller.services[0].service == "electric"
    assert [row.account_number for row in rows if "8505550142" in (row.phone_1, row.phone_2)] == ["100482771"]
    device = {point.id: point.device for point in network.supply_points}
    assert len(facts.neighbours) >= 2
    assert {device[one.supply_point] for one in (facts.caller, *facts.neighbours)} == {
        device[facts.caller.supply_point]
    }
    assert facts.maria is not None
    assert facts.maria.name == "Maria Lopez"
    assert facts.medical is not None
    assert "life_support" in {alert.code for alert in by_number[facts.medical.account_number].alerts}
    assert facts.nonpay is not None
    assert "nonpay" in {service.state for service in by_number[facts.nonpay.account_number].services}
    assert facts.facility is not None
    assert "Hospital" in facts.facility.name


def test_shares_are_those_of_a_city(city: City) -> None:
    _, rows, _ = city
    active = [row for row in rows if row.status == "active"]
    cut = [row for row in rows if any(service.state == "nonpay" for service in row.services)]
    assert 0.01 < len(cut) / len(rows) < 0.02
    assert all(row.age_61_90_cents > 0 and row.status == "active" for row in cut)
    assert 0.85 < len(active) / len(rows) < 0.97
    assert 0.05 < sum(row.language == "es" for row in rows) / len(rows) < 0.2
    assert 0.04 < sum(row.kind == "commercial" for row in rows) / len(rows) < 0.15
    assert 0.1 < sum(bool(row.service_unit) for row in rows) / len(rows) < 0.5
    assert {alert.code for row in rows for alert in row.alerts} == set(ALERT_CODES)
    assert any(row.balance_cents < 0 for row in rows)
    for row in rows:
        assert ("cut_pending" in {alert.code for alert in row.alerts}) == (row.cut_on is not None)
    people = Counter((row.name, row.phone_1) for row in rows if row.phone_1)
    assert sum(times > 1 for times in people.values()) > 30
    named = Counter(row.name for row in rows if row.kind == "residential")
    assert max(named.values()) >= 3
    assert len({row.service_street.split(" ", 1)[1] for row in rows}) >= 20
    addresses = {(row.service_street, row.service_unit, row.premise) for row in rows}
    assert len(addresses) == len({row.premise for row in rows})


def test_meters_and_phones_are_nobody_elses(city: City) -> None:
    _, rows, _ = city
    meters: dict[str, str] = {}
    for row in rows:
        for service in row.services:
            if service.meter:
                assert meters.setdefault(service.meter, row.premise) == row.premise
    assert {row.phone_1[:6] for row in rows if row.phone_1} == {"850555"}


def test_critical_supply_points_and_accounts_agree(city: City) -> None:
    _, rows, network = city
    marks = {point.id: point.critical for point in network.supply_points}
    found = Counter(marks.values())
    assert found["CRIT"] == 4
    assert found["MED"] > 5
    for row in rows:
        mark = marks.get(row.supply_point or "", "")
        medical = "life_support" in {alert.code for alert in row.alerts}
        assert medical == (mark == "MED")
        assert mark != "CRIT" or row.kind == "commercial"
    named = {row.name for row in rows if marks.get(row.supply_point or "") == "CRIT"}
    assert len(named) == 4


def test_electric_service_and_supply_point_go_together(city: City) -> None:
    _, rows, network = city
    points = {point.id for point in network.supply_points}
    for row in rows:
        electric = any(service.service == "electric" for service in row.services)
        assert electric == (row.supply_point is not None)
        assert row.supply_point is None or row.supply_point in points
    assert any(row.supply_point is None for row in rows)


def test_transformers_serve_neighbours_on_one_street(city: City) -> None:
    _, rows, network = city
    address = {row.supply_point: row.service_street for row in rows}
    small = big = 0
    for device in network.devices:
        if device.kind != "transformer":
            continue
        assert device.n_cust <= MOST_PER_TRANSFORMER
        small += device.n_cust < LEAST_PER_TRANSFORMER
        big += 1
        served = [address[network.supply_points[n].id] for n in range(device.first_cust, device.last_cust)]
        assert len({street.split(" ", 1)[1] for street in served}) == 1
        numbers = [int(street.split(" ", 1)[0]) for street in served]
        assert max(numbers) - min(numbers) <= 150
    assert small / big < 0.1


def test_positions_agree_with_house_numbers(city: City) -> None:
    """Along a street the longitude grows with the number, but for the turn of the plan and a lot's width."""
    _, rows, network = city
    place = {node.node: node.x for node in network.nodes}
    point = {one.id: place[one.node] for one in network.supply_points}
    along = sorted(
        (int(row.service_street.split()[0]), point[row.supply_point])
        for row in rows
        if row.service_street.endswith(" Oak St") and row.supply_point
    )
    block = 400 / 315_300
    assert all(east > west - block for (_, west), (_, east) in pairwise(along))
    assert along[-1][1] - along[0][1] > 6 * block


def test_phases_follow_the_wires(city: City) -> None:
    _, _, network = city
    phases = {node.node: set(node.phases) for node in network.nodes}
    assert all(phases[edge.to_node] <= phases[edge.from_node] for edge in network.edges)
    singles = Counter(p.phases for p in network.supply_points if len(p.phases) == 1)
    assert set(singles) == {"A", "B", "C"}
    assert min(singles.values()) > max(singles.values()) / 3
    trunk = [d for d in network.devices if d.kind in {"breaker", "recloser"}]
    assert all(device.phases == "ABC" for device in trunk)


@pytest.mark.parametrize("accounts", [100, 137, 841, 3361])
@pytest.mark.parametrize("seed", [1, 9])
def test_any_size_is_a_whole_city(tmp_path: Path, accounts: int, seed: int) -> None:
    facts, rows, _ = read(generate_city(tmp_path, accounts=accounts, seed=seed))
    assert len(rows) == accounts
    assert facts.caller is not None
    assert facts.caller.street == "1204 Oak St"
    assert len(facts.neighbours) >= 2
    assert facts.maria is not None
    assert {alert.code for row in rows for alert in row.alerts} == set(ALERT_CODES)


@pytest.mark.parametrize("accounts", [99, 1_000_001])
def test_a_size_beyond_the_limits_is_refused(tmp_path: Path, accounts: int) -> None:
    with pytest.raises(ValueError, match="100 to 1,000,000"):
        generate_city(tmp_path, accounts=accounts)


def test_progress_ends_with_everything(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    generate_city(tmp_path, accounts=2000, progress=lambda done, wanted: seen.append((done, wanted)))
    assert len(seen) == 3
    assert seen[-1] == (2000, 2000)


def test_a_given_network_gets_the_premises(tmp_path: Path, city: City) -> None:
    given = city[0].network
    facts, rows, network = read(generate_city(tmp_path, accounts=9000, network=given))
    assert facts.network == given
    assert not (tmp_path / "network").exists()
    assert len(rows) == facts.accounts == len(network.supply_points)
    assert "9,000" in facts.notes[0]
    assert_placed(facts, rows, network)


def test_fewer_accounts_than_customers_keep_the_critical_ones(tmp_path: Path, city: City) -> None:
    facts, rows, network = read(generate_city(tmp_path, accounts=300, network=city[0].network))
    assert len(rows) == 300
    assert facts.notes == ()
    critical = {point.id for point in network.supply_points if point.critical}
    assert critical <= {row.supply_point for row in rows}


def test_a_real_network_gets_the_premises(tmp_path: Path) -> None:
    if not IEEE9500.is_dir():
        pytest.skip("ieee9500 is not here")
    facts, rows, network = read(generate_city(tmp_path, network=IEEE9500))
    assert len(rows) == 4109
    assert_placed(facts, rows, network)


def assert_placed(facts: CityFacts, rows: list[CustomerRow], network: Network) -> None:
    assert facts.caller is not None
    assert (facts.caller.account_number, facts.caller.street) == ("100482771", "1204 Oak St")
    assert facts.maria is not None
    marks = {point.id: point.critical for point in network.supply_points}
    assert len({row.supply_point for row in rows}) == len(rows)
    for row in rows:
        mark = marks[row.supply_point or ""]
        assert ("life_support" in {alert.code for alert in row.alerts}) == (mark == "MED")
        assert not mark or row.status == "active"
        assert mark != "CRIT" or row.name.startswith(("Port Laurel", "Laurel County"))
    addresses = {(row.service_street, row.service_unit) for row in rows}
    assert len(addresses) == len(rows)


def test_a_broken_network_is_refused_with_its_first_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a folder"):
        generate_city(tmp_path, network=tmp_path / "nowhere")
    assert not (tmp_path / "customers.csv").exists()


def test_surnames_are_many_distinct_and_of_several_traditions() -> None:
    known = [surname for surname, _ in surnames()]
    assert len(known) == len(set(known)) >= 60_000
    assert {"Lopez", "Smith", "Nguyen"} <= set(known[:150])
    for sign in "-' éñ":
        assert sum(sign in surname for surname in known) > 5
    assert {tradition for _, tradition in surnames()} == {"en", "es", "ht", "in", "as", "af"}
    assert max(map(len, known)) <= 40


def test_numbers_are_distinct_and_valid() -> None:
    numbers = [account_number(serial) for serial in range(20_000)]
    assert len(set(numbers)) == 20_000
    assert all(is_account_number(number) for number in numbers)
    assert numbers[0] == "100482771"


def test_phones_fill_850_first_and_the_callers_is_never_lent_again() -> None:
    phones = [phone(serial) for serial in range(230_000)]
    assert len(set(phones)) == 230_000
    assert {number[:6] for number in phones[:10_000]} == {"850555"}
    assert phone(0) == "8505550142"
    assert phone(230_000) == phone(1)


def test_no_two_streets_of_the_largest_city_share_a_name_and_a_block() -> None:
    """The same name may go on in the next district, where the house numbers go on too."""
    columns, rows = 17, 18
    streets = Counter(
        (street_name(District(column, row, columns), street, east), column, east)
        for row in range(rows)
        for column in range(columns)
        for street in range(-11, 12)
        for east in (False, True)
    )
    assert [street for street, times in streets.items() if times > 1] == []


def test_the_file_is_plain_csv(city: City) -> None:
    raw = city[0].customers.read_bytes()
    assert b"\r" not in raw
    with city[0].customers.open(encoding="utf-8", newline="") as handle:
        assert {len(row) for row in csv.reader(handle)} == {35}
