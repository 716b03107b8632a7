"""Key bar, status line and alert line: one line each, whatever happens."""

from datetime import UTC, datetime
from typing import ClassVar

import pytest
from tests.widgets.keys import burst
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from csr_console.widgets.alert_line import AlertLine
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.keybar import KeyBar, key_word
from csr_console.widgets.line import Line
from csr_console.widgets.status_line import StatusLine, clock

SIZES = [(80, 24), (120, 40)]
VERBS = [f"verb {n}" for n in range(13)]


class Work(Static, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "bills", "bills"),
        Binding("B", "bills", "bills"),
        Binding("u", "usage", "usage"),
        Binding("x", "hidden", "hidden", show=False),
    ]

    def action_bills(self) -> None:
        pass

    action_usage = action_hidden = action_bills


class Desk(GatedApp[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "help"),
        Binding("ctrl+k", "palette", "commands"),
        *(
            Binding(key, "help", f"{verb} of the customer")
            for key, verb in zip("cdefghijklmno", VERBS, strict=True)
        ),
        Binding("z", "off", "undo"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "off" else True

    def compose(self) -> ComposeResult:
        yield Work("work")
        yield Input()
        yield StatusLine()
        yield AlertLine()
        yield KeyBar()

    def text(self, kind: type[Line]) -> str:
        return self.query_one(kind).render().plain


@pytest.mark.parametrize("size", SIZES)
async def test_the_key_bar_follows_the_focus_in_one_line(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size):
        await burst(app, [])
        bar = app.query_one(KeyBar)
        shown = app.text(KeyBar)
        assert shown.startswith("b bills  u usage  c verb 0 of the customer")
        assert "hidden" not in shown
        assert "undo" not in shown
        assert shown.rstrip().endswith("F1 help  Ctrl+K commands")
        assert bar.size.height == 1
        assert len(shown) <= bar.content_size.width
        await burst(app, ["tab"])
        assert app.focused is app.query_one(Input)
        assert "b bills" not in app.text(KeyBar), "letters insert here"


async def test_changes_of_focus_leave_no_widgets_behind() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["tab"])
        before = len(app._registry)
        await burst(app, ["tab"] * 50)
        assert len(app._registry) == before


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("f4", "F4"),
        ("ctrl+k", "Ctrl+K"),
        ("escape", "Esc"),
        ("w", "w"),
        ("slash", "/"),
        ("grave_accent", "`"),
        ("left_square_bracket", "["),
        ("shift+tab", "Shift+Tab"),
    ],
)
def test_keys_are_written_for_people(key: str, word: str) -> None:
    assert key_word(key) == word


@pytest.mark.parametrize("size", SIZES)
async def test_the_status_line_says_it_in_words(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size):
        status = app.query_one(StatusLine)
        assert app.text(StatusLine).split() == ["TYPE"]
        status.network = "online"
        assert app.text(StatusLine).split() == ["TYPE", "●", "online"]
        status.mode, status.network = "WORK", "offline"
        status.since = datetime(2024, 9, 1, 14, 2, tzinfo=UTC)
        status.queued, status.held, status.working, status.marker = 3, 4, "looking up", "TRAINING"
        status.call_start()
        local = status.since.astimezone()
        words = app.text(StatusLine)
        assert words.startswith(f" TRAINING  WORK  ○ offline since {local:%H:%M}  ↑ 3 queued  ⌨ 4 keys wait")
        assert words.rstrip().endswith("☎ call 0:00")
        assert len(words) <= status.content_size.width
        status.call_hold()
        assert "☎ on hold 0:00" in app.text(StatusLine)
        status.call_hold()
        assert "☎ call" in app.text(StatusLine)
        assert status.call_end() >= 0
        assert "☎" not in app.text(StatusLine)


async def test_without_a_call_there_is_nothing_to_hold_or_to_end() -> None:
    app = Desk()
    async with app.run_test():
        status = app.query_one(StatusLine)
        status.call_hold()
        assert status.call is None
        assert status.call_end() == 0


async def test_a_thin_line_has_no_running_clock() -> None:
    class Thin(GatedApp[None]):
        def compose(self) -> ComposeResult:
            yield StatusLine(thin=True)

    app = Thin()
    async with app.run_test():
        status = app.query_one(StatusLine)
        status.call_start()
        assert status.render().plain.rstrip().endswith("☎ call")
        assert status._ticks is None


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (247.9, "4:07"), (3750, "1:02:30")])
def test_the_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize("size", SIZES)
async def test_the_alert_line_never_relies_on_colour(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size):
        alert = app.query_one(AlertLine)
        assert app.text(AlertLine).strip() == ""
        alert.show("danger", "wire down at Oak & 12th\x1b[2J\nkeep 35 feet away" + " and wait" * 60)
        shown = app.text(AlertLine)
        assert shown.startswith("▲ DANGER  wire down at Oak & 12th�[2J keep 35 feet away")
        assert shown.rstrip().endswith("…")
        assert len(shown) <= alert.content_size.width
        assert alert.size.height == 1
        alert.clear()
        assert app.text(AlertLine).strip() == ""
