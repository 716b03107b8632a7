"""The kinds of commands and changes central knows, area by area."""

from csr_console.central.handlers import (
    accounts,
    billing,
    budget,
    corrections,
    exceptions,
    hazards,
    leaks,
    outages,
    oversight,
)
from csr_console.central.handlers.handler import Handlers, Writes

HANDLERS: Handlers = {
    **accounts.HANDLERS,
    **billing.HANDLERS,
    **budget.HANDLERS,
    **corrections.HANDLERS,
    **exceptions.HANDLERS,
    **leaks.HANDLERS,
    **outages.HANDLERS,
    **hazards.HANDLERS,
    **oversight.HANDLERS,
}
WRITES: Writes = {
    **accounts.WRITES,
    **billing.WRITES,
    **budget.WRITES,
    **corrections.WRITES,
    **exceptions.WRITES,
    **leaks.WRITES,
    **outages.WRITES,
    **hazards.WRITES,
    **oversight.WRITES,
}
