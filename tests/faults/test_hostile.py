"""P13: hostile names are inert, on every screen, as bytes on a terminal of 80 by 24."""

import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from tests.faults.corpus import CONTROL, CORPUS, Case
from tests.faults.hostile_central import HOSTILE_KEYS
from tests.faults.hostile_console import OPENERS
from tests.faults.hostile_terminal import ConsoleEnded, Terminal
from tests.faults.terminal import Tape, violations
from textual.screen import Screen

import csr_console.screens
import csr_console.widgets

ABSTRACT = frozenset(
    {
        "base.ConsoleScreen", "forms.FormScreen", "report._OnReport", "sign_in.EntryScreen",
        "money.MoneyScreen", "money.BillReading", "correction.RatedAgainScreen",
        "previewed.PreviewedForm", "budget._PlanForm",
    }
)  # fmt: skip
"""What screens are made from; none of them is ever opened."""
PAYLOADS = [case.text[len(case.token) :] for case in CORPUS if re.search("[\x00-\x1f\x7f-\x9f].", case.text)]
"""What must not come out as it went in; a bare escape at the end looks like the next of our own sequences."""
TITLE = ";default"
"""What the terminal of the test makes of the shape of the pointer (OSC 22), which it does not know."""
CUT = 14
"""A list may cut what it shows after so many cells."""


def screens_there_are() -> set[str]:
    """`module.Class` of every screen of the packages that draw."""
    found = set()
    for package in (csr_console.screens, csr_console.widgets):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = import_module(info.name)
            found |= {
                f"{info.name.rpartition('.')[2]}.{name}"
                for name, one in inspect.getmembers(module, inspect.isclass)
                if issubclass(one, Screen) and one.__module__ == info.name
            }
    return found


def test_every_screen_there_is_has_a_hostile_case() -> None:
    """A new screen says in `hostile_console.OPENERS` how it is opened with the data of a case."""
    assert screens_there_are() - ABSTRACT == set(OPENERS)


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the console sends to a terminal when nobody means it harm."""
    with Terminal(tmp_path_factory.mktemp("harmless"), "harmless") as terminal:
        terminal.ask(do="sign_in")
        for name in OPENERS:
            terminal.ask(do="open", screen=name, position=0)
        shapes = Tape.of(bytes(terminal.shown)).shapes
    shapes |= Tape.of(bytes(terminal.shown)).shapes
    assert len(shapes) < 60
    return shapes


STATUS = re.compile(r"  (TYPE|WORK) ")


def look_at(terminal: Terminal, name: str, position: int, case: Case) -> list[str]:
    """Open a screen with the data of a case and say what is wrong with what stands there."""
    answer = terminal.ask(do="open", screen=name, position=position)
    where = f"{name} with {case.name}"
    wrong = []
    if f"{answer['module'].rpartition('.')[2]}.{answer['screen']}" != name:
        wrong.append(f"{where}: {answer['screen']} is in front, it says {answer['said']}")
    for _try in range(100):
        text = terminal.text
        if case.token in text and STATUS.match(terminal.lines[-1]):
            break
        terminal.ask(do="rest")  # lists are read and painted beside the keys
    if case.token not in text:
        wrong.append(f"{where}: not there")
    elif case.seen[:CUT] not in text:
        at = text.index(case.token)
        wrong.append(f"{where}: reads {text[at : at + CUT]!a}")
    if answer["clicks"]:
        wrong.append(f"{where}: can be clicked: {answer['clicks']}")
    if not STATUS.match(terminal.lines[-1]):
        wrong.append(f"{where}: the last line is {terminal.lines[-1]!r}")
    if terminal.screen.title not in ("", TITLE) or terminal.screen.icon_name:
        wrong.append(f"{where}: the title is {terminal.screen.title!r}")
    return wrong


def one_each() -> Iterator[tuple[str, int]]:
    """Every case once and every screen several times; the workspace with hostile keys, too."""
    names = list(OPENERS)
    for position in range(len(CORPUS)):
        yield names[position % len(names)], position
    for position in range(0, len(CORPUS), 8):
        yield "workspace.WorkspaceScreen", HOSTILE_KEYS + position


def a_third_of_them() -> Iterator[tuple[str, int]]:
    """Every screen with a third of the cases, its neighbors with the others; those about one customer with
    hostile keys, too."""
    for at, name in enumerate(OPENERS):
        for position in range(at % 3, len(CORPUS), 3):
            yield name, position
    for name in ("workspace.WorkspaceScreen", "timeline.EntryScreen", "verify.VerifyScreen"):
        for position in range(len(CORPUS)):
            yield name, HOSTILE_KEYS + position


def paste(terminal: Terminal, step: int) -> list[str]:
    """Paste the cases into a line and into a note, as a terminal brackets it; every `step`th of them."""
    wrong = []
    for at, screen in enumerate(("home.HomeScreen", "note.NoteScreen")):
        terminal.ask(do="open", screen=screen, position=0)
        for case in CORPUS[at::step]:
            terminal.type(b"\x1b[200~" + case.text.encode() + b"\x1b[201~")
            if not any(case.token in terminal.ask(do="rest")["focused"] for _try in range(50)):
                wrong.append(f"{screen}: {case.name} was not pasted")
    return wrong


def tour(folder: Path, steps: Iterator[tuple[str, int]], allowed: set[str], *, paste_step: int) -> list[str]:
    wrong: list[str] = []
    with Terminal(folder, "hostile") as terminal:
        terminal.ask(do="sign_in")
        for name, position in steps:
            wrong += look_at(terminal, name, position, CORPUS[position % HOSTILE_KEYS])
        wrong += paste(terminal, paste_step)
    assert terminal.return_code == 0, terminal.text
    return wrong + violations(bytes(terminal.shown), allowed, PAYLOADS)


def test_hostile_data_is_inert_on_the_screens(tmp_path: Path, allowed: set[str]) -> None:
    wrong = tour(tmp_path, one_each(), allowed, paste_step=6)
    assert not wrong, "\n".join(wrong)


@pytest.mark.soak
def test_a_third_of_the_cases_is_inert_on_every_screen(tmp_path: Path, allowed: set[str]) -> None:
    wrong = tour(tmp_path, a_third_of_them(), allowed, paste_step=1)
    assert not wrong, "\n".join(wrong)


def test_the_check_sees_what_is_not_sanitised(tmp_path: Path, allowed: set[str]) -> None:
    """The control: with the sanitiser off, and with a widget that takes a name for markup, the same look
    finds sequences, words that are gone, clicks, or a console that fell over."""
    wrong: list[str] = []
    terminal = Terminal(tmp_path, "control")
    with terminal:
        terminal.ask(do="sign_in")
        terminal.ask(do="open", screen="workspace.WorkspaceScreen", position=0)
        try:
            for position, case in enumerate(CONTROL):
                if case.name.startswith("markup"):
                    wrong += look_at(terminal, "control.Marked", position, case)
        except ConsoleEnded:
            wrong.append("the console ended over markup")
    assert len(wrong) > 1
    wrong = violations(bytes(terminal.shown), allowed, PAYLOADS)
    assert len(wrong) > 5
    assert "sequence SGR 31" in wrong
