"""Receipts: the bytes decoded again, and on their way to a printer."""

import os
import re
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.papers import views

from csr_console.papers.addressee import Addressee
from csr_console.papers.delivery import NotDelivered, address_of, save, send
from csr_console.papers.escpos import CodePage, Strip
from csr_console.papers.receipts import arrangement_slip, payment_receipt

LETTERHEAD = ("City Utilities", "435 N Macomb St")
COMMANDS = re.compile(
    rb"\x1b@|\x1bt(?P<page>.)|\x1ba(?P<align>.)|\x1bE(?P<bold>.)|\x1d!(?P<size>.)|\x1bd.|(?P<cut>\x1dVB\x00)"
    rb"|(?P<drawer>\x1bp\x00..)",
    re.DOTALL,
)
PAGES = {0: "cp437", 19: "cp858"}


def to(language: str = "en", name: str = "Peter Nuñez") -> Addressee:
    return Addressee.of(views.account_view(name, language))


def decoded(content: bytes) -> list[str]:
    """What a printer would put on paper, line by line; a command that it does not know is a failure."""
    page = COMMANDS.match(content, 2)
    assert content.startswith(b"\x1b@")
    assert page is not None
    text = COMMANDS.sub(b"", content)
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", text), "a control byte that is no command"
    return text.decode(PAGES[page["page"][0]]).split("\n")


def receipt(language: str = "en", **given: object) -> bytes:
    payment = views.billing_view().movements[1]
    return payment_receipt(payment, to(language), LETTERHEAD, station="C07", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("columns", [42, 48])
@pytest.mark.parametrize(("language", "title"), [("en", "Payment receipt"), ("es", "Recibo de pago")])
def test_a_receipt_says_who_paid_what_when(columns: int, language: str, title: str) -> None:
    lines = decoded(receipt(language, columns=columns))
    assert title in lines
    assert "Peter Nuñez" in lines
    assert "R-2026-004711, check" in lines
    assert any(re.fullmatch(r"(Paid|Pagado) +\$110\.00", line) for line in lines)
    assert any(
        re.fullmatch(r"(Balance of the account|Saldo de la cuenta) +\$200\.00", line) for line in lines
    )
    assert any(line.endswith(views.ACCOUNT) and len(line) == columns for line in lines)
    assert max(map(len, lines)) == columns
    assert "C07" in lines


def test_a_copy_says_so_and_a_drawer_opens_only_when_asked() -> None:
    assert "COPY" in decoded(receipt(copy=True))
    assert "COPY" not in decoded(receipt())
    assert b"\x1bp" not in receipt()
    assert receipt(drawer=True).count(b"\x1bp\x00\x19\xfa") == 1


def test_bold_is_switched_off_again_and_the_paper_is_cut_at_the_end() -> None:
    content = receipt()
    bold = [match["bold"] for match in COMMANDS.finditer(content) if match["bold"] is not None]
    assert bold.count(b"\x01") >= 3
    assert bold[-1] == b"\x00"
    assert content.endswith(b"\x1bd\x04\x1dVB\x00")


@pytest.mark.parametrize(("page", "code"), [("cp858", 19), ("cp437", 0)])
def test_the_code_page_is_chosen_before_the_first_letter(page: CodePage, code: int) -> None:
    content = receipt(code_page=page)
    assert content.startswith(b"\x1b@\x1bt" + bytes([code]))
    assert "Peter Nuñez" in decoded(content)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_slip_has_every_installment(language: str) -> None:
    view = views.arrangement()
    lines = decoded(arrangement_slip(view, to(language), LETTERHEAD, station="C07"))
    assert sum(line.endswith("$141.06") for line in lines) == len(view.installments)
    assert any(re.fullmatch(r"Total +\$423\.18", line) for line in lines)
    assert "2026" in " ".join(lines)


@pytest.mark.parametrize(
    "hostile", ["\x1bp\x00\x19\xfa\x1d(k", "A" * 10_000, "שלום日本", "\u202e\x07\n\n", "Nguyễn ♥ €"]
)
def test_hostile_text_gives_the_printer_no_orders(hostile: str) -> None:
    payment = views.billing_view().movements[1].model_copy(update={"text": hostile})
    customer = Addressee(hostile, hostile, hostile, (hostile,), "en")
    content = payment_receipt(payment, customer, (hostile,) * 9, station=hostile)
    lines = decoded(content)
    assert b"\x1bp" not in content
    assert max(map(len, lines)) <= 42
    assert len(lines) < 60
    assert any(line.endswith("$110.00") for line in lines)


def test_a_letter_that_the_page_does_not_have_is_seen() -> None:
    strip = Strip(code_page="cp437")
    assert strip.printable("Nguyễn Peña €5 ♥") == "Nguyen Peña ?5 ?"
    assert Strip().printable("€5") == "€5"


@contextmanager
def printer(*, reads: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """A printer on the network; one that does not read is out of paper."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while reads and (part := connection.recv(4096)):
                    got.append(part)
                if not reads:
                    done.wait(20)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.getsockname()[1]}", got
        finally:
            done.set()
            thread.join(5)
    assert not thread.is_alive()


def test_a_printer_on_the_network_gets_every_byte() -> None:
    content = receipt() * 200
    with printer() as (target, got):
        send(target, content)
    assert b"".join(got) == content


def test_a_printer_that_takes_nothing_is_given_up_at_the_deadline() -> None:
    with printer(reads=False) as (target, _), pytest.raises(NotDelivered, match=r"within 0\.2 s: is it on"):
        send(target, bytes(64_000_000), deadline_s=0.2)


def test_a_printer_that_is_not_there_has_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(NotDelivered, match="was not reached: Connection refused"):
        send(target, receipt())
    with pytest.raises(NotDelivered, match="was not reached: No such file"):
        send("/dev/no-such-printer/lp0", receipt())


@pytest.mark.parametrize(
    "target", ["tcp://", "tcp://a b", "tcp://h:0", "tcp://h:70000", "tcp://u@h", "tcp://h/x"]
)
def test_an_address_that_is_none_has_a_sentence(target: str) -> None:
    with pytest.raises(NotDelivered, match="names no printer"):
        send(target, b"")


def test_addresses() -> None:
    assert address_of("tcp://10.0.0.7") == ("10.0.0.7", 9100)
    assert address_of("tcp://lp.example.gov:9101/") == ("lp.example.gov", 9101)
    assert address_of("tcp://[::1]:9100") == ("::1", 9100)


def test_a_file_takes_one_receipt_after_another_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    send(str(path), b"one")
    send(str(path), b"two")
    assert path.read_bytes() == b"onetwo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_device_that_takes_nothing_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    with pytest.raises(NotDelivered, match="was not reached"):
        send(str(path), b"nobody reads")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        send(str(path), b"paper")
        assert os.read(reader, 10) == b"paper"
        with pytest.raises(NotDelivered, match="did not take the receipt"):
            send(str(path), bytes(1_000_000), deadline_s=0.1)
    finally:
        os.close(reader)


def test_a_paper_is_saved_whole_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "papers"
    path = save(folder, "bill-1.pdf", b"first")
    assert save(folder, "bill-1.pdf", b"second") == path
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == ["bill-1.pdf"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b", "", "..", "x" * 500, ".hidden", "a/b\\c\n"])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = save(tmp_path, name, b"")
    assert path.parent == tmp_path
    assert not path.name.startswith(".")


def test_a_folder_that_cannot_be_written_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotDelivered, match="could not be written: File exists"):
        save(tmp_path / "file", "bill.pdf", b"")
