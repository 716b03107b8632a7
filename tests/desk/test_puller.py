"""The cache kept fresh: snapshots outlive a restart, changes come in small pages, a shadow takes over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.desk.parts import KEY, Parts

from csr_console.contracts.views.outages import ReportView
from csr_console.desk.model import StoreLocked
from csr_console.desk.puller import Puller
from csr_console.desk.store import cache_rows, feed_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.roster import Roster

Given = tuple[int, dict[str, str], bytes]
REPORT: dict[str, Any] = {
    "id": "0198f2b4-0000-7000-8000-000000000001",
    "number": 7,
    "state": "open",
    "account": None,
    "premise": None,
    "place": "Oak & 12th",
    "name": "",
    "scope": "all",
    "hazard": "none",
    "critical": "",
    "priority": 5,
    "device": None,
    "callback": "",
    "calls": 1,
    "remarks": [],
    "opened_at": "2026-08-30T14:00:00Z",
    "last_call_at": "2026-08-30T14:00:00Z",
    "version": 1,
}


class Pulled:
    """A puller on the fake central, step by step."""

    def __init__(self, folder: Path, central: FakeCentral) -> None:
        self.parts = Parts(folder, central)
        self.cache = CacheFiles(folder, KEY)
        self.folder = folder
        self.changed: list[tuple[frozenset[str], bool]] = []
        self.progress: list[tuple[int, int | None]] = []
        self.turn = True
        self.puller = Puller(
            self.cache,
            self.parts.gateway,
            self.parts.session,
            self.parts.network,
            self.parts.clock,
            my_turn=lambda: self.turn,
            last_closing=lambda: 0,
            on_changed=lambda accounts, outages: self.changed.append((accounts, outages)),
            on_progress=lambda done, total: self.progress.append((done, total)),
        )

    async def step(self) -> float:
        self.parts.network.heard()
        return await self.puller.step()

    def names(self) -> dict[str, str]:
        with Roster(self.cache).reader() as reader:
            found = (reader.entry(number(position)) for position in range(1, 200))
            return {one.account: one.name for one in found if one}

    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir() if file.suffix == ".db")

    async def close(self) -> None:
        self.cache.close()
        await self.parts.close()


@pytest.fixture
async def pulled(tmp_path: Path, central: FakeCentral) -> AsyncIterator[Pulled]:
    made = Pulled(tmp_path / "station", central)
    await made.parts.sign_in()
    yield made
    await made.close()


async def test_the_snapshot_brings_everybody_and_the_changes_after_it(
    pulled: Pulled, central: FakeCentral
) -> None:
    central.fill(130)

    async def meanwhile(_method: str, path: str) -> Given | None:
        if path == "/v1/snapshot" and len(central.roster) == 130:
            central.put_entry(entry(131))
        return None

    central.after = meanwhile
    await pulled.step()
    assert len(pulled.names()) == 131
    assert pulled.progress[-1][1] is not None
    assert feed_rows.position(pulled.cache) == len(central.feed)
    assert pulled.files() == ["cache-2.db", "outbox.db"]


async def test_a_snapshot_that_was_cut_off_goes_on_after_a_restart(
    pulled: Pulled, central: FakeCentral, tmp_path: Path
) -> None:
    central.fill(130)

    async def cut(_method: str, path: str) -> Given | None:
        taken = central.requests.count("GET /v1/snapshot")
        return (502, {"content-type": "text/plain"}, b"") if "snapshot" in path and taken > 2 else None

    central.hook = cut
    await pulled.step()
    assert pulled.names() == {}
    pulled.parts.turn.give()
    pulled.cache.close()
    central.hook = None
    asked = central.requests.count("GET /v1/snapshot")
    again = Pulled(tmp_path / "station", central)
    await again.step()
    assert len(again.names()) == 130
    assert central.requests.count("GET /v1/snapshot") - asked == 2
    await again.close()


async def test_a_snapshot_that_does_not_verify_is_taken_again(pulled: Pulled, central: FakeCentral) -> None:
    central.fill(50)
    central.spoil_snapshot = True
    await pulled.step()
    assert pulled.names() == {}
    assert "taken again" in pulled.puller.sentence
    central.spoil_snapshot = False
    await pulled.step()
    assert len(pulled.names()) == 50
    assert pulled.puller.sentence == ""


async def test_lookup_goes_on_in_the_old_file_while_a_new_snapshot_grows(
    pulled: Pulled, central: FakeCentral
) -> None:
    central.fill(60)
    await pulled.step()
    central.put_entry(entry(61))
    central.floor = len(central.feed)
    during: list[int] = []

    async def look(_method: str, path: str) -> Given | None:
        if path == "/v1/snapshot":
            during.append(len(pulled.names()))
        return None

    central.hook = look
    await pulled.step()
    assert during == [60, 60]
    assert len(pulled.names()) == 61
    assert pulled.files() == ["cache-3.db", "outbox.db"]


async def test_changes_come_in_transactions_of_fifty_rows(
    pulled: Pulled, central: FakeCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    central.fill(10)
    await pulled.step()
    sizes: list[int] = []
    apply = feed_rows.apply_changes
    monkeypatch.setattr(
        feed_rows, "apply_changes", lambda cache, part: (sizes.append(len(part)), apply(cache, part))[1]
    )
    for position in range(1, 181):
        central.put_entry(entry(position, version=2, name=f"Ana Diaz {position}"))
    await pulled.step()
    assert sizes == [50, 50, 50, 30]
    assert set(pulled.names().values()) == {f"Ana Diaz {position}" for position in range(1, 181)}


async def test_tombstones_and_the_last_word_on_a_key(pulled: Pulled, central: FakeCentral) -> None:
    central.fill(5)
    await pulled.step()
    gone = central.roster.pop(number(3))
    central.tell("account", gone.account, gone.model_dump(mode="json"))
    central.tell("account", gone.account, None)
    central.tell("report", "r1", REPORT)
    await pulled.step()
    assert number(3) not in pulled.names()
    with pulled.cache.read() as connection:
        (told,) = cache_rows.outages(connection).values()
        assert cache_rows.outage_view("report", told) == ReportView.model_validate(REPORT)
    central.tell("report", "r1", None)
    await pulled.step()
    with pulled.cache.read() as connection:
        assert cache_rows.outages(connection) == {}
    assert (frozenset({number(3)}), True) in pulled.changed


async def test_a_cached_view_is_stale_once_the_feed_tells_of_a_newer_one(
    pulled: Pulled, central: FakeCentral
) -> None:
    central.fill(5)
    await pulled.step()
    view = account_view(entry(2))
    now = pulled.parts.clock()
    with pulled.cache.write() as connection:
        cache_rows.save_view(connection, view, etag='"1"', reader="mlopez", as_of=now, mark=0)
    central.put_entry(entry(2, version=4))
    await pulled.step()
    with pulled.cache.read() as connection:
        cached = cache_rows.find_view(connection, number(2))
    assert cached is not None
    assert cached.stale
    assert cached.view == view


async def test_views_go_along_to_the_new_file_marked_stale(pulled: Pulled, central: FakeCentral) -> None:
    central.fill(5)
    await pulled.step()
    now = pulled.parts.clock()
    with pulled.cache.write() as connection:
        cache_rows.save_view(
            connection, account_view(entry(2)), etag='"1"', reader="mlopez", as_of=now, mark=0
        )
    central.put_entry(entry(6))
    central.floor = len(central.feed)
    await pulled.step()
    with pulled.cache.read() as connection:
        cached = cache_rows.find_view(connection, number(2))
    assert cached is not None
    assert cached.stale


async def test_customers_of_another_version_are_a_sentence_and_change_nothing(
    pulled: Pulled, central: FakeCentral
) -> None:
    central.fill(5)
    await pulled.step()
    central.tell("account", number(1), {"account": number(1), "species": "cat"})
    await pulled.step()
    assert "update it" in pulled.puller.sentence
    assert len(pulled.names()) == 5


async def test_a_second_console_takes_up_the_file_the_first_has_made(
    pulled: Pulled, central: FakeCentral
) -> None:
    other = CacheFiles(pulled.folder, KEY)
    central.fill(20)
    await pulled.step()
    assert other.follow()
    with Roster(other).reader() as reader:
        assert reader.entry(number(20)) is not None
    assert not other.follow()
    other.close()


async def test_without_its_turn_a_console_asks_central_nothing(pulled: Pulled, central: FakeCentral) -> None:
    central.fill(5)
    pulled.turn = False
    asked = len(central.requests)
    await pulled.step()
    assert len(central.requests) == asked


async def test_a_cache_of_another_version_is_taken_anew_and_the_queue_kept(
    pulled: Pulled, central: FakeCentral
) -> None:
    central.fill(5)
    await pulled.step()
    with pulled.cache.write() as connection:
        connection.execute("PRAGMA user_version = 9")
    pulled.cache.close()
    with pytest.raises(StoreLocked, match="another version"):
        CacheFiles(pulled.folder, KEY)
    CacheFiles.discard(pulled.folder)
    assert pulled.files() == ["outbox.db"]
    pulled.cache = CacheFiles(pulled.folder, KEY)
    assert feed_rows.position(pulled.cache) is None


async def test_erasing_leaves_no_file_that_the_old_key_opens(pulled: Pulled, central: FakeCentral) -> None:
    central.fill(20)
    await pulled.step()
    pulled.cache.erase(bytes(32))
    assert pulled.names() == {}
    assert feed_rows.position(pulled.cache) is None
    assert pulled.files() == ["cache-3.db", "outbox.db"]
    await pulled.step()
    assert len(pulled.names()) == 20


async def test_a_storm_of_wakes_is_one_look_and_a_rest(pulled: Pulled, central: FakeCentral) -> None:
    running = asyncio.create_task(pulled.puller.run())
    for _ in range(200):
        pulled.puller.wake()
        await asyncio.sleep(0.001)
    assert 1 <= sum("/v1/changes" in request for request in central.requests) <= 3
    before = len(central.requests)
    pulled.puller.wake()
    while len(central.requests) == before:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
