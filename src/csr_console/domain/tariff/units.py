"""The units a tariff is written in, and how one becomes another."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and how many of the smallest unit of that measure it is."""

    measure: str
    size: Decimal


UNITS: Mapping[str, Unit] = {
    "Wh": Unit("energy", Decimal("0.001")),
    "kWh": Unit("energy", Decimal(1)),
    "MWh": Unit("energy", Decimal(1000)),
    "gal": Unit("water", Decimal(1)),
    "cgal": Unit("water", Decimal(100)),
    "kgal": Unit("water", Decimal(1000)),
    "ccf-water": Unit("water", Decimal(748)),
    "cf": Unit("gas volume", Decimal(1)),
    "CCF": Unit("gas volume", Decimal(100)),
    "Mcf": Unit("gas volume", Decimal(1000)),
    "therm": Unit("heat", Decimal(1)),
    "dth": Unit("heat", Decimal(10)),
    "kW": Unit("demand", Decimal(1)),
    "kVAr": Unit("reactive demand", Decimal(1)),
    "sqft": Unit("area", Decimal(1)),
    "yd3": Unit("volume", Decimal(1)),
    "each": Unit("count", Decimal(1)),
}
"""1 cgal = 100 gal; 1 CCF of water = 748 gal; 1 Mcf = 10 CCF (American billing usage)."""


def conversion(given: str, wanted: str) -> tuple[Decimal, Decimal]:
    """What to multiply by and then divide by to turn a quantity of `given` into `wanted`.

    Two numbers, so that the one division can be the last step. Raises `ValueError` when the units measure
    different things: gas volume becomes heat only by a billing factor.
    """
    if UNITS[given].measure != UNITS[wanted].measure:
        raise ValueError(f"{given} measures {UNITS[given].measure}, {wanted} {UNITS[wanted].measure}")
    return UNITS[given].size, UNITS[wanted].size
