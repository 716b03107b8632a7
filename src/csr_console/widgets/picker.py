"""A list that narrows while one types: the choices of a field, the palette, the help."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from csr_console.domain.text import clean_line
from csr_console.widgets.cells import Cell, Column
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.result_list import ResultList


@dataclass(frozen=True, slots=True)
class Option:
    """A row of the list and the words that find it; `codes` are found first when they begin as typed."""

    cells: tuple[Cell, ...]
    words: str
    codes: tuple[str, ...] = ()


def ranked(options: Sequence[Option], query: str) -> list[int]:
    """The indexes of the options that hold every word typed, the best first; all of them for an empty query.

    An exact code comes before a code that begins so, before words that begin so, before the rest.
    """
    typed = query.casefold().split()
    if not typed:
        return list(range(len(options)))
    found = []
    for index, option in enumerate(options):
        codes = [code.casefold() for code in option.codes if code]
        words = option.words.casefold()
        if not all(word in words or any(code.startswith(word) for code in codes) for word in typed):
            continue
        whole = " ".join(typed)
        ranks = (
            whole in codes,
            any(code.startswith(whole) for code in codes),
            all(any(word.startswith(part) for word in words.split()) for part in typed),
        )
        found.append((ranks.index(True) if True in ranks else len(ranks), index))
    return [index for _rank, index in sorted(found)]


class FollowingList(ResultList, can_focus=False):
    """A list whose cursor is moved from the input above it."""

    def _cursor_class(self) -> str:
        return "result-list--cursor"


class Picker(ModalScreen[int | None]):
    """Type to narrow, arrows to move, Enter to choose; dismissed with the index of the option, or None on
    Esc.
    """

    DEFAULT_CSS = """
    Picker {
        align: center top;
        background: transparent;
        & > Vertical {
            width: 90%; max-width: 110; height: auto; max-height: 90%; margin-top: 1;
            background: $surface; border: solid $line-focus;
        }
        #picker-title { height: 1; padding: 0 1; text-style: bold; color: $foreground; }
        #picker-query { margin: 0 1; }
        #picker-list { height: auto; max-height: 18; }
        #picker-note { height: 2; padding: 0 1; color: $tone-dim; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,f12", "cancel", "back", priority=True),
        Binding("up", "move(-1)", "up", priority=True, show=False),
        Binding("down", "move(1)", "down", priority=True, show=False),
        Binding("pageup", "move(-10)", "page up", priority=True, show=False),
        Binding("pagedown", "move(10)", "page down", priority=True, show=False),
    ]
    AUTO_FOCUS = "#picker-query"

    def __init__(
        self, title: str, columns: Sequence[Column], options: Sequence[Option], *, query: str = ""
    ) -> None:
        super().__init__()
        self._title = clean_line(title)
        self._columns = tuple(columns)
        self._options = tuple(options)
        self._query = query
        self._found = ranked(self._options, query)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._title, id="picker-title", markup=False)
            yield LineInput(self._query, placeholder="type to narrow the list", id="picker-query")
            yield FollowingList(
                self._columns, empty="Nothing by that name", numbered=False, header=False, id="picker-list"
            )
            yield Static("", id="picker-note", markup=False)

    def on_mount(self) -> None:
        self._list_found()

    @property
    def picked(self) -> int | None:
        """The index of the option the cursor is on."""
        cursor = self._list.cursor
        return None if cursor is None else self._found[cursor]

    @property
    def _list(self) -> FollowingList:
        return self.query_one(FollowingList)

    def note(self, index: int) -> str:
        """What stands under the list about the option of the cursor."""
        return ""

    def choose(self, index: int) -> None:
        """An option was chosen."""
        self.dismiss(index)

    def _list_found(self) -> None:
        self._list.set_rows([self._options[index].cells for index in self._found])
        self._show_note()

    def _show_note(self) -> None:
        self.query_one("#picker-note", Static).update("" if self.picked is None else self.note(self.picked))

    @on(Input.Changed, "#picker-query")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._query:
            self._query = event.value
            self._found = ranked(self._options, event.value)
            self._list_found()

    @on(Input.Submitted, "#picker-query")
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose_picked()

    @on(ResultList.Chosen, "#picker-list")
    def _clicked(self, event: ResultList.Chosen) -> None:
        event.stop()
        self._choose_picked()

    @on(ResultList.Highlighted, "#picker-list")
    def _moved(self, event: ResultList.Highlighted) -> None:
        event.stop()
        self._show_note()

    def _choose_picked(self) -> None:
        if self.picked is not None:
            self.choose(self.picked)

    def action_move(self, by: int) -> None:
        self._list.action_move(by)

    def action_cancel(self) -> None:
        self.dismiss(None)
