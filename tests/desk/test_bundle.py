"""A queue carried by hand to another workstation."""

from pathlib import Path

import pytest
from tests.desk.fake_central import FakeCentral
from tests.desk.opened import OpenDesk
from tests.desk.parts import note

from csr_console.desk.bundle import read_bundle, write_bundle
from csr_console.domain.refusals import Refusal

WORDS = "three small boats"


def test_another_workstation_sends_what_was_carried_and_nothing_happens_twice(
    open_desk: OpenDesk, central: FakeCentral, tmp_path: Path
) -> None:
    central.fill(5)
    cut_off = open_desk(folder=tmp_path / "one", station="C07")
    cut_off.desk.sign_in("mlopez", "correct horse")
    cut_off.desk.work_offline(True)
    entered = [cut_off.desk.submit(note(one), id=cut_off.desk.new_id()).id for one in range(1, 4)]
    file = tmp_path / "queue.bundle"
    assert cut_off.desk.export_bundle(file, WORDS) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert b"Gate code" not in file.read_bytes()

    other = open_desk(folder=tmp_path / "two", station="C08")
    with pytest.raises(Refusal, match="sign in"):
        other.desk.import_bundle(file, WORDS)
    other.desk.sign_in("jdoe", "battery")
    mine = other.desk.submit(note(4), id=other.desk.new_id(), wait_s=10).id
    assert other.desk.import_bundle(file, WORDS) == 3
    other.events.until(lambda: central.applied == [mine, *entered])
    assert other.desk.import_bundle(file, WORDS) == 0
    next_one = other.desk.submit(note(5), id=other.desk.new_id(), wait_s=10)
    assert next_one.state == "applied"
    assert central.order == [("C08", 1), ("C07", 1), ("C07", 2), ("C07", 3), ("C08", 2)]
    assert other.desk.verify_outbox() == []

    cut_off.desk.work_offline(False)
    cut_off.events.until(lambda: cut_off.desk.queue(open_only=True) == [])
    assert {cut_off.desk.outcome(one).state for one in entered} == {"applied"}  # type: ignore[union-attr]
    assert len(central.applied) == 5


def test_a_bundle_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    file = tmp_path / "queue.bundle"
    write_bundle(file, WORDS, [b"one", b"two"])
    assert read_bundle(file, WORDS) == [b"one", b"two"]
    with pytest.raises(Refusal, match="nothing was taken"):
        read_bundle(file, "three small goats")


def test_a_changed_bundle_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "queue.bundle"
    write_bundle(file, WORDS, [b"one"])
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    with pytest.raises(Refusal, match="damaged"):
        read_bundle(file, WORDS)


@pytest.mark.parametrize("content", [b"", b"csr-console bundle 1\n", b"account,name\n1,2\n" * 9])
def test_any_other_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "queue.bundle"
    file.write_bytes(content)
    with pytest.raises(Refusal, match="no bundle"):
        read_bundle(file, WORDS)
    with pytest.raises(Refusal, match="cannot be read"):
        read_bundle(tmp_path / "nothing", WORDS)


def test_a_short_passphrase_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="at least 12"):
        write_bundle(tmp_path / "queue.bundle", "boats", [b"one"])
    assert list(tmp_path.iterdir()) == []
