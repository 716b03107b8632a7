"""Imports into the database: all or nothing, again without harm, on both databases."""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from csr_console.central import feed, versions
from csr_console.central.database import Database
from csr_console.central.imports import Imported, Importer, import_customers, import_network
from csr_console.central.reads.accounts import account_view, roster_entries
from csr_console.central.secrets import ServerSecret
from csr_console.central.tables import accounts, network
from csr_console.central.tables.columns import from_json
from csr_console.central.tables.journal import journal
from csr_console.central.tables.verifiers import verifier
from csr_console.contracts.imports import CUSTOMER_COLUMNS
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.ids import damm_digit
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Conflict

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
SECRET = ServerSecret(b"s" * 40)
FEEDERS = Path(__file__).parents[3] / "shared" / "data" / "feeders"


def number(index: int) -> str:
    return f"{20000000 + index}{damm_digit(str(20000000 + index))}"


def row(index: int, **changed: str) -> dict[str, str]:
    """A customer as the city's system exports one."""
    return (
        dict.fromkeys(CUSTOMER_COLUMNS, "")
        | {
            "account_number": number(index),
            "kind": "residential",
            "status": "active",
            "name": f"Ada Person {index}",
            "language": "en",
            "phone_1": f"850555{1000 + index}",
            "premise": f"P{1000000 + index}",
            "service_street": f"{100 + index} Oak St",
            "service_city": "Springfield",
            "service_zip": "32301",
            "services": f"electric:E{1000000 + index}:connected;water:W{1000000 + index}:connected",
            "since_on": "2020-02-03",
            "balance_cents": "8512",
            "balance_on": "2026-08-31",
            "age_0_30_cents": "8512",
            "age_31_60_cents": "0",
            "age_61_90_cents": "0",
            "age_over_90_cents": "0",
            "alerts": "language" if index % 2 else "",
            "verify_ssn4": "4821",
            "verify_passphrase": "Blue Heron",
        }
        | changed
    )


@dataclass
class City:
    """A database and the file that is imported into it."""

    db: Database
    file: Path
    office: str = "main"
    done: list[tuple[int, int]] = field(default_factory=list)

    def bring(self, rows: list[dict[str, str]], **options: Any) -> Imported:
        with self.file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, CUSTOMER_COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return self.again(**options)

    def again(self, **options: Any) -> Imported:
        importer = Importer(self.office, "os:test", NOW)
        return import_customers(
            self.db,
            SECRET,
            self.file,
            importer,
            progress=lambda done, total: self.done.append((done, total)),
            **options,
        )

    def view(self, index: int) -> Any:
        reader = Actor("kim", "Kim", Role.LEAD, self.office)
        with self.db.read() as connection:
            return account_view(connection, self.office, number(index), reader=reader, now=NOW)

    def count(self, table: Any) -> int:
        with self.db.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def contents(self) -> dict[str, list[Any]]:
        """Every row of every table of accounts."""
        tables = (
            accounts.person,
            accounts.premise,
            accounts.account,
            accounts.contact,
            accounts.service,
            accounts.account_alert,
            accounts.balance,
            verifier,
        )
        with self.db.read() as connection:
            return {
                table.name: sorted(tuple(map(str, found)) for found in connection.execute(select(table)))
                for table in tables
            }

    def floor(self) -> int:
        with self.db.read() as connection:
            return feed.snapshot(connection, self.office, None, now=NOW).seq


@pytest.fixture
def city(db: Database, tmp_path: Path) -> City:
    return City(db, tmp_path / "customers.csv")


def test_a_customer_arrives_with_everything(city: City) -> None:
    imported = city.bring(
        [
            row(
                1,
                email="ada@example.org",
                mailing_street="PO Box 9",
                mailing_city="Springfield",
                mailing_state="FL",
                mailing_zip="32302",
                service_unit="Apt 3",
                alerts="life_support;language:2027-01-31",
                due_on="2026-09-20",
                last_payment_cents="8012",
                last_payment_on="2026-08-15",
                verify_dob="1961-03-14",
                verify_dl4="A123",
            )
        ]
    )
    assert (imported.applied, imported.added, imported.report.kept) == (True, 1, 1)
    view = city.view(1)
    assert view.entry.name == "Ada Person 1"
    assert view.entry.service_address == "101 Oak St Apt 3"
    assert view.entry.phones == ["8505551001"]
    assert view.entry.flags == ["life_support", "language"]
    assert view.entry.critical == "MED"
    assert view.contact.email == "ada@example.org"
    assert view.contact.version == 1
    assert [service.service for service in view.services] == ["electric", "water"]
    assert (view.balance.balance_cents, view.balance.last_payment_cents) == (8512, 8012)
    with city.db.read() as connection:
        query = select(verifier.c.factor, verifier.c.digest)
        kept = {found.factor: found.digest for found in connection.execute(query)}
    assert set(kept) == {"ssn4", "birth_date", "license4", "passphrase", "last_payment"}
    assert kept["passphrase"] == SECRET.verifier("main", number(1), Factor.PASSPHRASE, "blue heron")


def test_the_same_file_twice_changes_nothing(city: City) -> None:
    rows = [row(index) for index in range(25)]
    city.bring(rows)
    before, floor = city.contents(), city.floor()
    again = city.again()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 25)
    assert city.contents() == before
    assert city.floor() == floor


def test_rows_that_changed_are_brought_up_to_date(city: City) -> None:
    city.bring([row(0), row(1), row(2)])
    floor = city.floor()
    changed = city.bring(
        [
            row(0),
            row(
                1,
                status="final",
                services="water:W7654321:disconnected",
                alerts="dispute",
                balance_cents="0",
                age_0_30_cents="0",
            ),
            row(2, name="Ada Newname", phone_1="8505559999", verify_ssn4=""),
        ]
    )
    assert (changed.added, changed.changed, changed.unchanged) == (0, 2, 1)
    one, two = city.view(1), city.view(2)
    assert (one.entry.status, one.entry.electric_state, one.entry.meters) == ("final", None, ["W7654321"])
    assert (one.entry.flags, one.balance.balance_cents) == (["dispute"], 0)
    assert (one.entry.version, one.contact.version) == (2, 1)
    assert (two.entry.name, two.entry.phones, two.contact.version) == ("Ada Newname", ["8505559999"], 2)
    assert city.view(0).entry.version == 1
    assert city.count(accounts.person) == 3
    assert city.floor() > floor
    with city.db.read() as connection, pytest.raises(Conflict):
        feed.changes(connection, "main", floor)


def test_what_a_clerk_changed_survives_the_same_row(city: City) -> None:
    city.bring([row(0)])
    with city.db.write() as connection:
        connection.execute(update(accounts.contact).values(phone_1="8505550000", email="clerk@example.org"))
        versions.bump(connection, "main", f"contact:{number(0)}", ["phone_1"], actor="kim", at="x")
    city.again()
    assert city.view(0).contact.phone_1 == "8505550000"
    city.bring([row(0, balance_on="2026-09-01", mailing_street="PO Box 9")])
    contact = city.view(0).contact
    assert (contact.phone_1, contact.email, contact.mailing_street) == (
        "8505550000",
        "clerk@example.org",
        "PO Box 9",
    )
    city.bring([row(0, phone_1="8505557777")])
    contact = city.view(0).contact
    assert (contact.phone_1, contact.email) == ("8505557777", "clerk@example.org")
    with city.db.read() as connection:
        known = versions.current(connection, "main", f"contact:{number(0)}")
    assert known.fields["phone_1"]["actor"] == "os:test"
    assert contact.version == known.version == 4


def test_accounts_of_one_person_and_one_premise_belong_together(city: City) -> None:
    same = {"name": "Leon Rentals", "phone_1": "8505550100"}
    city.bring(
        [
            row(0, **same),
            row(1, **same),
            row(2, name="Leon Rentals", phone_1=""),
            row(3, name="leon rentals", phone_1="8505550100", premise="P1000009"),
            row(4, premise="P1000000", status="final"),
        ]
    )
    assert city.count(accounts.person) == 3
    assert {other.account for other in city.view(0).others} == {number(1), number(3), number(4)}


def test_one_refused_row_undoes_everything(city: City) -> None:
    rows = [row(index) for index in range(1500)]
    rows[700]["phone_1"] = "12345"
    rows[1200] = dict(rows[3])
    refused = city.bring(rows)
    assert not refused.applied
    assert (refused.added, refused.report.kept, refused.report.refused_count) == (0, 0, 2)
    assert [(one.row, one.field) for one in refused.report.refused] == [
        (702, "phone_1"),
        (1202, "account_number"),
    ]
    assert city.count(accounts.account) == 0
    assert city.floor() == 0
    rows[700]["phone_1"] = ""
    del rows[1200]
    assert city.bring(rows).added == 1499


def test_good_rows_can_be_taken_without_the_refused(city: City) -> None:
    taken = city.bring([row(0), row(1, email="not an address"), row(2)], skip_refused=True)
    assert (taken.applied, taken.added, taken.report.refused_count) == (True, 2, 1)
    with city.db.read() as connection:
        found = roster_entries(connection, "main", [number(0), number(1), number(2)], NOW.date())
    assert set(found) == {number(0), number(2)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "account_number,name\n".encode("utf-16"),
        b"account_number;name\n",
        b"\xff\xfe\x00\x01",
        b"name\nA\n",
        b"\x00" * 100,
    ],
    ids=["empty", "utf-16", "semicolons", "bytes", "columns", "zeros"],
)
def test_a_file_of_another_form_is_refused_with_a_sentence(city: City, content: bytes) -> None:
    city.file.write_bytes(content)
    refused = city.again()
    assert not refused.applied
    assert refused.report.refused[0].reason
    assert city.count(accounts.account) == 0


def test_a_file_that_is_not_there_is_refused_with_a_sentence(city: City) -> None:
    refused = city.again()
    assert (refused.applied, refused.digest) == (False, "")
    assert refused.report.refused[0].reason


def test_every_import_has_its_line_in_the_journal(city: City) -> None:
    city.bring([row(0)])
    city.again()
    city.bring([row(0, phone_1="1")])
    with city.db.read() as connection:
        rows = connection.execute(select(journal)).mappings().all()
    details = [from_json(line["detail"]) for line in rows]
    assert {line["act"] for line in rows} == {"import.customers"}
    assert {(line["actor"], line["subject"]) for line in rows} == {("os:test", "customers.csv")}
    assert sorted((one["applied"], one["added"], one["unchanged"], one["refused"]) for one in details) == [
        (False, 0, 0, 1),
        (True, 0, 1, 0),
        (True, 1, 0, 0),
    ]
    assert len({one["digest"] for one in details}) == 2


def test_the_progress_ends_where_it_should(city: City) -> None:
    city.bring([row(index) for index in range(2500)])
    assert city.done == sorted(city.done)
    assert (city.done[0], city.done[-1]) == ((1000, 2500), (2500, 2500))


def test_two_offices_keep_apart(db: Database, city: City) -> None:
    north = City(db, city.file, "north")
    city.bring([row(0)])
    north.bring([row(1)])
    assert city.view(0).entry.account == number(0)
    assert north.view(1).entry.account == number(1)
    with db.read() as connection:
        assert roster_entries(connection, "main", [number(1)], NOW.date()) == {}


NETWORK = {
    "nodes.csv": """node,x,y,kv_ll,phases,xy_source
n0,-84.28,30.44,12.47,ABC,model
n1,-84.27,30.45,12.47,A,model
""",
    "edges.csv": """edge,from,to,kind,normal,phases,length_ft,kva,device
e1,n0,n1,transformer,closed,A,120.5,25,t:TR1
""",
    "devices.csv": "idx,id,kind,parent,edge,node,phases,source,kva,"
    """first_cust,last_cust,n_cust,depth,section_miles
0,t:SO0,source,-1,,n0,ABC,model,,0,2,2,0,0.5
1,t:TR1,transformer,0,e1,n1,A,model,25,0,2,2,1,0.0228
""",
    "customers.csv": """cust,id,node,device,phases,kw,critical,load
0,t:C0,n1,1,A,3.5,,l0
1,t:C1,n1,1,A,4,CRIT,l1
""",
}


def write_network(folder: Path, **changed: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (NETWORK | changed).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_network_in_small_units_and_twice_the_same(db: Database, city: City, tmp_path: Path) -> None:
    folder = write_network(tmp_path / "net")
    importer = Importer("main", "os:test", NOW)
    first = import_network(db, folder, importer)
    assert first.applied, first.report.refused
    assert (first.added, first.unchanged) == (7, 0)
    with db.read() as connection:
        device = connection.execute(select(network.device).where(network.device.c.id == "t:TR1")).one()
        edge = connection.execute(select(network.network_edge)).one()
        point = connection.execute(select(network.supply_point).where(network.supply_point.c.cust == 0)).one()
        node = connection.execute(
            select(network.network_node).where(network.network_node.c.node == "n0")
        ).one()
    assert (device.rating_va, device.section_micro_miles) == (25_000, 22_800)
    assert (edge.length_milli_ft, edge.rating_va) == (120_500, 25_000)
    assert (point.load_watts, node.x_micro, node.line_volts) == (3500, -84_280_000, 12_470)
    floor = city.floor()
    again = import_network(db, folder, importer)
    assert (again.added, again.unchanged, city.floor()) == (0, 7, floor)


def test_customers_stand_at_points_of_the_network(db: Database, city: City, tmp_path: Path) -> None:
    importer = Importer("main", "os:test", NOW)
    folder = write_network(tmp_path / "net")
    import_network(db, folder, importer)
    refused = city.bring([row(0, supply_point="t:C0"), row(1, supply_point="t:C99")])
    assert [(one.row, one.field) for one in refused.report.refused] == [(3, "supply_point")]
    assert city.bring([row(0, supply_point="t:C1"), row(1)]).added == 2
    assert (city.view(0).entry.device, city.view(0).entry.critical) == ("t:TR1", "CRIT")
    renamed = {name: text.replace("t:C1", "t:C7") for name, text in NETWORK.items()}
    moved = import_network(db, write_network(tmp_path / "net", **renamed), importer)
    assert moved.applied
    assert "1 premises" in moved.notes[0]
    assert city.view(0).entry.device is None


def test_a_network_with_a_loop_or_an_orphan_is_refused_whole(db: Database, tmp_path: Path) -> None:
    importer = Importer("main", "os:test", NOW)
    import_network(db, write_network(tmp_path / "net"), importer)
    orphan = {"devices.csv": NETWORK["devices.csv"].replace("transformer,0,e1", "transformer,7,e1")}
    refused = import_network(db, write_network(tmp_path / "net", **orphan), importer)
    assert not refused.applied
    assert refused.report.refused[0].reason
    missing = import_network(db, tmp_path / "nowhere", importer)
    assert not missing.applied
    with db.read() as connection:
        assert connection.execute(select(func.count()).select_from(network.device)).scalar_one() == 2


@pytest.mark.skipif(not (FEEDERS / "ieee9500").is_dir(), reason="the feeders are not beside the project")
def test_a_real_feeder(db: Database) -> None:
    imported = import_network(db, FEEDERS / "ieee9500", Importer("main", "os:test", NOW))
    assert imported.applied, imported.report.refused[:5]
    with db.read() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (
                network.network_node,
                network.network_edge,
                network.device,
                network.supply_point,
            )
        }
    assert counts == {"network_node": 5273, "network_edge": 5281, "device": 1494, "supply_point": 4109}
