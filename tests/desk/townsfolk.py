"""Roster entries for tests, and a roster of them in an encrypted file."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from random import Random

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.demo.city.names import full_name, surnames
from csr_console.desk.store import roster
from csr_console.desk.store.database import Store
from csr_console.desk.store.roster_schema import ROSTER_TABLES
from csr_console.domain.ids import damm_digit

KEY = bytes(range(32))
PAGE = 500


def account_number(serial: int) -> str:
    digits = f"{10_000_000 + serial:08}"
    return digits + damm_digit(digits)


def person(serial: int, **facts: object) -> RosterEntry:
    """An entry with identifiers of its own; `facts` replace what it would have."""
    entry = {
        "account": account_number(serial),
        "name": f"Person {serial}",
        "kind": "residential",
        "status": "active",
        "language": "en",
        "premise": f"P{serial:07}",
        "service_address": f"{100 + serial} Elm St",
        "zip": "32390",
        "phones": [f"850{5_000_000 + serial}"],
        "meters": [f"E{1_000_000 + serial}"],
        "electric_state": "connected",
        "supply_point": f"city:C{serial}",
        "device": f"city:T{serial // 8}",
        "critical": "",
        "flags": [],
        "version": 1,
    }
    return RosterEntry.model_validate(entry | facts)


def city_people(number: int, seed: int = 3) -> list[RosterEntry]:
    """People with names of the demo city; every tenth bears a surname from its long tail."""
    random = Random(seed)
    known = surnames()
    people = []
    for serial in range(number):
        name = full_name(random)[0]
        if serial % 10 == 0:
            name = f"{name.split()[0]} {known[random.randrange(len(known))][0]}"
        people.append(person(serial, name=name, service_address=f"{100 + serial // 40} Street {serial % 40}"))
    return people


def filled(path: Path, entries: Iterable[RosterEntry]) -> Store:
    """A new file with a roster of entries, appended in pages as a snapshot is."""
    store = Store(path, KEY, "normal")
    store.create(ROSTER_TABLES)
    rest = iter(entries)
    while page := list(islice(rest, PAGE)):
        with store.write() as connection:
            roster.append(connection, page)
    with store.write() as connection:
        roster.complete(connection)
    return store
