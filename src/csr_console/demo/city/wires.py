"""Writes a radial network in the documented exchange format while it is walked from the source outward.

nodes.csv and customers.csv are written as they come; edges (breadth first) and devices (preorder, with the
half-open range of customers below each) are known only at the end.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from csr_console.demo.city.streets import longitude_latitude

FT_PER_MILE = 5280.0
_NODE_COLUMNS = ("node", "x", "y", "kv_ll", "phases", "xy_source")
_EDGE_COLUMNS = ("edge", "from", "to", "kind", "normal", "phases", "length_ft", "kva", "device")
_DEVICE_COLUMNS = (
    "idx", "id", "kind", "parent", "edge", "node", "phases", "source", "kva", "first_cust", "last_cust",
    "n_cust", "depth", "section_miles",
)  # fmt: skip
_CUSTOMER_COLUMNS = ("cust", "id", "node", "device", "phases", "kw", "critical", "load")
_LETTERS = {
    "source": "SO", "substation": "SS", "breaker": "BR", "recloser": "RE", "fuse": "FU", "transformer": "TR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A pole or a bus: place in feet on the plan, and how many edges it is from the source."""

    name: str
    x_ft: float
    y_ft: float
    kv_ll: float
    phases: str
    depth: int


@dataclass(slots=True)
class _Device:
    idx: int
    id: str
    kind: str
    parent: int
    edge: str
    node: str
    phases: str
    kva: str
    first: int
    last: int
    depth: int
    length_ft: float


class Wires:
    """Draws nodes, edges, devices and customers; a context manager around the whole walk."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._stack = ExitStack()
        self._devices: list[_Device] = []
        self._open: list[_Device] = []
        self._edges: list[tuple[int, tuple[str, ...]]] = []
        self._ties: list[tuple[str, ...]] = []
        self.customers = 0

    def __enter__(self) -> "Wires":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._node_file = self._writer("nodes.csv", _NODE_COLUMNS)
        self._customer_file = self._writer("customers.csv", _CUSTOMER_COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._edges.sort(key=lambda edge: edge[0])
            edges = self._writer("edges.csv", _EDGE_COLUMNS)
            edges.writerows(fields for _, fields in self._edges)
            edges.writerows(self._ties)
            self._writer("devices.csv", _DEVICE_COLUMNS).writerows(self._device_rows())
        self._stack.close()

    def _writer(self, name: str, columns: Sequence[str]) -> Any:
        handle = self._stack.enter_context((self._folder / name).open("w", encoding="utf-8", newline=""))
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        return writer

    def _device_rows(self) -> Iterator[tuple[object, ...]]:
        for d in self._devices:
            miles = round(d.length_ft / FT_PER_MILE, 4)
            yield (
                d.idx, d.id, d.kind, d.parent, d.edge, d.node, d.phases, "model", d.kva, d.first, d.last,
                d.last - d.first, d.depth, miles,
            )  # fmt: skip

    def count(self, kind: str) -> int:
        """How many devices of a kind have been drawn."""
        return sum(device.kind == kind for device in self._devices)

    def node(self, name: str, x_ft: float, y_ft: float, kv_ll: float, phases: str, depth: int) -> Node:
        """A node that nothing feeds yet; `source` and `edge` are what normally make nodes."""
        lon, lat = longitude_latitude(x_ft, y_ft)
        self._node_file.writerow((name, f"{lon:.6f}", f"{lat:.6f}", kv_ll, phases, "model"))
        return Node(name, x_ft, y_ft, kv_ll, phases, depth)

    def edge(
        self, start: Node, name: str, x_ft: float, y_ft: float, *, phases: str, kind: str = "line",
        kv_ll: float | None = None, kva: str = "", device: str = "",
    ) -> Node:  # fmt: skip
        """A normally closed edge to a new node; a line's length counts for the device above it."""
        end = self.node(name, x_ft, y_ft, start.kv_ll if kv_ll is None else kv_ll, phases, start.depth + 1)
        length = 0.0
        if not kind.endswith("transformer"):
            length = round(math.hypot(x_ft - start.x_ft, y_ft - start.y_ft), 1)
            self._open[-1].length_ft += length
        fields = (f"{kind}.{name}", start.name, name, kind, "closed", phases, str(length), kva, device)
        self._edges.append((end.depth, fields))
        return end

    def tie(self, start: Node, end: Node) -> None:
        """A normally open switch between two trunks."""
        length = round(math.hypot(end.x_ft - start.x_ft, end.y_ft - start.y_ft), 1)
        name = f"tie.{start.name}.{end.name}"
        self._ties.append((name, start.name, end.name, "tie", "open", "ABC", str(length), "", ""))

    @contextmanager
    def source(self, name: str, x_ft: float, y_ft: float, kv_ll: float) -> Iterator[Node]:
        """The transmission bus, root of everything."""
        node = self.node(name, x_ft, y_ft, kv_ll, "ABC", 0)
        with self._protected("source", "", name, "ABC", ""):
            yield node

    @contextmanager
    def device(
        self, kind: str, start: Node, name: str, x_ft: float, y_ft: float, *, phases: str,
        edge_kind: str = "", kv_ll: float | None = None, kva: str = "",
    ) -> Iterator[Node]:  # fmt: skip
        """An edge with a protective device on it; everything drawn inside the block is behind that device."""
        edge_kind = edge_kind or kind
        with self._protected(kind, f"{edge_kind}.{name}", name, phases, kva) as device:
            yield self.edge(
                start, name, x_ft, y_ft, phases=phases, kind=edge_kind, kv_ll=kv_ll, kva=kva, device=device.id
            )

    @contextmanager
    def _protected(self, kind: str, edge: str, node: str, phases: str, kva: str) -> Iterator[_Device]:
        idx = len(self._devices)
        parent = self._open[-1].idx if self._open else -1
        name = f"{self._prefix}:{_LETTERS[kind]}{idx}"
        device = _Device(
            idx,
            name,
            kind,
            parent,
            edge,
            node,
            phases,
            kva,
            self.customers,
            self.customers,
            len(self._open),
            0.0,
        )
        self._devices.append(device)
        self._open.append(device)
        yield device
        self._open.pop()
        device.last = self.customers

    def customer(self, node: Node, kw: str, critical: str, load: str) -> str:
        """A supply point on the transformer just opened; its id."""
        transformer = self._open[-1]
        name = f"{self._prefix}:C{self.customers}"
        self._customer_file.writerow(
            (self.customers, name, node.name, transformer.idx, node.phases, kw, critical, load)
        )
        self.customers += 1
        return name
