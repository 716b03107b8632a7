"""Where two streets meet: the supply points of both, and the pair of them that lies closest."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, bindparam, select

from csr_console.central.tables.accounts import premise
from csr_console.central.tables.network import network_node, supply_point
from csr_console.domain.words import parse_address, shortened, street_keys, words

MOST_PREMISES: Final = 1_000
"""As many premises of a street are looked at: two streets that nowhere meet then take a third of a second."""

_ON_STREET = (
    select(premise.c.street, network_node.c.node, network_node.c.x_micro, network_node.c.y_micro)
    .join(
        supply_point,
        and_(supply_point.c.office == premise.c.office, supply_point.c.id == premise.c.supply_point),
    )
    .join(
        network_node,
        and_(network_node.c.office == supply_point.c.office, network_node.c.node == supply_point.c.node),
    )
    .where(premise.c.office == bindparam("office"), premise.c.street_key == bindparam("street_key"))
    .order_by(premise.c.premise)
    .limit(MOST_PREMISES)
)


@dataclass(frozen=True, slots=True)
class _Point:
    """A node of the network with its place in millionths, east and north alike long."""

    east: float
    north: int
    node: str


def node_at_crossing(connection: Connection, office: str, one: str, other: str) -> str | None:
    """The node of a supply point where two streets meet: of the closest pair, one on each, the one whose
    name sorts first. None where either street has no premise with a supply point in the network model."""
    ones, others = (_points_on(connection, office, street) for street in (one, other))
    pair = _closest(ones, others)
    return min(pair) if pair else None


def _points_on(connection: Connection, office: str, street: str) -> list[_Point]:
    """The nodes along a street, type and direction as they were said: `N Oak` is no `S Oak`."""
    said = set(shortened(words(street)))
    found = {
        row.node: _Point(row.x_micro * _shrink(row.y_micro), row.y_micro, row.node)
        for key in dict.fromkeys(street_keys(street))
        for row in connection.execute(_ON_STREET, {"office": office, "street_key": key})
        if said <= set(parse_address(row.street).street.split())
    }
    return list(found.values())


def _shrink(north: int) -> float:
    """How long a degree of longitude is there beside one of latitude; a model in feet has even axes."""
    return math.cos(math.radians(north / 1_000_000)) if abs(north) <= 90_000_000 else 1.0


def _east(point: _Point) -> float:
    return point.east


def _north(point: _Point) -> float:
    return point.north


def _spread(axis: Callable[[_Point], float], points: Sequence[_Point]) -> float:
    values = [axis(point) for point in points]
    return max(values) - min(values)


def _closest(ones: list[_Point], others: list[_Point]) -> tuple[str, str] | None:
    """The nodes of the closest pair; only those are measured that lie near along the longer axis."""
    if not ones or not others:
        return None
    axis, across = _east, _north
    if _spread(_north, others) > _spread(_east, others):
        axis, across = across, axis
    others = sorted(others, key=axis)
    along, aside = [axis(point) for point in others], [across(point) for point in others]
    best, found = math.inf, ("", "")
    for point in ones:
        here, beside = axis(point), across(point)
        start = bisect_left(along, here)
        for way in (range(start, len(others)), range(start - 1, -1, -1)):
            for index in way:
                away = along[index] - here
                if abs(away) > best:
                    break
                distance = math.hypot(away, aside[index] - beside)
                if distance <= best:
                    nodes = min(point.node, others[index].node), max(point.node, others[index].node)
                    found = nodes if distance < best else min(found, nodes)
                    best = distance
    return found
