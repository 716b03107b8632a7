"""Log lines as JSON that name routes, roles and codes, and never a person, an address or what was typed."""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

import structlog
from structlog.typing import FilteringBoundLogger

from csr_console.central.settings import CentralSettings


def make_log(settings: CentralSettings) -> FilteringBoundLogger:
    """The log of the settings. Nothing global is configured: an embedded service shares its process."""
    return log_to(sys.stderr if settings.log == "stderr" else None)


def log_to(stream: TextIO | None) -> FilteringBoundLogger:
    """A JSON log on a text stream, or one that says nothing."""
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream) if stream is not None else structlog.ReturnLogger(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    return log.bind(pid=os.getpid())


class JsonFormatter(logging.Formatter):
    """The server's own log lines in the same form; exceptions as their type and places only."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "pid": record.process,
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= {"error": type(record.exc_info[1]).__name__, "where": where(record.exc_info[1])}
        return json.dumps(line, sort_keys=True)


def where(error: BaseException) -> list[str]:
    """The places an exception came through, innermost last: file, line and function.

    The message and the values are left out on purpose: they may hold what a customer said.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def _module(filename: str) -> str:
    """The path below the import root: the folders above it tell about the machine."""
    parts = filename.replace("\\", "/").split("/")
    for root in ("site-packages", "src"):
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    return parts[-1]
