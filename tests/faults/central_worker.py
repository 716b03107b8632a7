"""Run as a program: central with a clock of its own, or on a database that asks the disk for less.

`--clock FILE` holds the seconds its clock is ahead, read at each look; `--synchronous NORMAL` is a control.
"""

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from sqlalchemy import Engine, event

from csr_console.central import database
from csr_console.central.app import create_app
from csr_console.central.service import prepare
from csr_console.central.settings import CentralSettings


def weaken(synchronous: str) -> None:
    """The database this project does not have."""
    make = database._sqlite_engine

    def made(url: str) -> Engine:
        engine = make(url)
        event.listen(
            engine, "connect", lambda connection, _: connection.execute(f"PRAGMA synchronous={synchronous}")
        )
        return engine

    database._sqlite_engine = made


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--database", "--secret-file", "--uds"):
        parser.add_argument(name, required=True)
    for name in ("--clock", "--synchronous"):
        parser.add_argument(name, default="")
    given = parser.parse_args()
    if given.synchronous:
        weaken(given.synchronous)
    settings = CentralSettings(database=given.database, secret_file=Path(given.secret_file))
    prepare(settings)

    def clock() -> datetime:
        ahead = Path(given.clock).read_text(encoding="utf-8") if given.clock else ""
        return settings.now() + timedelta(seconds=float(ahead or 0))

    Path(given.uds).unlink(missing_ok=True)
    uvicorn.run(create_app(settings, clock=clock), uds=given.uds, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
