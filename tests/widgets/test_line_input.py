"""The input of the omnibox and the fields."""

from tests.widgets.keys import burst
from textual import events
from textual.app import ComposeResult

from csr_console.widgets.card import Card
from csr_console.widgets.editors import ChoiceEditor, NoteEditor
from csr_console.widgets.form import Form
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.picker import Picker
from csr_console.widgets.result_list import ResultList

NEVER_BOUND = {
    *(f"ctrl+{key}" for key in "hijmswtnbaq"),
    "ctrl+left_square_bracket",
    *(f"{modifier}+f{n}" for modifier in ("shift", "ctrl", "alt") for n in range(1, 13)),
    *(f"alt+{n}" for n in range(10)),
    "f10",
    "f11",
}


class Desk(GatedApp[None]):
    def compose(self) -> ComposeResult:
        yield LineInput()
        yield LineInput("here", id="second")


async def test_arriving_by_tab_wipes_nothing() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["tab", "x"])
        assert app.query_one("#second", LineInput).value == "herex"


async def test_what_is_pasted_is_one_inert_line() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, [events.Paste("a\x1b[31m\tb\nc\n"), "d"])
        assert app.query_one(LineInput).value == "a�[31m b cd"


async def test_keys_that_are_never_bound_are_not() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, [])
        assert not NEVER_BOUND & set(app.screen.active_bindings)


def test_no_widget_binds_them_either() -> None:
    widgets = (Card, NoteEditor, ChoiceEditor, Form, Picker, ResultList)
    bound = {key for widget in widgets for key in widget._merge_bindings().key_to_bindings}
    assert {"enter", "escape", "f4"} <= bound
    assert not bound & NEVER_BOUND
