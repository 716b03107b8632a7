"""A danger to life alarms until somebody has it."""

from datetime import timedelta
from uuid import UUID

from tests.desk.parts import Clock

from csr_console.contracts.views.outages import HazardView
from csr_console.desk.alarms import OTHERS_AFTER_S, Alarms
from csr_console.desk.store.pending import Pending
from csr_console.domain.outages.commands import OpenHazard

HAZARD = UUID("0198f2b4-0000-7000-8000-000000000002")
COMMAND = UUID("0198f2b4-0000-7000-8000-000000000009")


class Watched:
    def __init__(self) -> None:
        self.clock = Clock()
        self.tick = 1000.0
        self.told: list[tuple[UUID, str]] = []
        self.alarms = Alarms("C07", "850-555-0100", lambda hazard, words: self.told.append((hazard, words)))

    def pass_time(self, seconds: float) -> None:
        self.tick += seconds
        self.clock.jump(seconds=seconds)

    def look(self, *, unsent: bool = False, hazards: tuple[HazardView, ...] = ()) -> int:
        before = len(self.told)
        items = [self.pending()] if unsent else []
        self.alarms.look(items, hazards, self.clock(), lambda: self.tick)
        return len(self.told) - before

    def pending(self) -> Pending:
        command = OpenHazard.model_validate({"hazard_id": HAZARD, "hazard": "gas", "opened_at": self.clock()})
        return Pending(COMMAND, command, "mlopez", "C07", self.clock(), "queued", {})

    def hazard(self, **changes: object) -> HazardView:
        values = {
            "id": HAZARD,
            "hazard": "gas",
            "state": "open",
            "account": None,
            "premise": None,
            "place": "1204 Oak St",
            "opened_at": self.clock(),
            "opened_by": "mlopez",
            "station": "C07",
            "version": 1,
        }
        return HazardView.model_validate({**values, **changes})


def test_what_central_does_not_know_after_five_seconds_gives_the_phone_path() -> None:
    watched = Watched()
    assert watched.look(unsent=True) == 0
    watched.pass_time(4.9)
    assert watched.look(unsent=True) == 0
    watched.pass_time(0.2)
    assert watched.look(unsent=True) == 1
    hazard, sentence = watched.told[0]
    assert hazard == HAZARD
    assert "850-555-0100" in sentence
    watched.pass_time(59)
    assert watched.look(unsent=True) == 0
    watched.pass_time(2)
    assert watched.look(unsent=True) == 1


def test_nothing_alarms_once_central_has_it_and_a_dispatcher_has_taken_it() -> None:
    watched = Watched()
    watched.look(unsent=True)
    watched.pass_time(300)
    taken = watched.hazard(acknowledged_at=watched.clock(), dispatcher="R. Boone")
    assert watched.look(hazards=(taken,)) == 0


def test_a_hazard_nobody_takes_alarms_every_minute() -> None:
    watched = Watched()
    hazard = watched.hazard()
    counts = []
    for _ in range(31):
        counts.append(watched.look(hazards=(hazard,)))
        watched.pass_time(10)
    assert [index * 10 for index, count in enumerate(counts) if count] == [60, 120, 180, 240, 300]
    assert "1204 Oak St" in watched.told[0][1]


def test_one_that_was_open_before_the_console_started_alarms_at_once() -> None:
    watched = Watched()
    old = watched.hazard(opened_at=watched.clock() - timedelta(hours=1))
    assert watched.look(hazards=(old,)) == 1


def test_another_stations_hazard_alarms_later() -> None:
    watched = Watched()
    theirs = watched.hazard(station="C99")
    watched.look(hazards=(theirs,))
    watched.pass_time(OTHERS_AFTER_S - 1)
    assert watched.look(hazards=(theirs,)) == 0
    watched.pass_time(2)
    assert watched.look(hazards=(theirs,)) == 1


def test_a_clock_set_back_silences_nothing() -> None:
    watched = Watched()
    hazard = watched.hazard()
    watched.look(hazards=(hazard,))
    watched.clock.jump(days=-3)
    watched.tick += 61
    assert watched.look(hazards=(hazard,)) == 1
