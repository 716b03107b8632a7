"""What stands along a street: houses, duplexes, flats, shops, and what a city cannot do without."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from csr_console.demo.city.streets import CITY, COUNTY_PLACE, District, house_number, street_name

CALLER_STREET = "Oak St"
CALLER_NUMBER = 1204
FACILITIES = (
    "Port Laurel Regional Hospital",
    "Port Laurel 911 Communications Center",
    "Port Laurel Water Treatment Plant",
    "Laurel County Storm Shelter",
)


@dataclass(frozen=True, slots=True)
class Site:
    """One premise: an address that can have services.

    `statuses` are those of its accounts, the present one first;
    `use` is residential, commercial or facility; `critical` is the network's mark, '' | MED | CRIT.
    """

    street: str
    number: int
    unit: str
    city: str
    zip_code: str
    use: str
    title: str
    statuses: tuple[str, ...]
    electric: bool
    critical: str = ""
    supply_point: str = ""
    transformer: str = ""

    @property
    def address(self) -> str:
        return f"{self.number} {self.street}"


@dataclass(frozen=True, slots=True)
class Building:
    """The premises of one lot and where its front door is, in feet east of the plan's corner."""

    x_ft: float
    sites: tuple[Site, ...]


class Builder:
    """Builds up lots of one feeder until its share of the accounts is used up."""

    def __init__(
        self, random: Random, district: District, accounts: int, facilities: tuple[str, ...]
    ) -> None:
        self._random = random
        self._district = district
        self.left = accounts
        self._facilities = list(facilities)
        self._medical_due = 12 if facilities else 0

    def side_of_block(self, row: int, block: int, south: bool, east: bool) -> Iterator[Building]:
        """The buildings on one side of one block, west to east, in the plan's numbering of blocks."""
        street = street_name(self._district, row, east)
        lots = 5 if row == 0 else 8
        for lot in range(lots):
            if self.left <= 0:
                return
            number = house_number(block, lot, south, 2 * int(self._random.random() < 0.3))
            is_caller = street == CALLER_STREET and block == CALLER_NUMBER // 100 and lot == 1 and south
            if is_caller:
                site = self._site(street, CALLER_NUMBER, "", "residential", "")
                sites = [replace(site, statuses=("active",), electric=True, critical="")]
            else:
                sites = self._lot(row, street, number)
            taken = []
            for site in sites:
                if self.left > 0:
                    kept = replace(site, statuses=site.statuses[: self.left])
                    self.left -= len(kept.statuses)
                    taken.append(kept)
            if taken:
                yield Building((block - 1 + (lot + 0.5) / lots) * 400.0, tuple(taken))

    def _lot(self, row: int, street: str, number: int) -> list[Site]:
        chance = self._random.random()
        if row == 0:
            if self._facilities:
                return [self._site(street, number, "", "facility", self._facilities.pop(0))]
            return self._main_street_lot(chance, street, number)
        if chance < 0.07:
            return []
        if chance < 0.13:
            return [self._site(street, number, f"Unit {letter}", "residential", "") for letter in "AB"]
        if chance < 0.169:
            most = 9 if chance < 0.165 else 37
            return self._flats(street, number, self._random.randrange(4, most))
        return [self._site(street, number, "", "commercial" if chance < 0.195 else "residential", "")]

    def _main_street_lot(self, chance: float, street: str, number: int) -> list[Site]:
        if chance < 0.12:
            return []
        if chance < 0.24:
            suites = range(1, self._random.randrange(4, 9))
            return [self._site(street, number, f"Ste {100 * n}", "commercial", "") for n in suites]
        if chance < 0.32:
            return self._flats(street, number, self._random.randrange(8, 21))
        return [self._site(street, number, "", "commercial" if chance < 0.82 else "residential", "")]

    def _flats(self, street: str, number: int, units: int) -> list[Site]:
        flats = [self._site(street, number, f"Apt {n}", "residential", "") for n in range(1, units + 1)]
        if units >= 8:
            owner = self._site(
                street, number, "", "commercial", f"{street.rsplit(' ', 1)[0]} Terrace Apartments"
            )
            flats.insert(0, owner)
        return flats

    def _site(self, street: str, number: int, unit: str, use: str, title: str) -> Site:
        chance = self._random.random
        draw = chance()
        statuses: tuple[str, ...]
        if use == "facility" or draw < 0.91:
            statuses = ("active",)
        elif draw < 0.96:
            statuses = ("active", "final")
        elif draw < 0.99:
            statuses = ("final",)
        else:
            statuses = ("pending", "final") if draw > 0.995 else ("pending",)
        electric = use == "facility" or bool(unit) or chance() > 0.025
        critical = "CRIT" if use == "facility" else ""
        if use == "residential" and electric and statuses == ("active",):
            self._medical_due -= 1
            if self._medical_due == 0 or chance() < 0.006:
                critical = "MED"
        outside = use == "residential" and chance() < 0.012
        return Site(
            street=street, number=number, unit=unit, city=COUNTY_PLACE if outside else CITY,
            zip_code=self._district.zip_code, use=use, title=title, statuses=statuses, electric=electric,
            critical=critical,
        )  # fmt: skip
