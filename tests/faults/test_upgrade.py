"""An upgrade keeps unsent work: an earlier version's queue, commands of retired kinds and of coming ones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert
from tests.desk.opened import Events
from tests.faults import stream
from tests.faults.processes import LOGIN, PASSWORD, Office, audit_findings, read_effects, read_log

from csr_console.central.app import create_app
from csr_console.central.database import Database
from csr_console.central.tables.staff import session, station
from csr_console.contracts.envelope import Envelope, Submission, canonical, seal
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.bundle import write_bundle
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, QueueItem, StoreLocked
from csr_console.desk.secrets import StoreKeys
from csr_console.desk.store.cipher import connect
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command
from csr_console.domain.permissions import Permission

SECRET = "s" * 40
"""Of the central service whose session sealed the commands in the earlier queue."""
EARLIER = Path(__file__).with_name("outbox_earlier.json")
"""A queue as an earlier version left it, row by row in its own tables: four notes that wait, one that was on
the wire, one that was discarded, a draft, a PIN, a session."""
PIN = "2580"


class Keys:
    """The keys of the earlier queue."""

    def keys(self) -> StoreKeys:
        return StoreKeys(bytes(32), bytes(32))

    def new_cache_key(self) -> bytes:
        return bytes(32)

    def describe(self) -> str:
        return "the keys of a test"


def write_earlier(folder: Path) -> dict[str, Any]:
    """The file as it was, and what is in it."""
    kept: dict[str, Any] = json.loads(EARLIER.read_text(encoding="utf-8"))
    folder.mkdir()
    connection = connect(folder / "outbox.db", bytes(32), "full")
    for statement in kept["schema"]:
        connection.execute(statement)
    for table, rows in kept["rows"].items():
        for row in rows:
            values = [value.encode() if name == "body" else value for name, value in row.items()]
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", values)
    connection.execute(f"PRAGMA user_version = {kept['user_version']}")
    connection.close()
    return kept


@dataclass
class City:
    """Central in this process, and the workstation C07 of it."""

    office: Office
    folder: Path

    @contextmanager
    def desk(self) -> Iterator[tuple[Desk, Events]]:
        events = Events()
        transport = httpx.ASGITransport(app=create_app(self.office.settings))
        desk = Desk.open(
            DeskSettings(self.folder, "C07"), Keys(), gateway=Gateway(transport=transport), on_event=events
        )
        desk.start()
        try:
            yield desk, events
        finally:
            desk.close()

    def knew(self, kept: dict[str, Any]) -> None:
        """Central knows the session and the installation of the earlier queue."""
        (row,) = kept["rows"]["session"]
        facts = {fact["name"]: fact["value"] for fact in kept["rows"]["station"]}
        at = "2026-08-30T14:00:00+00:00"
        db = Database(self.office.database)
        with db.write() as connection:
            connection.execute(
                insert(session).values(
                    session=row["session"], login=LOGIN, station="C07", started_at=at, ends_at=at
                )
            )
            connection.execute(
                insert(station).values(station="C07", installation=facts["installation"], last_sign_in_at=at)
            )
        db.close()


@pytest.fixture
def city(tmp_path: Path) -> City:
    central = tmp_path / "central"
    central.mkdir()
    (central / "central.secret").touch(mode=0o600)
    (central / "central.secret").write_text(SECRET)
    return City(Office.prepare(f"sqlite:///{central / 'central.db'}", central), tmp_path / "desk")


def states(desk: Desk) -> dict[UUID, str]:
    return {item.id: item.state for item in desk.queue()}


def test_a_queue_of_an_earlier_version_is_kept_shown_and_sent(city: City) -> None:
    kept = write_earlier(city.folder)
    city.knew(kept)
    before = {UUID(row["command_id"]): row for row in kept["rows"]["command"]}
    with city.desk() as (desk, events):
        desk.unlock(PIN, LOGIN)
        assert set(states(desk)) == set(before)
        assert desk.verify_outbox() == []
        assert [draft.values for draft in desk.drafts()] == [{"text": "half a sen"}]
        desk.sign_in(LOGIN, PASSWORD)
        events.until(lambda: desk.status().queued + desk.status().unconfirmed == 0)
        now = states(desk)
        assert desk.verify_outbox() == []
    assert {id: "discarded" if before[id]["state"] == "discarded" else "applied" for id in before} == now
    sent = {UUID(row.command_id): row for row in read_log(city.office.database)}
    waiting = [id for id, row in before.items() if row["state"] != "discarded"]
    assert [sent[id].counter for id in waiting] == [before[id]["counter"] for id in waiting]
    assert read_effects(city.office.database) == {(7, place): 1 for place in range(5)}
    assert audit_findings(city.office.database) == []


def test_a_queue_of_a_later_version_is_left_as_it_is(city: City) -> None:
    write_earlier(city.folder)
    connection = connect(city.folder / "outbox.db", bytes(32), "full")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = sha256((city.folder / "outbox.db").read_bytes()).digest()
    with pytest.raises(StoreLocked, match="start the version that made it"), city.desk():
        pass
    assert sha256((city.folder / "outbox.db").read_bytes()).digest() == before


def upcast(document: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "note.add", "account": document["account"], "text": document["words"]}


def test_a_command_of_a_retired_kind_is_shown_and_applied_as_what_took_its_place(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent byte for byte as it was sealed; only whoever reads it reads it anew."""
    monkeypatch.setitem(REGISTRY.upcasters, "note.write", upcast)
    with city.desk() as (desk, events):
        desk.sign_in(LOGIN, PASSWORD)
        desk.work_offline(True)
        shift = desk._session.shift
        assert shift is not None
        old = {"kind": "note.write", "account": stream.account_number(3), "words": stream.mark(8, 0)}
        envelope = Envelope(
            id=stream.id_at(8, 0),
            issued_at=stream.START,
            station="C08",
            counter=1,
            actor=LOGIN,
            command=old,
        )
        proof = seal(shift.seal_key, envelope.digest())
        body = canonical(Submission(envelope=envelope, session=shift.session, seal=proof).document())
        write_bundle(tmp_path / "old.bundle", "a long passphrase", [body])
        assert desk.import_bundle(tmp_path / "old.bundle", "a long passphrase") == 1
        shown = desk.queue()[0]
        assert shown.command == AddNote(account=stream.account_number(3), text=stream.mark(8, 0))
        desk.work_offline(False)
        events.until(lambda: states(desk)[shown.id] == "applied")
    (row,) = read_log(city.office.database)
    assert row.command == old
    assert read_effects(city.office.database) == {(8, 0): 1}


class BookTour(Command):
    """What a later version will know."""

    kind: Literal["tour.book"] = "tour.book"
    account: str
    words: str
    title: ClassVar[str] = "Book a tour"
    permission: ClassVar[Permission] = Permission.NOTE_ADD

    @property
    def lane(self) -> str:
        return f"account:{self.account}"

    @classmethod
    def example(cls) -> Self:
        return cls(account=stream.account_number(0), words="")


def test_a_command_of_a_kind_to_come_is_kept_shown_and_sent_when_central_knows_it(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workstation that was updated first, or went back a version: the command waits, the others do not."""
    with city.desk() as (desk, events):
        desk.sign_in(LOGIN, PASSWORD)
        desk.work_offline(True)
        tour = BookTour(account=stream.account_number(4), words=stream.mark(9, 0))
        waits = desk.submit(tour, id=desk.new_id(), wait_s=0).id
        for place in range(1, 9):
            note = AddNote(account=stream.account_number(5), text=stream.mark(9, place))
            desk.submit(note, id=desk.new_id(), wait_s=0)
        assert item(desk, waits).command is None
        assert item(desk, waits).title == "tour.book"
        desk.work_offline(False)
        events.until(lambda: len(read_effects(city.office.database)) == 8)
        events.until(lambda: item(desk, waits).attempts > 0)
        assert item(desk, waits).state == "unconfirmed"
    monkeypatch.setitem(REGISTRY.upcasters, "tour.book", upcast)
    with city.desk() as (desk, events):
        desk.sign_in(LOGIN, PASSWORD)
        desk.retry(waits)
        events.until(lambda: item(desk, waits).state == "applied")
    assert read_effects(city.office.database) == {(9, place): 1 for place in range(9)}


def item(desk: Desk, command_id: UUID) -> QueueItem:
    return next(item for item in desk.queue() if item.id == command_id)
