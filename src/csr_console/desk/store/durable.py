"""A transaction whose result is known: on disk, or said to be uncertain."""

from collections.abc import Callable
from typing import TypeVar

from csr_console.desk.model import StoreUnsure
from csr_console.desk.store.database import CommitUnknown, Connection, NotWritten, Store

Result = TypeVar("Result")
_ATTEMPTS = 3
_FULL = (
    "The disk of this workstation is full. Free some space and press Enter again: it keeps its id and cannot"
    " be done twice."
)
_UNSURE = (
    "The disk of this workstation reports errors, so it is not certain that this is saved. Press Enter again:"
    " it keeps its id and cannot be done twice. Tell support."
)


def durably(store: Store, work: Callable[[Connection], Result]) -> Result:
    """The result of a repeatable `work`, on disk. A failed commit leaves it unknown whether it happened:
    the work is done again under the same id, which finds what is there. Raises `StoreUnsure`."""
    for attempt in range(_ATTEMPTS):
        try:
            with store.write() as connection:
                return work(connection)
        except CommitUnknown:
            again = store.has_room() or store.when_full()
        except NotWritten as error:
            again = not store.has_room(error.__cause__) and store.when_full()
        if not again or attempt == _ATTEMPTS - 1:
            break
    raise StoreUnsure(_UNSURE if store.has_room() else _FULL)
