"""Premises along a given network: every supply point gets an address where it stands.

Transformers are gathered into streets from south to north and numbered from west to east, so that neighbours
in the addresses are neighbours on the wires.
"""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

from csr_console.contracts.imports import Network, SupplyPointRow
from csr_console.demo.city.premises import CALLER_NUMBER, CALLER_STREET, FACILITIES, Site
from csr_console.demo.city.streets import CITY, ZIPS, grid_street_names

_STREET_CUSTOMERS = 150
_COMMERCIAL_KW = 12.0
_FLATS_FROM = 13
"""A transformer with more customers than this stands at an apartment house."""


def place_sites(network: Network, accounts: int, random: Random) -> Iterator[list[Site]]:
    """Street by street, the premises of `accounts` supply points: all critical ones, the rest evenly."""
    streets = _streets(network)
    oak = len(streets) // 2
    names = grid_street_names(len(streets))
    names.remove(CALLER_STREET)
    names.insert(oak, CALLER_STREET)
    caller = _caller(streets[oak])
    chosen = _chosen(network, accounts, caller)
    facilities = 0
    for order, street in enumerate(streets):
        sites = []
        first, shift = 100 + 4 * (order % 25), 0
        if order == oak:
            shift = next(n for n, points in enumerate(street) if caller in points)
            first = CALLER_NUMBER - 4 * shift
        for lot, points in enumerate(street):
            for unit, point in enumerate(points, start=1):
                if point.cust not in chosen:
                    continue
                flat = f"Apt {unit}" if len(points) >= _FLATS_FROM else ""
                facilities += point.critical == "CRIT"
                number = first + 4 * lot + (lot - shift) % 2
                sites.append(_site(point, names[order], number, flat, facilities, random))
        yield sites


def _streets(network: Network) -> list[list[list[SupplyPointRow]]]:
    """Lots (a house or an apartment house) by street: streets from south to north, lots from west to east."""
    place = {node.node: (node.y, node.x) for node in network.nodes}
    served: dict[int, list[SupplyPointRow]] = defaultdict(list)
    for point in network.supply_points:
        served[point.device].append(point)
    transformers = sorted(served.values(), key=lambda points: (*place[points[0].node], points[0].cust))
    wanted = max(_STREET_CUSTOMERS, len(network.supply_points) // 300 + 1)
    rows: list[list[list[SupplyPointRow]]] = [[]]
    size = 0
    for points in transformers:
        if size >= wanted:
            rows.append([])
            size = 0
        rows[-1].append(points)
        size += len(points)
    return [
        [
            lot
            for points in sorted(row, key=lambda points: (place[points[0].node][1], points[0].cust))
            for lot in ([points] if len(points) >= _FLATS_FROM else [[point] for point in points])
        ]
        for row in rows
    ]


def _caller(street: list[list[SupplyPointRow]]) -> SupplyPointRow:
    """The supply point that becomes the caller's: an ordinary house, else any, a third of the way along."""
    third = min(len(street) // 3, CALLER_NUMBER // 4 - 1)
    lots = [*street[third : CALLER_NUMBER // 4], *street[:third]]
    ordinary = [
        lot[0] for lot in lots if len(lot) == 1 and not lot[0].critical and lot[0].kw < _COMMERCIAL_KW
    ]
    return next(iter(ordinary), next((p for lot in lots for p in lot if not p.critical), lots[0][0]))


def _chosen(network: Network, accounts: int, caller: SupplyPointRow) -> set[int]:
    points = network.supply_points
    kept = [caller.cust, *(point.cust for point in points if point.critical and point is not caller)][
        :accounts
    ]
    others = sorted({point.cust for point in points} - set(kept))
    wanted = accounts - len(kept)
    return {*kept, *(others[n * len(others) // wanted] for n in range(wanted))}


def _site(
    point: SupplyPointRow, street: str, number: int, unit: str, facilities: int, random: Random
) -> Site:
    draw = random.random()
    is_caller = street == CALLER_STREET and number == CALLER_NUMBER
    use = "facility" if point.critical == "CRIT" else "residential"
    if not point.critical and not is_caller and (point.kw >= _COMMERCIAL_KW or draw < 0.04):
        use = "commercial"
    title = ""
    if use == "facility":
        again, which = divmod(facilities - 1, len(FACILITIES))
        title = FACILITIES[which] + (f" No. {again + 1}" if again else "")
    status = (
        "active" if point.critical or is_caller or draw < 0.955 else "final" if draw < 0.99 else "pending"
    )
    return Site(
        street=street, number=number, unit="" if is_caller else unit, city=CITY,
        zip_code=ZIPS[sum(map(ord, street)) % len(ZIPS)],
        use=use, title=title, statuses=(status,), electric=True, critical=point.critical,
        supply_point=point.id, transformer=str(point.device),
    )  # fmt: skip
