"""The gate by itself: a toy desk on a virtual clock, no terminal and no Textual."""

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csr_console.widgets.keygate import GateListener, Held, KeyGate


class VirtualSelector(selectors.SelectSelector):
    """Instead of waiting for the clock, moves it."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout:
            self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.virtual = VirtualSelector()
        super().__init__(self.virtual)

    def time(self) -> float:
        return self.virtual.now


def on_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main)


class Recorder(GateListener):
    def __init__(self) -> None:
        self.held: list[int] = []
        self.busy: list[str] = []
        self.stuck: list[tuple[str, int]] = []

    def keys_held(self, count: int) -> None:
        self.held.append(count)

    def gate_busy(self, reason: str) -> None:
        self.busy.append(reason)

    def gate_stuck(self, reason: str, dropped: int) -> None:
        self.stuck.append((reason, dropped))


class ToyDesk:
    """Screens with fields, where Enter, Tab, a verb and Esc take effect only after a wait, as a look-up does.

    Each key is logged with the place (screen, field) that had the focus when it arrived there.
    """

    def __init__(self, waits: Callable[[], float], *, gated: bool, in_worker: Callable[[], bool]) -> None:
        self.place = [(0, 0)]
        self.screens = 0
        self.log: list[tuple[tuple[int, int], str]] = []
        self.waits = waits
        self.in_worker = in_worker
        self.gated = gated
        self.recorder = Recorder()
        self.tasks: set[asyncio.Task[None]] = set()
        self.gate: KeyGate[str] = KeyGate(self.deliver, self.settle, self.recorder)

    def deliver(self, held: Held[str]) -> bool:
        key = held.item
        self.log.append((self.place[-1], key))
        if key.islower():
            return False
        in_worker = self.in_worker()
        task = asyncio.create_task(self.hold_then(key) if in_worker else self.effect(key))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        # A worker is not among what settle() sees: only its hold keeps the gate closed.
        task.set_name("worker" if in_worker else "pump")
        return True

    async def settle(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        while pumps := [task for task in self.tasks if task.get_name() == "pump"]:
            await asyncio.wait(pumps)

    async def hold_then(self, key: str) -> None:
        async with self.gate.hold("looking up"):
            await self.effect(key)

    async def effect(self, key: str) -> None:
        await asyncio.sleep(self.waits())
        self.place = moved(self.place, key, self.screens + 1)
        self.screens += key in "EV"

    def send(self, key: str) -> None:
        if self.gated:
            self.gate.put(key, arrived_at=0)
        else:
            self.deliver(Held(key, 0))


def moved(place: list[tuple[int, int]], key: str, fresh: int) -> list[tuple[int, int]]:
    """Where the focus is after a key: E, V open a screen, T is the next field, P goes back, S swaps."""
    screen, field = place[-1]
    if key in "EV":
        return [*place, (fresh, 0)]
    if key == "T":
        return [*place[:-1], (screen, field + 1)]
    if key == "P" and len(place) > 1:
        return place[:-1]
    if key == "S":
        return [*place[:-1], (screen + 1000, 0)]
    return place


def expected(script: str) -> list[tuple[tuple[int, int], str]]:
    """Where each key belongs: to the place as it is after the whole effect of the keys before it."""
    place, opened, log = [(0, 0)], 0, []
    for key in script:
        log.append((place[-1], key))
        if not key.islower():
            place = moved(place, key, opened + 1)
            opened += key in "EV"
    return log


async def play(script: str, rng: random.Random, *, gated: bool, pace: Callable[[], float]) -> ToyDesk:
    desk = ToyDesk(
        lambda: rng.choice([0.0, 0.0, rng.uniform(0, 2.9)]), gated=gated, in_worker=lambda: rng.random() < 0.5
    )
    consumer = asyncio.create_task(desk.gate.run())
    for key in script:
        desk.send(key)
        if wait := pace():
            await asyncio.sleep(wait)
    if gated:
        await desk.gate.idle()
    while desk.tasks:
        await asyncio.wait(desk.tasks)
    consumer.cancel()
    return desk


def scripts(count: int) -> list[tuple[str, random.Random]]:
    made = []
    for seed in range(count):
        rng = random.Random(seed)
        length = rng.randint(1, 14)
        made.append(("".join(rng.choice("abcdefghhhhETPSV") for _ in range(length)), rng))
    return made


def paces(rng: random.Random) -> Callable[[], float]:
    return rng.choice([lambda: 0.0, lambda: 0.15, lambda: rng.uniform(0, 0.4)])


def test_ten_thousand_scripts_arrive_whole_in_order_and_where_they_belong() -> None:
    async def main() -> None:
        for script, rng in scripts(10_000):
            desk = await play(script, rng, gated=True, pace=paces(rng))
            assert desk.log == expected(script), script
            assert desk.recorder.stuck == [], script

    on_virtual_time(main())


def test_the_same_scripts_go_wrong_without_the_gate() -> None:
    wrong = 0

    async def main() -> None:
        nonlocal wrong
        for script, rng in scripts(500):
            desk = await play(script, rng, gated=False, pace=paces(rng))
            wrong += desk.log != expected(script)

    on_virtual_time(main())
    assert wrong > 150


class Bench:
    """A gate whose effects the test ends itself."""

    def __init__(self, watchdog_s: float = 3.0) -> None:
        self.seen: list[str] = []
        self.recorder = Recorder()
        self.rest = asyncio.Event()
        self.rest.set()
        self.gate: KeyGate[str] = KeyGate(self.deliver, self.settle, self.recorder, watchdog_s=watchdog_s)
        self.consumer = asyncio.create_task(self.gate.run())

    def deliver(self, held: Held[str]) -> bool:
        self.seen.append(held.item)
        if held.item == "slow":
            self.rest.clear()
        return not held.item.islower() or held.item == "slow"

    async def settle(self) -> None:
        await self.rest.wait()

    def type(self, *keys: str) -> None:
        for key in keys:
            self.gate.put(key, arrived_at=asyncio.get_running_loop().time(), urgent=key == "ESC")


def on_bench(test: Callable[[Bench], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        async def main() -> None:
            bench = Bench()
            await bench.gate.idle()
            await test(bench)
            bench.consumer.cancel()

        on_virtual_time(main())

    return run


def test_keys_typed_before_the_first_rest_are_kept() -> None:
    async def main() -> None:
        bench = Bench()
        bench.rest.clear()
        bench.type("a", "b")
        await asyncio.sleep(1)
        assert bench.seen == []
        bench.rest.set()
        await bench.gate.idle()
        assert bench.seen == ["a", "b"]
        bench.consumer.cancel()

    on_virtual_time(main())


@on_bench
async def test_escape_jumps_the_queue_and_clears_it(bench: Bench) -> None:
    bench.type("slow", "a", "b")
    await asyncio.sleep(0.1)
    bench.type("ESC")
    await asyncio.sleep(0.1)
    assert bench.seen == ["slow", "ESC"]
    bench.type("c")
    await asyncio.sleep(0.1)
    assert bench.seen == ["slow", "ESC"], "the effect of the slow key has not settled yet"
    bench.rest.set()
    await bench.gate.idle()
    assert bench.seen == ["slow", "ESC", "c"]


@on_bench
async def test_escape_behind_plain_text_loses_no_text(bench: Bench) -> None:
    bench.type("a", "b", "ESC", "c")
    await bench.gate.idle()
    assert bench.seen == ["a", "b", "ESC", "c"]


@on_bench
async def test_two_escapes_in_one_burst_are_two_steps_back(bench: Bench) -> None:
    bench.type("slow", "a", "ESC", "b", "ESC")
    await asyncio.sleep(0.1)
    assert bench.seen == ["slow", "ESC", "ESC"]


@on_bench
async def test_the_watchdog_gives_the_keyboard_back(bench: Bench) -> None:
    bench.type("slow", "a", "b")
    await asyncio.sleep(2.9)
    assert bench.recorder.stuck == []
    await asyncio.sleep(0.2)
    assert bench.recorder.stuck == [("", 2)]
    bench.type("c")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bench.seen == ["slow", "c"]


@on_bench
async def test_a_hold_that_never_ends_is_taken_away(bench: Bench) -> None:
    hold = bench.gate.hold("looking up")
    hold.__enter__()
    bench.type("a")
    await asyncio.sleep(3.1)
    assert bench.recorder.stuck == [("looking up", 1)]
    bench.type("b")
    await bench.gate.idle()
    hold.__exit__(None, None, None)
    bench.type("c")
    await bench.gate.idle()
    assert bench.seen == ["b", "c"]
    assert bench.recorder.busy == ["looking up", ""]


@on_bench
async def test_nested_holds_open_with_the_last(bench: Bench) -> None:
    with bench.gate.hold("looking up"):
        async with bench.gate.hold("reading the meter"):
            bench.type("a")
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
        assert bench.seen == []
    await bench.gate.idle()
    assert bench.seen == ["a"]
    assert bench.recorder.busy == ["looking up", "reading the meter", "looking up", ""]


@on_bench
async def test_an_error_in_a_hold_clears_what_was_typed_ahead(bench: Bench) -> None:
    async def refused() -> None:
        async with bench.gate.hold("posting"):
            bench.type("a", "b")
            await asyncio.sleep(0.1)
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await refused()
    bench.type("c")
    await bench.gate.idle()
    assert bench.seen == ["c"]


@on_bench
async def test_an_error_on_commit_clears_what_was_typed_ahead(bench: Bench) -> None:
    bench.type("slow", "a", "b")
    await asyncio.sleep(0.1)
    assert bench.gate.clear() == 2
    bench.rest.set()
    bench.type("c")
    await bench.gate.idle()
    assert bench.seen == ["slow", "c"]


@on_bench
async def test_more_than_three_waiting_keys_are_counted(bench: Bench) -> None:
    bench.type("slow")
    await asyncio.sleep(0.01)
    bench.type("a", "b", "c")
    await asyncio.sleep(0.01)
    assert bench.recorder.held == []
    bench.type("d", "e")
    bench.rest.set()
    await bench.gate.idle()
    assert bench.recorder.held == [4, 5, 4, 3, 2, 1, 0]


@on_bench
async def test_one_key_is_counted_when_it_is_late(bench: Bench) -> None:
    bench.type("slow", "a")
    await asyncio.sleep(0.29)
    assert bench.recorder.held == []
    await asyncio.sleep(0.02)
    assert bench.recorder.held == [1]
    bench.type("ESC")
    bench.rest.set()
    await bench.gate.idle()
    assert bench.recorder.held == [1, 0]


@on_bench
async def test_a_gate_at_rest_says_nothing(bench: Bench) -> None:
    bench.type(*"barcode")
    await bench.gate.idle()
    assert bench.recorder.held == []
    assert bench.recorder.busy == []
