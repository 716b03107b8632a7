"""Every table of the central service; importing this package fills `metadata`."""

from csr_console.central.tables import (
    accounts,
    billing,
    commands,
    feed,
    imports,
    journal,
    ledger,
    network,
    outages,
    payments,
    staff,
    verifiers,
    versions,
)
from csr_console.central.tables.base import metadata

__all__ = [
    "accounts",
    "billing",
    "commands",
    "feed",
    "imports",
    "journal",
    "ledger",
    "metadata",
    "network",
    "outages",
    "payments",
    "staff",
    "verifiers",
    "versions",
]
