"""Five themes, and the colours that carry a meaning.

A status is a glyph, a word and a colour, never a colour alone. Every text token stands at 4.5:1 or more on
every background it is drawn on, 7:1 in high contrast (WCAG 2.2, 1.4.3 and 1.4.6); lines that carry a meaning
at 3:1 (1.4.11). No stock theme of Textual does for all its status colours, and its ansi themes are black on
black under NO_COLOR, so none of them is used.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from textual.app import App
from textual.theme import Theme

Tone = Literal["plain", "dim", "info", "ok", "warn", "error", "danger"]

MARKS: dict[Tone, tuple[str, str]] = {
    "info": ("i", "info"),
    "ok": ("✓", "done"),
    "warn": ("!", "take care"),
    "error": ("✗", "not done"),
    "danger": ("▲", "DANGER"),
}
"""The glyph and the word beside each colour of a status."""

DEFAULT = "dark"
MONO = "mono"


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme: texts, backgrounds and lines as `#rrggbb`. `danger` is text on its own `danger_fill`."""

    background: str
    surface: str
    panel: str
    cursor_row: str
    foreground: str
    dim: str
    info: str
    ok: str
    warn: str
    error: str
    danger: str
    danger_fill: str
    line: str
    line_focus: str
    dark: bool = True

    TEXTS: ClassVar = ("foreground", "dim", "info", "ok", "warn", "error")
    BACKGROUNDS: ClassVar = ("background", "surface", "panel", "cursor_row")
    LINES: ClassVar = ("line", "line_focus")


_COLOURS = {
    "dark": Colours(
        background="#0f141a", surface="#161d26", panel="#1d2631", cursor_row="#1f3f5f",
        foreground="#e8eef4", dim="#a9b8c6", info="#7cc4ff", ok="#6fd08c", warn="#f2c14e", error="#ff9d90",
        danger="#ffffff", danger_fill="#b3261e", line="#74889b", line_focus="#7cc4ff",
    ),
    "light": Colours(
        background="#f7f9fb", surface="#ffffff", panel="#e9eef3", cursor_row="#cfe3f7",
        foreground="#16202a", dim="#46545f", info="#0b4f8a", ok="#135c29", warn="#6d4300", error="#9c1a12",
        danger="#ffffff", danger_fill="#a80f1c", line="#6b7c8b", line_focus="#0b4f8a", dark=False,
    ),
    "dark-high-contrast": Colours(
        background="#000000", surface="#000000", panel="#101010", cursor_row="#00305c",
        foreground="#ffffff", dim="#d6d6d6", info="#a8dcff", ok="#8ff0a4", warn="#ffd75e", error="#ffc0b6",
        danger="#ffffff", danger_fill="#8b0000", line="#c0c0c0", line_focus="#ffd75e",
    ),
    "light-high-contrast": Colours(
        background="#ffffff", surface="#ffffff", panel="#f2f2f2", cursor_row="#d4e6fb",
        foreground="#000000", dim="#2e2e2e", info="#00356b", ok="#00420f", warn="#4d2d00", error="#6d0a04",
        danger="#ffffff", danger_fill="#7a0000", line="#454545", line_focus="#00356b", dark=False,
    ),
    MONO: Colours(
        background="#000000", surface="#0c0c0c", panel="#1a1a1a", cursor_row="#3a3a3a",
        foreground="#f0f0f0", dim="#c0c0c0", info="#f0f0f0", ok="#f0f0f0", warn="#f0f0f0", error="#f0f0f0",
        danger="#000000", danger_fill="#f0f0f0", line="#909090", line_focus="#f0f0f0",
    ),
}  # fmt: skip


def names() -> tuple[str, ...]:
    """The names of the themes, the default first."""
    return tuple(_COLOURS)


def colours(name: str) -> Colours:
    """The colours of a theme.

    Raises:
        KeyError: there is no theme of that name.
    """
    return _COLOURS[name]


def variables(name: str = DEFAULT) -> dict[str, str]:
    """The CSS variables of a theme: ours (`$tone-*`, `$line`, `$cursor-row`, ...) and the stock ones it
    overrides.
    """
    c = _COLOURS[name]
    return {
        **{f"tone-{tone}": getattr(c, tone) for tone in ("info", "ok", "warn", "error", "dim")},
        "tone-plain": c.foreground,
        "tone-danger": c.danger,
        "danger-fill": c.danger_fill,
        "line": c.line,
        "line-focus": c.line_focus,
        "cursor-row": c.cursor_row,
        "text": c.foreground,
        "text-muted": c.dim,
        "text-disabled": c.dim,
        "border": c.line_focus,
        "border-blurred": c.line,
        "input-cursor-background": c.foreground,
        "input-cursor-foreground": c.background,
        "input-selection-background": c.line_focus,
        "input-selection-foreground": c.background,
        "scrollbar": c.line,
        "scrollbar-hover": c.line_focus,
        "scrollbar-active": c.line_focus,
        "scrollbar-background": c.panel,
        "scrollbar-background-hover": c.panel,
        "scrollbar-background-active": c.panel,
        "scrollbar-corner-color": c.panel,
    }


def _theme(name: str) -> Theme:
    c = _COLOURS[name]
    return Theme(
        name=name,
        primary=c.info,
        warning=c.warn,
        error=c.error,
        success=c.ok,
        foreground=c.foreground,
        background=c.background,
        surface=c.surface,
        panel=c.panel,
        dark=c.dark,
        text_alpha=1.0,
        variables=variables(name),
    )


def install(app: App[Any], name: str = DEFAULT) -> None:
    """Register the themes and choose one; NO_COLOR, which Textual reads at its start, chooses mono.

    Raises:
        KeyError: there is no theme of that name.
    """
    chosen = MONO if app.no_color else name
    for theme in names():
        app.register_theme(_theme(theme))
    app.theme = _theme(chosen).name


def tone_style(tone: Tone) -> str:
    """The style of a text of that tone, for `Content`: variables, so that it follows the theme."""
    if tone == "danger":
        return "bold $tone-danger on $danger-fill"
    return f"bold $tone-{tone}" if tone == "error" else f"$tone-{tone}"
