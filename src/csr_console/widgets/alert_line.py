"""The alert line: the one place where the console speaks up, never over the row in focus and never opening
anything.
"""

from typing import Literal

from textual.reactive import reactive

from csr_console.domain.text import clean_line
from csr_console.widgets.line import Line, Piece
from csr_console.widgets.themes import MARKS, tone_style

Severity = Literal["info", "ok", "warn", "error", "danger"]


class AlertLine(Line):
    """The last thing to say, with its glyph, word and colour; an empty line keeps its place."""

    DEFAULT_CSS = """
    AlertLine { background: $background; }
    """

    severity: reactive[Severity] = reactive[Severity]("info")
    text: reactive[str] = reactive("")

    def show(self, severity: Severity, text: str) -> None:
        """Say `text`; it stays until the next one or `clear`."""
        self.severity = severity
        self.text = clean_line(text, limit=500)

    def clear(self) -> None:
        """Say nothing."""
        self.text = ""

    def left(self, width: int) -> list[Piece]:
        if not self.text:
            return []
        glyph, word = MARKS[self.severity]
        style = tone_style(self.severity)
        return [(f"{glyph} {word}", style), (f"  {self.text}", style)]
