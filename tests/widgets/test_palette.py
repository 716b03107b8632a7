"""The palette finds an act by any of its names, does it, and says why not."""

import asyncio
from typing import Any, ClassVar

import pytest
from tests.widgets.keys import burst, human
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.palette import Act, Palette
from csr_console.widgets.picker import Option, Picker, ranked


class Desk(GatedApp[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+k", "palette", "commands", priority=True)]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineInput()

    @property
    def acts(self) -> list[Act]:
        return [
            Act(
                "Report an outage", self.outage, key="o", code="out", alias="falla", help="A service is out."
            ),
            Act("Refund", lambda: self.done.append("refund"), key="r", code="ref", alias="reembolso"),
            Act(
                "Pay",
                lambda: self.done.append("pay"),
                key="p",
                code="pay",
                alias="pagar",
                help="No outage here.",
            ),
            Act(
                "Approvals",
                lambda: self.done.append("approve"),
                key="a",
                code="appr",
                disabled_reason="only a lead may",
            ),
        ]

    async def outage(self) -> None:
        async with self.gate.hold("looking up"):
            await asyncio.sleep(0.02)
            self.done.append("outage")
            self.query_one(LineInput).value = ""

    def action_palette(self) -> None:
        self.push_screen(Palette(self.acts))


@pytest.mark.parametrize("drive", [burst, human])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("typed", "done"),
    [("out", "outage"), ("falla", "outage"), ("o", "outage"), ("refu", "refund"), ("pag", "pay")],
)
async def test_typed_enter_and_on_with_typing(
    drive: Any, size: tuple[int, int], typed: str, done: str
) -> None:
    app = Desk()
    async with app.run_test(size=size):
        await drive(app, ["ctrl+k", *typed, "enter", *"next"])
        assert app.done == [done]
        assert not isinstance(app.screen, Palette)
        assert app.query_one(LineInput).value == "next"


async def test_a_disabled_act_says_why_and_is_not_done() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["ctrl+k", *"appr", "enter"])
        assert "Not now: only a lead may" in str(app.screen.query_one("#picker-note").render())
        await burst(app, ["escape"])
        assert len(app.screen_stack) == 1
        assert app.done == []


async def test_arrows_and_nothing_found() -> None:
    app = Desk()
    async with app.run_test():
        await burst(app, ["ctrl+k", "down", "enter"])
        assert app.done == ["refund"]
        await burst(app, ["ctrl+k", *"zzz", "enter"])
        assert isinstance(app.screen, Picker)
        assert app.screen.picked is None


def test_the_code_typed_whole_comes_first() -> None:
    options = [
        Option(("Repay",), "pay back a loan", ("repay",)),
        Option(("Payments",), "all payments", ("payments",)),
        Option(("Pay",), "take money", ("pay", "p")),
    ]
    assert ranked(options, "pay") == [2, 1, 0]
    assert ranked(options, "p") == [2, 1, 0]
    assert ranked(options, "LOAN pay") == [0]
    assert ranked(options, "  ") == [0, 1, 2]
