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
BETWEEN = "  "
FULL = 4


@dataclass(frozen=True, slots=True)
class RibbonItem:
    """One alert; a blocking one forbids an act until its owner lifts it, an advisory one only tells."""

    code: str
    glyph: str
    label: str
    owner: str = ""
    expiry: str = ""
    blocking: bool = False

    def words(self, detail: int = FULL) -> str:
        """`✂ CUT cut pending · credit · until 09/14 · blocking`, and less with less detail: `✂ CUT!` at
        least.
        """
        glyph, code, label = clean_line(self.glyph), clean_line(self.code), clean_line(self.label)
        if detail < 2:
            short = f"{glyph} {code}{'!' if self.blocking else ''}"
            return f"{short} {label}" if detail else short
        facts = [f"{code} {label}".strip()]
        facts += [clean_line(self.owner)] if detail == FULL else []
        facts += [clean_line(self.expiry)] if detail > 2 else []
        facts += ["blocking"] if self.blocking else []
        return f"{glyph} {' · '.join(fact for fact in facts if fact)}"


class Ribbon(Widget):
    """The items in the order given on at most two lines; no items take no room.

    Where they do not all fit, each gives up its owner, then its expiry, then the word `blocking` for a `!`,
    then its label; after that the rest is counted.
    """

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
        for detail in range(FULL, -1, -1):
            lines, shown = _wrapped([_content(item, detail) for item in self._items], width)
            if shown == len(self._items):
                return lines
        return _counted([_content(item, 0) for item in self._items], width)


def _wrapped(contents: list[Content], width: int) -> tuple[list[Content], int]:
    """The contents wrapped whole on at most two lines, and how many of them found room."""
    lines: list[Content] = []
    for at, content in enumerate(contents):
        if lines and lines[-1].cell_length + len(BETWEEN) + content.cell_length <= width:
            lines[-1] = lines[-1] + BETWEEN + content
        elif len(lines) < MOST_LINES and content.cell_length <= width:
            lines.append(content)
        else:
            return lines, at
    return lines, len(contents)


def _counted(contents: list[Content], width: int) -> list[Content]:
    """As many contents as leave room to count the others."""
    for shown in range(len(contents) - 1, 0, -1):
        more = Content.styled(f"+{len(contents) - shown} more", tone_style("dim"))
        lines, found_room = _wrapped([*contents[:shown], more], width)
        if found_room == shown + 1:
            return lines
    return [Content.styled(f"+{len(contents)} more", tone_style("danger")).truncate(width)]


def _content(item: RibbonItem, detail: int) -> Content:
    tone: Tone = "danger" if item.blocking else "warn"
    words = item.words(detail)
    return Content.styled(f" {words} " if item.blocking else words, tone_style(tone))
