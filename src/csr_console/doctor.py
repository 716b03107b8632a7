"""`csr-console doctor`: what this workstation stands on, and what to do about what does not hold."""

import json
import os
import shutil
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from csr_console import __version__
from csr_console.settings import ConsoleSettings, SettingsError, load

Grade = Literal["good", "note", "bad"]
_MARKS: dict[Grade, str] = {"good": "✓", "note": "·", "bad": "✗"}
ROOM_MB = 200
"""The queue, the roster and the reserve file of a workstation fit in this many times over."""
CLOCK_S = 120
"""Central judges times with this much tolerance."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, how it is, and what to do when it does not hold."""

    name: str
    grade: Grade
    state: str
    advice: str = ""


def examine(settings_file: Path) -> list[Finding]:
    """Everything there is to know before a shift; nothing is changed and nothing personal is read."""
    findings = [Finding("version", "good", f"csr-console {__version__}, Python {sys.version.split()[0]}")]
    findings += [_terminal(), _colours(), _keys_of_terminal()]
    try:
        settings = load(settings_file)
    except SettingsError as error:
        return [*findings, Finding("settings", "bad", "cannot be used", str(error))]
    findings.append(Finding("settings", "good", f"{settings_file}, station {settings.station}"))
    checks: tuple[Callable[[ConsoleSettings], Finding], ...] = (_keyring, _sqlite, _stores, _disk)
    findings += [check(settings) for check in checks]
    findings += _central(settings)
    return findings


def report(findings: list[Finding], *, as_json: bool) -> str:
    """The findings as lines for a person or as JSON for a machine."""
    if as_json:
        return json.dumps([asdict(finding) for finding in findings], indent=1)
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.grade]} {finding.name:<10} {finding.state}")
        if finding.advice:
            lines += [f"             {line}" for line in finding.advice.splitlines()]
    return "\n".join(lines)


def _terminal() -> Finding:
    if not sys.stdout.isatty():
        return Finding("terminal", "note", "not a terminal", "Run it in the terminal the console will use.")
    columns, lines = shutil.get_terminal_size()
    state = f"{os.environ.get('TERM', 'unknown')}, {columns}x{lines}"
    if columns < 80 or lines < 24:
        return Finding("terminal", "bad", state, "Make the window at least 80 columns by 24 lines.")
    return Finding("terminal", "good", state)


def _colours() -> Finding:
    if "NO_COLOR" in os.environ:
        return Finding("colors", "note", "NO_COLOR is set: the theme is mono")
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return Finding("colors", "good", "true color")
    return Finding(
        "colors", "note", "256 colors or fewer", "Themes stay readable; COLORTERM=truecolor is finer."
    )


def _keys_of_terminal() -> Finding:
    if "TMUX" in os.environ or "STY" in os.environ:
        advice = "In tmux: set -s escape-time 10, or use F3 for back."
        return Finding("keys", "note", "inside a terminal multiplexer: Esc may wait", advice)
    encoding = (sys.stdout.encoding or "").lower()
    if encoding not in ("utf-8", "utf8"):
        return Finding(
            "keys", "bad", f"the terminal speaks {encoding}", "Set the locale to UTF-8: LANG=C.UTF-8."
        )
    return Finding("keys", "good", "UTF-8")


def _keyring(settings: ConsoleSettings) -> Finding:
    from csr_console.desk.secrets import keyring_name

    if (settings.data / "keys.json").exists():
        return Finding("keyring", "good", "a passphrase protects the stores")
    name = keyring_name()
    if name is None:
        return Finding("keyring", "note", "no keyring that encrypts: a passphrase is asked for at the start")
    return Finding("keyring", "good", f"{name} holds the keys of the stores")


def _sqlite(_settings: ConsoleSettings) -> Finding:
    from csr_console.desk.store.cipher import SAFE_WAL, sqlite_version

    version = sqlite_version()
    words = "SQLite " + ".".join(map(str, version))
    if version < SAFE_WAL:
        return Finding(
            "sqlite",
            "note",
            f"{words}: rollback journal, synced twice",
            "Update sqlcipher3 to 0.6.4 or newer.",
        )
    return Finding("sqlite", "good", f"{words}, write-ahead log, synced at every commit")


def _stores(settings: ConsoleSettings) -> Finding:
    from csr_console.desk.model import StoreLocked
    from csr_console.desk.store.cipher import refuse_network_path

    try:
        refuse_network_path(settings.data)
    except StoreLocked as error:
        return Finding("stores", "bad", str(settings.data), error.sentence)
    if not (settings.data / "outbox.db").exists():
        return Finding("stores", "note", f"{settings.data}: not there yet, the first start makes them")
    readable = oct((settings.data / "outbox.db").stat().st_mode & 0o777)
    if readable != "0o600":
        return Finding("stores", "bad", f"outbox.db has mode {readable}", "chmod 600 it: it is yours alone.")
    return Finding("stores", "good", str(settings.data))


def _disk(settings: ConsoleSettings) -> Finding:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if not os.access(folder, os.W_OK):
        return Finding("disk", "bad", f"{folder} cannot be written", "Give this user the folder.")
    if free_mb < ROOM_MB:
        return Finding("disk", "bad", f"{free_mb:,} MB free", f"Make room: {ROOM_MB} MB at least.")
    return Finding("disk", "good", f"{free_mb:,} MB free")


def _central(settings: ConsoleSettings) -> Iterator[Finding]:
    """Address, certificate, latency, clock - by hand, so that each failure has a name of its own."""
    address = urlsplit(settings.central)
    host, secure = address.hostname or "", address.scheme == "https"
    port = address.port or (443 if secure else 80)
    try:
        began = time.monotonic()
        with socket.create_connection((host, port), timeout=5) as plain:
            delay_ms = round((time.monotonic() - began) * 1000)
            wire = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
            head = _ask_alive(wire, host)
    except ssl.SSLCertVerificationError as error:
        advice = "Ask for the city's certificate authority in the system store; there is no off switch."
        yield Finding("central", "bad", f"{host}: {error.verify_message}", advice)
        return
    except OSError as error:
        yield Finding(
            "central", "bad", f"{host}:{port} does not answer ({error.strerror or error})", "Work offline."
        )
        return
    status = head.split("\r\n", 1)[0]
    if " 200 " not in f"{status} ":
        yield Finding("central", "bad", f"{host} answers “{status[:60]}”", "Is it the right address?")
        return
    yield Finding("central", "good" if delay_ms < 300 else "note", f"{host}:{port}, {delay_ms} ms away")
    yield _clock(head)


def _ask_alive(wire: socket.socket, host: str) -> str:
    wire.settimeout(5)
    wire.sendall(f"GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received and len(received) < 65536:
        chunk = wire.recv(4096)
        if not chunk:
            break
        received += chunk
    return received.decode("latin-1")


def _clock(head: str) -> Finding:
    dates = [line[5:].strip() for line in head.split("\r\n") if line.lower().startswith("date:")]
    if not dates:
        return Finding("clock", "note", "central does not tell the time")
    off_s = round(time.time() - parsedate_to_datetime(dates[0]).timestamp())
    if abs(off_s) > CLOCK_S:
        return Finding("clock", "bad", f"{off_s:+,} s from central's", "Set this machine's clock (NTP).")
    return Finding("clock", "good", f"{off_s:+} s from central's")
