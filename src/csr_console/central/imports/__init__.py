"""Imports of what a city exports: again and again without harm; lists whole or not, payments one by one."""

from csr_console.central.imports.agreements import import_agreements
from csr_console.central.imports.customers import import_customers
from csr_console.central.imports.degree_days import import_degree_days
from csr_console.central.imports.intervals import import_intervals
from csr_console.central.imports.network import import_network
from csr_console.central.imports.payments import import_payments
from csr_console.central.imports.reads import import_reads
from csr_console.central.imports.run import Imported, Importer, Progress

__all__ = [
    "Imported",
    "Importer",
    "Progress",
    "import_agreements",
    "import_customers",
    "import_degree_days",
    "import_intervals",
    "import_network",
    "import_payments",
    "import_reads",
]
