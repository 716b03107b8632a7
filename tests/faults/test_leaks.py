"""P12: canaries in every personal field, and every place where they must not come out again."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlcipher3
from tests.desk.conftest import central, open_desk
from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.desk.opened import OpenDesk, Opened
from tests.faults.hostile_terminal import ROOT, ConsoleEnded, Terminal
from tests.faults.leak_console import CANARY
from tests.faults.processes import LOGIN, PASSWORD, CentralProcess, Office
from typer.testing import CliRunner

from csr_console.central.cli import central_app
from csr_console.cli import app
from csr_console.desk.model import Draft
from csr_console.desk.secrets import PassphraseKeys
from csr_console.desk.store import database
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.refusals import Answer

__all__ = ["central", "open_desk"]

NAME, ADDRESS, PHONE = "Zebedee Quillfeather", "1204 Heronwick Lane", "8505557731"
NOTE, DRAFT = "lends his spare key to the heron", "keeps a second heron"
ANSWER, LOGIN_WORD, PIN = "blue-heron-passphrase", "tangerine submarine choir", "904172633558"
PASSPHRASE, METER = "marmalade octopus lighthouse", "E7731904"
CANARIES = (
    NAME,
    ADDRESS,
    PHONE,
    NOTE,
    DRAFT,
    ANSWER,
    LOGIN_WORD,
    PIN,
    PASSPHRASE,
    METER,
    "Quillfeather",
    "heron",
)


def leaks(data: bytes, *more: str) -> list[str]:
    """Which canaries stand in the bytes, in any spelling a program would write them in."""
    folded = data.lower()
    return [
        canary
        for canary in (*CANARIES, *more)
        if any(canary.lower().encode(code) in folded for code in ("utf-8", "utf-16-le"))
    ]


def leaks_in(folder: Path, *more: str) -> dict[str, list[str]]:
    """The canaries in every file below a folder, by file."""
    found = {
        str(path.relative_to(folder)): leaks(path.read_bytes(), *more)
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: canaries for name, canaries in found.items() if canaries}


# The workstation.


@pytest.fixture
def full_desk(open_desk: OpenDesk, central: FakeCentral, tmp_path: Path) -> Opened:
    """A desk on which every personal field holds a canary: read, queued, half typed, in its session."""
    central.passwords["mlopez"] = LOGIN_WORD
    line = entry(1, name=NAME, service_address=ADDRESS, phones=[PHONE], meters=[METER])
    central.put_entry(line)
    central.views[line.account] = account_view(
        line,
        contact={"phone_1": PHONE, "mailing_street": ADDRESS, "email": "heron@example.org", "version": 1},
    )
    opened = open_desk(folder=tmp_path / "desk")
    desk = opened.desk
    desk.sign_in("mlopez", LOGIN_WORD)
    opened.events.until(lambda: desk.status().roster_count == 1)
    desk.set_pin(PIN)
    desk.refresh_account(number(1))
    desk.resolve(NAME)
    desk.online.verify_answers(number(1), [ANSWER])
    desk.work_offline(True)
    for command in (AddNote(account=number(1), text=NOTE), UpdateContact(account=number(1), phone_1=PHONE)):
        desk.submit(command, id=desk.new_id(), wait_s=0)
    values = {"text": DRAFT, "phone_1": PHONE}
    desk.save_draft(Draft(desk.new_id(), "note", DRAFT, number(1), values, desk._clock()))
    desk.export_bundle(tmp_path / "desk" / "bundle.csr", PASSPHRASE)
    return opened


def test_nothing_on_the_disk_of_a_workstation_is_in_clear(
    full_desk: Opened, central: FakeCentral, tmp_path: Path
) -> None:
    tokens = [*central.tokens, *central.refreshes, *(key.hex() for _login, key in central.sessions.values())]
    files = {path.name for path in (tmp_path / "desk").iterdir()}
    assert {"outbox.db", "outbox.db-wal", "reserve", "bundle.csr"} <= files
    assert any(name.startswith("cache") and name.endswith("-wal") for name in files)
    assert leaks_in(tmp_path / "desk", *tokens) == {}
    full_desk.desk.close()
    assert leaks_in(tmp_path / "desk", *tokens) == {}


def test_without_encryption_the_same_search_finds_them(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The control: the same desk on stores without a key."""

    def in_clear(path: Path, _key: bytes, durability: str, *, create: bool = True) -> Any:
        connection = sqlcipher3.connect(str(path), isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        return connection

    monkeypatch.setattr(database, "connect", in_clear)
    request.getfixturevalue("full_desk")
    found = leaks_in(tmp_path / "desk")
    assert sum(map(len, found.values())) > 5
    assert {NAME, PHONE, NOTE, DRAFT} <= {canary for canaries in found.values() for canary in canaries}


def test_a_passphrase_leaves_neither_itself_nor_the_keys(tmp_path: Path) -> None:
    keys = PassphraseKeys(tmp_path, lambda: PASSPHRASE).keys()
    kept = (tmp_path / "keys.json").read_bytes()
    assert leaks(kept) == []
    assert keys.outbox not in kept
    assert keys.outbox.hex().encode() not in kept
    assert keys.outbox.hex() not in repr(keys)
    with pytest.raises(Answer) as refused:
        PassphraseKeys(tmp_path, lambda: NAME).keys()
    assert leaks(str(refused.value).encode()) == []


def test_no_logger_of_the_workstation_tells_anything(
    full_desk: Opened, central: FakeCentral, caplog: pytest.LogCaptureFixture
) -> None:
    """With every library at its most talkative; only the loop's own debugging is left out."""
    caplog.set_level(logging.DEBUG)
    desk = full_desk.desk
    desk.work_offline(False)
    full_desk.events.until(lambda: desk.status().queued == 0)
    desk.sign_in("mlopez", LOGIN_WORD)
    desk.refresh_account(number(1))
    desk.online.verify_answers(number(1), [ANSWER])
    with pytest.raises(Answer):
        desk.refresh_account(NAME)
    with pytest.raises(Answer):
        desk.sign_in(NAME.casefold().replace(" ", "."), LOGIN_WORD)
    written = "\n".join(record.getMessage() for record in caplog.records)
    assert leaks(written.encode(), *central.tokens, *central.refreshes) == []
    logging.getLogger("httpx").warning("a careless line about %s", NAME)
    assert leaks(caplog.text.encode()) == [NAME, "Quillfeather"]


def test_errors_of_the_store_and_reprs_tell_no_values(full_desk: Opened) -> None:
    desk = full_desk.desk
    store = desk._files.outbox_store
    with pytest.raises(Answer) as failed, store.write() as connection:
        connection.execute("INSERT INTO nowhere VALUES (?)", (NAME,))
    link: BaseException | None = failed.value
    while link is not None:
        assert leaks(f"{link!r} {link}".encode()) == []
        link = link.__cause__
    things = (desk, desk._session, desk._files, desk._files.outbox, desk._gateway, desk._files.station)
    assert leaks(" ".join(map(repr, things)).encode()) == []


# The crash of a console.


KINDS = ("worker", "callback", "action", "render", "timer", "thread", "background", "task", "logged")


def crash(folder: Path, cases: str, kinds: list[str]) -> tuple[bytes, Path]:
    """What a console wrote after it left the screen, and its folder."""
    with Terminal(folder, cases, "leak_console") as terminal:
        try:
            terminal.ask(do="sign_in")
            terminal.ask(do="open", screen="workspace.WorkspaceScreen", position=0)
            before = len(terminal.shown)
            for kind in kinds:
                terminal.ask(do="crash", kind=kind)
        except ConsoleEnded:
            pass
        while terminal._read(5.0):
            pass
    assert CANARY.encode() in terminal.shown[:before]
    _screen, left, after = bytes(terminal.shown).rpartition(b"\x1b[?1049l")
    assert left
    return after, folder


def check_crash(folder: Path, kinds: list[str]) -> None:
    after, folder = crash(folder, "canary", kinds)
    assert leaks(after) == [], after
    assert b"Traceback" not in after
    assert leaks_in(folder) == {}


@pytest.mark.parametrize("kinds", [["thread", "background", "task", "logged", "worker"], ["render"]])
def test_a_crash_shows_and_writes_nothing_personal(tmp_path: Path, kinds: list[str]) -> None:
    check_crash(tmp_path / "desk", kinds)
    report = (tmp_path / "desk" / "crashes.log").read_text()
    assert "LookupError" in report


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_anywhere_shows_and_writes_nothing_personal(tmp_path: Path, kind: str) -> None:
    check_crash(tmp_path / "desk", [kind])


def test_the_crash_screen_of_the_toolkit_would_show_them(tmp_path: Path) -> None:
    """The control: the same crash, shown as Textual shows one."""
    after, _folder = crash(tmp_path / "desk", "careless", ["worker"])
    assert leaks(after)


# The central service, as a process.

CARELESS = textwrap.dedent(
    """
    import sys, uvicorn
    sensible = uvicorn.Config.__init__
    def careless(self, *given, **named):
        named.update(access_log=True, log_level="info", log_config=uvicorn.config.LOGGING_CONFIG)
        sensible(self, *given, **named)
    uvicorn.Config.__init__ = careless
    sys.argv = ["csr-console", "central", "serve", *sys.argv[1:]]
    from csr_console.cli import main
    main()
    """
)
"""The control: the log of requests that the server would write by itself."""


@pytest.fixture
def office(make_office: Callable[[str], Office]) -> Office:
    return make_office("sqlite")


def bother(central: CentralProcess) -> str:
    """Requests of every kind with canaries in every part; the bodies of what was refused."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(central.listen)), base_url="http://c") as http:
        form = {"login": LOGIN, "station": "C07", "installation": str(UUID(int=7))}
        good = http.post("/v1/sessions", json={**form, "password": PASSWORD})
        assert good.status_code == 201, good.text
        signed = {"authorization": f"Bearer {good.json()['access_token']}"}
        answers = [
            http.post("/v1/sessions", json={**form, "password": LOGIN_WORD}),
            http.post("/v1/sessions", json={**form, "password": [LOGIN_WORD], "more": NAME}),
            http.get(f"/v1/accounts/{NAME}", params={"phone": PHONE}, headers=signed),
            http.get(f"/{NAME}/{PHONE}", headers={"user-agent": NOTE, "referer": NOTE, **signed}),
            http.post("/v1/accounts/search", json={"name": NAME, "also": NOTE}, headers=signed),
            http.post("/v1/accounts/search", content=f'{{"name": "{NAME}"'.encode(), headers=signed),
            http.put(f"/v1/commands/{UUID(int=1)}", json={"note": NOTE}, headers=signed),
            http.request("BREW", f"/v1/{NAME}", headers=signed),
            http.get("/v1/accounts", headers={"authorization": f"Bearer {NAME}"}),
        ]
        found = http.post("/v1/accounts/search", json={"name": NAME}, headers=signed)
        assert found.status_code == 200, found.text
        metrics = http.get("/metrics").text
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(5)
        wire.connect(str(central.listen))
        wire.sendall(f"GET /{NAME} {NOTE}\r\n\r\n".encode())  # no HTTP at all
        answers_raw = wire.recv(4096).decode()
    assert all(answer.status_code >= 400 for answer in answers)
    return "\n".join([*(answer.text for answer in answers), answers_raw, metrics])


def test_central_logs_answers_and_counts_nothing_personal(office: Office, sockets: Path) -> None:
    central = CentralProcess(office, sockets / "central")
    with central:
        answered = bother(central)
        started_with = b"".join(
            Path(f"/proc/{central.pid}/{part}").read_bytes() for part in ("cmdline", "environ")
        )
    log = (sockets / "central.log").read_bytes()
    assert leaks(answered.encode()) == []
    assert leaks(log, PASSWORD) == []
    assert office.secret_file.read_bytes().strip() not in started_with + log


def test_a_servers_own_log_of_requests_would_tell(office: Office, sockets: Path) -> None:
    """The control: the same requests with the access log of the server turned on."""
    with CentralProcess(office, sockets / "central", "-c", CARELESS) as central:
        bother(central)
    assert leaks((sockets / "central.log").read_bytes().replace(b"%20", b" "))


# The command line.


def run(*words: str, folder: Path, process: bool = False) -> bytes:
    """What a failing command says, on both streams; in a process of its own only with `process`."""
    if not process:
        done = CliRunner().invoke(
            central_app if words[0] == "central" else app, words[words[0] == "central" :]
        )
        assert isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code != 0
        return done.output.encode()
    ended = subprocess.run(
        [sys.executable, "-m", "csr_console", *words],
        cwd=ROOT,
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    assert ended.returncode != 0
    return ended.stdout + ended.stderr


def test_a_failing_command_line_gives_a_sentence_and_no_values(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'station = "{NAME}"\ncentral = "http://{LOGIN_WORD}"\nnote = "{NOTE}"\n')
    torn = tmp_path / "torn.toml"
    torn.write_text(f'station = "{NAME}\n')
    other = tmp_path / "other.toml"
    other.write_bytes(f'station = "{NAME}\xe9"'.encode("latin-1"))
    with_password = tmp_path / "password.toml"
    with_password.write_text(
        f'station = "C07"\ncentral = "https://clerk:{METER}@127.0.0.1:1"\ndata = "{tmp_path}"\n'
    )
    junk = tmp_path / "junk.db"
    junk.write_bytes(NAME.encode() * 500)
    said = [
        run("doctor", "--settings", str(settings), folder=tmp_path),
        run("doctor", "--json", "--settings", str(torn), folder=tmp_path),
        run("doctor", "--settings", str(other), folder=tmp_path),
        run("doctor", "--json", "--settings", str(with_password), folder=tmp_path),
        run("--settings", str(settings), folder=tmp_path),
        run("--settings", str(torn), folder=tmp_path, process=True),
        run("central", "verify-audit", "--database", f"sqlite:///{junk}", folder=tmp_path),
        run(
            "central", "verify-audit", "--database", f"postgresql://u:{METER}@127.0.0.1:1/x", folder=tmp_path
        ),
        run("central", "verify-audit", "--database", f"mysql://u:{METER}@127.0.0.1:1/x", folder=tmp_path),
    ]
    for words in said:
        assert words.strip()
        assert leaks(words) == [], words
        assert b"Traceback" not in words, words


# Pictures of the memory.

DUMPS = textwrap.dedent(
    """
    import ctypes, json, os, resource, sys
    from csr_console import console
    from csr_console.desk import desk
    from csr_console.settings import ConsoleSettings

    def told():
        dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
        return {"core": resource.getrlimit(resource.RLIMIT_CORE), "dumpable": dumpable}

    class Opened(Exception):
        pass

    def open_(*_given, **_named):
        raise Opened

    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    before = told()
    desk.Desk.open = open_
    try:
        console._open_desk(ConsoleSettings("C07", "https://c"), "", lambda event: None)
    except Opened:
        print(json.dumps([before, told()]), flush=True)
    os.abort()
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is of Linux")
def test_the_process_that_holds_the_keys_leaves_no_dump(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DUMPS], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGABRT, done.stderr
    before, after = json.loads(done.stdout)
    assert before["dumpable"] == 1
    assert after == {"core": [0, 0], "dumpable": 0}
    assert list(tmp_path.iterdir()) == []
