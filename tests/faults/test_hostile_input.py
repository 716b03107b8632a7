"""P13: what comes in by a file, a command or the feed is inert before it is kept, or refused in words."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from beancount import loader
from beancount.core.data import Transaction
from pydantic import BaseModel
from tests.central.conftest import database_url, db, sqlite_file, town
from tests.central.http.conftest import edge, numbers, settings
from tests.central.test_imports_db import NOW, SECRET, row
from tests.desk.conftest import central, open_desk
from tests.desk.fake_central import FakeCentral, entry, number
from tests.desk.opened import OpenDesk
from tests.faults.corpus import CARDS, CORPUS, HUGE, NO_CARDS, SURROGATES
from tests.faults.hostile_central import hazard_body, planned_body, report_body

from csr_console.central.database import Database
from csr_console.central.imports import Importer, import_customers
from csr_console.central.ledger_export import Format, export
from csr_console.central.reads.accounts import roster_entries
from csr_console.contracts.envelope import command_document
from csr_console.contracts.imports import CUSTOMER_COLUMNS, read_customers
from csr_console.contracts.imports.report import Refused
from csr_console.contracts.registry import COMMANDS, REGISTRY
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount, receivable
from csr_console.domain.ledger.entry import Entry, EntryKind, Posting
from csr_console.domain.refusals import Refusal

__all__ = ["central", "database_url", "db", "edge", "numbers", "open_desk", "settings", "sqlite_file", "town"]

OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What a terminal obeys or nobody sees, written down again: not the pattern of the sanitiser under test."""


def texts(document: Any) -> Iterator[str]:
    """Every text of a JSON document, names included."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from texts(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from texts(value)


def obeyed(document: Any) -> list[str]:
    return [text for text in texts(document) if OBEYED.search(text)]


def text_fields(kind: type[Command]) -> list[str]:
    """The fields of a command that take a text as it is."""
    fixed = {"kind", "account", "premise", "proof", "digest"}
    found = []
    for name in kind.model_fields.keys() - fixed:
        document = {**command_document(kind.example()), name: "Some plain words"}
        try:
            read = REGISTRY.read(document)
        except Refusal:
            continue
        if getattr(read, name) == "Some plain words":
            found.append(name)
    return sorted(found)


FIELDS = [(kind, name) for kind in COMMANDS for name in text_fields(kind)]


def filled(kind: type[Command], name: str, text: str) -> dict[str, Any]:
    return {**command_document(kind.example()), name: text}


def refusal_of(document: dict[str, Any]) -> Refusal | None:
    try:
        command = REGISTRY.read(document)
    except Refusal as refusal:
        return refusal
    found = obeyed(command.model_dump(mode="json"))
    assert not found, (document["kind"], [ascii(text) for text in found])
    return None


def test_every_free_text_of_every_command_is_inert_or_refused_without_an_echo() -> None:
    assert len({kind for kind, _name in FIELDS}) >= 8
    assert len(FIELDS) >= 12
    taken = 0
    for kind, name in FIELDS:
        for case in CORPUS:
            refusal = refusal_of(filled(kind, name, case.text))
            taken += refusal is None
            assert refusal is None or case.token not in json.dumps(dict(refusal.facts)), (kind, case)
    assert taken > len(FIELDS) * len(CORPUS) // 2


def test_halves_of_characters_and_ten_megabytes_are_refused_or_made_small() -> None:
    for kind, name in FIELDS:
        for text in (*SURROGATES, f"A{HUGE}"):
            refusal = refusal_of(filled(kind, name, text))
            assert refusal is None or "HHHH" not in json.dumps(dict(refusal.facts))
    command = REGISTRY.read(filled(AddNote, "text", "x" * 4000))
    assert isinstance(command, AddNote)


def test_no_text_of_any_command_takes_a_card_number() -> None:
    for kind, name in FIELDS:
        for card in CARDS:
            refusal = refusal_of(filled(kind, name, card))
            assert refusal is not None, (kind, name, card)
            assert refusal.code == "invalid"
            assert not any(part in json.dumps(dict(refusal.facts)) for part in ("4111", "5500", "3782"))
    assert all(refusal_of(filled(AddNote, "text", text)) is None for text in NO_CARDS)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_central_took_over_http_comes_back_inert(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("specialist")
    sent = CORPUS[::3]
    for at, case in enumerate(sent):
        account = numbers[at % 2]
        note = await desk.put(desk.submission(filled(AddNote, "text", case.text) | {"account": account}))
        assert note.status_code in (201, 422), note.text
        place = {"kind": "outage.report", "location": case.text, "scope": "all", "hazard": "wire_down",
                 "remark": case.text, "caller": case.text, "callback": "8505550142"}  # fmt: skip
        report = await desk.put(desk.submission(place))
        assert report.status_code < 500, report.text
    read = [
        await desk.get(path)
        for path in (
            f"/v1/accounts/{numbers[0]}", f"/v1/accounts/{numbers[1]}", "/v1/outages/reports", "/v1/snapshot",
            "/v1/changes?after=0&limit=500", "/v1/outages/hazards", "/v1/accounts",
        )
    ]  # fmt: skip
    assert [answer.status_code for answer in read] == [200] * len(read)
    assert sum(case.token in answer.text for answer in read for case in sent) > len(sent)
    assert [ascii(text) for answer in read for text in obeyed(answer.json())] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_card_numbers_are_refused_over_http_and_not_kept(
    edge: Any, numbers: list[str], tmp_path: Path
) -> None:
    desk = await edge.sign_in("supervisor")
    for kind, name in FIELDS:
        document = filled(kind, name, f"card {CARDS[0]}") | (
            {"account": numbers[0]} if "account" in kind.model_fields else {}
        )
        answer = await desk.put(desk.submission(document))
        assert answer.status_code == 422, answer.text
        assert CARDS[0][:8] not in answer.text
    reveal = await desk.post(
        f"/v1/accounts/{numbers[0]}/reveal", {"field": "email", "reason": f"pays with {CARDS[0]}"}
    )
    assert reveal.status_code == 422
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("central.db*"))
    assert b"Person 0" in kept
    assert CARDS[0][:8].encode() not in kept
    assert CARDS[0] not in edge.log.getvalue()


# Files.

TEXT_COLUMNS = ("name", "mailing_street", "mailing_city", "service_street", "service_unit", "service_city",
                "verify_passphrase", "supply_point")  # fmt: skip


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, CUSTOMER_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_every_case_in_every_column_of_a_file_is_inert_or_refused(tmp_path: Path) -> None:
    rows = [
        row(at * len(CUSTOMER_COLUMNS) + which, **{column: case.text})
        for at, case in enumerate(CORPUS)
        for which, column in enumerate(CUSTOMER_COLUMNS)
    ]
    kept = refused = 0
    for record in read_customers(write_rows(tmp_path / "customers.csv", rows)):
        if isinstance(record, Refused):
            refused += 1
            assert not OBEYED.search(str(record)), ascii(str(record))
        else:
            kept += 1
            document = record.model_dump(mode="json")
            assert not obeyed(document), [ascii(text) for text in obeyed(document)]
    assert kept > len(CORPUS) * 4
    assert refused > len(CORPUS) * 10


def test_card_numbers_are_refused_in_every_text_of_a_file(tmp_path: Path) -> None:
    rows = [
        row(at * 100 + which, **{column: card})
        for at, card in enumerate(CARDS)
        for which, column in enumerate(TEXT_COLUMNS)
    ]
    found = list(read_customers(write_rows(tmp_path / "customers.csv", rows)))
    assert all(isinstance(record, Refused) for record in found)
    assert len(found) >= len(rows)
    assert not any("4111" in str(record) for record in found)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7"])
def test_files_in_other_encodings_are_refused_in_words(tmp_path: Path, encoding: str) -> None:
    path = write_rows(tmp_path / "customers.csv", [row(1, name="Zoë Müller-Niño")])
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    for record in read_customers(path):
        assert isinstance(record, Refused) or encoding == "utf-7", record
        assert not OBEYED.search(str(record))


def test_a_byte_order_mark_and_ten_megabytes_cost_nothing_but_their_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "customers.csv", [row(1), row(2, name=HUGE), row(3)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    found = list(read_customers(path))
    assert [isinstance(record, Refused) for record in found] == [False, True, False]
    assert len(str(found[1])) < 300


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_imported_is_told_to_the_desks_inert(db: Database, tmp_path: Path) -> None:
    rows = [
        row(at, **dict.fromkeys(("name", "service_street", "mailing_city"), case.text))
        for at, case in enumerate(CORPUS)
    ]
    readable = [one for one in rows if not re.search("[\x00\r]", "".join(one.values()))]
    path = write_rows(tmp_path / "customers.csv", readable)
    imported = import_customers(db, SECRET, path, Importer("main", "os:test", NOW))
    assert imported.applied, [str(refused) for refused in imported.report.refused[:3]]
    with db.read() as connection:
        entries = roster_entries(connection, "main", [one["account_number"] for one in readable], NOW.date())
    assert len(entries) == len(readable)
    assert [ascii(text) for line in entries.values() for text in obeyed(line.model_dump(mode="json"))] == []


# What leaves the city's books for others.


def test_no_row_of_an_export_begins_a_formula_or_breaks_another_book() -> None:
    memos = [case.text[len(case.token) :] for case in CORPUS] + [
        "\t=1+1", "\r=1+1", " =1+1", "\n@SUM(1)", "＝1+1", "＠SUM(1)", "", ";x",
        "(x)", "* x", "! x", '"', "\\",
    ]  # fmt: skip
    ledger, other = receivable("100000017", "electric"), LedgerAccount(AccountKind.REVENUE, "electric")
    entries = [
        Entry(
            str(UUID(int=at)), EntryKind.BILL, "100000017", NOW.date(), NOW, memo,
            (Posting(ledger, 100, NOW.date()), Posting(other, -100)),
        )
        for at, memo in enumerate(memos)
    ]  # fmt: skip
    rows = list(csv.reader(io.StringIO("".join(export(entries, Format.CSV)), newline="")))
    assert len(rows) == 1 + 2 * len(entries)
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows[1:] for cell in row if not re.fullmatch(r"-?[0-9]+", cell)]
    assert sum(cell.startswith("'") for cell in cells) >= 2 * 9
    assert [cell for cell in cells if re.match(r"[\s=+@＝＋－＠-]", cell)] == []
    assert obeyed(cells) == []
    for form in (Format.BEANCOUNT, Format.HLEDGER):
        assert not obeyed("".join(export(entries, form)))
    loaded, errors, _options = loader.load_string("".join(export(entries, Format.BEANCOUNT)))
    assert errors == []
    assert sum(isinstance(one, Transaction) for one in loaded) == len(entries)


# The feed, as a central that is older, newer or broken into would write it.


def test_rows_that_make_no_sense_are_said_and_the_desk_goes_on(
    open_desk: OpenDesk, central: FakeCentral
) -> None:
    central.fill(3)
    opened = open_desk()
    desk = opened.desk
    desk.sign_in("mlopez", "correct horse")
    opened.events.until(lambda: desk.status().roster_count == 3)
    good = len(central.feed)
    bad: list[tuple[str, dict[str, Any]]] = [
        ("account", {**entry(4).model_dump(mode="json"), "status": "frozen"}),
        ("account", {"account": number(4)}),
        ("account", {**entry(4).model_dump(mode="json"), "name": 12}),
        ("report", report_body(1, "x", scope="most")),
        ("report", {"id": "x"}),
        ("hazard", hazard_body(1, "x", hazard="flood")),
        ("planned", {**planned_body(1, "x"), "starts_at": "yesterday"}),
    ]
    for entity, body in bad:
        del central.feed[good:]
        central.tell(entity, str(body.get("account", "x")), body)
        desk._background.tell(desk._puller.wake)
        opened.events.until(lambda: "does not understand" in desk.status().sentence)
        assert not [*desk.reports(), *desk.hazards(), *desk.planned()]
        assert desk.entry(number(1)) is not None
        del central.feed[good:]
        desk._background.tell(desk._puller.wake)
        opened.events.until(lambda: "does not understand" not in desk.status().sentence)


def test_the_pattern_of_this_test_notices() -> None:
    """The control: what was not sanitised is found."""

    class Raw(BaseModel):
        text: str

    found = [case for case in CORPUS if obeyed(Raw(text=case.text).model_dump(mode="json"))]
    assert len(found) > 50
