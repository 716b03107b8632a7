"""The queue empties: through random faults, past one bad account, and in few requests over a slow network."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import PropertyMock, patch

import pytest
from sqlalchemy import create_engine, text
from tests.faults import stream
from tests.faults.drained import Drained, drained, lost_and_doubled, out_of_order
from tests.faults.processes import CentralProcess, Office, audit_findings, outbox_findings, read_log

from csr_console.demo.network import Weather
from csr_console.desk import drainer, gateway
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.command import Command

GENEROUS_S = 120.0
"""The end of a test that would wait for ever; no promise."""
SHORT_S = 1.5
"""A deadline of the gateway for tests that live through several of them."""
PROMISED_S = {"no wedge": 30.0, "storm": 60.0}


def bar(promise: str) -> float:
    """The seconds promised for a machine of one's own; as much longer as this one has more to do."""
    load = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return PROMISED_S[promise] * max(1.0, load)


@pytest.fixture
def central(make_office: Callable[[str], Office], sockets: Path) -> Iterator[tuple[Office, CentralProcess]]:
    office = make_office("sqlite")
    with CentralProcess(office, sockets / "central") as process:
        yield office, process


def deadlines(monkeypatch: pytest.MonkeyPatch, seconds: float | None) -> None:
    """Let the gateway wait so long for an answer that carries commands; None: for ever."""
    for name in ("WRITE_S", "BATCH_S"):
        monkeypatch.setattr(gateway, name, seconds)


def live_through(place: Drained, commands: int, seeds: range, spells: int, longest_s: float) -> list[float]:
    """Enter and suffer, schedule after schedule; the seconds from each healing to the empty queue."""
    spent: list[float] = []
    for seed in seeds:
        place.network.set_weather(Weather(down=True))
        place.enter(commands)
        names = place.suffer(seed, spells, longest_s)
        healed = time.monotonic()
        assert place.until_empty(GENEROUS_S), f"{place.waiting} wait after schedule {seed}: {names}"
        spent.append(time.monotonic() - healed)
    return spent


def assert_kept(office: Office, place: Drained, folder: Path) -> None:
    log = read_log(office.database)
    assert lost_and_doubled(log, place.entered) == (0, 0)
    assert out_of_order(log, place.entered) == []
    assert {row.state for row in log} == {"applied"}
    assert audit_findings(office.database) == []
    assert outbox_findings(folder) == []


def test_the_queue_empties_after_whatever_the_network_did(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines(monkeypatch, SHORT_S)
    office, process = central
    with drained(tmp_path / "desk", process, sockets) as place:
        live_through(place, 150, range(3), spells=4, longest_s=0.6)
    assert_kept(office, place, tmp_path / "desk")


@pytest.mark.soak
def test_a_thousand_commands_are_gone_soon_after_each_of_twenty_schedules(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path
) -> None:
    office, process = central
    with drained(tmp_path / "desk", process, sockets) as place:
        spent = live_through(place, 1000, range(20), spells=6, longest_s=2.0)
    assert_kept(office, place, tmp_path / "desk")
    assert max(spent) <= bar("no wedge"), spent


def fall_silent(place: Drained) -> bool:
    """The connection goes half-open with a batch on it, then the network is well again; whether the queue
    empties."""
    place.network.set_weather(Weather(down=True))
    place.enter(60)
    assert place.until(lambda: not place.desk._network.up, GENEROUS_S)
    place.network.set_weather(Weather(delay=0.6))
    assert place.until(lambda: place.sending > 0, GENEROUS_S)
    place.network.set_weather(Weather(half_open=True))
    time.sleep(SHORT_S)
    place.network.set_weather(Weather())
    return place.until_empty(GENEROUS_S if gateway.BATCH_S else 4 * SHORT_S)


def test_a_connection_that_falls_silent_wedges_only_whoever_waits_for_ever(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines(monkeypatch, SHORT_S)
    _office, process = central
    with drained(tmp_path / "desk", process, sockets) as place:
        assert fall_silent(place)
        deadlines(monkeypatch, None)
        assert not fall_silent(place), "the control has to wedge: a desk without a deadline waits for ever"
        assert place.desk._network.up
        assert place.sending > 0


POISONED = 37
"""The place of the account central will not have, of a hundred."""


@pytest.fixture
def hundred(
    make_office: Callable[[str], Office], sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, CentralProcess]]:
    monkeypatch.setattr(stream, "ACCOUNTS", 100)
    folder = tmp_path / "hundred"
    folder.mkdir()
    office = Office.prepare(f"sqlite:///{folder / 'central.db'}", folder)
    with CentralProcess(office, sockets / "central") as process:
        yield office, process


def poison(office: Office, how: str) -> str:
    """Let central refuse every note on one account, or break on it; the words a clerk has to see."""
    account = stream.account_number(POISONED)
    engine = create_engine(office.database)
    with engine.begin() as connection:
        if how == "refused":
            connection.execute(text("DELETE FROM contact WHERE account = :account"), {"account": account})
            connection.execute(text("DELETE FROM balance WHERE account = :account"), {"account": account})
            connection.execute(text("DELETE FROM account WHERE account = :account"), {"account": account})
        else:
            connection.execute(
                text(
                    "CREATE TRIGGER poison BEFORE INSERT ON timeline WHEN NEW.account = '"
                    + account
                    + "' BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            )
    engine.dispose()
    return "account" if how == "refused" else "Set aside after 5 equal errors: "


@pytest.mark.parametrize("how", ["refused", "broken"])
def test_one_poisoned_account_of_a_hundred_stops_only_itself(
    hundred: tuple[Office, CentralProcess],
    sockets: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    office, process = hundred
    words = poison(office, how)
    monkeypatch.setattr(drainer, "LONGEST_BACKOFF_S", 0.2)
    with drained(tmp_path / "desk", process, sockets) as place:
        place.desk.work_offline(True)
        place.enter(300, accounts=100)
        place.desk.work_offline(False)
        bad = [one for one, account in place.entered if account == stream.account_number(POISONED)]

        def shown() -> bool:
            item = place.item(bad[0])
            return item.parked or item.state == "refused"

        assert place.until(lambda: place.waiting <= len(bad) and shown(), GENEROUS_S)
        assert words in place.item(bad[0]).sentence
        assert [place.item(one).state for one in bad[1:]] == ["queued", "queued"]
    applied = {row.command_id for row in read_log(office.database) if row.state == "applied"}
    assert applied == {one for one, _account in place.entered} - set(bad)
    assert len(applied) == 297


def test_with_one_lane_for_all_the_poison_blocks_everybody(
    hundred: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path
) -> None:
    """The control: this is what lanes are for."""
    office, process = hundred
    poison(office, "refused")
    with (
        drained(tmp_path / "desk", process, sockets) as place,
        patch.object(Command, "lane", PropertyMock(return_value="all")),
        patch.object(AddNote, "lane", PropertyMock(return_value="all")),
    ):
        place.desk.work_offline(True)
        place.enter(300, accounts=100)
        place.desk.work_offline(False)
        bad = place.entered[POISONED][0]
        assert place.until(lambda: place.item(bad).state == "refused", GENEROUS_S)
        assert not place.until_empty(2.0)
        blocked = place.waiting
    assert blocked > 200


def drain_far(place: Drained, commands: int, delay_s: float) -> tuple[int, float]:
    """Requests and seconds that a queue takes over a long round trip."""
    asked: list[int] = []
    put, batch = place.desk._gateway.put, place.desk._gateway.batch

    async def counted_put(*given, **named):  # type: ignore[no-untyped-def]
        asked.append(1)
        return await put(*given, **named)

    async def counted_batch(pairs):  # type: ignore[no-untyped-def]
        asked.append(len(pairs))
        return await batch(pairs)

    place.desk.work_offline(True)
    place.enter(commands)
    place.network.set_weather(Weather(delay=delay_s))
    with patch.multiple(place.desk._gateway, put=counted_put, batch=counted_batch):
        began = time.monotonic()
        place.desk.work_offline(False)
        assert place.until_empty(10 * GENEROUS_S)
        return len(asked), time.monotonic() - began


def test_a_storm_is_sent_in_few_requests(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, process = central
    with drained(tmp_path / "desk", process, sockets) as place:
        requests, _ = drain_far(place, 400, 0.05)
        monkeypatch.setattr(drainer, "MOST", 1)
        place.desk._drainer._pace.size = 1
        one_by_one, _ = drain_far(place, 20, 0.05)
    assert requests <= 6
    assert one_by_one == 20
    assert_kept(office, place, tmp_path / "desk")


@pytest.mark.soak
def test_ten_thousand_commands_over_a_long_round_trip(
    central: tuple[Office, CentralProcess], sockets: Path, tmp_path: Path
) -> None:
    office, process = central
    with drained(tmp_path / "desk", process, sockets) as place:
        requests, seconds = drain_far(place, 10_000, 0.3)
    assert requests <= 110
    assert_kept(office, place, tmp_path / "desk")
    assert seconds <= bar("storm"), seconds
