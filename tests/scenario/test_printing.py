"""Papers from the desk: where they are written, what they say, without the network too."""

import socket
import stat
import threading
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.scenario.others import offline
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.contracts.views.bills import BillingView
from csr_console.papers.words import Words
from csr_console.screens.options import ConsoleOptions, PaperOptions


def papers(folder: Path, printer: str = "") -> ConsoleOptions:
    places = ("City Hall, 1 Main Street",)
    paper = PaperOptions(folder / "papers", "C07", ("City Utilities",), printer, pay_places=places)
    return ConsoleOptions(papers=paper)


async def say(console: Console, line: str) -> str:
    """What the desk answers to a line about the customer on screen."""
    console.app.console_screens[-1].hush()
    await console.type(f"/{line}<")
    await console.until(lambda: console.said != "")
    return console.said


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def money_known(console: Console, account: str) -> BillingView:
    viewed = console.app.desk.bills.of(account)
    assert viewed is not None
    return viewed.view


def only(folder: Path, pattern: str) -> Path:
    (path,) = (folder / "papers").glob(pattern)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path


async def test_a_bill_is_written_where_the_desk_says(town: Town, tmp_path: Path) -> None:
    async with town.console(options=papers(tmp_path)) as console:
        person = await open_caller(console, town, "billed")
        said = await say(console, "print bill")
        view = money_known(console, person["account_number"])
        assert view.newest is not None
        path = only(tmp_path, f"bill-{view.newest.bill.number}-{person['account_number']}.pdf")
        assert said.startswith("Written: ")
        assert path.name in said
        text = text_of(path)
        assert person["name"] in text
        assert "City Utilities" in text
        assert "Where to pay without a surcharge\nCity Hall, 1 Main Street" in text
        assert text.count(Words("en").money(view.newest.bill.total_cents)) >= 2
        older = view.bills[4]
        await say(console, f"print bill {older.number}")
        assert Words("en").money(older.total_cents) in text_of(only(tmp_path, f"bill-{older.number}-*.pdf"))


async def test_without_the_network_what_was_read_is_printed(town: Town, tmp_path: Path) -> None:
    async with town.console(options=papers(tmp_path)) as console:
        person = await open_caller(console, town, "billed")
        await say(console, "print statement")
        only(tmp_path, "statement-*.pdf").unlink()
        await offline(console, town)
        await say(console, "imprimir estado")
        view = money_known(console, person["account_number"])
        assert Words("en").money(view.balance_cents) in text_of(only(tmp_path, "statement-*.pdf"))
        await say(console, "export usage")
        assert only(tmp_path, "usage-*.xml").read_bytes().startswith(b"<?xml")
        assert only(tmp_path, "usage-*.csv").read_text().count("\n") == len(view.use) + 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("print arrangement", "There is no payment arrangement on account"),
        ("print bill 999999999", "There is no bill 999999999 on account"),
    ],
)
async def test_what_there_is_none_of_has_its_sentence(
    town: Town, tmp_path: Path, line: str, words: str
) -> None:
    async with town.console(options=papers(tmp_path)) as console:
        await open_caller(console, town, "billed")
        assert words in await say(console, line)
        assert not (tmp_path / "papers").exists()


async def test_the_key_shows_what_can_be_printed_and_does_it(town: Town, tmp_path: Path) -> None:
    async with town.console(options=papers(tmp_path)) as console:
        await open_caller(console, town, "billed")
        await console.type("p")
        assert "Statement of account" in console.text
        await console.type("statement<")
        await console.until(lambda: "Written: " in console.said)
        assert only(tmp_path, "statement-*.pdf")


async def test_a_receipt_goes_to_the_printer_and_its_absence_is_said(town: Town, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    got.append(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        target = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        async with town.console(options=papers(tmp_path, target)) as console:
            person = await open_caller(console, town, "billed")
            assert await say(console, "print receipt") == f"Printed: {target}"
            thread.join(5)
            assert person["account_number"].encode() in b"".join(got)
            assert b"COPY" in b"".join(got)
            server.close()
            assert "was not reached" in await say(console, "print receipt")


async def test_without_a_folder_the_desk_says_what_to_set(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town, "billed")
        assert "name one as papers in settings.toml" in await say(console, "print bill")
