"""The review card: the last look before money moves or something is hard to undo."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from csr_console.domain.text import clean_line
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.themes import Tone, tone_style

CardLine = str | tuple[str, str]
"""A sentence, or a label and its value."""


class Card(Widget, can_focus=True):
    """Enter commits once, and only an Enter typed after the card was seen; Esc goes back, nothing is sent.

    `reopen` makes Enter live again after a commit that was refused.
    """

    class OfCard(Message):
        """What the messages share."""

        def __init__(self, card: "Card") -> None:
            super().__init__()
            self.card = card

        @property
        def control(self) -> "Card":
            return self.card

    class Committed(OfCard):
        """Enter, the first time."""

    class Repeated(OfCard):
        """Enter again: it is on its way already, and nothing was done."""

    class Back(OfCard):
        """Esc."""

    DEFAULT_CSS = """
    Card {
        height: auto; width: 1fr; max-width: 100; padding: 1 2; margin: 1 2;
        background: $surface; color: $foreground; border: solid $line;
        &:focus { border: solid $line-focus; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "commit", "do it"),
        Binding("escape,f3,f12", "back", "back"),
    ]

    sent: reactive[bool] = reactive(False, layout=True)
    repeated: reactive[bool] = reactive(False, layout=True)

    def __init__(
        self,
        title: str,
        lines: Sequence[CardLine],
        *,
        commit: str = "post",
        tone: Tone = "info",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._heading = clean_line(title)
        self._lines = tuple(lines)
        self._commit = clean_line(commit)
        self._tone: Tone = tone

    def on_mount(self) -> None:
        self._arm()

    def on_show(self) -> None:
        self._arm()

    def _arm(self) -> None:
        if isinstance(self.app, GatedApp):
            self.app.arm_after_paint(self)

    def show(self, title: str, lines: Sequence[CardLine]) -> None:
        """Show something else: it has to be seen before an Enter counts."""
        self._heading = clean_line(title)
        self._lines = tuple(lines)
        self.reopen()
        self.refresh(layout=True)

    def reopen(self) -> None:
        """The commit did not happen: the next Enter commits again."""
        self.sent = self.repeated = False
        self._arm()

    def render(self) -> Content:
        labels = max((cell_len(line[0]) for line in self._lines if isinstance(line, tuple)), default=0)
        body = [Content.styled(self._heading, f"bold {tone_style(self._tone)}"), Content("")]
        body += [_line(line, labels) for line in self._lines]
        body += [Content(""), self._footer()]
        return Content("\n").join(body)

    def _footer(self) -> Content:
        if self.repeated:
            return Content.styled("! already on its way; a second Enter does nothing", tone_style("warn"))
        if self.sent:
            return Content.styled("… on its way", tone_style("dim"))
        return Content.assemble(
            ("Enter", "bold"), f" {self._commit}   ", ("Esc", "bold"), " back, nothing is sent"
        )

    def action_commit(self) -> None:
        if self.sent:
            self.repeated = True
            self.post_message(self.Repeated(self))
        else:
            self.sent = True
            self.post_message(self.Committed(self))

    def action_back(self) -> None:
        self.post_message(self.Back(self))


def _line(line: CardLine, labels: int) -> Content:
    if isinstance(line, str):
        return Content(clean_line(line, limit=500))
    label, value = (clean_line(part, limit=500) for part in line)
    return Content.assemble((label + " " * (labels - cell_len(label) + 2), tone_style("dim")), value)
