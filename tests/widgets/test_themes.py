"""The themes are legible: WCAG 2.2 contrast of what is drawn on what."""

import itertools
import re
from pathlib import Path

import pytest
from textual.color import Color

from csr_console.widgets import themes
from csr_console.widgets.gated_app import GatedApp

WIDGETS = Path(themes.__file__).parent


def contrast(text: str, background: str) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of the relative luminances."""

    def luminance(colour: str) -> float:
        channels = [value / 255 for value in Color.parse(colour).rgb]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(text), luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", themes.names())
def test_every_text_is_legible_on_every_background(name: str) -> None:
    colours = themes.colours(name)
    least = 7 if "high-contrast" in name else 4.5
    for text, background in itertools.product(colours.TEXTS, colours.BACKGROUNDS):
        got = contrast(getattr(colours, text), getattr(colours, background))
        assert got >= least, f"{text} on {background}: {got:.2f}"
    assert contrast(colours.danger, colours.danger_fill) >= least
    assert contrast(colours.background, colours.line_focus) >= least, "selected text"


@pytest.mark.parametrize("name", themes.names())
def test_lines_that_mean_something_are_seen(name: str) -> None:
    colours = themes.colours(name)
    for line, background in itertools.product(colours.LINES, ("background", "surface", "panel")):
        got = contrast(getattr(colours, line), getattr(colours, background))
        assert got >= 3, f"{line} on {background}: {got:.2f}"


@pytest.mark.parametrize("name", themes.names())
async def test_what_reaches_the_screen_is_what_was_measured(name: str) -> None:
    app: GatedApp[None] = GatedApp()
    async with app.run_test() as pilot:
        themes.install(app, name)
        await pilot.pause()
        assert app.theme_variables["foreground"].lower() == themes.colours(name).foreground
        for token, value in themes.variables(name).items():
            assert app.theme_variables[token] == value
        assert app.screen.styles.background == Color.parse(themes.colours(name).background)


async def test_no_color_gets_the_mono_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app: GatedApp[None] = GatedApp()
    async with app.run_test():
        assert app.theme == "mono"


def test_every_status_has_a_word_and_a_glyph_of_its_own() -> None:
    glyphs, words = zip(*themes.MARKS.values(), strict=True)
    assert len(set(glyphs)) == len(set(words)) == 5


def test_widgets_draw_only_with_measured_colours() -> None:
    """A colour that is not a token of a theme is a colour that nobody measured."""
    known = {f"${token}" for token in themes.variables()} | {
        "$foreground",
        "$background",
        "$surface",
        "$panel",
    }
    # `$tone-{tone}` is made from a name of the table above.
    known.add("$tone-")
    for source in WIDGETS.glob("*.py"):
        text = source.read_text()
        used = set(re.findall(r"(?<![\w`])\$[a-z][a-z-]*", text)) - known
        assert not used, f"{source.name}: {used}"
        if source.name != "themes.py":
            assert not re.findall(r"#[0-9a-fA-F]{6}\b", text), source.name
