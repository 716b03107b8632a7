"""One question with one line for the answer: a reason, a PIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from csr_console.domain.text import clean_line
from csr_console.widgets.line_input import LineInput

Check = Callable[[str], str]
"""Gives the words of what is wrong with an answer, or an empty text."""


class AskScreen(ModalScreen[str | None]):
    """Dismissed with the answer, or with None on Esc."""

    DEFAULT_CSS = """
    AskScreen { align: center middle; }
    AskScreen > Vertical {
        width: 72; max-width: 100%; height: auto; padding: 0 1;
        border: round $line-focus; background: $surface;
    }
    AskScreen LineInput, AskScreen LineInput:focus { background: $cursor-row; }
    AskScreen #wrong { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f3,f12", "leave", "Back", priority=True)]

    def __init__(self, question: str, *, check: Check | None = None, secret: bool = False) -> None:
        super().__init__()
        self._question = question
        self._check = check
        self._secret = secret

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(clean_line(self._question, limit=300)))
            yield LineInput(password=self._secret, id="answer")
            yield Static(Content.styled("Enter sends · Esc leaves it as it is", "$tone-dim"), id="wrong")

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#answer", LineInput))

    @on(Input.Submitted, "#answer")
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        answer = event.value.strip()
        wrong = self._check(answer) if self._check else ""
        if wrong:
            self.query_one("#wrong", Static).update(Content.styled(f"✗ {wrong}", "$tone-error"))
        else:
            self.dismiss(answer)

    def action_leave(self) -> None:
        self.dismiss(None)


def check_reason(answer: str) -> str:
    """A reason stays in the audit log: three characters at least, two hundred at most."""
    if len(answer) < 3:
        return "Say why in a few words: it stays in the audit log."
    return "At most 200 characters." if len(answer) > 200 else ""
