"""The command palette, and the help that executes: one list of acts, found by what they are called in any
way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from csr_console.domain.text import clean_line
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.picker import Option, Picker

COLUMNS = (Column("Act", 0), Column("Code", 10), Column("Alias", 16), Column("Key", 9))


@dataclass(frozen=True, slots=True)
class Act:
    """Something a clerk can do here; an act with a `disabled_reason` stays in the list and says why not."""

    name: str
    callback: Callable[[], object]
    key: str = ""
    code: str = ""
    alias: str = ""
    help: str = ""
    disabled_reason: str = ""

    @property
    def option(self) -> Option:
        """The act as a row."""
        cells: tuple[Cell, ...] = (self.name, self.code, self.alias, self.key)
        if self.disabled_reason:
            cells = tuple(
                Toned(text, "dim") for text in (f"{self.name} (not now)", self.code, self.alias, self.key)
            )
        codes = (self.key, self.code, *self.alias.split())
        return Option(cells, f"{self.name} {self.code} {self.alias} {self.help}", codes)


class Palette(Picker):
    """Type a name, a code, an alias or words of the help; Enter does it once the palette is gone."""

    def __init__(self, acts: Sequence[Act], *, title: str = "Commands", query: str = "") -> None:
        super().__init__(title, COLUMNS, [act.option for act in acts], query=query)
        self._acts = tuple(acts)

    def note(self, index: int) -> str:
        act = self._acts[index]
        return f"Not now: {clean_line(act.disabled_reason)}" if act.disabled_reason else clean_line(act.help)

    def choose(self, index: int) -> None:
        act = self._acts[index]
        if act.disabled_reason:
            self.app.bell()
            return
        app = cast("GatedApp[Any]", self.app)
        self.dismiss(index)
        app.run_gated(act.callback)
