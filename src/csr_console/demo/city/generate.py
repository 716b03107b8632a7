"""Generates the demo city: a folder that goes through the same imports as a real city's files."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from csr_console.contracts.imports import CUSTOMER_COLUMNS, read_network
from csr_console.demo.city.accounts import AccountBook
from csr_console.demo.city.chance import stream
from csr_console.demo.city.network import draw_network, plan_districts
from csr_console.demo.city.placed import place_sites
from csr_console.demo.city.premises import CALLER_NUMBER, CALLER_STREET, Site
from csr_console.demo.city.wires import Wires

FEWEST_ACCOUNTS, MOST_ACCOUNTS = 100, 1_000_000
SEED = 1866
AS_OF = date(2026, 11, 2)
"""The day of the balances, unless another is asked for."""
_AT = {name: position for position, name in enumerate(CUSTOMER_COLUMNS)}


@dataclass(frozen=True, slots=True)
class Resident:
    """An account that a tour or an example can name."""

    account_number: str
    name: str
    phone: str
    street: str
    premise: str
    supply_point: str


@dataclass(slots=True)
class CityFacts:
    """What was generated, where it is, and who is worth calling; `notes` say what was not as asked for.

    `caller` has account 100482771 and telephone 850 555 0142; `neighbours` share its transformer.
    """

    customers: Path
    network: Path
    accounts: int = 0
    premises: int = 0
    supply_points: int = 0
    substations: int = 0
    feeders: int = 0
    transformers: int = 0
    notes: tuple[str, ...] = ()
    caller: Resident | None = None
    neighbours: tuple[Resident, ...] = ()
    maria: Resident | None = None
    nonpay: Resident | None = None
    medical: Resident | None = None
    facility: Resident | None = None

    def note_rows(self, rows: list[tuple[Site, list[str]]]) -> None:
        """Counts the accounts of one feeder or street and keeps the residents worth naming."""
        self.accounts += len(rows)
        self.premises += len({row[_AT["premise"]] for _, row in rows})
        for site, row in rows:
            if row[_AT["status"]] != "active" or not row[_AT["phone_1"]]:
                continue
            if site.street == CALLER_STREET and site.number == CALLER_NUMBER:
                self.caller = self._resident(row)
                self.neighbours = self._sharing(site, rows)
            elif row[_AT["name"]] == "Maria Lopez" and self.maria is None:
                self.maria = self._resident(row)
            elif site.critical == "MED" and self.medical is None:
                self.medical = self._resident(row)
            elif site.critical == "CRIT" and self.facility is None:
                self.facility = self._resident(row)
            elif "electric" in row[_AT["services"]] and self.nonpay is None and self._is_cut(row):
                self.nonpay = self._resident(row)

    def _sharing(self, caller: Site, rows: list[tuple[Site, list[str]]]) -> tuple[Resident, ...]:
        """The active accounts on the caller's transformer with a telephone, the nearest house first."""
        near = sorted(rows, key=lambda pair: abs(pair[0].number - caller.number))
        return tuple(
            self._resident(row)
            for site, row in near
            if site.transformer == caller.transformer and site.supply_point != caller.supply_point
            if row[_AT["status"]] == "active" and row[_AT["phone_1"]] and not self._is_cut(row)
        )

    def _is_cut(self, row: list[str]) -> bool:
        return ":nonpay" in row[_AT["services"]]

    def _resident(self, row: list[str]) -> Resident:
        wanted = ("account_number", "name", "phone_1", "service_street", "premise", "supply_point")
        return Resident(*(row[_AT[name]] for name in wanted))


def generate_city(
    folder: Path,
    *,
    accounts: int = 5_000,
    seed: int = SEED,
    network: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    as_of: date = AS_OF,
) -> CityFacts:
    """Writes `folder`/customers.csv and, unless a `network` folder is given, `folder`/network/.

    The same arguments give the same bytes on every machine. `progress` is called with the accounts done
    and wanted after each feeder. customers.csv appears only when everything is complete.

    Raises ValueError for a number of accounts outside 100 to 1,000,000 and for a network that cannot be read.
    """
    if not FEWEST_ACCOUNTS <= accounts <= MOST_ACCOUNTS:
        raise ValueError(
            f"the demo city has {FEWEST_ACCOUNTS} to {MOST_ACCOUNTS:,} accounts, not {accounts:,}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    facts = CityFacts(folder / "customers.csv", network or folder / "network")
    facts.customers.unlink(missing_ok=True)
    if network is None:
        batches = _drawn(facts, str(seed), accounts)
        book = AccountBook(str(seed), as_of, medical_marked=True)
    else:
        given = read_network(network)
        if isinstance(given, list):
            raise ValueError(f"the network cannot be used: {given[0]}")
        points = len(given.supply_points)
        if accounts > points:
            facts.notes += (f"the network has {points:,} customers, and so has the city, not {accounts:,}",)
            accounts = points
        facts.supply_points = points
        kinds = [device.kind for device in given.devices]
        facts.substations = kinds.count("substation") or kinds.count("source")
        facts.feeders, facts.transformers = kinds.count("breaker"), kinds.count("transformer")
        medical = any(point.critical == "MED" for point in given.supply_points)
        batches = place_sites(given, accounts, stream(seed, "placed"))
        book = AccountBook(str(seed), as_of, medical_marked=medical)
    partial = folder / "customers.csv.part"
    with partial.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(CUSTOMER_COLUMNS)
        for number, sites in enumerate(batches, start=1):
            book.open_feeder(number)
            rows = [(site, row) for site in sites for row in book.rows(site)]
            writer.writerows(row for _, row in rows)
            facts.note_rows(rows)
            if progress is not None:
                progress(facts.accounts, accounts)
    partial.replace(facts.customers)
    return facts


def _drawn(facts: CityFacts, seed: str, accounts: int) -> Iterator[list[Site]]:
    """The premises of a generated network, whose files are complete when the last batch is taken."""
    plan = plan_districts(accounts)
    facts.substations, facts.feeders = len(plan), sum(len(quotas) for _, quotas in plan)
    with Wires(facts.network, "demo") as wires:
        yield from draw_network(wires, seed, accounts)
        facts.supply_points, facts.transformers = wires.customers, wires.count("transformer")
