"""The alert ribbon: what a clerk has to know about a customer before anything else, in the order of the
rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from csr_console.domain.text import clean_line
from csr_console.widgets.themes import Tone, tone_style

MOST_LINES = 2
BETWEEN = "   "


@dataclass(frozen=True, slots=True)
class RibbonItem:
    """One alert; a blocking one forbids an act until its owner lifts it, an advisory one only tells."""

    code: str
    glyph: str
    label: str
    owner: str = ""
    expiry: str = ""
    blocking: bool = False

    @property
    def words(self) -> str:
        """`CUT cut pending · credit · until 09/14 · blocking`, the same facts without any colour."""
        facts = [
            f"{self.code} {self.label}".strip(),
            self.owner,
            self.expiry,
            "blocking" if self.blocking else "",
        ]
        return f"{clean_line(self.glyph)} {' · '.join(clean_line(fact) for fact in facts if fact)}"


class Ribbon(Widget):
    """The items in the order given, on at most two lines, then how many more; no items take no room."""

    DEFAULT_CSS = """
    Ribbon { height: auto; width: 1fr; padding: 0 1; background: $background; color: $foreground; }
    """

    def __init__(self, items: Sequence[RibbonItem] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items = tuple(items)

    @property
    def items(self) -> tuple[RibbonItem, ...]:
        """What is shown."""
        return self._items

    def set_items(self, items: Sequence[RibbonItem]) -> None:
        """Show `items`; their order is the order of the rules and is kept."""
        self._items = tuple(items)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        """The items wrapped whole; what finds no room is counted at the end of the last line."""
        lines: list[Content] = []
        for at, item in enumerate(self._items):
            content = _content(item)
            left = len(self._items) - at
            more = (
                Content.styled(f"{BETWEEN}+{left - 1} more", tone_style("dim")) if left > 1 else Content("")
            )
            last = len(lines) == MOST_LINES
            room = width - (more.cell_length if last else 0)
            if lines and lines[-1].cell_length + len(BETWEEN) + content.cell_length <= room:
                lines[-1] = lines[-1] + BETWEEN + content
            elif not last:
                room = width - (more.cell_length if len(lines) + 1 == MOST_LINES else 0)
                lines.append(content.truncate(max(1, room), ellipsis=True))
            else:
                lines[-1] = lines[-1] + Content.styled(f"{BETWEEN}+{left} more", tone_style("dim"))
                break
        return lines


def _content(item: RibbonItem) -> Content:
    tone: Tone = "danger" if item.blocking else "warn"
    return Content.styled(f" {item.words} " if item.blocking else item.words, tone_style(tone))
