"""A distribution network into its tables: the whole of it takes the place of the one before."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from csr_console.central.command_log import lock_head
from csr_console.central.database import Database
from csr_console.central.feed import raise_floor
from csr_console.central.imports.run import (
    Imported,
    Importer,
    Progress,
    file_digest,
    journal_import,
    journal_refused,
)
from csr_console.central.rows import insert_all
from csr_console.central.tables.accounts import premise
from csr_console.central.tables.network import device, network_edge, network_node, supply_point
from csr_console.central.tables.staff import mark
from csr_console.contracts.imports import DeviceRow, EdgeRow, Network, NodeRow, SupplyPointRow, read_network

_ACT = "import.network"
_FILES = ("nodes.csv", "edges.csv", "devices.csv", "customers.csv")
_MICRO = 1_000_000


def import_network(
    db: Database,
    folder: Path,
    importer: Importer,
    *,
    progress: Progress = lambda _done, _total: None,
) -> Imported:
    """Bring a network in, all or none; the same folder again changes nothing. Desks then take a snapshot.

    A network with loops, orphans or rows that do not fit is refused as a whole. Raises `Fault` when the
    database does not answer; nothing is changed then.
    """
    imported = Imported(file_digest(folder / name for name in _FILES))
    network = read_network(folder)
    if isinstance(network, list):
        for refused in network:
            imported.report.add(refused)
        journal_refused(db, importer, _ACT, folder.name, imported)
        return imported
    imported.report.kept = total = sum(
        len(rows) for rows in (network.nodes, network.edges, network.devices, network.supply_points)
    )
    with db.write() as connection:
        lock_head(connection, importer.office)
        known = _digest_of(connection, importer.office)
        if known == imported.digest:
            imported.unchanged = total
        else:
            imported.added = total
            _replace(connection, importer.office, network, lambda done: progress(done, total))
            _keep_digest(connection, importer.office, imported.digest, known is None)
            raise_floor(connection, importer.office)
            if astray := _premises_astray(connection, importer.office):
                imported.notes.append(
                    f"{astray:,} premises name a supply point that this network does not have:"
                    " import the customers of this network."
                )
        journal_import(connection, importer, _ACT, folder.name, imported)
    progress(total, total)
    return imported


def _replace(connection: Connection, office: str, network: Network, done: Any) -> None:
    written = 0
    for table, rows in (
        (network_node, [_node(row) for row in network.nodes]),
        (network_edge, [_edge(row) for row in network.edges]),
        (device, [_device(row) for row in network.devices]),
        (supply_point, [_supply_point(row) for row in network.supply_points]),
    ):
        connection.execute(delete(table).where(table.c.office == office))
        insert_all(connection, table, [{"office": office, **row} for row in rows])
        written += len(rows)
        done(written)


def _scaled(value: float, factor: int) -> int:
    return round(value * factor)


def _node(row: NodeRow) -> dict[str, Any]:
    return {
        "node": row.node,
        "x_micro": _scaled(row.x, _MICRO),
        "y_micro": _scaled(row.y, _MICRO),
        "line_volts": _scaled(row.kv_ll, 1000),
        "phases": row.phases,
        "xy_source": row.xy_source,
    }


def _edge(row: EdgeRow) -> dict[str, Any]:
    return {
        "edge": row.edge,
        "from_node": row.from_node,
        "to_node": row.to_node,
        "kind": row.kind,
        "normal": row.normal,
        "phases": row.phases,
        "length_milli_ft": _scaled(row.length_ft, 1000),
        "rating_va": _scaled(row.kva, 1000) if row.kva is not None else None,
        "device": row.device,
    }


def _device(row: DeviceRow) -> dict[str, Any]:
    return {
        "idx": row.idx,
        "id": row.id,
        "kind": row.kind,
        "parent_idx": row.parent,
        "edge": row.edge,
        "node": row.node,
        "phases": row.phases,
        "source": row.source,
        "rating_va": _scaled(row.kva, 1000) if row.kva is not None else None,
        "first_cust": row.first_cust,
        "last_cust": row.last_cust,
        "n_cust": row.n_cust,
        "depth": row.depth,
        "section_micro_miles": _scaled(row.section_miles, _MICRO),
    }


def _supply_point(row: SupplyPointRow) -> dict[str, Any]:
    return {
        "cust": row.cust,
        "id": row.id,
        "node": row.node,
        "device_idx": row.device,
        "phases": row.phases,
        "load_watts": _scaled(row.kw, 1000),
        "critical": row.critical,
        "load": row.load,
    }


def _premises_astray(connection: Connection, office: str) -> int:
    """How many premises name a supply point that is not in the network."""
    there = exists().where(
        supply_point.c.office == premise.c.office, supply_point.c.id == premise.c.supply_point
    )
    query = (
        select(func.count())
        .select_from(premise)
        .where(premise.c.office == office, premise.c.supply_point.is_not(None), ~there)
    )
    return int(connection.execute(query).scalar_one())


def _digest_of(connection: Connection, office: str) -> str | None:
    query = select(mark.c.value).where(mark.c.name == f"network:{office}")
    return connection.execute(query).scalar_one_or_none()


def _keep_digest(connection: Connection, office: str, digest: str, first: bool) -> None:
    name = f"network:{office}"
    if first:
        connection.execute(insert(mark).values(name=name, value=digest))
    else:
        connection.execute(update(mark).where(mark.c.name == name).values(value=digest))
