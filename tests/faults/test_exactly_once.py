"""Exactly once, in order within each lane, whatever is killed and whatever the network loses; then the books.

The effect itself is counted, a line on a customer's timeline: an id alone could not be there twice.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.faults.processes import Office, Workers, read_effects, read_log, read_outbox, until
from tests.faults.storm import WORSE, Storm, Toll

MakeStorm = Callable[..., Storm]


@pytest.fixture
def make_storm(
    make_office: Callable[[str], Office], sockets: Path, tmp_path: Path, workers: Workers
) -> MakeStorm:
    def make(dialect: str, *, seed: int, pause: float = 0.02, **station: Any) -> Storm:
        office = make_office(dialect)
        return Storm(office, sockets, tmp_path / "desk", workers, seed=seed, pause=pause, **station)

    return make


def weather_and_kills(storm: Storm, seconds: float, *, desk_kills: int, central_kills: int) -> Toll:
    """The storm, its end, and the shift at its end. Asserts what must hold whoever is killed when."""
    with storm:
        storm.rage(seconds, desk_kills=desk_kills, central_kills=central_kills)
        storm.heal()
        toll = storm.toll()
        print(toll)
        assert (toll.lost, toll.twice, toll.out_of_order, toll.findings) == ([], [], [], [])
        assert toll.desk_kills >= desk_kills
        assert toll.central_kills >= central_kills
        assert toll.lost_answers + toll.resets > 0
        _the_shift_reconciles(storm, toll)
    return toll


def _the_shift_reconciles(storm: Storm, toll: Toll) -> None:
    """Queued = applied, and both audit heads agree: the desk's chain, central's, and each one's word on the
    other's."""
    shift = storm.reconcile()
    assert shift.findings == ()
    assert shift.balanced
    assert (shift.entered, shift.counts, shift.open) == (toll.acknowledged, {"applied": toll.acknowledged}, 0)
    log = read_log(storm.office.database)
    queue = read_outbox(storm.folder)
    assert [row["counter"] for row in queue] == list(range(1, toll.acknowledged + 1))
    assert sorted(row.counter for row in log) == list(range(1, toll.acknowledged + 1))
    assert {(row.seq, row.command_id) for row in log} == {
        (row["witness_seq"], row["command_id"]) for row in queue
    }
    assert shift.chain_head == queue[-1]["hash"]
    assert shift.witness == shift.central_head
    assert shift.central_head is not None
    audited = storm.verify_audit()
    assert audited.returncode == 0, audited.stdout
    assert f"{shift.central_head.seq} rows, all in place. Head {shift.central_head.hash}" in audited.stdout


def test_a_short_storm_loses_nothing_and_doubles_nothing(make_storm: MakeStorm) -> None:
    weather_and_kills(make_storm("sqlite", seed=11, weather=WORSE), 8.0, desk_kills=5, central_kills=2)


@pytest.mark.soak
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_storm_of_a_minute_loses_nothing_and_doubles_nothing(dialect: str, make_storm: MakeStorm) -> None:
    toll = weather_and_kills(make_storm(dialect, seed=12), 60.0, desk_kills=42, central_kills=11)
    assert toll.acknowledged > 500
    assert min(toll.lost_answers, toll.resets, toll.repeated) > 0


def test_control_a_new_id_for_each_attempt_does_it_twice(make_storm: MakeStorm) -> None:
    """A desk that numbers attempts and not acts: the first answer that is lost does its act again."""
    with make_storm("sqlite", seed=13, pause=0.005, weather=WORSE, fresh_ids=True) as storm:
        until(
            lambda: max(read_effects(storm.office.database).values(), default=0) > 1,
            "the first double",
            every=0.2,
        )
        storm.heal()
        toll = storm.toll()
    print(toll)
    assert toll.lost_answers > 0
    assert len(toll.twice) > 0


@pytest.mark.soak
def test_control_a_minute_of_new_ids_does_many_twice(make_storm: MakeStorm) -> None:
    with make_storm("sqlite", seed=12, fresh_ids=True) as storm:
        storm.rage(60.0, desk_kills=42, central_kills=11)
        storm.heal()
        toll = storm.toll()
    print(toll)
    assert len(toll.twice) > 0
