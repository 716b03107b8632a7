"""Where an outage is: premises, intersections, poles, coordinates, and the protective device above them."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, literal, or_, select

from csr_console.central.applying import Applying
from csr_console.central.handlers.crossings import node_at_crossing
from csr_console.central.reads.accounts import address
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import account, person, premise, service
from csr_console.central.tables.columns import AnyRow
from csr_console.central.tables.network import device, network_edge, network_node, supply_point
from csr_console.domain.line import crossing

NEAR_MICRO_DEGREES: Final = 20_000
"""About two kilometres: coordinates farther from every node are not in this network."""
_LONGEST_PATH: Final = 10_000
_POLE = re.compile(r"(?:pole|node)\s*#?\s*(\S{1,60})", re.IGNORECASE)
_NUMBER = r"([+-]?[0-9]{1,3}(?:\.[0-9]{1,12})?)"
_COORDINATES = re.compile(rf"\(?\s*{_NUMBER}\s*[,;]\s*{_NUMBER}\s*\)?")

_PREMISE = Statement(
    select(
        premise.c.premise,
        premise.c.street,
        premise.c.unit,
        supply_point.c.critical,
        device.c.id.label("device"),
    )
    .outerjoin(
        supply_point,
        and_(supply_point.c.office == premise.c.office, supply_point.c.id == premise.c.supply_point),
    )
    .outerjoin(
        device, and_(device.c.office == supply_point.c.office, device.c.idx == supply_point.c.device_idx)
    )
    .where(premise.c.office == bindparam("office"), premise.c.premise == bindparam("premise"))
)
_OCCUPANTS = Statement(
    select(account.c.account, account.c.status, person.c.name, service.c.state)
    .join(person, and_(person.c.office == account.c.office, person.c.person == account.c.person))
    .outerjoin(
        service,
        and_(
            service.c.office == account.c.office,
            service.c.account == account.c.account,
            service.c.service == "electric",
        ),
    )
    .where(account.c.office == bindparam("office"), account.c.premise == bindparam("premise"))
)
_up = (
    select(network_edge.c.from_node.label("node"), network_edge.c.device, literal(0).label("steps"))
    .where(
        network_edge.c.office == bindparam("office"),
        network_edge.c.to_node == bindparam("node"),
        network_edge.c.normal == "closed",
    )
    .cte("up", recursive=True)
)
_up = _up.union_all(
    select(network_edge.c.from_node, network_edge.c.device, _up.c.steps + 1)
    .join(_up, network_edge.c.to_node == _up.c.node)
    .where(
        network_edge.c.office == bindparam("office"),
        network_edge.c.normal == "closed",
        func.coalesce(_up.c.device, "") == "",
        _up.c.steps < _LONGEST_PATH,
    )
)
_ABOVE = Statement(
    select(_up.c.device).where(func.coalesce(_up.c.device, "") != "").order_by(_up.c.steps).limit(1)
)
_NODE = Statement(
    select(network_node.c.node).where(
        network_node.c.office == bindparam("office"),
        or_(network_node.c.node == bindparam("node"), func.lower(network_node.c.node) == bindparam("lower")),
    )
)
_NEAR = Statement(
    select(network_node.c.node, network_node.c.x_micro, network_node.c.y_micro).where(
        network_node.c.office == bindparam("office"),
        network_node.c.x_micro.between(bindparam("west"), bindparam("east")),
        network_node.c.y_micro.between(bindparam("south"), bindparam("north")),
    )
)
_below = (
    select(device.c.idx, device.c.id, device.c.kind)
    .where(device.c.office == bindparam("office"), device.c.id == bindparam("device"))
    .cte("below", recursive=True)
)
_below = _below.union_all(
    select(device.c.idx, device.c.id, device.c.kind)
    .join(_below, device.c.parent_idx == _below.c.idx)
    .where(device.c.office == bindparam("office"))
)
_SUBTREE = Statement(select(_below.c.id, _below.c.kind).order_by(_below.c.idx))
_DEVICE = Statement(
    select(device.c.idx).where(device.c.office == bindparam("office"), device.c.id == bindparam("device"))
)


def ask_place(applying: Applying, number: str) -> None:
    """Ask for the premise and its occupants, to be looked at later."""
    applying.ask(_PREMISE, premise=number)
    applying.ask(_OCCUPANTS, premise=number)


def premise_of(applying: Applying, number: str) -> AnyRow | None:
    """Street, unit, criticality word and transformer of a premise, None for one that does not exist."""
    rows = applying.ask(_PREMISE, premise=number)
    return next(iter(rows()), None)


def occupants_of(applying: Applying, number: str) -> Sequence[AnyRow]:
    """The accounts at a premise with name, status and the state of their electric service.

    Sorted here: asked to sort them, SQLite reads every account of the office in order.
    """
    rows = applying.ask(_OCCUPANTS, premise=number)
    return sorted(rows(), key=lambda row: row.account)


def place_in_words(applying: Applying, number: str | None, location: str | None) -> str:
    """The address of the premise, or the location as it was said; empty while neither is known."""
    found = premise_of(applying, number) if number else None
    return address(found.street, found.unit) if found else location or ""


def device_exists(connection: Connection, office: str, identifier: str) -> bool:
    values = {"office": office, "device": identifier}
    return connection.execute(_DEVICE, values).one_or_none() is not None


def list_devices_below(connection: Connection, office: str, identifier: str) -> list[tuple[str, str]]:
    """The device itself and every device below it as (id, kind), in preorder."""
    rows = connection.execute(_SUBTREE, {"office": office, "device": identifier})
    return [(row.id, row.kind) for row in rows]


def find_device_at(connection: Connection, office: str, location: str) -> str | None:
    """The nearest protective device of a location: for an intersection, a pole or coordinates the first one
    towards the source from that node, None for anything else or where the network model knows no such place.
    """
    node = _find_node(connection, office, location.strip())
    if node is None:
        return None
    return connection.execute(_ABOVE, {"office": office, "node": node}).scalar()


def _find_node(connection: Connection, office: str, location: str) -> str | None:
    if pole := _POLE.fullmatch(location):
        return _node_named(connection, office, pole[1])
    if coordinates := _COORDINATES.fullmatch(location):
        latitude, longitude = (int(Decimal(text) * 1_000_000) for text in coordinates.groups())
        return _node_near(connection, office, latitude, longitude)
    if streets := crossing(location):
        return node_at_crossing(connection, office, *streets)
    return None


def _node_named(connection: Connection, office: str, name: str) -> str | None:
    names = {"office": office, "node": name, "lower": name.lower()}
    found = connection.execute(_NODE, names).scalars().all()
    return name if name in found else min(found, default=None)


def _node_near(connection: Connection, office: str, latitude: int, longitude: int) -> str | None:
    """The nearest node in millionths of a degree; a degree of longitude shrinks with the latitude."""
    if abs(latitude) > 90_000_000 or abs(longitude) > 180_000_000:
        return None
    box = {
        "office": office,
        "west": longitude - NEAR_MICRO_DEGREES,
        "east": longitude + NEAR_MICRO_DEGREES,
        "south": latitude - NEAR_MICRO_DEGREES,
        "north": latitude + NEAR_MICRO_DEGREES,
    }
    shrink = math.cos(math.radians(latitude / 1_000_000))

    def distance(row: AnyRow) -> tuple[float, str]:
        return math.hypot((row.x_micro - longitude) * shrink, row.y_micro - latitude), row.node

    nearest = min(connection.execute(_NEAR, box), key=distance, default=None)
    return nearest.node if nearest is not None else None
