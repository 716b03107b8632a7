"""The board that is kept is the board laid from nothing, whatever happened in between."""

import random
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.fake_central import FakeCentral, entry, number
from tests.desk.parts import AUTHOR, KEY, Parts
from tests.desk.test_puller import REPORT

from csr_console.contracts.feed import ChangeRow
from csr_console.contracts.outcome import Outcome
from csr_console.desk.board import Board
from csr_console.desk.laid import LaidBoard, Token
from csr_console.desk.store import cache_rows, feed_rows, roster
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.outbox import new_id
from csr_console.desk.store.pending import PendingReader
from csr_console.desk.workspace import Fold, Workspace
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import (
    AcknowledgeHazard,
    AddToReport,
    CloseHazard,
    CorrectReport,
    DetailHazard,
    OpenHazard,
    PlanOutage,
    ReportOutage,
)
from csr_console.domain.refusals import Refusal

PLACES = 3
"""Few premises, so that one thing meets another."""
Move = tuple[str, int, int]
ENTERED = (
    *("report", "report", "corner", "add", "correct", "withdraw"),
    *("open", "detail", "take", "finish", "plan"),
)
TOLD = ("told", "told", "gone", "told hazard", "told plan", "unplanned", "customer", "customer gone")
HAPPENS = ("applied", "applied", "refused", "held", "caught up", "other console", "snapshot")
KINDS = (*ENTERED, *TOLD, *HAPPENS)
HAZARDS = ("none", "none", "sparks", "gas")


class Careless(LaidBoard):
    """The control: lays what was touched, and nothing of what depends on it."""

    def _connected(self) -> set[Token]:
        return set(self._touched)


class Storm:
    """A queue and a cache without anything that drains or pulls: each move is taken by the test."""

    def __init__(self, folder: Path, kept: type[LaidBoard] = LaidBoard) -> None:
        self.parts = Parts(folder, FakeCentral())
        self.cache = CacheFiles(folder, KEY)
        self.pending = PendingReader(self.parts.store)
        session = self.parts.session
        self.workspace = Workspace(self.cache, self.pending, session, "C07", self.parts.clock)
        self.kept = kept(self.cache, self.pending, self.workspace.find_entry, self._lay_over)
        self.seq = 0
        self.ids: list[UUID] = [UUID(int=1)]
        self.waiting: list[tuple[UUID, str]] = []
        for position in range(PLACES):
            self.tell("account", number(position), entry(position).model_dump(mode="json"))

    def _lay_over(self, board: Board) -> Callable[..., object]:
        return Fold(self.workspace, lambda: board, None).lay

    def close(self) -> None:
        self.cache.close()
        self.parts.store.close()

    def tell(self, entity: Any, key: str, body: dict[str, Any] | None) -> None:
        self.seq += 1
        op: Literal["upsert", "delete"] = "upsert" if body is not None else "delete"
        row = ChangeRow(seq=self.seq, entity=entity, key=key, op=op, body=body)
        feed_rows.apply_changes(self.cache, [row])

    def enter(self, command: Command) -> None:
        self.parts.clock.jump(seconds=1)
        command_id = new_id(self.parts.clock())
        self.parts.outbox.enqueue(command, command_id=command_id, author=AUTHOR)
        self.waiting.append((command_id, command.kind))
        self.ids += [command_id, getattr(command, "hazard_id", command_id)]

    def answer(self, at: int, state: Any) -> None:
        if not self.waiting:
            return
        command_id, kind = self.waiting.pop(at % len(self.waiting))
        result = {"number": at + 1} if kind == "outage.report" and state == "applied" else {}
        outcome = Outcome(
            id=command_id, kind=kind, state=state, answer="", result=result, applied_at=self.parts.clock()
        )
        self.parts.outgoing.close([outcome])

    def move(self, kind: str, a: int, b: int) -> None:
        if kind in ENTERED:
            self.enter(self._command(kind, self.ids[a % len(self.ids)], a, b))
        elif kind in TOLD:
            self._be_told(kind, self.ids[a % len(self.ids)], a, b)
        elif kind == "caught up":
            self._catch_up()
        elif kind == "snapshot":
            self._take_snapshot()
        elif kind == "other console":
            told, self.cache.on_changes = self.cache.on_changes, lambda *_told: None
            self.move(("customer", "told")[a % 2], a, b)
            self.cache.on_changes = told
        else:
            self.answer(b, kind)

    def _plan(self, a: int, b: int) -> dict[str, Any]:
        now = self.parts.clock()
        times = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=9)).isoformat()}
        return {"device": f"demo:TR{b % 2}", **times, "reason": f"Pole {a}"}

    def _command(self, kind: str, known: UUID, a: int, b: int) -> Command:
        premise, danger = f"P{b % PLACES:07d}", HAZARDS[b % 4]
        words = ("Oak & 12th", "oak & 12TH", "Pine & 1st")[a % 3]
        opened = {"hazard": "gas", "opened_at": self.parts.clock().isoformat()}
        made: dict[str, tuple[type[Command], dict[str, Any]]] = {
            "report": (ReportOutage, {"premise": premise, "scope": "all", "hazard": HAZARDS[a % 4]}),
            "corner": (ReportOutage, {"location": words, "scope": "part", "hazard": danger}),
            "add": (AddToReport, {"report": known, "place": premise, "remark": f"Again {b}"}),
            "correct": (CorrectReport, {"report": known, "place": premise, "hazard": danger}),
            "withdraw": (CorrectReport, {"report": known, "place": premise, "withdrawn": True}),
            "open": (OpenHazard, {"hazard_id": uuid5(known, str(b)), "premise": premise, **opened}),
            "detail": (DetailHazard, {"hazard_id": known, "premise": premise, "remark": f"Strong {b}"}),
            "take": (AcknowledgeHazard, {"hazard_id": known, "dispatcher": "R. Boone", "eta_minutes": b % 9}),
            "finish": (CloseHazard, {"hazard_id": known, "verified_by": "J. Ortiz"}),
            "plan": (PlanOutage, self._plan(a, b)),
        }
        chosen, values = made[kind]
        return chosen.model_validate(values)

    def _be_told(self, kind: str, known: UUID, a: int, b: int) -> None:
        """By the feed, of something known here or not."""
        premise, changed = f"P{b % PLACES:07d}", {"id": str(known), "version": a}
        line = {"premise": premise, "account": None, "place": "Oak & 12th"}
        match kind:
            case "told":
                told = {"calls": b, "counted": [str(self.ids[b % len(self.ids)])], "number": a}
                self.tell("report", str(known), {**REPORT, **line, **changed, **told})
            case "told hazard":
                opened = {"opened_at": REPORT["opened_at"], "opened_by": "jdoe", "station": "C01"}
                hazard = {"hazard": "gas", "state": ("open", "closed")[b % 2], **opened}
                self.tell("hazard", str(known), {**line, **changed, **hazard})
            case "told plan":
                plan = {**self._plan(a, b), "devices": [f"demo:TR{a % 3}"], "version": a}
                self.tell("planned", str(known), {**plan, "id": str(known)})
            case "unplanned":
                self.tell("planned", str(known), None)
            case "gone":
                self.tell(("report", "hazard")[b % 2], str(known), None)
            case "customer":
                states = {"electric_state": ("connected", "nonpay")[a % 2], "device": f"demo:TR{a % 3}"}
                moved = {"premise": premise, "critical": ("", "MED", "CRIT")[b % 3], **states}
                customer = entry(a % PLACES, version=self.seq + 2, **moved)
                self.tell("account", customer.account, customer.model_dump(mode="json"))
            case "customer gone":
                self.tell("account", number(a % PLACES), None)

    def _catch_up(self) -> None:
        with self.parts.store.read() as connection:
            mark = rows.last_closing(connection)
        feed_rows.caught_up(self.cache, mark, self.parts.clock())

    def _take_snapshot(self) -> None:
        """Another file takes the place of this one, with customers and nothing else."""
        shadow = self.cache.shadow()
        with shadow.write() as connection:
            roster.append(connection, [entry(position) for position in range(PLACES)])
        self.cache.promote(self.seq)

    def from_nothing(self) -> Board:
        """All the cached lines, and then every command they lack, in order."""
        with self.cache.read() as connection:
            mark = int(cache_rows.get(connection, "mark") or 0)
            documents = cache_rows.outages(connection)
        board = Board([], [], [], self.workspace.find_entry)
        for name, document in documents.items():
            board.put(cache_rows.outage_view(name[0], document))
        unseen = self.pending.outages(mark)
        lay = self._lay_over(board)
        for item in sorted(
            self.pending.of_ids([command_id for _, command_id in unseen]),
            key=lambda item: unseen[item.command.kind, str(item.id)],
        ):
            if not board.knows(item.id):
                lay(item)
        return board

    def facts(self, board: Board) -> list[object]:
        """Everything the board says."""
        moment = self.parts.clock()
        said: list[object] = [
            sorted(board._reports.items()),
            sorted(board._hazards.items()),
            sorted(board._planned.items()),
            board.reports(),
            board.hazards(),
            board.counts(),
        ]
        for position in range(PLACES):
            asked = {"premise": f"P{position:07d}", "scope": "all", "hazard": "none"}
            command = ReportOutage.model_validate(asked)
            try:
                said.append(board.place_facts(command, moment))
            except Refusal as answer:
                said.append(str(answer))
        return said


def differences(moves: Sequence[Move], kept: type[LaidBoard] = LaidBoard) -> list[int]:
    """After which moves the board that is kept was not the one laid from nothing."""
    with tempfile.TemporaryDirectory() as name:
        storm = Storm(Path(name), kept)
        found = []
        try:
            for at, (kind, a, b) in enumerate(moves):
                storm.move(kind, a, b)
                if b % 4 == 0 and at + 1 < len(moves):
                    continue  # more than one thing happens between two readings
                if storm.facts(storm.kept.board()) != storm.facts(storm.from_nothing()):
                    found.append(at)
        finally:
            storm.close()
        return found


moves = st.tuples(st.sampled_from(KINDS), st.integers(0, 60), st.integers(0, 60))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(moves, min_size=5, max_size=40))
def test_the_board_that_is_kept_is_the_board_laid_from_nothing(schedule: list[Move]) -> None:
    assert differences(schedule) == []


def test_a_board_that_lays_only_what_was_touched_is_found_out() -> None:
    chance = random.Random(7)
    schedules = [
        [(chance.choice(KINDS), chance.randrange(60), chance.randrange(60)) for _ in range(40)]
        for _ in range(8)
    ]
    assert [differences(schedule) for schedule in schedules] == [[]] * len(schedules)
    assert sum(bool(differences(schedule, Careless)) for schedule in schedules) > 0


def test_what_another_console_was_told_is_seen_with_what_this_one_is_told_after_it() -> None:
    assert differences([("report", 0, 1), ("other console", 1, 4), ("told hazard", 1, 5)]) == []


def test_what_a_reader_holds_does_not_change_under_them(tmp_path: Path) -> None:
    storm = Storm(tmp_path)
    storm.move("report", 0, 1)
    held = storm.kept.board()
    storm.move("report", 2, 2)
    storm.move("withdraw", 1, 1)
    assert held.counts() == (1, 0)
    assert storm.kept.board().counts() == (1, 1)
    storm.close()


def test_only_what_something_happened_to_is_laid_again(tmp_path: Path) -> None:
    storm = Storm(tmp_path)
    for position in range(PLACES):
        storm.move("report", 0, position)
        storm.move("report", 1, position)
    storm.kept.board()
    laid: list[object] = []
    lay = storm.kept._lay
    storm.kept._lay = lambda item: (laid.append(item.id), lay(item))  # type: ignore[func-returns-value]
    storm.kept.board()
    assert laid == []
    storm.answer(0, "applied")
    storm.kept.board()
    assert len(laid) == 2
    storm.close()
