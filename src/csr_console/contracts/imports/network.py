"""A folder of nodes.csv, edges.csv, devices.csv (the tree) and customers.csv (supply points), read whole."""

from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import REFUSED_LIMIT, Refused, capped, from_errors
from csr_console.contracts.imports.topology import Rows, check_network
from csr_console.contracts.imports.wiring import DeviceRow, EdgeRow, Network, NodeRow, SupplyPointRow

_FILES = ("nodes.csv", "edges.csv", "devices.csv", "customers.csv")
_COLUMN_NAMES = {"from_node": "from", "to_node": "to"}
_Row = TypeVar("_Row", NodeRow, EdgeRow, DeviceRow, SupplyPointRow)


def read_network(folder: Path) -> Network | list[Refused]:
    """The network in a folder, or everything that is wrong with it (at most 1,000 refusals and their sum).

    Wires and the device tree are checked against each other once every row of all four files is readable.
    """
    if missing := _missing(folder):
        return missing
    refused: list[Refused] = []
    nodes = _rows(folder / "nodes.csv", NodeRow, refused)
    edges = _rows(folder / "edges.csv", EdgeRow, refused)
    devices = _rows(folder / "devices.csv", DeviceRow, refused)
    supply_points = _rows(folder / "customers.csv", SupplyPointRow, refused)
    if not refused:
        refused = check_network(nodes, edges, devices, supply_points)
    if refused:
        return capped(refused)
    return Network(tuple(nodes.rows), tuple(edges.rows), tuple(devices.rows), tuple(supply_points.rows))


def _missing(folder: Path) -> list[Refused]:
    if not folder.is_dir():
        return [Refused(0, "", "is not a folder: give the folder that holds the four files", folder.name)]
    absent = [name for name in _FILES if not (folder / name).is_file()]
    reason = "is not in the folder: a network needs " + ", ".join(_FILES)
    if absent and (folder / "instances.csv").is_file():
        reason = "is not in the folder: import the feeders that instances.csv is made of, one by one"
    return [Refused(0, "", reason, name) for name in absent]


def _rows(path: Path, kind: type[_Row], refused: list[Refused]) -> Rows[_Row]:
    """Every readable row of a file; the others are added to `refused`."""
    names = [field.name for field in fields(kind)]
    columns = [_COLUMN_NAMES.get(name, name) for name in names]
    validate = TypeAdapter(kind).validator.validate_python
    found: Rows[_Row] = Rows(path.name, [], [])
    for record in read_records(path, columns):
        if len(refused) > REFUSED_LIMIT:
            break
        if isinstance(record, Refused):
            refused.append(record)
            continue
        try:
            row = validate({name: record.values[column] for name, column in zip(names, columns, strict=True)})
        except ValidationError as error:
            details = error.errors(include_url=False)
            wrong = from_errors(details, record.row, path.name, names, names[0])
            refused += (
                Refused(one.row, _COLUMN_NAMES.get(one.field, one.field), one.reason, one.file)
                for one in wrong
            )
        else:
            found.rows.append(row)
            found.lines.append(record.row)
    return found
