"""Where an outage is: poles, coordinates, and the protective device towards the source."""

import csv
from pathlib import Path
from typing import Any

import pytest

from csr_console.central.handlers.places import find_device_at, list_devices_below
from csr_console.central.tables import network

FEEDERS = Path(__file__).parents[4] / "shared" / "data" / "feeders"


@pytest.mark.parametrize(
    ("location", "device"),
    [
        ("pole Pole10432", "t:FU2"),
        ("POLE pole10432", "t:FU2"),
        ("pole #Pole10432", "t:FU2"),
        ("node x4", "t:TR3"),
        ("pole n1", "t:BR1"),
        ("pole n0", None),
        ("pole nowhere", None),
        ("pole", None),
        ("(30.44,-84.28)", None),
        ("30.44, -84.279", "t:BR1"),
        ("30.4402 ; -84.2761", "t:TR3"),
        ("30.45,-84.275", "t:TR4"),
        ("30.47,-84.28", None),
        ("91,-84", None),
        ("30.44,-999", None),
        ("Oak & 12th", None),
        ("30.44", None),
        ("3٠.44,-84.28", None),
        ("1e9,1e9", None),
        ("x" * 200, None),
    ],
)
def test_a_location_is_resolved_to_its_nearest_device_when_it_can_be(
    town: Any, location: str, device: str | None
) -> None:
    with town.db.read() as connection:
        assert find_device_at(connection, "main", location) == device
        assert find_device_at(connection, "west", location) is None


def test_an_exact_name_goes_before_one_that_differs_in_case(town: Any) -> None:
    with town.db.write() as connection:
        pole = {"office": "main", "x_micro": 0, "y_micro": 0, "line_volts": 1, "phases": "A", "xy_source": ""}
        connection.execute(network.network_node.insert(), {**pole, "node": "X4"})
    with town.db.read() as connection:
        assert find_device_at(connection, "main", "pole x4") == "t:TR3"
        assert find_device_at(connection, "main", "pole X4") is None


def test_everything_below_a_device_is_listed_in_preorder(town: Any) -> None:
    with town.db.read() as connection:
        below = list_devices_below(connection, "main", "t:FU2")
        assert below == [("t:FU2", "fuse"), ("t:TR3", "transformer"), ("t:TR4", "transformer")]
        assert list_devices_below(connection, "main", "t:XX") == []


@pytest.mark.skipif(not (FEEDERS / "ieee9500").is_dir(), reason="the real feeders are not beside the project")
def test_on_a_real_feeder_every_node_leads_to_the_device_that_feeds_it(db: Any) -> None:
    """The nearest device above a supply point's node is its transformer; below the source are all of them."""
    folder = FEEDERS / "ieee9500"
    devices, edges, nodes, points = (
        list(csv.DictReader((folder / f"{name}.csv").read_text().splitlines()))
        for name in ("devices", "edges", "nodes", "customers")
    )
    with db.write() as connection:
        connection.execute(
            network.device.insert(),
            [
                {
                    "office": "main", "idx": int(row["idx"]), "id": row["id"], "kind": row["kind"],
                    "parent_idx": int(row["parent"]), "edge": row["edge"] or None, "node": row["node"],
                    "phases": row["phases"], "source": row["source"], "first_cust": int(row["first_cust"]),
                    "last_cust": int(row["last_cust"]), "n_cust": int(row["n_cust"]),
                    "depth": int(row["depth"]), "section_micro_miles": 0,
                }
                for row in devices
            ],
        )  # fmt: skip
        connection.execute(
            network.network_edge.insert(),
            [
                {
                    "office": "main", "edge": row["edge"], "from_node": row["from"], "to_node": row["to"],
                    "kind": row["kind"], "normal": row["normal"], "phases": row["phases"],
                    "length_milli_ft": 0, "device": row["device"] or None,
                }
                for row in edges
            ],
        )  # fmt: skip
        connection.execute(
            network.network_node.insert(),
            [
                {
                    "office": "main", "node": row["node"], "x_micro": round(float(row["x"]) * 1e6),
                    "y_micro": round(float(row["y"]) * 1e6), "line_volts": 0, "phases": row["phases"],
                    "xy_source": row["xy_source"],
                }
                for row in nodes
            ],
        )  # fmt: skip
    with db.read() as connection:
        for point in points[::200]:
            feeding = devices[int(point["device"])]["id"]
            assert find_device_at(connection, "main", f"pole {point['node']}") == feeding
        transformers = [row["id"] for row in devices if row["kind"] == "transformer"]
        below = list_devices_below(connection, "main", devices[0]["id"])
        assert [identifier for identifier, kind in below if kind == "transformer"] == transformers
        assert [identifier for identifier, _ in below] == [row["id"] for row in devices]
