"""One line of the screen, drawn as one piece of content: no children, so nothing to rebuild or to leak."""

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

Piece = tuple[str, str]
"""A text and its style."""


class Line(Widget):
    """A widget of one line; a subclass says what stands left and right."""

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    """

    def left(self, width: int) -> list[Piece]:
        """What stands on the left in at most `width` cells."""
        raise NotImplementedError

    def right(self) -> list[Piece]:
        """What stands on the right, whatever else has to give way."""
        return []

    def render(self) -> Content:
        width = self.content_size.width
        right = Content.assemble(*self.right())
        room = max(0, width - right.cell_length - 1)
        left = Content.assemble(*self.left(room)).truncate(room, ellipsis=True, pad=True)
        return (left + " " + right).truncate(width)


def cells_of(pieces: list[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cell_len(text) for text, _style in pieces)
