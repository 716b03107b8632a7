"""A network folder: what is read, and each way in which it is not one radial network."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csr_console.contracts.imports import Network, Refused, read_network

FEEDERS = Path(__file__).parents[3] / "shared/data/feeders"
REAL = (
    "ieee13", "ieee34", "ieee37", "ieee123", "ieee8500", "ieee9500",
    "epri_ckt5", "epri_ckt7", "epri_ckt24", "epri_j1",
)  # fmt: skip

SMALL = {
    "nodes.csv": """node,x,y,kv_ll,phases,xy_source
s,-84.7,30.1,12.47,ABC,model
a,-84.7,30.2,12.47,ABC,model
b,-84.7,30.3,12.47,A,model
t1,-84.7,30.3,0.24,A,derived
t2,-84.7,30.3,0.24,A,derived
""",
    "edges.csv": """edge,from,to,kind,normal,phases,length_ft,kva,device
br,s,a,breaker,closed,ABC,100.0,,BR1
fu,a,b,fuse,closed,A,300.5,,FU2
x1,b,t1,transformer,closed,A,0,25.0,TR3
x2,b,t2,transformer,closed,A,0,50.0,TR4
tie,t1,s,tie,open,A,0,,
""",
    "devices.csv": """idx,id,kind,parent,edge,node,phases,source,kva,\
first_cust,last_cust,n_cust,depth,section_miles
0,SO0,source,-1,,s,ABC,model,,0,3,3,0,0.0
1,BR1,breaker,0,br,a,ABC,model,,0,3,3,1,0.0189
2,FU2,fuse,1,fu,b,A,model,,0,3,3,2,0.0569
3,TR3,transformer,2,x1,t1,A,model,25.0,0,2,2,3,0.0
4,TR4,transformer,2,x2,t2,A,model,50.0,2,3,1,3,0.0
""",
    "customers.csv": """cust,id,node,device,phases,kw,critical,load
0,C0,t1,3,A,3.5,,l1
1,C1,t1,3,A,3.5,MED,l1
2,C2,t2,4,A,9.25,CRIT,l2
""",
}

Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Writes the small network with replacements `(file, old, new)`."""

    def built(*changes: tuple[str, str, str]) -> Path:
        texts = dict(SMALL)
        for file, old, new in changes:
            assert old in texts[file]
            texts[file] = texts[file].replace(old, new, 1)
        for file, text in texts.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
        return tmp_path

    return built


def refusals(folder: Path) -> list[Refused]:
    found = read_network(folder)
    assert isinstance(found, list)
    assert found
    return found


def test_a_small_network_is_read(build: Build) -> None:
    network = read_network(build())
    assert isinstance(network, Network)
    assert (network.edges[1].from_node, network.edges[1].to_node, network.edges[1].length_ft) == (
        "a",
        "b",
        300.5,
    )
    assert (network.devices[0].edge, network.devices[0].kva, network.devices[3].kva) == (None, None, 25.0)
    assert [point.critical for point in network.supply_points] == ["", "MED", "CRIT"]


CASES = {
    "a node twice": (("nodes.csv", "t2,", "t1,"), "nodes.csv", 6, "node", "row 5 already"),
    "an edge twice": (("edges.csv", "x2,b", "x1,b"), "edges.csv", 5, "edge", "row 4 already"),
    "a device twice": (("devices.csv", "4,TR4", "4,TR3"), "devices.csv", 6, "id", "row 5 already"),
    "a customer twice": (("customers.csv", "2,C2", "2,C0"), "customers.csv", 4, "id", "row 2 already"),
    "an unknown end": (("edges.csv", "fu,a,b", "fu,q,b"), "edges.csv", 3, "from", "“q” is not in nodes.csv"),
    "an edge to itself": (("edges.csv", "fu,a,b", "fu,b,b"), "edges.csv", 3, "to", "joins two nodes"),
    "a closed tie": (("edges.csv", "tie,open", "tie,closed"), "edges.csv", 6, "normal", "makes a loop"),
    "a loop": (
        ("edges.csv", "tie,t1,s,tie,open", "ln,t1,t2,line,closed"),
        "edges.csv",
        6,
        "to",
        "makes a loop",
    ),
    "a fed source": (
        ("edges.csv", "tie,t1,s,tie,open", "ln,t1,s,line,closed"),
        "edges.csv",
        6,
        "to",
        "feeds it",
    ),
    "an orphan node": (
        ("nodes.csv", "t2,", "z,1,2,12.47,A,model\nt2,"),
        "nodes.csv",
        6,
        "node",
        "not connected",
    ),
    "an open way": (("edges.csv", "fuse,closed", "fuse,open"), "nodes.csv", 4, "node", "not connected"),
    "an unknown parent": (
        ("devices.csv", "TR4,transformer,2", "TR4,transformer,9"),
        "devices.csv",
        6,
        "parent",
        "no such",
    ),
    "a parent below": (("devices.csv", "FU2,fuse,1", "FU2,fuse,3"), "devices.csv", 4, "parent", "preorder"),
    "a second source": (
        ("devices.csv", "FU2,fuse,1", "FU2,fuse,-1"),
        "devices.csv",
        4,
        "parent",
        "the one source",
    ),
    "a first that is none": (
        ("devices.csv", "SO0,source", "SO0,fuse"),
        "devices.csv",
        2,
        "parent",
        "the one source",
    ),
    "a torn branch": (
        ("devices.csv", "TR4,transformer,2", "TR4,transformer,1"),
        "devices.csv",
        6,
        "depth",
        "its parent is 2",
    ),
    "a wrong position": (("devices.csv", "\n4,TR4", "\n5,TR4"), "devices.csv", 6, "idx", "this one is 4"),
    "a range too far": (
        ("devices.csv", "50.0,2,3", "50.0,2,4"),
        "devices.csv",
        6,
        "last_cust",
        "no range of 3",
    ),
    "a range turned": (("devices.csv", "25.0,0,2", "25.0,2,0"), "devices.csv", 5, "last_cust", "no range"),
    "a wrong sum": (("devices.csv", "25.0,0,2,2", "25.0,0,2,7"), "devices.csv", 5, "n_cust", "holds 2"),
    "an overlap": (("devices.csv", "50.0,2,3,1", "50.0,1,3,2"), "devices.csv", 6, "first_cust", "overlaps"),
    "outside the parent": (
        ("devices.csv", "A,model,,0,3,3,2", "A,model,,1,3,2,2"),
        "devices.csv",
        5,
        "first_cust",
        "outside",
    ),
    "a customer on nothing": (
        ("customers.csv", "t2,4", "t2,44"),
        "customers.csv",
        4,
        "device",
        "no such row",
    ),
    "a customer on a fuse": (("customers.csv", "t2,4", "t2,2"), "customers.csv", 4, "device", "a fuse"),
    "a customer elsewhere": (
        ("customers.csv", "t2,4", "t2,3"),
        "customers.csv",
        4,
        "device",
        "does not hold 2",
    ),
    "a customer nowhere": (("customers.csv", "t2,4", "t9,4"), "customers.csv", 4, "node", "“t9” is not"),
    "a customer out of order": (
        ("customers.csv", "2,C2", "3,C2"),
        "customers.csv",
        4,
        "cust",
        "this one is 2",
    ),
    "an unknown edge": (("devices.csv", "1,fu,b", "1,fx,b"), "devices.csv", 4, "edge", "“fx” is not"),
    "an edge elsewhere": (("devices.csv", "1,fu,b", "1,fu,a"), "devices.csv", 4, "edge", "name each other"),
    "a device nowhere": (("devices.csv", "1,fu,b", "1,fu,q"), "devices.csv", 4, "node", "“q” is not"),
    "an edge's lost device": (
        ("edges.csv", "tie,open,A,0,,", "tie,open,A,0,,FU9"),
        "edges.csv",
        6,
        "device",
        "“FU9” is not",
    ),
    "no number": (("nodes.csv", "-84.7,30.1", "nan,30.1"), "nodes.csv", 2, "x", "a number such as"),
    "below zero": (("edges.csv", "300.5", "-3"), "edges.csv", 3, "length_ft", "below zero"),
    "no phases": (("nodes.csv", "12.47,A,", "12.47,AA,"), "nodes.csv", 4, "phases", "each phase once"),
    "an unknown kind": (("edges.csv", "fuse,closed", "rope,closed"), "edges.csv", 3, "kind", "“rope”"),
    "no id": (("customers.csv", "2,C2", "2,"), "customers.csv", 4, "id", "is empty"),
    "a hostile id": (("customers.csv", "2,C2", "2,\x1b[2J"), "customers.csv", 4, "id", "control characters"),
    "a long id": (("customers.csv", "2,C2", "2," + "C" * 81), "customers.csv", 4, "id", "longer than 80"),
    "a wrong mark": (("customers.csv", "CRIT", "VIP"), "customers.csv", 4, "critical", "“VIP”"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_told_by_file_row_field_and_reason(build: Build, name: str) -> None:
    change, file, row, field, words = CASES[name]
    found = refusals(build(change))
    assert (found[0].file, found[0].row, found[0].field) == (file, row, field)
    assert words in found[0].reason
    assert "\x1b" not in str(found[0])


def test_a_ring_apart_from_the_source_is_told_once(build: Build) -> None:
    extra = "".join(f"r{n},1,2,12.47,A,model\n" for n in range(6))
    ring = "".join(f"e{n},r{n},r{(n + 1) % 6},line,closed,A,9,,\n" for n in range(6))
    (one,) = refusals(build(("nodes.csv", "t2,", extra + "t2,"), ("edges.csv", "tie,t1", ring + "tie,t1")))
    assert (one.file, one.field) == ("edges.csv", "to")
    assert "6 edges make a loop that the source does not reach" in one.reason


def test_tree_and_wires_that_disagree_are_told(build: Build) -> None:
    devices = (
        "devices.csv",
        "4,TR4,transformer,2,x2,t2,A,model,50.0,2,3,1,3",
        "4,TR4,transformer,1,x2,t2,A,model,50.0,2,3,1,2",
    )
    found = refusals(build(devices, ("devices.csv", "A,model,,0,3,3,2", "A,model,,0,2,2,2")))
    assert [(one.row, one.field) for one in found] == [(6, "parent")]
    assert "the next device toward the source is 2 (“FU2”)" in found[0].reason


def test_a_known_loop_is_allowed(build: Build) -> None:
    assert isinstance(read_network(build(("edges.csv", "tie,open", "tie,closed_loop"))), Network)


def test_rows_are_told_before_the_network_is_judged(build: Build) -> None:
    found = refusals(build(("nodes.csv", "30.2", "north"), ("edges.csv", "fu,a,b", "fu,q,b")))
    assert [(one.file, one.field) for one in found] == [("nodes.csv", "y")]


def test_missing_files_and_folders_are_named(build: Build, tmp_path: Path) -> None:
    folder = build()
    (folder / "edges.csv").unlink()
    assert [one.file for one in refusals(folder)] == ["edges.csv"]
    assert "not a folder" in refusals(tmp_path / "nowhere")[0].reason


def test_at_most_a_thousand_mistakes_are_listed(build: Build) -> None:
    folder = build()
    with (folder / "nodes.csv").open("a", encoding="utf-8") as handle:
        handle.writelines(f"n{n},east,0,1,A,model\n" for n in range(3000))
    found = refusals(folder)
    assert len(found) == 1001
    assert "more" in found[-1].reason


@pytest.mark.parametrize("name", REAL)
def test_real_feeders_are_read(name: str) -> None:
    folder = FEEDERS / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not here")
    network = read_network(folder)
    assert isinstance(network, Network)
    with (folder / "customers.csv").open(encoding="utf-8", newline="") as handle:
        assert len(network.supply_points) == sum(1 for _ in csv.reader(handle)) - 1
    assert network.devices[0].n_cust == len(network.supply_points)


def test_a_composite_of_feeders_is_one_sentence() -> None:
    folder = FEEDERS / "city100k"
    if not folder.is_dir():
        pytest.skip("city100k is not here")
    assert "one by one" in refusals(folder)[0].reason


CELLS = st.sampled_from(
    ["", "-1", "0", "1", "2", "3", "4", "9", "s", "a", "b", "t1", "t2", "x1", "fu", "FU2", "closed"]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(SMALL)), st.integers(1, 5), st.integers(0, 13), CELLS), max_size=4
    )
)
def test_any_cells_give_a_network_or_refusals(
    tmp_path: Path, changes: list[tuple[str, int, int, str]]
) -> None:
    tables = {file: [row.split(",") for row in text.splitlines()] for file, text in SMALL.items()}
    for file, row, column, cell in changes:
        cells = tables[file][min(row, len(tables[file]) - 1)]
        cells[column % len(cells)] = cell
    for file, rows in tables.items():
        (tmp_path / file).write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    network = read_network(tmp_path)
    if isinstance(network, list):
        assert all(one.reason and one.file in SMALL for one in network)
    else:
        assert [device.idx for device in network.devices] == list(range(len(network.devices)))
        assert sum(d.n_cust for d in network.devices if d.kind == "transformer") == len(network.supply_points)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.binary(max_size=600))
def test_any_bytes_give_refusals(tmp_path: Path, file: str, content: bytes) -> None:
    for name, text in SMALL.items():
        (tmp_path / name).write_bytes(text.encode())
    header = SMALL[file].splitlines()[0].encode() + b"\n"
    (tmp_path / file).write_bytes(header + content)
    assert isinstance(read_network(tmp_path), Network | list)
