"""The gate in Textual: raw keys against handlers, actions and workers that take their time."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from tests.widgets.keys import burst, human, send, settled
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.settle import is_busy

WAYS = ("handler", "worker")
LOOKUP_S = 0.02


class Desk(Screen[None]):
    """Enter looks something up, in one of the ways a screen may do it, then opens the next desk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "back", priority=True),
        Binding("f6", "swap"),
        Binding("f8", "dialog"),
        Binding("escape", "back"),
    ]

    def __init__(self, depth: int = 0) -> None:
        super().__init__()
        self.depth = depth
        self.fields = (Input(select_on_focus=False), Input(select_on_focus=False))

    def compose(self) -> ComposeResult:
        yield Vertical(*self.fields)

    @property
    def bench(self) -> "Bench":
        assert isinstance(self.app, Bench)
        return self.app

    async def look_up(self, then: Callable[[], object]) -> None:
        if self.bench.way == "worker":
            self.run_worker(self.held(then))
        else:
            await self.held(then)

    async def held(self, then: Callable[[], object]) -> None:
        async with self.bench.gate.hold("looking up"):
            await asyncio.sleep(self.bench.lookup_s())
            await self.bench.answer.wait()
            then()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        await self.look_up(lambda: self.bench.push_screen(self.bench.made(Desk(self.depth + 1))))

    async def action_back(self) -> None:
        if self.depth:
            await self.look_up(self.bench.pop_screen)

    async def action_swap(self) -> None:
        await self.look_up(lambda: self.bench.switch_screen(self.bench.made(Desk(self.depth))))

    async def action_dialog(self) -> None:
        await self.look_up(lambda: self.bench.push_screen(self.bench.made(Dialog(self.depth + 1))))


class Dialog(Desk, ModalScreen[None]):
    """The same, as a modal."""


class Bench(GatedApp[None]):
    def __init__(self, way: str = "handler", lookup_s: Callable[[], float] = lambda: LOOKUP_S) -> None:
        super().__init__()
        self.way = way
        self.lookup_s = lookup_s
        self.desks: list[Desk] = []
        self.held: list[int] = []
        self.busy: list[str] = []
        self.stuck: list[tuple[str, int]] = []
        self.unread = 0
        self.typed_at_start = ""
        self.answer = asyncio.Event()
        self.answer.set()

    def on_mount(self) -> None:
        self.push_screen(self.made(Desk()))
        if self.typed_at_start:
            send(self, self.typed_at_start)

    def made(self, desk: Desk) -> Desk:
        self.desks.append(desk)
        return desk

    def keys_held(self, count: int) -> None:
        self.held.append(count)

    def gate_busy(self, reason: str) -> None:
        self.busy.append(reason)

    def gate_stuck(self, reason: str, dropped: int) -> None:
        self.stuck.append((reason, dropped))

    def enter_unread(self) -> None:
        self.unread += 1


class Ungated(Bench):
    """The control: keys go the stock way."""

    def post_message(self, message: Any) -> bool:
        return App.post_message(self, message)


def belongs(script: list[str]) -> list[tuple[str, str]]:
    """The two fields of every desk ever opened, if each key has its whole effect before the next."""
    desks: list[list[str]] = [["", ""]]
    focus = [0]
    stack, depths = [0], [0]
    for key in script:
        top = stack[-1]
        if key == "tab":
            focus[top] = 1 - focus[top]
        elif key == "f3":
            if depths[-1]:
                stack.pop()
                depths.pop()
        elif key in {"enter", "f8", "f6"}:
            desks.append(["", ""])
            focus.append(0)
            if key == "f6":
                stack[-1] = len(desks) - 1
            else:
                stack.append(len(desks) - 1)
                depths.append(depths[-1] + 1)
        else:
            desks[top][focus[top]] += key
    return [(first, second) for first, second in desks]


def generated(seed: int) -> tuple[list[str], random.Random]:
    rng = random.Random(seed)
    keys = [*"abcdefgh", "tab", "tab", "enter", "f3", "f6", "f8"]
    return [rng.choice(keys) for _ in range(rng.randint(2, 14))], rng


async def run_script(kind: type[Bench], seed: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    script, rng = generated(seed)
    app = kind(rng.choice(WAYS), lambda: rng.choice([0.0, 0.0, rng.uniform(0, 0.05)]))
    app.gate._watchdog_s = 60.0  # a machine with too much to do is no dead screen
    async with app.run_test() as pilot:
        if kind is Ungated:
            send(app, script)
            await pilot.pause(0.3)
        elif rng.random() < 0.5:
            await burst(app, script)
        else:
            await human(app, script, 0.01)
        assert app.stuck == []
        got = [(desk.fields[0].value, desk.fields[1].value) for desk in app.desks]
    return got, belongs(script)


@pytest.mark.parametrize("seed", range(60))
async def test_generated_scripts_arrive_where_they_belong(seed: int) -> None:
    got, wanted = await run_script(Bench, seed)
    assert got == wanted, generated(seed)[0]


async def test_the_same_scripts_go_wrong_without_the_gate() -> None:
    for seed in range(40):
        got, wanted = await run_script(Ungated, seed)
        if got != wanted:
            return
    pytest.fail("forty scripts in a row came out right without the gate")


def texts(app: Bench) -> list[str]:
    return [desk.fields[0].value for desk in app.desks]


async def test_keys_typed_before_the_first_screen_is_ready_are_kept() -> None:
    app = Bench()
    app.typed_at_start = "8505550142"
    async with app.run_test():
        await settled(app)
        assert texts(app) == ["8505550142"]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("way", "left"),
    [
        pytest.param(
            "worker", ["a", "g"], id="worker: Esc acts at once, on the first desk, where it does nothing"
        ),
        pytest.param(
            "handler", ["ag", ""], id="handler: Esc has to wait for it, and goes back from its outcome"
        ),
    ],
)
async def test_escape_drops_what_waits_behind_a_look_up(way: str, left: list[str]) -> None:
    app = Bench(way)
    async with app.run_test():
        await burst(app, "a")
        app.answer.clear()
        send(app, ["enter", *"bcdef"])
        await eventually(lambda: app.gate.queued == 5 and app.busy[-1:] == ["looking up"])
        send(app, ["escape", "g"])
        await eventually(lambda: app.gate.queued == 1)
        app.answer.set()
        await settled(app)
        assert texts(app) == left
        assert app.held[-1] == 0
        assert app.busy[:2] == ["looking up", ""]


async def test_escape_passes_an_action_that_takes_its_time() -> None:
    app = Bench("handler")
    async with app.run_test():
        await burst(app, ["enter"])
        app.answer.clear()
        send(app, ["f6", "a"])
        await eventually(lambda: app.gate.queued == 1 and app.busy[-1] == "looking up")
        assert is_busy(app)
        send(app, ["ctrl+c"])
        await eventually(lambda: app.gate.queued == 0 and not is_busy(app))
        assert app.gate.closed, "the application's pump is free, and the gate still waits for the action"
        send(app, "b")
        app.answer.set()
        await settled(app)
        assert texts(app) == ["", "", "b"]


@pytest.mark.parametrize("keys", [["enter"], ["f6"]], ids=["handler", "action"])
async def test_the_watchdog_never_leaves_a_dead_keyboard(keys: list[str]) -> None:
    app = Bench("handler")
    app.gate._watchdog_s = 0.1
    async with app.run_test():
        await settled(app)
        app.answer.clear()
        send(app, [*keys, "a", "b"])
        await eventually(lambda: bool(app.stuck))
        assert app.stuck == [("looking up", 2)]
        send(app, "cd")
        await eventually(lambda: texts(app) == ["cd"])
        app.answer.set()


async def test_a_paste_is_one_key_in_its_place_and_never_commits() -> None:
    app = Bench()
    async with app.run_test():
        await burst(
            app, ["a", events.Paste("12 Oak\r\nUnit 4\n"), "b", "enter", events.Paste("x\n"), "tab", "c"]
        )
        assert texts(app) == ["a12 Oak Unit 4b", "x"]
        assert app.desks[1].fields[1].value == "c"


async def test_a_note_keeps_the_lines_of_a_paste() -> None:
    class Note(GatedApp[None]):
        def compose(self) -> ComposeResult:
            yield TextArea()

    app = Note()
    async with app.run_test():
        await burst(app, [events.Paste("one\ntwo"), "enter", "x"])
        assert app.query_one(TextArea).text == "one\ntwo\nx"


class Reviewed(Static, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "commit")]
    commits = 0

    def action_commit(self) -> None:
        self.commits += 1


class ReviewDesk(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.card = Reviewed("30.00 to 100482771")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.prevent_default()
        await self.mount(self.card)
        self.card.focus()
        self.bench.arm_after_paint(self.card)


async def test_an_enter_typed_before_the_card_was_painted_is_dropped() -> None:
    app = Bench()
    async with app.run_test():
        await app.push_screen(ReviewDesk())
        await burst(app, ["p", "enter", "enter", "enter"])
        card = app.screen.query_one(Reviewed)
        assert card.commits == 0
        assert app.unread == 2
        await burst(app, ["enter"])
        assert card.commits == 1


async def test_the_quit_key_and_the_stock_palette_are_not_bound() -> None:
    app = Bench()
    async with app.run_test():
        await burst(app, ["ctrl+q", "ctrl+c", "ctrl+p", "a"])
        assert texts(app) == ["a"]
        assert len(app.screen_stack) == 2
        assert not {"ctrl+q", "ctrl+p"} & set(app.screen.active_bindings)


async def test_an_error_in_a_handler_surfaces_instead_of_stopping_the_keys() -> None:
    app = Bench("handler", lambda: 1 / 0)

    async def typed() -> None:
        async with app.run_test():
            await burst(app, ["enter", "a"])

    with pytest.raises(ZeroDivisionError):
        await typed()
