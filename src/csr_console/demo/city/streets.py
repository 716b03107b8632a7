"""The street grid: where a block lies, what its street is called and which house stands at a position.

Streets run west to east and avenues cross them; house numbers count blocks from the western edge, a hundred a
block, even on the south side, so that an address, a position and a pole always agree.
"""

import math
from dataclasses import dataclass

from csr_console.demo.city.morphemes import words

BLOCK_FT = 400.0
ROW_FT = 330.0
QUADRANT_BLOCKS = 8
"""Blocks a feeder covers west to east; a substation stands between two of them."""
QUADRANT_ROWS = 11
"""Streets a feeder may use away from its substation; the pitch of substations follows from it."""
DISTRICT_BLOCKS = 2 * QUADRANT_BLOCKS
DISTRICT_ROWS = 2 * QUADRANT_ROWS + 1

CITY = "Port Laurel"
COUNTY_PLACE = "Laurel Beach"
"""The town next door: an address that says so inside the plan is a jurisdiction error to find."""
ZIPS = ("32390", "32391", "32392", "32393", "32394")
_ORIGIN_LON, _ORIGIN_LAT = -84.71, 30.16
_FT_PER_LAT = 364_567.0
_FT_PER_LON = 315_300.0
_TURN_COS, _TURN_SIN = math.cos(math.radians(7)), math.sin(math.radians(7))

_GRID = words(
    """Main Oak Pine Magnolia Cedar Laurel Maple Palm Elm Cypress Dogwood Hickory Holly Juniper Myrtle
    Palmetto Pecan Persimmon Poplar Redbud Spruce Sycamore Walnut Willow Azalea Camellia Gardenia Hibiscus
    Jasmine Lantana Orchid Primrose Rosemary Verbena Wisteria Heron Pelican Osprey Egret Plover Sandpiper
    Kestrel Mockingbird Cardinal Wren Church College Court Depot Ferry Harbor Jefferson Lincoln Madison
    Market Mill Monroe Park Railroad School Station Washington Water"""
)
_GRID_TYPES = ("St", "Blvd", "Rd", "Pkwy", "Trl", "Pl", "Dr", "Ter")
_FIRST = words(
    """Amber Autumn Bay Bayou Beaver Bent Blue Briar Broad Canopy Cherry Clear Copper Coral Cotton Cross
    Crystal Deer Eagle Fallow Forest Fox Glen Golden Gopher Grand Green Gulf Hazel Hawk Hidden Honey
    Indigo Island Ivy Lake Lantern Lone Long Marsh Mossy North Otter Pebble Piney Quail Quiet Raven River
    Rolling Sandy Shady Silver Spring Stone Summer Sweet Tupelo Turkey Violet White Wild Winding"""
)
_SECOND = words(
    """bank Bluff Branch Bridge Brook Chase Cove Creek Crossing Dale Field Gate Glade Grove Hammock Haven Hill
    Hollow Knoll Landing Meadow Mill Oaks Pass Point Pond Ridge Run Shore Springs View Wood"""
)
_TYPES = ("Dr", "Ln", "Way", "Ct", "Cir", "Trl", "Pl", "Loop")


@dataclass(frozen=True, slots=True)
class District:
    """One substation's square of the city, counted from the south-west corner of the plan."""

    column: int
    row: int
    columns: int

    @property
    def zip_code(self) -> str:
        return ZIPS[(self.column + 2 * self.row) % len(ZIPS)]


def _street_order(row: int) -> int:
    """0, 1, -1, 2, -2 ... as 0, 1, 2, 3, 4 ...: streets next to the substation get the oldest names."""
    return 2 * row - 1 if row > 0 else -2 * row


def _grid_name(order: int) -> str:
    again, place = divmod(order, len(_GRID))
    return f"{_GRID[place]} {_GRID_TYPES[again]}"


def grid_street_names(count: int) -> list[str]:
    """That many distinct street names (at most 480), at least those of the first two streets."""
    return [_grid_name(order) for order in range(max(count, 2))]


def street_name(district: District, row: int, east: bool) -> str:
    """The name of a district's street; away from the centre some streets change their name at the avenue."""
    order = district.row * DISTRICT_ROWS + _street_order(row)
    if abs(row) < 2 or (order * 7 + district.column * 3 + east) % 20 < 9:
        return _grid_name(order)
    serial = ((order * district.columns) + district.column) * 2 + east
    mixed = serial * 3727 % (len(_FIRST) * len(_SECOND) * len(_TYPES))
    first, rest = divmod(mixed, len(_SECOND) * len(_TYPES))
    second, kind = divmod(rest, len(_TYPES))
    return f"{_FIRST[first]} {_SECOND[second].capitalize()} {_TYPES[kind]}"


def longitude_latitude(x_ft: float, y_ft: float) -> tuple[float, float]:
    """Degrees of a place in feet from the plan's corner: the plan is turned and a little bent."""
    bent = y_ft + 90.0 * math.sin(x_ft / 4100.0)
    leaning = x_ft + 60.0 * math.sin(y_ft / 2900.0)
    east = leaning * _TURN_COS - bent * _TURN_SIN
    north = leaning * _TURN_SIN + bent * _TURN_COS
    return round(_ORIGIN_LON + east / _FT_PER_LON, 6), round(_ORIGIN_LAT + north / _FT_PER_LAT, 6)


def house_number(block: int, lot: int, south: bool, skew: int) -> int:
    """1204 is the second lot on the south side of block 12; `skew` is 0 or 2."""
    return 100 * block + 4 * lot + skew + (0 if south else 1)
