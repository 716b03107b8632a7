"""P12: canaries in every personal field, and every place where they must not come out again."""

import logging
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3
from tests.desk.conftest import central, open_desk
from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.desk.opened import OpenDesk, Opened
from tests.faults.conftest import sockets, sqlite_office
from tests.faults.hostile_terminal import ConsoleEnded, Terminal
from tests.faults.leak_console import CANARY

from csr_console.desk.model import Draft
from csr_console.desk.secrets import PassphraseKeys
from csr_console.desk.store import database
from csr_console.domain.accounts.commands import AddNote, UpdateContact
from csr_console.domain.refusals import Answer

__all__ = ["central", "open_desk", "sockets", "sqlite_office"]

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
    desk.verify_answers(number(1), [ANSWER])
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
    desk.verify_answers(number(1), [ANSWER])
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
