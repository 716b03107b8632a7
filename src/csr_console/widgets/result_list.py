"""A numbered list drawn line by line: as cheap at 100,000 rows as at ten, since only the visible ones are
drawn.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from csr_console.widgets.cells import Cell, Column, Toned, line_of
from csr_console.widgets.themes import Tone, tone_style

__all__ = ["Cell", "Column", "ResultList", "Toned"]

PICKED = 9
"""The first nine rows have a number, and that digit picks the row in one key."""
MARK_WIDTH = 4
HEADER = "result-list--header"


class ResultList(ScrollView, can_focus=True):
    """Rows of cells under fixed columns; a digit or Enter chooses one.

    `set_rows` keeps the sequence by reference and reads a row only when it is drawn, so a lazy sequence is
    welcome.
    """

    class OfRow(Message):
        """What the two messages share: the list and the index of the row."""

        def __init__(self, result_list: "ResultList", index: int) -> None:
            super().__init__()
            self.result_list = result_list
            self.index = index

        @property
        def control(self) -> "ResultList":
            return self.result_list

    class Chosen(OfRow):
        """The row was chosen, by Enter, by its digit or by a click."""

    class Highlighted(OfRow):
        """The cursor came to the row."""

    DEFAULT_CSS = """
    ResultList {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .result-list--cursor { background: $cursor-row; color: $foreground; text-style: bold; }
        & > .result-list--blurred { color: $foreground; text-style: bold; }
        & > .result-list--header { color: $tone-dim; background: $panel; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "result-list--cursor",
        "result-list--blurred",
        "result-list--header",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", tooltip="Open the row of the cursor"),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "go(0)", "first", show=False),
        Binding("end", "go(-1)", "last", show=False),
        *(Binding(str(n), f"pick({n})", f"row {n}", show=False) for n in range(1, PICKED + 1)),
    ]

    cursor: reactive[int | None] = reactive(None)

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "Nothing found",
        numbered: bool = True,
        header: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._empty = empty
        self._mark_width = MARK_WIDTH if numbered else 2
        self._numbered = numbered
        self._header = int(header)
        self._rows: Sequence[Sequence[Cell]] = ()
        self._lines: LRUCache[tuple[int, int, bool], Strip] = LRUCache(512)
        self._styles: dict[tuple[str, Tone], RichStyle] = {}

    @property
    def rows(self) -> Sequence[Sequence[Cell]]:
        """What is listed."""
        return self._rows

    def set_rows(
        self, rows: Sequence[Sequence[Cell]], *, keep: bool = False, empty: str | None = None
    ) -> None:
        """List `rows`; the cursor goes to the first, or stays at its row with `keep`.

        `empty` replaces the sentence that stands where no row does.
        """
        # Below the longer of the two lists nothing changes, so it is not drawn again.
        drawn = self._header + max(1, len(self._rows), len(rows))
        self._rows = rows
        if empty is not None:
            self._empty = empty
        self._lines.clear()
        self.virtual_size = Size(self.size.width, len(rows) + self._header)
        last = len(rows) - 1
        old = self.cursor if keep else None
        self.set_reactive(ResultList.cursor, min(old or 0, last) if rows else None)
        scrolled = self.scroll_offset.y > 0
        self._show_cursor()
        if scrolled or self.scroll_offset.y:
            self.refresh()
        else:
            self.refresh_lines(0, drawn)

    def render_line(self, y: int) -> Strip:
        if y < self._header:
            titles = [Toned(column.title, "dim") for column in self._columns]
            return self._strip([Toned(" " * self._mark_width, "dim"), *self._line(titles)], HEADER)
        row = y - self._header + self.scroll_offset.y
        if row >= len(self._rows):
            words = f"{' ' * self._mark_width}{self._empty}" if not self._rows and row == 0 else ""
            return self._strip([Toned(words, "dim")])
        key = (row, self.size.width, self.has_focus)
        here = row == self.cursor
        if not here and (cached := self._lines.get(key)) is not None:
            return cached
        strip = self._strip(self._marked(row, here), self._cursor_class() if here else "")
        if not here:
            self._lines[key] = strip
        return strip

    def _cursor_class(self) -> str:
        return "result-list--cursor" if self.has_focus else "result-list--blurred"

    def _marked(self, row: int, here: bool) -> list[Toned]:
        number = f"{row + 1}" if self._numbered and row < PICKED else ""
        mark = f"{'▸' if here else ' '}{number:>{self._mark_width - 2}} "
        return [Toned(mark, "dim"), *self._line(self._rows[row])]

    def _line(self, cells: Sequence[Cell]) -> list[Toned]:
        return line_of(cells, self._columns, self.size.width - self._mark_width)

    def _strip(self, parts: list[Toned], component: str = "") -> Strip:
        width = self.size.width
        strip = Strip(Segment(part.text, self._style(component, part.tone)) for part in parts)
        return strip.adjust_cell_length(width, self._style(component, "plain"))

    def _style(self, component: str, tone: Tone) -> RichStyle:
        """The colours of a tone on the background of its line."""
        style = self._styles.get((component, tone))
        if style is None:
            base = self.get_visual_style(component) if component else self.visual_style
            if tone != "plain":
                base += Style.parse(tone_style(tone))
            style = self._styles[component, tone] = base.rich_style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._lines.clear()
        self._styles.clear()

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._header)

    def _show_cursor(self) -> None:
        """Scroll as little as shows the cursor; by force, since new rows have no scroll bar yet."""
        top, cursor = self.scroll_offset.y, self.cursor or 0
        if cursor < top:
            self.scroll_to(y=cursor, animate=False, force=True)
        elif cursor >= top + self._page:
            self.scroll_to(y=cursor - self._page + 1, animate=False, force=True)

    def watch_cursor(self, old: int | None, new: int | None) -> None:
        self._show_cursor()
        for row in (old, new):
            if row is not None:
                self.refresh_line(row + self._header)
        if new is not None:
            self.post_message(self.Highlighted(self, new))

    def validate_cursor(self, cursor: int | None) -> int | None:
        if cursor is None or not self._rows:
            return None
        return max(0, min(cursor, len(self._rows) - 1))

    def on_resize(self) -> None:
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        row = event.y - self._header + self.scroll_offset.y
        if event.y >= self._header and row < len(self._rows):
            if self.cursor == row:
                self.action_choose()
            self.cursor = row

    def action_choose(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def action_pick(self, number: int) -> None:
        if number <= len(self._rows):
            self.cursor = number - 1
            self.action_choose()

    def action_move(self, by: int) -> None:
        if self.cursor is not None:
            self.cursor += by

    def action_page(self, pages: int) -> None:
        self.action_move(pages * self._page)

    def action_go(self, row: int) -> None:
        self.cursor = row % len(self._rows) if self._rows else None
