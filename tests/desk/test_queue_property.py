"""Exactly once, in order, whatever the network does: random faults against the queue and the drainer."""

import asyncio
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.desk.fake_central import FakeCentral
from tests.desk.parts import Clock, Parts, note

from csr_console.contracts.envelope import Submission
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.queue_items import verify_outbox
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

Given = tuple[int, dict[str, str], bytes]
LANES = 4
weathers = st.sampled_from(
    [
        "good",
        "good",
        "good",
        "lost before",
        "lost after",
        "portal",
        "busy",
        "broken",
        "signed out",
        "too large",
    ]
)
moves = st.one_of(
    st.tuples(st.just("enter"), st.integers(1, LANES)),
    st.tuples(st.just("enter"), st.integers(1, LANES)),
    st.tuples(st.just("drain"), weathers),
    st.tuples(st.just("drain"), weathers),
    st.tuples(st.just("kill"), st.just(0)),
    st.tuples(st.just("jump"), st.integers(-3, 3)),
    st.tuples(st.just("refuse"), st.integers(1, LANES)),
)


class Storm:
    """One schedule, played against the real queue and drainer and a central that keeps what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.central = FakeCentral()
        self.central.decide = self.decide
        self.central.hook = self.before
        self.central.after = self.after
        self.weather = "good"
        self.entered: list[UUID] = []
        self.lane: dict[UUID, int] = {}
        self.refusing: set[int] = set()
        self.fixed: set[UUID] = set()
        self.overtaken: list[UUID] = []
        self.parts = self.open()

    def open(self) -> Parts:
        parts = Parts(self.folder, self.central, self.clock)
        parts.drainer._pace.size = 2
        return parts

    def decide(self, submission: Submission) -> Answer | None:
        lane = self.lane[submission.envelope.id]
        self.overtaken += [
            earlier
            for earlier in self.entered[: self.entered.index(submission.envelope.id)]
            if self.lane[earlier] == lane and earlier not in self.fixed
            if earlier not in self.central.outcomes or self.central.outcomes[earlier].state != "applied"
        ]
        if lane in self.refusing:
            self.refusing.discard(lane)
            return Conflict("clash", "Changed.") if lane % 2 else Refusal("account-closed", "Final.")
        return None

    async def before(self, method: str, path: str) -> Given | None:
        if "/commands" not in path:
            return None
        if self.weather == "signed out":
            self.central.expire_tokens()
        return {
            "lost before": (504, {"content-type": "text/plain"}, b""),
            "busy": self.central.problem(Fault("unavailable", "Busy.")),
            "broken": self.central.problem(Fault("broken", "Broken.")),
            "too large": (
                self.central.problem(Refusal("not-acceptable", "Smaller.")) if method == "POST" else None
            ),
        }.get(self.weather)

    async def after(self, _method: str, path: str) -> Given | None:
        if "/commands" not in path:
            return None
        return {
            "lost after": (504, {"content-type": "text/plain"}, b""),
            "portal": (200, {"content-type": "text/html"}, b"<html>"),
        }.get(self.weather)

    async def play(self, schedule: list[tuple[str, object]]) -> None:
        await self.parts.sign_in()
        for move, value in schedule:
            if move == "enter":
                lane = int(str(value))
                self.entered.append(self.parts.enter(note(lane)))
                self.lane[self.entered[-1]] = lane
            elif move == "drain":
                self.weather = str(value)
                await self.parts.step()
            elif move == "kill":
                await self.restart()
            elif move == "jump":
                self.clock.jump(days=float(str(value)))
            else:
                self.refusing.add(int(str(value)))
        await self.heal()

    async def restart(self) -> None:
        """The console dies with whatever it had marked as being sent, and another starts on its files."""
        waiting = self.parts.outgoing.sendable(3)
        self.parts.outgoing.mark([item.id for item in waiting], "sending")
        await self.parts.close()
        self.parts = self.open()
        await self.parts.sign_in()

    async def heal(self) -> None:
        """Good weather, and a clerk who discards whatever was refused, until nothing waits."""
        self.weather = "good"
        self.refusing.clear()
        for _ in range(60):
            await self.parts.step()
            self.clock.jump(seconds=10)
            for command_id in self.entered:
                row = self.parts.row(command_id)
                if row["parked"]:
                    self.parts.outgoing.retry(command_id)
                if row["state"] in ("conflict", "refused") and command_id not in self.fixed:
                    self.fixed.add(command_id)
                    with self.parts.store.write() as connection:
                        rows.change(connection, [command_id], replaced_by="fixed")
            if all(
                self.parts.row(one)["state"] in ("applied", "conflict", "refused") for one in self.entered
            ):
                return

    def check(self) -> None:
        assert self.overtaken == []
        states = {command_id: self.parts.state(command_id) for command_id in self.entered}
        assert set(states.values()) <= {"applied", "conflict", "refused"}
        assert set(self.central.outcomes) == set(self.entered)
        assert Counter(self.central.applied) == Counter(
            command_id for command_id, state in states.items() if state == "applied"
        )
        for command_id, outcome in self.central.outcomes.items():
            row = self.parts.row(command_id)
            assert (row["state"], row["witness_seq"]) == (outcome.state, outcome.witness.seq)  # type: ignore[union-attr]
            assert set(self.central.bodies[command_id]) == {row["body"]}
        decided = list(self.central.outcomes)
        for lane in range(1, LANES + 1):
            of_lane = [command_id for command_id in self.entered if self.lane[command_id] == lane]
            assert [command_id for command_id in decided if self.lane[command_id] == lane] == of_lane
        assert verify_outbox(self.parts.store) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example([("enter", 1), ("enter", 1), ("enter", 1), ("refuse", 1), *[("drain", "good")] * 3])
@example([("enter", 1), ("enter", 1), *[("drain", "broken")] * 3, ("enter", 2), *[("drain", "good")] * 2])
@example([("enter", 1), ("drain", "lost after"), ("kill", 0), ("jump", -3), ("drain", "portal")])
@given(st.lists(moves, min_size=5, max_size=40))
def test_every_command_has_one_outcome_and_every_lane_is_in_order(schedule: list[tuple[str, object]]) -> None:
    async def play(folder: Path) -> None:
        storm = Storm(folder / "station")
        try:
            await storm.play(schedule)
            storm.check()
        finally:
            await storm.parts.close()

    folder = Path(tempfile.mkdtemp())
    try:
        asyncio.run(play(folder))
    finally:
        shutil.rmtree(folder)
