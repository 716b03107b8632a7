"""Run as a program of its own: enters notes until it is killed, printing each id once it is saved."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.desk.parts import AUTHOR, KEY, note

from csr_console.desk.store.database import Store
from csr_console.desk.store.outbox import Outbox, new_id
from csr_console.desk.store.station import Station


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    store = Store(Path(sys.argv[1]), KEY, "full")
    Station(store, now)
    outbox = Outbox(store, "C07", now)
    while True:
        command_id = new_id(now())
        outbox.enqueue(note(1), command_id=command_id, author=AUTHOR)
        sys.stdout.write(f"{command_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
