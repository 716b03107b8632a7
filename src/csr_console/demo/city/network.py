"""The demo city's distribution network: substations, feeders with reclosers, fused laterals, transformers.

A substation feeds up to four quadrants of its district. A feeder runs along Main Street, turns up an avenue
in the middle of its quadrant and sends one fused lateral each way along every street it crosses; neighbours
therefore share a transformer, a lateral and a phase, as they do in a real town.
"""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from csr_console.demo.city.chance import stream
from csr_console.demo.city.premises import FACILITIES, Builder, Building, Site
from csr_console.demo.city.streets import (
    BLOCK_FT,
    DISTRICT_BLOCKS,
    DISTRICT_ROWS,
    QUADRANT_BLOCKS,
    QUADRANT_ROWS,
    ROW_FT,
    District,
)
from csr_console.demo.city.wires import Node, Wires

ACCOUNTS_PER_FEEDER = 840
FEEDERS_PER_SUBSTATION = 4
MOST_PER_TRANSFORMER = 12
LEAST_PER_TRANSFORMER = 4
KV_TRANSMISSION, KV_PRIMARY, KV_HOUSE, KV_SHOP = 115.0, 12.47, 0.24, 0.208
_KVA_SIZES = (15, 25, 37, 50, 75, 100, 167, 225, 300, 500)
_HALF = BLOCK_FT / 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one transformer location serves: its distance along the lateral and its premises."""

    x_ft: float
    sites: tuple[Site, ...]


@dataclass(slots=True)
class _Street:
    """One street of a feeder: stretches west and east of the trunk, nearest first."""

    west: list[Stretch]
    east: list[Stretch]


def stretches(buildings: list[Building], outward: int) -> list[Stretch]:
    """Neighbours gathered into transformer loads of 4 to 12 services, walking `outward` (+1 east, -1 west).

    A bigger building is cut into loads of its own; a short rest at the end joins the load before it.
    """
    ordered = sorted(buildings, key=lambda building: outward * building.x_ft)
    loads: list[tuple[list[float], list[Site]]] = []
    for building in ordered:
        sites = list(building.sites)
        while sites:
            served = sum(site.electric for site in loads[-1][1]) if loads else MOST_PER_TRANSFORMER
            room = MOST_PER_TRANSFORMER - served
            far = bool(loads) and abs(building.x_ft - loads[-1][0][0]) > _HALF
            if room < len(sites) or (far and served >= LEAST_PER_TRANSFORMER):
                loads.append(([], []))
            part, sites = sites[:MOST_PER_TRANSFORMER], sites[MOST_PER_TRANSFORMER:]
            loads[-1][0].append(building.x_ft)
            loads[-1][1].extend(part)
    if len(loads) > 1:
        last, before = loads[-1][1], loads[-2][1]
        if len(last) < LEAST_PER_TRANSFORMER and len(last) + len(before) <= MOST_PER_TRANSFORMER:
            loads[-2][0].extend(loads.pop()[0])
            before.extend(last)
    return [Stretch(sum(places) / len(places), tuple(sites)) for places, sites in loads]


class FeederPlan:
    """One feeder: which quadrant it serves, its premises street by street, and its wires."""

    def __init__(self, seed: str, number: int, district: District, quadrant: int, accounts: int) -> None:
        self.number, self.district = number, district
        self.north, self.east = quadrant < 2, quadrant % 2 == 0
        self._random = stream(seed, "feeder", number)
        facilities = FACILITIES if number == 1 else ()
        self._builder = Builder(self._random, district, accounts, facilities)
        self._centre = district.column * DISTRICT_BLOCKS + QUADRANT_BLOCKS
        self._middle = self._centre + (QUADRANT_BLOCKS // 2 if self.east else -QUADRANT_BLOCKS // 2)
        self._baseline = (district.row * DISTRICT_ROWS + QUADRANT_ROWS) * ROW_FT + (
            25.0 if self.north else -25.0
        )
        self._poles = 0
        self._phase = self._random.randrange(3)
        self.streets = self._plan()

    def _plan(self) -> dict[int, _Street]:
        """The streets, nearest first, until the accounts are used up."""
        streets: dict[int, _Street] = {}
        sign = 1 if self.north else -1
        for near in (1, 0, *range(2, QUADRANT_ROWS + 1)):
            row = sign * near
            west = self._side(row, near, east=False)
            east = self._side(row, near, east=True)
            if west or east:
                streets[near] = _Street(west, east)
        if self._builder.left:
            raise RuntimeError(f"feeder {self.number} has no room for {self._builder.left} more accounts")
        return dict(sorted(streets.items()))

    def _side(self, row: int, near: int, *, east: bool) -> list[Stretch]:
        half = QUADRANT_BLOCKS // 2
        outward = range(half) if east else range(-1, -half - 1, -1)
        sides = (not self.north,) if near == 0 else (True, False)
        buildings = [
            building
            for block in (self._middle + step for step in outward)
            for south in sides
            for building in self._builder.side_of_block(row, block + 1, south, self.east)
        ]
        return stretches(buildings, 1 if east else -1)

    def draw(self, wires: Wires, bus: Node) -> Iterator[Site]:
        """Draws the feeder from its substation bus; yields every premise with its supply point filled in."""
        x_ft, y_ft = self._centre * BLOCK_FT, self._baseline
        with wires.device("breaker", bus, self._pole(), x_ft, y_ft, phases="ABC") as head:
            toward, away = ("west", "east") if self.east else ("east", "west")
            main = self.streets.get(0, _Street([], []))
            stop = head
            for stretch in reversed(getattr(main, toward)):
                stop = wires.edge(stop, self._pole(), stretch.x_ft, y_ft, phases="ABC")
                yield from self._transformers(wires, stop, stretch, "ABC")
            corner = wires.edge(stop, self._pole(), self._middle * BLOCK_FT, y_ft, phases="ABC")
            if getattr(main, away):
                yield from self._lateral(wires, corner, getattr(main, away), "ABC")
            rows = [near for near in self.streets if near]
            yield from self._trunk(wires, corner, rows, {rows[len(rows) * 2 // 5], rows[len(rows) * 7 // 10]})

    def _trunk(self, wires: Wires, start: Node, rows: list[int], reclosers: set[int]) -> Iterator[Site]:
        """The trunk up the avenue; a recloser stands before the streets in `reclosers`, beyond the first."""
        self.end = start
        while rows:
            near = rows.pop(0)
            place = (start.x_ft, self._baseline + (near if self.north else -near) * ROW_FT)
            if near in reclosers and near > 1:
                with wires.device("recloser", start, self._pole(), *place, phases="ABC") as pole:
                    yield from self._street(wires, pole, near)
                    yield from self._trunk(wires, pole, rows, reclosers - {near})
                return
            start = wires.edge(start, self._pole(), *place, phases="ABC")
            yield from self._street(wires, start, near)
            self.end = start

    def _street(self, wires: Wires, pole: Node, near: int) -> Iterator[Site]:
        street = self.streets[near]
        for side in (street.west, street.east):
            if side:
                yield from self._lateral(wires, pole, side, self._next_phases())

    def _next_phases(self) -> str:
        self._phase += 1
        one = "ABC"[self._phase % 3]
        if self._random.random() < 0.15:
            return "".join(sorted((one, "ABC"[(self._phase + 1) % 3])))
        return one

    def _lateral(self, wires: Wires, pole: Node, side: list[Stretch], phases: str) -> Iterator[Site]:
        """A fused lateral along a street; a long one has a second fuse half way."""
        half = len(side) // 2 if len(side) >= 6 and self._random.random() < 0.4 else len(side)
        with wires.device("fuse", pole, self._pole(), side[0].x_ft, pole.y_ft, phases=phases) as first:
            stop = yield from self._along(wires, first, side[:half], phases)
            if half < len(side):
                place = (side[half].x_ft, pole.y_ft)
                with wires.device("fuse", stop, self._pole(), *place, phases=phases) as second:
                    yield from self._along(wires, second, side[half:], phases)

    def _along(
        self, wires: Wires, stop: Node, side: list[Stretch], phases: str
    ) -> Generator[Site, None, Node]:
        """The transformers of consecutive stretches, the first one at `stop`; returns the last pole."""
        for index, stretch in enumerate(side):
            if index:
                stop = wires.edge(stop, self._pole(), stretch.x_ft, stop.y_ft, phases=phases)
            yield from self._transformers(wires, stop, stretch, phases)
        return stop

    def _transformers(self, wires: Wires, pole: Node, stretch: Stretch, phases: str) -> Iterator[Site]:
        """The transformer of a stretch, and a three-phase one of its own for each facility."""
        shared = tuple(site for site in stretch.sites if site.use != "facility")
        yield from (site for site in shared if not site.electric)
        groups = [(site,) for site in stretch.sites if site.use == "facility"]
        powered = tuple(site for site in shared if site.electric)
        for group in (*groups, *((powered,) if powered else ())):
            facility = group[0].use == "facility"
            commercial = sum(site.use == "commercial" for site in group) * 2 > len(group)
            three = facility or (phases == "ABC" and commercial)
            own = "ABC" if three and phases == "ABC" else phases[self._poles % len(phases)]
            tenths = [self._demand(site) for site in group]
            kva = next((size for size in _KVA_SIZES if size * 7 >= sum(tenths)), _KVA_SIZES[-1])
            name = f"{self._pole()}s"
            with wires.device(
                "transformer", pole, name, pole.x_ft + 8.0, pole.y_ft + 6.0, phases=own, kva=f"{kva}.0",
                kv_ll=KV_SHOP if three else KV_HOUSE,
            ) as secondary:  # fmt: skip
                for site, demand in zip(group, tenths, strict=True):
                    supply_point = wires.customer(secondary, f"{demand / 10}", site.critical, name)
                    yield replace(site, supply_point=supply_point, transformer=name)

    def _demand(self, site: Site) -> int:
        """Peak demand in tenths of a kW: a house about 3.5 kW, a shop about 15, a facility some hundreds."""
        draw = self._random.random()
        if site.use == "facility":
            return 1500 + int(2000 * draw)
        return int((60 if site.use == "commercial" else 18) * math.exp(1.4 * draw))

    def _pole(self) -> str:
        self._poles += 1
        return f"{self.number:02}-{self._poles:04}"


def plan_districts(accounts: int) -> list[tuple[District, list[int]]]:
    """The districts with the account quota of each of their feeders (one to four)."""
    feeders = -(-accounts // ACCOUNTS_PER_FEEDER)
    substations = -(-feeders // FEEDERS_PER_SUBSTATION)
    rows = math.isqrt(substations - 1) + 1
    columns = -(-substations // rows)
    quotas = [accounts * (n + 1) // feeders - accounts * n // feeders for n in range(feeders)]
    plan = []
    for n in range(substations):
        share = quotas[feeders * n // substations : feeders * (n + 1) // substations]
        plan.append((District(n // rows, n % rows, columns), share))
    return plan


def draw_network(wires: Wires, seed: str, accounts: int) -> Iterator[list[Site]]:
    """Draws the whole network and its normally open ties; yields the premises feeder by feeder."""
    plan = plan_districts(accounts)
    ends: dict[tuple[int, int, int], Node] = {}
    number = 0
    with wires.source("transmission", -9000.0, 0.0, KV_TRANSMISSION) as source:
        for district, quotas in plan:
            x_ft = (district.column * DISTRICT_BLOCKS + QUADRANT_BLOCKS) * BLOCK_FT
            y_ft = (district.row * DISTRICT_ROWS + QUADRANT_ROWS) * ROW_FT
            name = f"substation-{district.column + 1}-{district.row + 1}"
            high_side = wires.edge(source, f"{name}h", x_ft, y_ft - 90.0, phases="ABC")
            with wires.device(
                "substation", high_side, name, x_ft, y_ft, phases="ABC", edge_kind="substation_transformer",
                kv_ll=KV_PRIMARY, kva="30000.0",
            ) as bus:  # fmt: skip
                for quadrant, quota in enumerate(quotas):
                    number += 1
                    feeder = FeederPlan(seed, number, district, quadrant, quota)
                    yield list(feeder.draw(wires, bus))
                    ends[district.column, district.row, quadrant] = feeder.end
    for (column, row, quadrant), end in ends.items():
        across = ends.get((column, row, quadrant + 1)) if quadrant % 2 == 0 else None
        beyond = ends.get((column, row + 1, quadrant + 2)) if quadrant < 2 else None
        for other in (across, beyond):
            if other is not None:
                wires.tie(end, other)
