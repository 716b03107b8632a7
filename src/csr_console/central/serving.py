"""Running the service: one process on SQLite, several on PostgreSQL, and a stop that waits for answers."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr
from sqlalchemy import make_url

from csr_console.central.app import create_app
from csr_console.central.metrics import MULTIPROCESS_FOLDER
from csr_console.central.settings import ENVIRONMENT_PREFIX, CentralSettings

GRACE_SECONDS = 10
_APP_OF_A_WORKER = "csr_console.central.app:create_app_from_environment"
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class CannotServe(Exception):
    """The service cannot be started so; the text is a sentence for the person who starts it."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the service listens: a Unix socket, or a host and port, with TLS when a certificate is given."""

    host: str = "127.0.0.1"
    port: int = 8710
    uds: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    workers: int = 1

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach it and read what passes."""
        return self.uds is None and self.certificate is None and self.host not in _LOCAL_HOSTS

    @property
    def place(self) -> str:
        if self.uds is not None:
            return f"unix:{self.uds}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def require_servable(settings: CentralSettings, listening: Listening) -> None:
    """Raises `CannotServe` for more workers than the database can have, half a certificate, or a place that
    is taken."""
    if listening.workers > 1 and make_url(settings.database).get_backend_name() == "sqlite":
        raise CannotServe(
            "SQLite has one writer, so it takes one worker: leave --workers at 1, or use PostgreSQL."
        )
    if (listening.certificate is None) != (listening.key is None):
        raise CannotServe("TLS needs both --certificate and --key.")
    for file in (listening.certificate, listening.key):
        if file is not None and not os.access(file, os.R_OK):
            raise CannotServe(f"{file} cannot be read.")
    if listening.uds is not None:
        _free_socket_path(listening.uds)
    else:
        _require_free_port(listening)


def serve(settings: CentralSettings, listening: Listening) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first, streams end at once.

    The database is prepared by the caller (`service.prepare`). Raises `CannotServe` or `SecretUnusable`.
    """
    require_servable(settings, listening)
    options: dict[str, Any] = {
        "host": listening.host,
        "port": listening.port,
        "uds": str(listening.uds) if listening.uds else None,
        "ssl_certfile": listening.certificate,
        "ssl_keyfile": listening.key,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "log_config": _LOGGING,
        "lifespan": "on",
    }
    if listening.workers == 1:
        uvicorn.run(create_app(settings), **options)
        return
    with tempfile.TemporaryDirectory() as folder:
        given = {MULTIPROCESS_FOLDER: folder, **environment_of(settings)}
        with _environment(given):
            uvicorn.run(_APP_OF_A_WORKER, factory=True, workers=listening.workers, **options)


def environment_of(settings: CentralSettings) -> dict[str, str]:
    """The environment from which a worker reads the same settings."""
    found = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None:
            found[ENVIRONMENT_PREFIX + name.upper()] = str(plain)
    return found


_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "csr_console.central.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _free_socket_path(path: Path) -> None:
    """Take away the socket that a service left behind when it was killed."""
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise CannotServe(f"{path} is there and is not a socket: choose another path for --uds.")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as error:
            raise CannotServe(f"{path} cannot be used: {error.strerror}.") from None
    raise CannotServe(f"Another service listens at {path}: stop it first.")


def _require_free_port(listening: Listening) -> None:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listening.host, listening.port))
        except OSError as error:
            reason = error.strerror or "the name is not known"
            raise CannotServe(f"{listening.host}:{listening.port} cannot be taken: {reason}.") from None
