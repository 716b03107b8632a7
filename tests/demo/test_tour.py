"""The main job, end to end: the program itself, real sockets, a network that is cut."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

IEEE9500 = Path(__file__).parents[3] / "shared" / "data" / "feeders" / "ieee9500"
STEPS = (
    "Report #1 is at central",
    "3 commands wait in the encrypted queue",
    "the phone number clashes with the colleague's",
    "6 entered, 0 open, both audit heads agree",
    "the chain of every command holds",
)
SCREENS = {
    "01-workspace", "02-verified", "03-reported", "06-offline", "07-queue", "08-conflict", "09-reconciled",
}  # fmt: skip


def play(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "HOME": str(folder)}
    command = [sys.executable, "-m", "csr_console", "demo", "--save", str(folder / "screens"), *options]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240
    )


def assert_all_came_out(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    for step in STEPS:
        assert step in done.stdout
    saved = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "screens").glob("*.svg")}
    assert set(saved) == SCREENS
    assert "100482771" in saved["01-workspace"]
    assert "offline" in saved["06-offline"]


def test_without_a_terminal_the_demo_plays_the_tour(tmp_path: Path) -> None:
    assert_all_came_out(play(tmp_path, "--accounts", "400"), tmp_path)


def test_the_tour_runs_on_a_real_network_model(tmp_path: Path) -> None:
    if not IEEE9500.exists():
        pytest.skip("the IEEE 9500-node model is not beside the project (../shared/data/feeders)")
    assert_all_came_out(play(tmp_path, "--network-model", str(IEEE9500)), tmp_path)


def test_a_folder_that_is_no_network_is_refused_with_a_sentence(tmp_path: Path) -> None:
    done = play(tmp_path, "--network-model", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("csr-console: the network cannot be used: ")
    assert "Traceback" not in done.stderr
