"""The single-line input everything is typed into: the omnibox and the fields of forms."""

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from csr_console.domain.text import clean


class LineInput(Input, inherit_bindings=False):
    """A one-line input without the editing keys that terminals or our own verbs take (Ctrl+A, B, H, K, W
    ...).

    Arriving by Tab puts the cursor at the end instead of selecting all: the next key must not wipe what is
    there.
    """

    DEFAULT_CSS = """
    LineInput {
        height: 1; border: none; padding: 0; background: $surface; color: $foreground;
        &:focus { border: none; background: $cursor-row; background-tint: $cursor-row 0%; }
        &.-invalid, &.-invalid:focus { border: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "next", show=False),
        Binding("left", "cursor_left", "left", show=False),
        Binding("right", "cursor_right", "right", show=False),
        Binding("ctrl+left", "cursor_left_word", "a word left", show=False),
        Binding("ctrl+right", "cursor_right_word", "a word right", show=False),
        Binding("shift+left", "cursor_left(True)", "select left", show=False),
        Binding("shift+right", "cursor_right(True)", "select right", show=False),
        Binding("home", "home", "start", show=False),
        Binding("end,ctrl+e", "end", "end", show=False),
        Binding("backspace", "delete_left", "delete left", show=False),
        Binding("delete,ctrl+d", "delete_right", "delete", show=False),
        Binding("ctrl+u", "delete_left_all", "delete to the start", show=False),
        Binding("ctrl+x", "cut", "cut", show=False),
        Binding("ctrl+v", "paste", "paste", show=False),
    ]

    virtual_size = Reactive(Size(0, 0))
    """The stock input lays the whole screen out at every key, since what it scrolls has grown; a line of a
    fixed width moves nothing."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, **{"select_on_focus": False, "compact": True, **options})
        # A cursor that blinks keeps an idle line busy.
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """What is typed or pasted is inert before it is drawn."""
        return clean(value).replace("\n", " ").replace("\t", " ")

    def action_cut(self) -> None:
        """What nobody may read over the shoulder does not go to the clipboard of the terminal either."""
        if self.password:
            self.delete_selection()
        else:
            super().action_cut()

    def _on_paste(self, event: events.Paste) -> None:
        # The stock input keeps the first line only; the gate has made one line of it already, a test has not.
        event.prevent_default()
        event.stop()
        self.replace(event.text.replace("\n", " "), *sorted(self.selection))
