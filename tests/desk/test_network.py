"""The state of the network, from round trips."""

import pytest
from tests.desk.parts import Clock

from csr_console.desk.network import Network


class Told:
    def __init__(self) -> None:
        self.clock = Clock()
        self.states: list[str] = []
        self.network = Network(self.clock, lambda: self.states.append(self.network.view.state))


def test_it_begins_offline_and_is_online_at_the_first_answer() -> None:
    told = Told()
    assert told.network.view.state == "offline"
    told.network.heard(0.02)
    told.network.heard(0.03)
    assert told.states == ["online"]


def test_slow_is_a_median_over_a_second_and_a_half_and_one_slow_answer_is_not() -> None:
    told = Told()
    for seconds in (0.1, 0.1, 9.0):
        told.network.heard(seconds)
    assert told.network.view.state == "online"
    for _ in range(4):
        told.network.heard(1.6)
    assert told.network.view.state == "slow"
    assert told.network.up


def test_offline_keeps_since_and_tells_the_reason() -> None:
    told = Told()
    told.network.heard(0.1)
    since = told.clock()
    told.network.lost("Central cannot be reached.")
    told.clock.jump(minutes=5)
    told.network.lost("a sign-in page of the network is in the way")
    view = told.network.view
    assert (view.state, view.since) == ("offline", since)
    assert view.sentence == "a sign-in page of the network is in the way"


def test_the_clerks_own_switch_wins_until_it_is_switched_back() -> None:
    told = Told()
    told.network.work_offline(True)
    told.network.heard(0.1)
    told.network.lost("gone")
    assert told.network.view.state == "manual offline"
    told.network.work_offline(False)
    assert told.network.view.state == "offline"
    told.network.heard(0.1)
    assert told.network.view.state == "online"


def test_one_request_without_an_answer_asks_for_a_probe_and_is_no_outage() -> None:
    told = Told()
    doubts: list[bool] = []
    told.network.on_doubt = lambda: doubts.append(True)
    told.network.doubt()
    assert doubts == []
    told.network.heard(0.1)
    told.network.doubt()
    assert doubts == [True]
    assert told.network.view.state == "online"


def test_a_new_connection_forgets_how_slow_the_last_one_was() -> None:
    told = Told()
    for _ in range(9):
        told.network.heard(3.0)
    told.network.lost("gone")
    told.network.heard(0.1)
    assert told.network.view.state == "online"


def test_an_answer_that_arrives_while_the_clerk_goes_offline_brings_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Told().network
    network.heard()

    def meanwhile() -> str:
        network.work_offline(True)
        return ""

    monkeypatch.setattr(network, "_clock_sentence", meanwhile)
    network.heard()
    assert (network.up, network.view.state) == (False, "manual offline")
