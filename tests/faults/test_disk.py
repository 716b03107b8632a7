"""P10: a disk that is full, cannot be written or fails: never a false "saved", and the screen says so.

Seen through the real console in a terminal, with a real desk process on a small file system of its own; the
errors of the device are made by strace in that process.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.hostile_terminal import Terminal

from csr_console.desk.model import StoreLocked
from csr_console.desk.store.cipher import refuse_network_path

MOUNT_MB = 100
"""Four times the reserve, and the stores."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, where this process may mount one."""
    point = tmp_path / "disk"
    point.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MOUNT_MB}m", "tmpfs", str(point)]
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command to make a small disk with")
    if subprocess.run(command, capture_output=True, timeout=10).returncode:
        pytest.skip("mounting a small tmpfs is not permitted here")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True, timeout=10)


def fill(path: Path) -> None:
    """Leave not a byte."""
    for size in (1 << 16, 1):
        with path.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


@contextmanager
def failing(terminal: Terminal, disk: Path, calls: str, error: str) -> Iterator[None]:
    """Every such call of the desk on the files of its queue fails, as a dying device makes it."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace to make errors with")
    files = [word for name in ("outbox.db", "outbox.db-wal") for word in ("-P", str(disk / name))]
    words = ["strace", "-f", "-qq", "-p", str(terminal.pid), "-o", "/dev/null", "-e", f"trace={calls}"]
    injected = [*words, "-e", f"inject={calls}:error={error}", *files]
    tracer = subprocess.Popen(injected, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{terminal.pid}/status")
    for _ in range(500):
        if f"TracerPid:\t{tracer.pid}" in status.read_text():
            break
        if tracer.poll() is not None:
            pytest.skip("strace may not attach to a process here")
        time.sleep(0.01)
    time.sleep(0.2)  # it takes the threads one by one
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        try:
            tracer.wait(10)
        except subprocess.TimeoutExpired:  # it waits for a thread that was killed and holds it
            tracer.kill()
            tracer.wait(10)
        os.kill(terminal.pid, signal.SIGCONT)  # a thread that began while strace let go may stand still


def note(terminal: Terminal, text: str, *, until: Callable[[str], bool]) -> str:
    """Type a note and Enter into its form, in the place of what a draft has brought back; what the screen
    says when it has said it."""
    terminal.ask(do="note")
    return enter(terminal, b"\x15" + text.encode() + b"\r", until=until)


def enter(terminal: Terminal, typed: bytes, *, until: Callable[[str], bool]) -> str:
    terminal.type(typed)
    said = ""
    for _ in range(300):
        said = str(terminal.ask(do="rest")["said"])
        if until(said):
            return said
        time.sleep(0.02)
    raise AssertionError(f"the screen says {said!r}:\n{terminal.text}")


def saved(said: str) -> bool:
    """Whether the clerk reads that it is on disk, or at central."""
    return said.startswith(("Note added. Saved here", "Done."))


def not_saved(said: str) -> bool:
    return "Enter again" in said


def test_at_no_byte_free_the_queue_saves_and_drains_and_then_says_that_it_is_full(disk: Path) -> None:
    filler = disk / "filler"
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="offline", on=True)
        fill(filler)
        assert os.statvfs(disk).f_bavail == 0
        assert (disk / "reserve").exists()
        for number in range(5):
            note(terminal, f"room {number}", until=saved)
        assert (disk / "reserve").exists()  # the log has had its length since the start
        terminal.ask(do="fill_log")
        note(terminal, "reserve", until=saved)
        assert not (disk / "reserve").exists()
        home = terminal.ask(do="home")
        assert "nearly full: free some space" in " ".join(terminal.text.split())
        terminal.ask(do="offline", on=False)
        terminal.ask(do="drained")
        assert set(terminal.ask(do="rest")["queue"].values()) == {"applied"}

        terminal.ask(do="offline", on=True)
        fill(filler)
        terminal.ask(do="fill_log")
        said = note(terminal, "no room", until=not_saved)
        assert "disk of this workstation is full. Free some space and press Enter again" in said
        assert "Free some space and press" in " ".join(terminal.text.split())
        assert "no room" in terminal.text  # the form keeps what was typed
        for code in ("queue", "outages", "hazards", "drafts", "shift"):
            terminal.ask(do="verb", code=code)  # no screen falls over a disk that is full
        terminal.ask(do="note")
        filler.unlink()
        enter(terminal, b"\x15room again\r", until=saved)
        terminal.ask(do="offline", on=False)
        terminal.ask(do="drained")
        queue = terminal.ask(do="rest")["queue"]
        assert "room again" in queue
        assert set(queue.values()) == {"applied"}
        assert home["screen"] == "HomeScreen"
    assert terminal.return_code == 0


@pytest.mark.parametrize(
    ("calls", "error"),
    [
        ("pwrite64", "EIO"),
        pytest.param("fdatasync,fsync", "EIO", marks=pytest.mark.soak),
        pytest.param("pwrite64", "EROFS", marks=pytest.mark.soak),
    ],
)
def test_a_device_that_fails_is_never_taken_for_a_yes(disk: Path, calls: str, error: str) -> None:
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="offline", on=True)
        promised = ["before"]
        note(terminal, "before", until=saved)
        with failing(terminal, disk, calls, error):
            said = note(terminal, "uncertain", until=lambda said: saved(said) or not_saved(said))
            assert not_saved(said)
            assert "reports errors, so it is not certain that this is saved" in said
            assert "Press Enter again" in " ".join(terminal.text.split())
            for code in ("queue", "drafts"):
                terminal.ask(do="verb", code=code)
        promised.append("after")
        note(terminal, "after", until=saved)
        terminal.kill()
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="drained")
        queue = terminal.ask(do="rest")["queue"]
        assert set(promised) <= set(queue) <= {*promised, "uncertain"}
        assert set(queue.values()) == {"applied"}


def test_what_may_have_been_sent_is_asked_about_after_a_restart(disk: Path) -> None:
    """The disk fails while the outcome is written down: sent, and not known to be so."""
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="offline", on=True)
        note(terminal, "on the wire", until=saved)
        terminal.ask(do="central_slow", seconds=1.0)
        terminal.ask(do="offline", on=False)
        terminal.ask(do="reaches", state="sending")
        with failing(terminal, disk, "pwrite64", "EIO"):
            time.sleep(1.5)
            assert terminal.ask(do="rest")["queue"]["on the wire"] in ("sending", "unconfirmed")
            terminal.kill()
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="drained")
        assert terminal.ask(do="rest")["queue"] == {"on the wire": "applied"}


@pytest.mark.parametrize("cases", ["plain", "network"])
def test_stores_that_cannot_be_opened_are_said_with_what_to_do(disk: Path, cases: str) -> None:
    if cases == "plain":
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, timeout=10)
    with Terminal(disk, cases, "disk_console") as terminal:
        said = terminal.ask(do="rest")["said"]
        words = " ".join(terminal.text.split())
    if cases == "network":
        assert "cannot lie on a network share (nfs4): choose a folder on this machine" in said
        assert "choose a folder on this machine" in words
    else:
        assert "cannot be opened" in said
        assert "read-only" in words.casefold()
    assert list(disk.iterdir()) == []
    assert terminal.return_code == 0


SHARES = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "9p",
    "ceph",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.glusterfs",
)


@pytest.mark.parametrize("kind", SHARES)
def test_a_share_is_refused_by_its_kind_and_through_a_link(tmp_path: Path, kind: str) -> None:
    share, link = tmp_path / "share", tmp_path / "link"
    share.mkdir()
    link.symlink_to(share)
    mounts = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:1 / {share} rw - {kind} host:/x rw\n"
    for path in (share, share / "desk", link, link / "desk"):
        with pytest.raises(StoreLocked, match="network share"):
            refuse_network_path(path, mounts)
    for path in (tmp_path, tmp_path / "desk", tmp_path / "shared"):
        refuse_network_path(path, mounts)
    refuse_network_path(share, mounts.replace(kind, "fuse.gocryptfs"))


def test_a_console_that_swallows_the_error_says_saved_and_loses(disk: Path) -> None:
    """The control: the same disk under a desk that takes a failure for a yes."""
    with Terminal(disk, "swallow", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="offline", on=True)
        fill(disk / "filler")
        terminal.ask(do="fill_log")
        fill(disk / "filler")
        terminal.ask(do="fill_log")
        promised = [f"lost {number}" for number in range(3)]
        for text in promised:
            note(terminal, text, until=saved)
        terminal.kill()
    (disk / "filler").unlink()
    with Terminal(disk, "plain", "disk_console") as terminal:
        terminal.ask(do="sign_in")
        kept = terminal.ask(do="rest")["queue"]
    assert len(set(promised) - set(kept)) > 0
