"""Files that a city imports: read, checked and refused with a sentence, before any database is touched."""

from csr_console.contracts.imports.customers import (
    ALERT_CODES,
    CUSTOMER_COLUMNS,
    AlertEntry,
    CustomerRow,
    ServiceEntry,
    read_customers,
)
from csr_console.contracts.imports.network import read_network
from csr_console.contracts.imports.report import ImportReport, Refused
from csr_console.contracts.imports.wiring import DeviceRow, EdgeRow, Network, NodeRow, SupplyPointRow

__all__ = [
    "ALERT_CODES",
    "CUSTOMER_COLUMNS",
    "AlertEntry",
    "CustomerRow",
    "DeviceRow",
    "EdgeRow",
    "ImportReport",
    "Network",
    "NodeRow",
    "Refused",
    "ServiceEntry",
    "SupplyPointRow",
    "read_customers",
    "read_network",
]
