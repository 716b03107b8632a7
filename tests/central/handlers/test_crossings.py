"""An outage at an intersection: resolved over the premises of both streets to the device above them."""

from math import hypot
from typing import Any

import pytest
from sqlalchemy import insert, update

from csr_console.central.handlers import crossings
from csr_console.central.handlers.places import find_device_at
from csr_console.central.tables import accounts, network
from csr_console.domain.words import parse_address, street_key

STREETS = (
    # premise, street, node, thousandths of a degree east and north of the corner of Oak and 12th
    ("A1", "900 Oak St", "far1", -9, 0),
    ("A2", "1198 Oak St", "x4", -1, 0),
    ("A3", "1204 NW Oak Street", "nw1", 300, 300),
    ("B1", "20 12th Ave", "x5", 0, 2),
    ("B2", "900 12th Ave", "far2", 0, 90),
    ("C1", "7 N Hill Rd, Apt 3", "x5", 50, 50),
    ("D1", "8 North Ave", "x4", -1, 0),
    ("F1", "3 Oak Hill Rd", "x5", 50, 50),
    ("G1", "5 Park Ave", "x4", -1, 0),
    ("E1", "11 Elm Ct", None, 0, 0),
)


@pytest.fixture
def corner(town: Any) -> Any:
    """The town with a few streets; at x4 and x5 stand the transformers t:TR3 and t:TR4."""
    with town.db.write() as connection:
        for number, (premise, street, node, east, north) in enumerate(STREETS):
            point = f"s:{premise}" if node else None
            connection.execute(
                insert(accounts.premise).values(
                    office="main",
                    premise=premise,
                    street=street,
                    supply_point=point,
                    street_key=street_key(parse_address(street).street),
                )
            )
            if node is None:
                continue
            place = {"x_micro": -84_000_000 + 1000 * east, "y_micro": 30_000_000 + 1000 * north}
            known = (network.network_node.c.office == "main") & (network.network_node.c.node == node)
            if not connection.execute(update(network.network_node).where(known).values(place)).rowcount:
                connection.execute(
                    insert(network.network_node).values(
                        office="main", node=node, **place, line_volts=240, phases="A", xy_source="model"
                    )
                )
            connection.execute(
                insert(network.supply_point).values(
                    office="main", cust=100 + number, id=point, node=node, device_idx=3, phases="A",
                    load_watts=3500,
                )
            )  # fmt: skip
    return town


def device_at(town: Any, location: str, office: str = "main") -> str | None:
    with town.db.read() as connection:
        return find_device_at(connection, office, location)


@pytest.mark.parametrize(
    "location",
    [
        "oak & 12th", "Oak and 12th", "OAK / 12TH", "oak at 12th", "12th & Oak", "Oak St & 12th Ave",
        "oak street and 12th avenue", "  Oak  &  12th  ", "oak y 12th",
    ],
)  # fmt: skip
def test_an_intersection_is_at_the_closest_pair_of_premises(corner: Any, location: str) -> None:
    assert device_at(corner, location) == "t:TR3"
    assert device_at(corner, location, office="west") is None


@pytest.mark.parametrize(
    ("location", "device"),
    [
        ("hill & 12th", "t:TR4"),
        ("N Hill & 12th", "t:TR4"),
        ("S Hill & 12th", None),
        ("Oak Ave & 12th", None),
        ("North Ave & Oak St", "t:TR3"),
        ("Oak Hill & 12th", "t:TR4"),
        ("Park & Oak", "t:TR3"),
        ("Park Ave N & 12th", None),
        ("Oak & Nowhere", None),
        ("Elm & Oak", None),
        ("1204 oak & 12th", None),
        ("oak & 12th & hill", None),
        ("oak &", None),
        ("& & &", None),
        ("Oak & 12'; DROP TABLE premise; --", None),
    ],
)
def test_what_was_said_of_a_street_has_to_be_so(corner: Any, location: str, device: str | None) -> None:
    assert device_at(corner, location) == device


def test_a_report_at_an_intersection_has_its_device(corner: Any) -> None:
    from csr_console.central.reads.outages import report_views
    from csr_console.domain.outages.commands import ReportOutage

    outcome = corner.do(ReportOutage(location="Oak & 12th", scope="all", hazard="none"))
    with corner.db.read() as connection:
        shown = report_views(connection, "main", [str(outcome.id)])[str(outcome.id)]
    assert (shown.place, shown.device) == ("Oak & 12th", "t:TR3")


def test_the_query_is_bounded_and_uses_its_index(corner: Any) -> None:
    dialect = corner.db.engine.dialect
    query = crossings._ON_STREET.params(office="main", street_key="oak").compile(
        dialect=dialect, compile_kwargs={"literal_binds": True}
    )
    assert f"LIMIT {crossings.MOST_PREMISES}" in str(query)
    with corner.db.read() as connection:
        if corner.db.dialect == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {query}").all()
    assert "premise_street_key" in str(plan)


def test_the_closest_pair_is_that_of_measuring_all(corner: Any) -> None:
    import random

    numbers = random.Random(12)

    def street(name: str) -> list[Any]:
        return [
            crossings._Point(float(numbers.randrange(400)), numbers.randrange(400), f"{name}{index}")
            for index in range(40)
        ]

    for _ in range(50):
        ones, others = street("a"), street("b")
        best = min(
            (hypot(one.east - other.east, one.north - other.north), *sorted((one.node, other.node)))
            for one in ones
            for other in others
        )
        assert crossings._closest(ones, others) == best[1:]
        assert crossings._closest(others, ones) == best[1:]
