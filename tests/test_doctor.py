"""The doctor finds what would spoil a shift, against a real socket, and says what to do."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from csr_console.doctor import Finding, examine, report


@contextmanager
def answering(head: str) -> Iterator[int]:
    """A loopback server that answers one request with the given head; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(head.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def findings_of(folder: Path, port: int) -> dict[str, Finding]:
    path = folder / "settings.toml"
    path.write_text(
        f'station = "C07"\ncentral = "http://127.0.0.1:{port}"\ndata = "{folder / "data"}"\n',
        encoding="utf-8",
    )
    return {finding.name: finding for finding in examine(path)}


def head(off: timedelta, status: str = "200 OK") -> str:
    return f"HTTP/1.1 {status}\r\nDate: {format_datetime(datetime.now(UTC) + off, usegmt=True)}\r\n\r\n"


def test_a_sound_workstation(tmp_path: Path) -> None:
    with answering(head(timedelta(0))) as port:
        found = findings_of(tmp_path, port)
    assert [found[name].grade for name in ("settings", "sqlite", "disk", "central", "clock")] == ["good"] * 5


def test_a_wrong_clock_is_named(tmp_path: Path) -> None:
    with answering(head(timedelta(days=-3))) as port:
        found = findings_of(tmp_path, port)
    assert found["clock"].grade == "bad"
    assert "259," in found["clock"].state


def test_another_answer_than_centrals(tmp_path: Path) -> None:
    with answering(head(timedelta(0), "302 Found")) as port:
        found = findings_of(tmp_path, port)
    assert (found["central"].grade, found["central"].advice) == ("bad", "Is it the right address?")


def test_central_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert findings_of(tmp_path, port)["central"].grade == "bad"


def test_stores_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outbox.db").touch(mode=0o644)
    with answering(head(timedelta(0))) as port:
        found = findings_of(tmp_path, port)
    assert (found["stores"].grade, found["stores"].state) == ("bad", "outbox.db has mode 0o644")


def test_missing_settings_say_what_to_write(tmp_path: Path) -> None:
    found = {finding.name: finding for finding in examine(tmp_path / "none.toml")}
    assert "csr-console demo" in found["settings"].advice


@pytest.mark.parametrize("as_json", [False, True])
def test_the_report_tells_everything(as_json: bool) -> None:
    findings = [Finding("disk", "bad", "3 MB free", "Make room."), Finding("clock", "good", "+0 s")]
    text = report(findings, as_json=as_json)
    if as_json:
        assert [row["grade"] for row in json.loads(text)] == ["bad", "good"]
    else:
        assert text.splitlines() == ["✗ disk       3 MB free", "             Make room.", "✓ clock      +0 s"]
