"""Whether wires, device tree and supply points make one radial network, told row by row where they do not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from csr_console.contracts.imports.report import Refused, excerpt
from csr_console.contracts.imports.wiring import DeviceRow, EdgeRow, NodeRow, SupplyPointRow

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Rows(Generic[_T]):
    """The rows of one file and the line on which each stands."""

    file: str
    rows: list[_T]
    lines: list[int]

    def refuse(self, index: int, field: str, reason: str) -> Refused:
        return Refused(self.lines[index], field, reason, self.file)


def check_network(
    nodes: Rows[NodeRow], edges: Rows[EdgeRow], devices: Rows[DeviceRow], supply_points: Rows[SupplyPointRow]
) -> list[Refused]:
    """Everything that keeps the rows from being one radial network, in the order of the files."""
    known = {row.node for row in nodes.rows}
    refused = _twice(nodes, "node", (row.node for row in nodes.rows))
    refused += _twice(edges, "edge", (row.edge for row in edges.rows))
    refused += _ends(edges, known)
    refused += _twice(devices, "id", (row.id for row in devices.rows))
    refused += _tree(devices)
    refused += _ranges(devices, len(supply_points.rows))
    refused += _twice(supply_points, "id", (row.id for row in supply_points.rows))
    refused += _supply_points(supply_points, devices, known)
    if not refused:
        refused = _places(devices, edges, known) or _wires(nodes, edges, devices)
    return refused


def _twice(rows: Rows[_T], field: str, names: Iterable[str]) -> list[Refused]:
    first: dict[str, int] = {}
    refused = []
    for index, name in enumerate(names):
        earlier = first.setdefault(name, index)
        if earlier != index:
            reason = f"{excerpt(name)} stands in row {rows.lines[earlier]} already: give each its own name"
            refused.append(rows.refuse(index, field, reason))
    return refused


def _ends(edges: Rows[EdgeRow], known: set[str]) -> list[Refused]:
    refused = []
    for index, edge in enumerate(edges.rows):
        for field, node in (("from", edge.from_node), ("to", edge.to_node)):
            if node not in known:
                refused.append(
                    edges.refuse(index, field, f"{excerpt(node)} is not in nodes.csv: add it there")
                )
        if edge.from_node == edge.to_node:
            refused.append(edges.refuse(index, "to", "is the node it comes from: an edge joins two nodes"))
        if edge.kind == "tie" and edge.normal == "closed":
            reason = "a closed tie makes a loop: write open, or closed_loop where the loop is meant"
            refused.append(edges.refuse(index, "normal", reason))
    return refused


def _tree(devices: Rows[DeviceRow]) -> list[Refused]:
    """Position, preorder and depth. The path from the source down to the row before is kept as a stack."""
    if not devices.rows:
        return [Refused(0, "", "holds no device: the first one is the source", devices.file)]
    refused = []
    path: list[int] = []
    for index, device in enumerate(devices.rows):
        parent = device.parent
        if device.idx != index:
            refused.append(
                devices.refuse(index, "idx", f"is {device.idx}: number the rows from 0, this one is {index}")
            )
        if (parent == -1) != (index == 0) or (index == 0 and device.kind != "source"):
            reason = f"is {parent}: the first device is the one source, with parent -1, and no other has -1"
            refused.append(devices.refuse(index, "parent", reason))
        elif not -1 <= parent < len(devices.rows):
            refused.append(devices.refuse(index, "parent", f"is {parent}: there is no such device"))
        elif parent >= index:
            reason = (
                f"is {parent}, which stands further down: list a device before those behind it (preorder)"
            )
            refused.append(devices.refuse(index, "parent", reason))
        elif parent != -1:
            while path and path[-1] != parent:
                path.pop()
            if not path:
                reason = (
                    f"is {parent}, whose part of the tree has ended: list everything behind a device together"
                )
                refused.append(devices.refuse(index, "parent", reason))
                return refused
            if device.depth != devices.rows[parent].depth + 1:
                wanted = devices.rows[parent].depth + 1
                refused.append(
                    devices.refuse(index, "depth", f"is {device.depth}: one more than its parent is {wanted}")
                )
        path.append(index)
    return refused


def _ranges(devices: Rows[DeviceRow], customers: int) -> list[Refused]:
    refused = []
    end_of_sibling: dict[int, int] = {}
    for index, device in enumerate(devices.rows):
        first, last = device.first_cust, device.last_cust
        if not 0 <= first <= last <= customers:
            reason = f"{first} to {last} is no range of {customers} customers: count from 0, without the last"
            refused.append(devices.refuse(index, "last_cust", reason))
            continue
        if device.n_cust != last - first:
            refused.append(
                devices.refuse(index, "n_cust", f"is {device.n_cust}: the range holds {last - first}")
            )
        if not 0 <= device.parent < index:
            continue
        above = devices.rows[device.parent]
        if first < above.first_cust or last > above.last_cust:
            reason = f"{first} to {last} reaches outside its parent's {above.first_cust} to {above.last_cust}"
            refused.append(devices.refuse(index, "first_cust", f"{reason}: correct one of them"))
        elif first < end_of_sibling.get(device.parent, 0):
            reason = f"{first} overlaps the range of a device beside it: a customer has one transformer"
            refused.append(devices.refuse(index, "first_cust", reason))
        end_of_sibling[device.parent] = max(last, end_of_sibling.get(device.parent, 0))
    return refused


def _supply_points(
    supply_points: Rows[SupplyPointRow], devices: Rows[DeviceRow], known: set[str]
) -> list[Refused]:
    refused = []
    for index, point in enumerate(supply_points.rows):
        if point.cust != index:
            reason = f"is {point.cust}: number the rows from 0, this one is {index}"
            refused.append(supply_points.refuse(index, "cust", reason))
        if point.node not in known:
            reason = f"{excerpt(point.node)} is not in nodes.csv: add it there"
            refused.append(supply_points.refuse(index, "node", reason))
        if not 0 <= point.device < len(devices.rows):
            reason = f"is {point.device}: there is no such row in devices.csv"
            refused.append(supply_points.refuse(index, "device", reason))
            continue
        device = devices.rows[point.device]
        if device.kind != "transformer":
            reason = f"is {point.device}, a {device.kind}: give the idx of its transformer"
            refused.append(supply_points.refuse(index, "device", reason))
        elif not device.first_cust <= index < device.last_cust:
            reason = f"is {point.device}, whose range does not hold {index}: correct one of them"
            refused.append(supply_points.refuse(index, "device", reason))
    return refused


def _places(devices: Rows[DeviceRow], edges: Rows[EdgeRow], known: set[str]) -> list[Refused]:
    """Devices against their edge and node, and edges against their device."""
    refused = []
    by_edge = {edge.edge: edge for edge in edges.rows}
    by_id = {device.id: device for device in devices.rows}
    for index, device in enumerate(devices.rows):
        edge = by_edge.get(device.edge) if device.edge is not None else None
        if device.node not in known:
            refused.append(
                devices.refuse(index, "node", f"{excerpt(device.node)} is not in nodes.csv: add it there")
            )
        elif device.edge is not None and edge is None:
            refused.append(
                devices.refuse(index, "edge", f"{excerpt(device.edge)} is not in edges.csv: add it there")
            )
        elif edge is not None and (edge.to_node != device.node or edge.device != device.id):
            reason = (
                f"its edge leads to {excerpt(edge.to_node)} and names {excerpt(edge.device or 'no device')}"
            )
            refused.append(devices.refuse(index, "edge", f"{reason}: make edge and device name each other"))
    for index, row in enumerate(edges.rows):
        if row.device is not None and row.device not in by_id:
            reason = f"{excerpt(row.device)} is not in devices.csv: add it there"
            refused.append(edges.refuse(index, "device", reason))
    return refused


def _wires(nodes: Rows[NodeRow], edges: Rows[EdgeRow], devices: Rows[DeviceRow]) -> list[Refused]:
    """Every node is fed once, from the source, and the next device toward the source is the parent."""
    feeding: dict[str, int] = {}
    below: dict[str, list[int]] = {}
    refused = []
    for index, edge in enumerate(edges.rows):
        if edge.normal != "closed":
            continue
        earlier = feeding.setdefault(edge.to_node, index)
        if earlier != index:
            reason = (
                f"{excerpt(edge.to_node)} is fed already by row {edges.lines[earlier]}, which makes a loop:"
                " open one of them, or mark it closed_loop"
            )
            refused.append(edges.refuse(index, "to", reason))
        below.setdefault(edge.from_node, []).append(index)
    root = devices.rows[0].node
    if root in feeding:
        reason = f"{excerpt(root)} is the source and this edge feeds it, which makes a loop: turn or open it"
        refused.append(edges.refuse(feeding[root], "to", reason))
    if refused:
        return refused
    zone = {root: 0}
    waiting = [root]
    index_of = {device.id: index for index, device in enumerate(devices.rows)}
    while waiting:
        node = waiting.pop()
        for index in below.get(node, ()):
            edge = edges.rows[index]
            here = zone[node]
            if edge.device is not None:
                device = index_of[edge.device]
                refused += _parent(devices, device, here)
                here = device
            zone[edge.to_node] = here
            waiting.append(edge.to_node)
    refused += _unreached(nodes, edges, feeding, zone)
    for index, row in enumerate(devices.rows[1:], start=1):
        if row.edge is None and row.node in zone:
            refused += _parent(devices, index, zone[row.node])
    return refused


def _parent(devices: Rows[DeviceRow], index: int, wired: int) -> list[Refused]:
    device = devices.rows[index]
    if device.parent == wired:
        return []
    reason = (
        f"is {device.parent}, but along the wires the next device toward the source is {wired}"
        f" ({excerpt(devices.rows[wired].id)}): correct one of them"
    )
    return [devices.refuse(index, "parent", reason)]


def _unreached(
    nodes: Rows[NodeRow], edges: Rows[EdgeRow], feeding: dict[str, int], zone: dict[str, int]
) -> list[Refused]:
    """One refusal for each loop and each orphan; what hangs below them is told by number only."""
    refused = []
    settled = set(zone)
    place = {row.node: index for index, row in enumerate(nodes.rows)}
    for row in nodes.rows:
        if row.node in settled:
            continue
        trail: list[str] = []
        node = row.node
        while node not in settled and node in feeding:
            settled.add(node)
            trail.append(node)
            node = edges.rows[feeding[node]].from_node
        if node not in settled:
            settled.add(node)
            reason = f"{excerpt(node)} is not connected to the source: feed it by a closed edge, or remove it"
            refused.append(nodes.refuse(place[node], "node", reason))
        elif node in trail:
            around = trail[trail.index(node) :]
            shown = ", ".join(excerpt(name) for name in around[:4]) + (", …" if len(around) > 4 else "")
            reason = (
                f"{len(around)} edges make a loop that the source does not reach ({shown}): open or turn one"
            )
            refused.append(edges.refuse(feeding[node], "to", reason))
    return refused
