"""Imports of what a city exports: all of a file or nothing, again and again without harm."""

from csr_console.central.imports.customers import import_customers
from csr_console.central.imports.network import import_network
from csr_console.central.imports.run import Imported, Importer, Progress

__all__ = ["Imported", "Importer", "Progress", "import_customers", "import_network"]
