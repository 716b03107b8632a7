"""The review card: one Enter, typed by someone who saw it."""

import asyncio

import pytest
from tests.widgets.keys import burst, settled
from textual.app import ComposeResult
from textual.pilot import Pilot

from csr_console.widgets.card import Card, CardLine
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.line_input import LineInput

SIZES = [(80, 24), (120, 40)]
LINES: list[CardLine] = [("To", "Maria Lopez\x1b[2J"), ("Amount", "$30.00"), "It posts at once."]


class Desk(GatedApp[None]):
    """`p` and Enter ask for a payment, which ends on a card."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineInput()

    @property
    def card(self) -> Card:
        return self.query_one(Card)

    async def on_input_submitted(self) -> None:
        await self.mount(Card("Payment", LINES, commit="post it"))
        self.screen.set_focus(self.card)

    def on_card_committed(self) -> None:
        self.heard.append("committed")

    def on_card_repeated(self) -> None:
        self.heard.append("repeated")

    def on_card_back(self) -> None:
        self.heard.append("back")

    def enter_unread(self) -> None:
        self.heard.append("unread")


@pytest.mark.parametrize("size", SIZES)
async def test_an_enter_typed_before_the_card_was_seen_does_not_commit(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size) as pilot:
        await burst(app, ["p", "enter", "enter", "enter"])
        assert app.heard == ["unread", "unread"]
        await seen(app, pilot)
        await burst(app, ["enter"])
        assert app.heard[2:] == ["committed"]


async def seen(app: Desk, pilot: Pilot[None]) -> None:
    """Until the card has been painted and nothing is on its way that would show it anew."""
    async with asyncio.timeout(20):
        while True:
            await pilot.pause()
            if app.is_armed(app.card):
                return


async def test_a_second_enter_does_nothing_and_says_so() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await burst(app, ["p", "enter"])
        await seen(app, pilot)
        await burst(app, ["enter", "enter"])
        assert app.heard == ["committed", "repeated"]
        assert "a second Enter does nothing" in app.card.render().plain


async def test_a_refused_commit_can_be_made_again_once_it_was_seen() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await burst(app, ["p", "enter"])
        await seen(app, pilot)
        await burst(app, ["enter"])
        app.card.reopen()
        await seen(app, pilot)
        await burst(app, ["enter"])
        assert app.heard == ["committed", "committed"]


async def test_escape_goes_back_and_nothing_is_sent() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["p", "enter"])
        await burst(app, ["escape"])
        assert app.heard == ["back"]


async def test_another_content_has_to_be_seen_again() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["p", "enter"])
        app.card.show("Payment", [("Amount", "$300.00")])
        assert not app.is_armed(app.card)
        await settled(app)
        assert app.is_armed(app.card)
        assert "$300.00" in app.card.render().plain


async def test_labels_stand_in_one_column_and_data_is_inert() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["p", "enter"])
        assert app.card.render().plain.splitlines() == [
            "Payment",
            "",
            "To      Maria Lopez�[2J",
            "Amount  $30.00",
            "It posts at once.",
            "",
            "Enter post it   Esc back, nothing is sent",
        ]
