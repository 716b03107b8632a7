"""The distribution network as imported: nodes, edges, protective devices, supply points.

Figures are integers of a small unit: coordinates in millionths of the model's own unit (degrees or feet),
lengths in thousandths of a foot, section lengths in millionths of a mile, loads in watts, ratings in
volt-amperes.
"""

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class NetworkNode(CentralTable, table=True):
    __tablename__ = "network_node"
    __table_args__ = (Index("network_node_place", "office", "x_micro", "y_micro"),)

    office: str = Field(primary_key=True)
    node: str = Field(primary_key=True)
    x_micro: int = Field(sa_type=BigInteger)
    y_micro: int = Field(sa_type=BigInteger)
    line_volts: int
    phases: str
    xy_source: str


class NetworkEdge(CentralTable, table=True):
    """A line or a device between two nodes, `from_node` on the source side; `normal` is closed, open or
    closed_loop."""

    __tablename__ = "network_edge"
    __table_args__ = (Index("network_edge_to", "office", "to_node"),)

    office: str = Field(primary_key=True)
    edge: str = Field(primary_key=True)
    from_node: str
    to_node: str
    kind: str
    normal: str
    phases: str
    length_milli_ft: int = Field(sa_type=BigInteger)
    rating_va: int | None = Field(default=None, sa_type=BigInteger)
    device: str | None = None


class Device(CentralTable, table=True):
    """A protective device in the tree: `idx` in preorder, `parent_idx` -1 at a root; the customers below are
    the half-open range `first_cust` to `last_cust` of the supply points."""

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("office", "id"),
        Index("device_parent", "office", "parent_idx"),
        Index("device_node", "office", "node"),
    )

    office: str = Field(primary_key=True)
    idx: int = Field(primary_key=True)
    id: str
    kind: str
    parent_idx: int
    edge: str | None = None
    node: str
    phases: str
    source: str
    rating_va: int | None = Field(default=None, sa_type=BigInteger)
    first_cust: int
    last_cust: int
    n_cust: int
    depth: int
    section_micro_miles: int = Field(sa_type=BigInteger)


class SupplyPoint(CentralTable, table=True):
    """Where a premise takes electricity; `device_idx` is its transformer, `critical` empty, MED or CRIT."""

    __tablename__ = "supply_point"
    __table_args__ = (UniqueConstraint("office", "id"), Index("supply_point_node", "office", "node"))

    office: str = Field(primary_key=True)
    cust: int = Field(primary_key=True)
    id: str
    node: str
    device_idx: int
    phases: str
    load_watts: int = Field(sa_type=BigInteger)
    critical: str = ""
    load: str = ""


network_node = table_of(NetworkNode)
network_edge = table_of(NetworkEdge)
device = table_of(Device)
supply_point = table_of(SupplyPoint)
