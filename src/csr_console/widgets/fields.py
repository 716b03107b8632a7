"""A field of a form: its label, its cell and its error line, all in fixed places."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from csr_console.domain.text import clean_line
from csr_console.widgets.editors import ChoiceEditor, Editor, LineEditor, NoteEditor
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.specs import FieldSpec
from csr_console.widgets.spellings import (
    read_date,
    read_moment,
    read_money,
    read_phone,
    tidy_date,
    tidy_moment,
    tidy_money,
    tidy_phone,
)
from csr_console.widgets.themes import tone_style

LABEL_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a kind of field is read from any spelling (`ValueError` with words) and tidied when it is left."""

    read: Callable[[str], Any]
    tidy: Callable[[Any], str]


def now() -> datetime:
    """The clerk's own clock and zone, from which `15:30`, `+2` and `fri` count."""
    return datetime.now().astimezone()


SPELLINGS: dict[str, Spelling] = {
    "phone": Spelling(read_phone, tidy_phone),
    "money": Spelling(read_money, tidy_money),
    "date": Spelling(lambda text: read_date(text, now().date()), tidy_date),
    "moment": Spelling(lambda text: read_moment(text, now()), tidy_moment),
}


class Field(Widget):
    """One field. `text` is what was typed, `value` what the command takes, `error` what is wrong in words."""

    class Edited(Message):
        """The text changed."""

    class Left(Message):
        """The focus went on, and what was typed is tidied."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

    DEFAULT_CSS = """
    Field {
        height: auto; width: 1fr; background: $background; color: $foreground; padding: 0 1 0 0;
        & > .editor { margin: 0 0 1 16; width: 1fr; }
    }
    """

    error: reactive[str] = reactive("")

    def __init__(self, spec: FieldSpec, text: str = "") -> None:
        super().__init__()
        self.spec = spec
        self._spelling = SPELLINGS.get(spec.kind)
        self.editor = _editor(spec, self._tidied(text)[0])
        self.editor.add_class("editor")

    def compose(self) -> ComposeResult:
        yield self.editor

    @property
    def text(self) -> str:
        """What was typed, or the value of the answer."""
        return self.editor.text

    @text.setter
    def text(self, text: str) -> None:
        self.editor.text = text

    @property
    def value(self) -> Any:
        """What the command takes.

        Raises:
            ValueError: with words, when the text is no value of this kind.
        """
        return self._spelling.read(self.text) if self._spelling else self.text

    def render(self) -> Content:
        label = Content.styled(clean_line(self.spec.label)[: LABEL_WIDTH - 2], tone_style("dim"))
        if not self.error:
            return label
        words = f"{' ' * LABEL_WIDTH}✗ {clean_line(self.error)}"
        # One line: a wrapped error would stand in the next field.
        line = Content.styled(words, tone_style("error")).truncate(self.content_size.width, ellipsis=True)
        return Content("\n" * max(1, self.content_size.height - 1)).join([label, line])

    def watch_error(self) -> None:
        self.refresh()

    def _tidied(self, text: str) -> tuple[str, str]:
        """The text in the one spelling that is kept, and what is wrong with it."""
        if self._spelling is None or not text.strip():
            return text, ""
        try:
            return self._spelling.tidy(self._spelling.read(text)), ""
        except ValueError as error:
            return text, str(error)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        text, self.error = self._tidied(self.text)
        if text != self.text:
            self.text = text
        self.post_message(self.Left(self))

    def on_input_changed(self, event: LineInput.Changed) -> None:
        self._edited(event)

    def on_text_area_changed(self, event: NoteEditor.Changed) -> None:
        self._edited(event)

    def on_choice_editor_edited(self, event: ChoiceEditor.Edited) -> None:
        self._edited(event)

    def _edited(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Edited())


def _editor(spec: FieldSpec, text: str) -> Editor:
    if spec.kind == "choice":
        return ChoiceEditor(spec.answers, text)
    return NoteEditor(text) if spec.kind == "note" else LineEditor(text)
