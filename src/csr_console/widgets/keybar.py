"""The key bar: what the keys do here, in one line.

The stock footer rebuilds its widgets at every change of focus and leaks them; this draws one line from the
bindings.
"""

from collections.abc import Iterator, Sequence

from textual.keys import format_key
from textual.screen import Screen

from csr_console.domain.text import clean_line
from csr_console.widgets.line import Line, Piece, cells_of
from csr_console.widgets.themes import tone_style

WORDS = {"escape": "Esc", "enter": "Enter", "tab": "Tab", "space": "Space"}


def key_word(key: str) -> str:
    """How a key is written for a person: `F1`, `Ctrl+K`, `Esc`, `w`."""
    *modifiers, name = key.split("+")
    character = format_key(name)
    shown = WORDS.get(name, character.upper() if _is_function_key(name) or modifiers else character)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def _is_function_key(name: str) -> bool:
    return name[:1] == "f" and name[1:].isdigit()


class KeyBar(Line):
    """Hints from the active bindings: those nearest to the focus first, the last ones dropped when there is
    no room.

    `pinned` keys stand on the right and are never dropped. A binding with `show=False` is not drawn; one that
    `check_action` disables is not either.
    """

    def __init__(self, *, pinned: Sequence[str] = ("f1", "ctrl+k"), id: str | None = None) -> None:
        super().__init__(id=id)
        self._pinned = tuple(pinned)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def left(self, width: int) -> list[Piece]:
        pieces: list[Piece] = []
        for hint in self._hints():
            added = [*pieces, *hint]
            if cells_of(added) > width:
                break
            pieces = added
        return pieces

    def right(self) -> list[Piece]:
        bindings = self.screen.active_bindings
        pieces: list[Piece] = []
        for key in self._pinned:
            if key in bindings:
                pieces += _hint(key_word(key), bindings[key].binding.description)
        return pieces

    def _hints(self) -> Iterator[list[Piece]]:
        seen = set()
        for key, (_node, binding, enabled, _tooltip) in self.screen.active_bindings.items():
            same = (binding.action, binding.description)
            if not binding.show or not enabled or key in self._pinned or same in seen:
                continue
            seen.add(same)
            yield _hint(binding.key_display or key_word(key), binding.description)


def _hint(key: str, words: str) -> list[Piece]:
    return [(f"{key} ", f"bold {tone_style('info')}"), (f"{clean_line(words)}  ", tone_style("plain"))]
