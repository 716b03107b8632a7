"""The ribbon: the order of the rules, at most two lines, no fact by colour alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.widgets.keys import settled
from textual.app import ComposeResult

from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.ribbon import MOST_LINES, Ribbon, RibbonItem

ITEMS = [
    RibbonItem("SAF", "▲", "dog bites", "field", "", blocking=False),
    RibbonItem("LIF", "♥", "life support", "customer care", "until 03/01", blocking=True),
    RibbonItem("CUT", "✂", "cut pending", "credit", "until 09/14", blocking=True),
    RibbonItem("CSH", "$", "cash only"),
    RibbonItem("LNG", "☺", "speaks Spanish"),
    RibbonItem("DEP", "§", "deposit due", "billing", "09/30"),
]


class Desk(GatedApp[None]):
    def compose(self) -> ComposeResult:
        yield Ribbon()

    @property
    def ribbon(self) -> Ribbon:
        return self.query_one(Ribbon)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_order_is_kept_and_what_finds_no_room_is_counted(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size) as pilot:
        app.ribbon.set_items(ITEMS)
        await settled(app)
        await pilot.pause()
        lines = app.ribbon.render().plain.splitlines()
        assert len(lines) == app.ribbon.content_size.height == MOST_LINES
        shown = " ".join(lines)
        places = [shown.find(item.code) for item in ITEMS if item.code in shown]
        assert places == sorted(places)
        assert len(places) == len(ITEMS), "there is room for all of them, with less detail"
        assert all(item.label in shown for item in ITEMS)
        assert shown.count("blocking") + shown.count("!") == 2


async def test_a_single_alert_is_shown_whole() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ribbon.set_items([ITEMS[1]])
        await pilot.pause()
        assert (
            app.ribbon.render().plain.strip() == "♥ LIF life support · customer care · until 03/01 · blocking"
        )
        assert app.ribbon.size.height == 1


async def test_no_alerts_take_no_room() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        app.ribbon.set_items(ITEMS)
        await pilot.pause()
        assert app.ribbon.size.height
        app.ribbon.set_items([])
        await pilot.pause()
        assert app.ribbon.size.height == 0


@given(
    labels=st.lists(st.text("ab ", min_size=1, max_size=70), max_size=40),
    width=st.integers(20, 130),
)
def test_no_line_outgrows_the_screen_and_none_is_lost(labels: list[str], width: int) -> None:
    ribbon = Ribbon([RibbonItem(f"C{at:02}", "▪", label) for at, label in enumerate(labels)])
    lines = ribbon._lines(width)
    assert len(lines) <= MOST_LINES
    assert all(line.cell_length <= width for line in lines)
    shown = sum(line.plain.count("▪ C") for line in lines)
    more = lines[-1].plain.rpartition("+")[2] if lines and lines[-1].plain.endswith("more") else "0"
    assert shown + int(more.split()[0]) == len(labels)
