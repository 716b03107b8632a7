"""Clocks that jump by three days, there and back: order and exactly-once hold, nothing sticks for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.central.conftest import MARIA, OFFICE, Town, build_town
from tests.desk.opened import Events
from tests.faults.processes import LOGIN, PASSWORD, CentralProcess, Office, Workers, read_outbox
from tests.faults.storm import BAD, Storm

from csr_console.central.database import Database
from csr_console.central.limits import RateLimit
from csr_console.central.signin_locks import FAILURES_ALLOWED, SignInLocks
from csr_console.desk.desk import Desk
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.domain.accounts.commands import VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.domain.refusals import Refusal

DAYS = 3 * 86_400
JUMPS = ((DAYS, 0), (0, 0), (-DAYS, 0), (0, DAYS), (0, 0), (0, -DAYS), (DAYS, -DAYS), (-DAYS, DAYS), (0, 0))
"""How far ahead, in seconds, the workstation's clock is and central's, one after the other."""


class Clocks:
    """The clocks of both, as files that the processes look into."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.central = folder / "desk.clock", folder / "central.clock"
        self.set(0, 0)

    def set(self, desk: int, central: int) -> None:
        for path, ahead in ((self.desk, desk), (self.central, central)):
            fresh = path.with_suffix(".new")
            fresh.write_text(str(ahead))
            fresh.replace(path)


def jump(storm: Storm, clocks: Clocks, jumps: tuple[tuple[int, int], ...]) -> None:
    """After each jump both sides have to get on; every third time one of them is killed as well."""
    with storm:
        storm.get_on()
        for number, (desk, central) in enumerate(jumps):
            clocks.set(desk, central)
            storm.get_on()
            if number % 3 == 1:
                storm.restart_desk()
            if number % 3 == 2:
                storm.restart_central()
        storm.heal()
        toll = storm.toll()
        print(toll)
        assert (toll.lost, toll.twice, toll.out_of_order, toll.findings) == ([], [], [], [])
        ours = [row["entered_us"] for row in read_outbox(storm.folder)]
        assert ours != sorted(ours), "the clock of the workstation never went back"
        assert storm.verify_audit().returncode == 0


@pytest.fixture
def jumping(
    make_office: Callable[[str], Office], sockets: Path, tmp_path: Path, workers: Workers
) -> Callable[[str], tuple[Storm, Clocks]]:
    def make(dialect: str) -> tuple[Storm, Clocks]:
        clocks = Clocks(tmp_path)
        storm = Storm(
            make_office(dialect),
            sockets,
            tmp_path / "desk",
            workers,
            seed=21,
            weather=BAD,
            program=("-m", "tests.faults.central_worker", "--clock", str(clocks.central)),
            pause=0.02,
            clock=str(clocks.desk),
        )
        return storm, clocks

    return make


def test_jumps_of_three_days_lose_double_and_reorder_nothing(
    jumping: Callable[[str], tuple[Storm, Clocks]],
) -> None:
    jump(*jumping("sqlite"), ((DAYS, 0), (-DAYS, DAYS), (0, 0)))


@pytest.mark.soak
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_many_jumps_of_three_days_lose_double_and_reorder_nothing(
    dialect: str, jumping: Callable[[str], tuple[Storm, Clocks]]
) -> None:
    jump(*jumping(dialect), JUMPS * 2)


class Jumping:
    """A clock that runs, and is ahead by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@contextmanager
def desk_at(
    folder: Path, listen: Path, clock: Jumping, *, told_the_time: bool = True
) -> Iterator[tuple[Desk, Events]]:
    """A desk in this process; without `told_the_time` it does not hear central's."""
    events = Events()
    folder.mkdir(exist_ok=True)
    gateway = Gateway(uds=str(listen))
    desk = Desk.open(
        DeskSettings(folder, "C07"), ThrowAwayKeys(folder), gateway=gateway, on_event=events, clock=clock
    )
    if not told_the_time:
        gateway.dated = lambda _moment: None
    desk.start()
    try:
        yield desk, events
    finally:
        desk.close()


@pytest.fixture
def listen(make_office: Callable[[str], Office], sockets: Path) -> Iterator[Path]:
    """A central service whose clock is right."""
    with CentralProcess(make_office("sqlite"), sockets / "central") as central:
        yield central.listen


def decided(desk: Desk, events: Events) -> str:
    """The code that central answers to a decision, which must not wait; not-held when it was in time."""
    act = DecideApproval(held=desk.new_id(), digest="0" * 64, approve=True, reason="Called the customer back")
    receipt = desk.submit(act, id=desk.new_id())
    events.until(lambda: desk.outcome(receipt.id) is not None)
    outcome = desk.outcome(receipt.id)
    assert outcome is not None
    assert outcome.problem is not None
    return outcome.problem.code


@pytest.mark.parametrize(("days", "words"), [(-3, "3 days behind"), (3, "3 days ahead of")])
def test_what_must_not_wait_is_judged_in_time_by_a_wrong_clock(
    tmp_path: Path, listen: Path, days: int, words: str
) -> None:
    clock = Jumping()
    clock.ahead = timedelta(days=days, seconds=days)
    with desk_at(tmp_path / "desk", listen, clock) as (desk, events):
        desk.sign_in(LOGIN, PASSWORD)
        events.until(lambda: words in desk.status().sentence)
        assert decided(desk, events) == "not-held"
        clock.ahead = timedelta(0)
        events.until(lambda: desk.status().sentence == "")
        assert decided(desk, events) == "not-held"


def test_control_without_central_s_time_it_expires_on_the_way(tmp_path: Path, listen: Path) -> None:
    clock = Jumping()
    clock.ahead = timedelta(days=-3)
    with desk_at(tmp_path / "desk", listen, clock, told_the_time=False) as (desk, events):
        desk.sign_in(LOGIN, PASSWORD)
        events.until(lambda: desk.status().network != "offline")
        assert decided(desk, events) == "expired"


def test_a_session_begun_under_a_wrong_clock_does_not_outlive_the_next(tmp_path: Path, listen: Path) -> None:
    """The PIN unlocks the session that was begun last, not the one whose clock said so."""
    clock = Jumping()
    clock.ahead = timedelta(days=3)
    with desk_at(tmp_path / "desk", listen, clock) as (desk, _):
        desk.sign_in(LOGIN, PASSWORD)
        desk.set_pin("2580")
    clock.ahead = timedelta(0)
    with desk_at(tmp_path / "desk", listen, clock) as (desk, _):
        desk.sign_in(LOGIN, PASSWORD)
    with desk_at(tmp_path / "desk", listen, clock) as (desk, events):
        desk.unlock("2580", LOGIN)
        assert desk.status().signed_in
        events.until(lambda: desk.status().roster_count > 0)


class Set:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_searches_go_on_after_the_clock_was_set_back() -> None:
    clock = Set()
    limit = RateLimit(60, burst=2, clock=clock)
    for _ in range(2):
        limit.take("kim")
    clock.now -= timedelta(days=3)
    with pytest.raises(Refusal) as refused:
        limit.take("kim")
    clock.now += timedelta(seconds=float(str(refused.value.facts["retry_after"])))
    limit.take("kim")


def test_a_lock_made_under_another_clock_binds_nobody(make_office: Callable[[str], Office]) -> None:
    db = Database(make_office("sqlite").database)
    locks, now = SignInLocks(db), datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
    ahead = now + timedelta(days=3)
    for _ in range(FAILURES_ALLOWED):
        locks.count_failure(LOGIN, OFFICE, ahead)
    with pytest.raises(Refusal, match="wait"):
        locks.require_open(LOGIN, ahead)
    locks.require_open(LOGIN, now)
    db.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    db = Database(f"sqlite:///{tmp_path / 'town.db'}")
    db.create_all()
    yield build_town(db)
    db.close()


@pytest.mark.parametrize("days", [-3, 3])
def test_a_proof_that_comes_in_time_is_good_whatever_the_workstation_s_clock_says(
    town: Town, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    given = town.clock.now
    vouched = frozenset({Factor.SSN4})

    def proven(_proof: str, _office: str, _account: str, _session: object, at: datetime) -> object:
        return vouched if given <= at <= given + timedelta(minutes=15) else None

    monkeypatch.setattr(town.staff, "proven_factors", proven)
    command = VerifyCaller(account=MARIA, factors=(Factor.SSN4,), proof="a proof of central's")
    outcome = town.do(command, issued_at=given + timedelta(days=days))
    assert outcome.state == "applied", outcome.answer
    town.clock.now += timedelta(days=1)
    late = town.do(command, issued_at=given + timedelta(days=days))
    assert late.problem is not None
    assert late.problem.code == "proof-invalid"
