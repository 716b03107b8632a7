"""What stands in the cell of a field: a line, a choice or a note. Each has a `text` and says when it was
edited.
"""

from typing import Any, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.dom import DOMNode
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import TextArea

from csr_console.domain.text import clean
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.specs import Answer
from csr_console.widgets.themes import tone_style

NEXT = "next / send"
INLINE = 9
"""As many answers stand side by side, one key each; more open the list."""


class LineEditor(LineInput):
    """A line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", NEXT)]

    @property
    def text(self) -> str:
        """What was typed."""
        return self.value

    @text.setter
    def text(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(self.value)


class ChoiceEditor(Widget, can_focus=True):
    """A closed list of answers; a letter or a digit answers in one key. There may be no answer yet."""

    class Edited(Message):
        """Another answer was given."""

    class ListAsked(Message):
        """A letter was typed into a list too long to stand here: open it, narrowed by that letter."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    DEFAULT_CSS = """
    ChoiceEditor {
        height: auto; width: 1fr; background: $surface; color: $foreground;
        &:focus { background: $cursor-row; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "answer before", show=False),
        Binding("right", "turn(1)", "answer after", show=False),
        Binding("backspace,delete", "unanswer", "no answer", show=False),
    ]

    text: reactive[str] = reactive("")
    """The value of the answer, empty for none."""

    def __init__(self, answers: tuple[Answer, ...], text: str = "") -> None:
        super().__init__()
        self.answers = answers
        self.set_reactive(ChoiceEditor.text, self.validate_text(text))

    @property
    def is_inline(self) -> bool:
        """Whether the answers are few enough to stand side by side."""
        return len(self.answers) <= INLINE

    def validate_text(self, text: str) -> str:
        """A draft may hold an answer that no longer exists."""
        return text if any(answer.value == text for answer in self.answers) else ""

    def watch_text(self) -> None:
        self.post_message(self.Edited())

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters and digits answer here; they are no verbs. A form may bind the signs."""
        return character is not None and character.isalnum()

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or event.character is None:
            return
        event.stop()
        event.prevent_default()
        if not self.is_inline:
            self.post_message(self.ListAsked(event.character))
            return
        typed = event.character.casefold()
        for number, answer in enumerate(self.answers, 1):
            if typed in {answer.letter, str(number)}:
                self.text = answer.value
                return
        self.app.bell()

    def on_click(self) -> None:
        self.post_message(self.ListAsked(""))

    def action_turn(self, by: int) -> None:
        values = [answer.value for answer in self.answers]
        at = values.index(self.text) + by if self.text in values else (0 if by > 0 else -1)
        self.text = values[at % len(values)]

    def action_unanswer(self) -> None:
        self.text = ""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        """All answers side by side, wrapped whole; of a long list the one given."""
        chosen = next((answer for answer in self.answers if answer.value == self.text), None)
        if not self.is_inline:
            label = _answer(chosen, True) if chosen else Content.styled(" no answer yet ", tone_style("dim"))
            hint = f" type to choose of {len(self.answers)}, F4 lists them"
            return [(label + Content.styled(hint, tone_style("dim"))).truncate(width, ellipsis=True)]
        lines = [Content("")]
        for answer in self.answers:
            shown = _answer(answer, answer is chosen)
            if lines[-1] and lines[-1].cell_length + shown.cell_length > width:
                lines.append(shown)
            else:
                lines[-1] += shown
        return lines


def _answer(answer: Answer, chosen: bool) -> Content:
    """`(w)ire down`, the letter that gives it in brackets where it stands; the chosen one also has a mark."""
    at = answer.label.casefold().find(answer.letter) if answer.letter else -1
    label = answer.label
    shown = f"{label[:at]}({label[at]}){label[at + 1 :]}" if at >= 0 else label
    return Content.styled(f"▸{shown} ", "bold reverse") if chosen else Content(f" {shown} ")


class NoteEditor(TextArea, inherit_bindings=False):
    """A note of several lines. Enter goes on, as in every field; Ctrl+O starts a new line, a paste keeps its
    own.
    """

    DEFAULT_CSS = """
    NoteEditor {
        height: 4; width: 1fr; border: none; padding: 0; background: $surface; color: $foreground;
        &:focus { border: none; background: $cursor-row; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "new_line", "new line"),
        Binding("up", "cursor_up", "up", show=False),
        Binding("down", "cursor_down", "down", show=False),
        Binding("left", "cursor_left", "left", show=False),
        Binding("right", "cursor_right", "right", show=False),
        Binding("ctrl+left", "cursor_word_left", "a word left", show=False),
        Binding("ctrl+right", "cursor_word_right", "a word right", show=False),
        Binding("home", "cursor_line_start", "start", show=False),
        Binding("end,ctrl+e", "cursor_line_end", "end", show=False),
        Binding("backspace", "delete_left", "delete left", show=False),
        Binding("delete,ctrl+d", "delete_right", "delete", show=False),
        Binding("ctrl+u", "delete_to_start_of_line", "delete to the start", show=False),
        Binding("ctrl+x", "cut", "cut", show=False),
        Binding("ctrl+v", "paste", "paste", show=False),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__(clean(text, limit=20_000), compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.move_cursor(self.document.end)

    def load_text(self, text: str) -> None:
        """Put a text in the place of what stands there, as a draft does, and go on at its end; it is made
        inert."""
        super().load_text(clean(text, limit=20_000))
        self.move_cursor(self.document.end)

    def watch(self, obj: DOMNode, attribute_name: str, callback: Any, init: bool = True) -> None:
        # The stock area watches the application's theme, which keeps every note ever shown in memory.
        if obj is not self.app:
            super().watch(obj, attribute_name, callback, init)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._restyle)

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)

    def _restyle(self, _theme: Theme) -> None:
        self._app_theme_changed()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return key not in {"enter", "tab"} and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = clean(event.text.replace("\r\n", "\n").replace("\r", "\n"), limit=20_000)

    def action_new_line(self) -> None:
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        # At the edge the key belongs to the form: the field before.
        if self.get_cursor_up_location() == self.cursor_location or self.cursor_location[0] == 0:
            raise SkipAction
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_location[0] == self.document.line_count - 1:
            raise SkipAction
        super().action_cursor_down(select)


Editor = LineEditor | ChoiceEditor | NoteEditor
