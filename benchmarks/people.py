"""Deterministic roster entries in any number, with the names and streets of the demo city."""

from collections.abc import Iterator
from random import Random

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.demo.city.names import full_name
from csr_console.demo.city.streets import District, street_name
from csr_console.domain.ids import damm_digit

AREA_CODES = ("850", "229", "904", "352", "334", "407", "813", "305")
_HOUSES_PER_STREET = 180


def streets(accounts: int) -> list[str]:
    """About one street name for every 180 accounts."""
    wanted = max(40, accounts // _HOUSES_PER_STREET)
    columns = 12
    names: dict[str, None] = {}
    row = 0
    while len(names) < wanted and row < 4000:
        for column in range(columns):
            district = District(column, row, columns)
            for east in (False, True):
                for line in range(-11, 12):
                    names[street_name(district, line, east)] = None
        row += 1
    return list(names)[:wanted]


def account_of(serial: int) -> str:
    """Distinct for serials below ninety million."""
    digits = str(10_000_000 + (48_277 + 7_654_321 * serial) % 90_000_000)
    return digits + damm_digit(digits)


def phone_of(serial: int) -> str:
    """Distinct for serials below twenty million; seven of ten are of the first area code."""
    number = 2_000_000 + (serial * 7_919 * 101) % 7_990_001
    return AREA_CODES[0 if serial % 10 < 7 else 1 + serial % 7] + f"{number:07}"


def people(accounts: int, seed: int = 7) -> Iterator[RosterEntry]:
    """The first `accounts` entries of a city; the same for the same numbers."""
    random = Random(seed)
    named = streets(accounts)
    for serial in range(accounts):
        name, language = full_name(random)
        street = named[random.randrange(len(named))]
        house = random.randrange(100, 9999)
        unit = f" Apt {random.randrange(1, 40)}" if random.random() < 0.22 else ""
        yield RosterEntry(
            account=account_of(serial),
            name=name,
            kind="residential",
            status="final" if random.random() < 0.05 else "active",
            language="es" if language == "es" else "en",
            premise=f"P{serial:07}",
            service_address=f"{house} {street}{unit}",
            zip=f"3239{serial % 5}",
            phones=[phone_of(2 * serial), *([phone_of(2 * serial + 1)] if random.random() < 0.3 else [])],
            meters=[
                f"E{1_020_303 + 3 * serial:07}",
                *([f"W{5_000_000 + serial}"] if random.random() < 0.6 else []),
            ],
            electric_state="connected",
            supply_point=f"city:C{serial}",
            device=f"city:T{serial // 8}",
            critical="MED" if random.random() < 0.006 else "",
            flags=["dispute"] if random.random() < 0.02 else [],
            version=1,
        )
