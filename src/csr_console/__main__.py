"""`python -m csr_console`."""

from csr_console.cli import main

main()
