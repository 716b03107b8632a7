"""What the storms have found, each as the few steps that are enough for it."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.central.conftest import MARIA
from tests.property import holds
from tests.property.city import City
from tests.property.conftest import MakeUrl
from tests.property.fields import NOTHING
from tests.property.station import Station

from csr_console.desk.board import Board
from csr_console.desk.model import EQUAL_FAULTS
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.domain.refusals import Refusal

OUTAGE = {"scope": "all", "hazard": "none"}


@pytest.fixture
def city(sqlite_town: MakeUrl, tmp_path: Path) -> Iterator[City]:
    city = City(sqlite_town(tmp_path))
    yield city
    city.close()


@pytest.fixture
def desk(city: City, tmp_path: Path) -> Iterator[Station]:
    station = Station("C07", tmp_path / "C07", city, "sam")
    station.sign_in()
    station.pull()
    yield station
    station.close()


def enter(station: Station, command: Command, **expects: int) -> object:
    return station.desk.submit(command, id=station.new_id(), expects=expects or None, wait_s=0.0).id


def states(station: Station) -> list[str]:
    return [row["state"] for row in station.rows()]


def test_a_discard_is_not_discarded(desk: Station) -> None:
    """The first would be gone on this desk for ever, and central would never have heard of it."""
    note = enter(desk, AddNote(account=MARIA, text="First"))
    discard = desk.desk.discard(note, "Not wanted", wait_s=0.0).id  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="not taken back"):
        desk.desk.discard(discard, "Wanted after all", wait_s=0.0)
    desk.drain()
    assert states(desk) == ["discarded", "applied"]


def test_what_is_discarded_while_it_is_on_the_way_never_overtakes_the_rest_of_its_lane(
    city: City, desk: Station
) -> None:
    first = enter(desk, AddNote(account=MARIA, text="First"))
    desk.crossing.fates = ["late"]
    desk.drain()
    enter(desk, AddNote(account=MARIA, text="Second"))
    desk.desk.discard(first, "Not wanted", wait_s=0.0)  # type: ignore[arg-type]
    desk.desk._drainer._pace.size = 1
    desk.drain()
    desk.run(desk.crossing.arrive(0))
    for _ in range(4):
        desk.drain()
    applied = [row.counter for row in city.log() if row.outcome.state == "applied" and row.kind == "note.add"]
    assert applied in ([1, 2], [2]), applied


def test_a_discard_that_is_declined_has_discarded_nothing(city: City, desk: Station) -> None:
    note = enter(desk, AddNote(account=MARIA, text="First"))
    desk.crossing.fates = ["answer lost"]
    desk.drain()
    desk.desk.discard(note, "Not wanted", wait_s=0.0)  # type: ignore[arg-type]
    city.set_disabled("sam", True)
    desk.sign_in("lea")
    desk.drain()
    (held,) = desk.desk.online.approvals()
    enter(desk, DecideApproval(held=held.id, digest=held.digest, approve=False, reason="Sam has left"))
    for _ in range(3):
        desk.drain()
    assert states(desk) == ["applied", "declined", "applied"]


@pytest.mark.parametrize(("times", "order"), [(1, [1, 2]), (2, [1, 2]), (EQUAL_FAULTS, [2, 1])])
def test_a_danger_waits_for_the_one_before_it_until_central_has_broken_on_that_five_times(
    city: City, desk: Station, times: int, order: list[int]
) -> None:
    wire = ReportOutage.model_validate({**OUTAGE, "premise": "P0001204", "hazard": "wire_down"})
    first = enter(desk, wire)
    city.breaks[str(first)] = times
    for _ in range(times):
        desk.clock.jump(minutes=1)
        desk.drain()
    enter(desk, wire)
    for _ in range(4):
        desk.drain()
        desk.clock.jump(minutes=1)
    assert [row.counter for row in city.log()] == order


def correct(station: Station, scope: str) -> str:
    """Put right what the desk shows, on the version that it shows; what becomes of it."""
    (shown,) = station.desk.reports()
    command = CorrectReport.model_validate({"report": shown.id, "place": shown.premise, "scope": scope})
    expects = {f"report:{shown.id}": shown.version}
    known = station.desk.submit(command, id=station.new_id(), expects=expects, wait_s=0.0).id
    station.drain()
    row = station.row(known)
    return row["state"] if row else ""


@pytest.fixture
def other(city: City, tmp_path: Path) -> Iterator[Station]:
    station = Station("C08", tmp_path / "C08", city, "lea")
    station.sign_in()
    station.pull()
    yield station
    station.close()


def reported_twice(*stations: Station) -> None:
    """A report with two calls that every desk shows."""
    for _ in range(2):
        enter(stations[0], ReportOutage.model_validate({**OUTAGE, "premise": "P0001204"}))
        stations[0].drain()
    for station in stations:
        station.pull()


def test_a_correction_on_what_another_has_corrected_clashes_also_after_a_second_call(
    desk: Station, other: Station
) -> None:
    reported_twice(desk, other)
    assert (correct(other, "part"), correct(desk, "flicker")) == ("applied", "conflict")


def test_a_correction_of_a_report_that_was_called_about_since_meets_nobody(
    desk: Station, other: Station
) -> None:
    reported_twice(desk, other)
    assert correct(other, "part") == "applied"
    enter(other, ReportOutage.model_validate({**OUTAGE, "premise": "P0001204"}))
    other.drain()
    desk.pull()
    assert correct(desk, "flicker") == "applied"


@pytest.mark.parametrize("asks", [True, False])
def test_a_call_that_the_feed_tells_before_its_outcome_is_shown_once(
    city: City, desk: Station, monkeypatch: pytest.MonkeyPatch, asks: bool
) -> None:
    """A desk that does not ask which calls a report has counted shows it twice, and the storm's check says
    so."""
    count = Board._count_call
    if not asks:
        monkeypatch.setattr(Board, "_count_call", lambda self, change, _id: count(self, change, NOTHING))
    reported_twice(desk)
    enter(desk, ReportOutage.model_validate({**OUTAGE, "premise": "P0001204"}))
    desk.crossing.fates = ["answer lost"]
    desk.drain()
    desk.pull()
    assert states(desk) == ["applied", "applied", "unconfirmed"]
    with nullcontext() if asks else pytest.raises(AssertionError, match="shows"):
        holds.calls_shown(desk, city.log())
