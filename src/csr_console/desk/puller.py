"""Keeping the cache fresh: the snapshot, then the changes, told of by the stream of outages or by asking."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from csr_console.contracts.feed import MAX_CHANGES
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import RetryLater, Unreachable
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store import feed_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

POLL_S, POLL_WITH_STREAM_S, STREAM_AGAIN_S = 4.0, 15.0, 10.0
REST_S = 0.5
"""The pause after each look at the least: in a storm something is told many times a second, to every desk."""


class Puller:
    """`on_changed` is told of the accounts of each page applied and whether outages were among the rows;
    `on_progress` of rows taken of a snapshot, and of all there are once that is known."""

    def __init__(
        self,
        cache: CacheFiles,
        gateway: Gateway,
        session: Session,
        network: Network,
        clock: Callable[[], datetime],
        *,
        my_turn: Callable[[], bool],
        last_closing: Callable[[], int],
        on_changed: Callable[[frozenset[str], bool], None],
        on_progress: Callable[[int, int | None], None],
    ) -> None:
        self._cache = cache
        self._gateway = gateway
        self._session = session
        self._network = network
        self._clock = clock
        self._my_turn = my_turn
        self._last_closing = last_closing
        self._on_changed = on_changed
        self._on_progress = on_progress
        self._wake = asyncio.Event()
        self._streaming = False
        self._rested_at = 0.0
        self.taken: int | None = None
        self.as_of: datetime | None = None
        self.sentence = ""

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            pause = await self.step()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
                    await asyncio.sleep(max(0.0, self._rested_at - time.monotonic()))
            self._wake.clear()

    async def step(self) -> float:
        """Take what is new. Gives the seconds until the next look."""
        if not self._my_turn():
            if await asyncio.to_thread(self._cache.follow):
                self._on_changed(frozenset(), True)
            return POLL_S
        if not self._network.up or not self._session.can_send:
            return 1.0
        try:
            await self._pull()
        except RetryLater as answer:
            return answer.after_s
        except Unreachable:
            self._network.doubt()
            return random.uniform(0.2, 2.0)  # noqa: S311  a pause
        except Answer as answer:
            self.sentence = answer.sentence
            return POLL_S
        self.sentence = ""
        return POLL_WITH_STREAM_S if self._streaming else POLL_S

    async def _pull(self) -> None:
        position = await asyncio.to_thread(feed_rows.position, self._cache)
        if position is None:
            position = await self._take_snapshot()
        try:
            await self._take_changes(position)
        except Conflict as conflict:
            if conflict.code != "gone":
                raise
            await self._take_changes(await self._take_snapshot())

    async def _take_changes(self, position: int) -> None:
        mark = await asyncio.to_thread(self._last_closing)
        while True:
            page = await self._session.authorized(
                lambda after=position: self._gateway.changes(after, MAX_CHANGES)  # type: ignore[misc]
            )
            for start in range(0, len(page.items), feed_rows.DELTA_ROWS):
                part = page.items[start : start + feed_rows.DELTA_ROWS]
                accounts = await asyncio.to_thread(feed_rows.apply_changes, self._cache, part)
                self._on_changed(accounts, any(row.entity != "account" for row in part))
                await asyncio.sleep(0)
            if not page.more or not page.items:
                break
            position = page.items[-1].seq
        self.as_of = self._clock()
        self._rested_at = time.monotonic() + REST_S
        if await asyncio.to_thread(feed_rows.caught_up, self._cache, mark, self.as_of):
            self._on_changed(frozenset(), True)

    async def _take_snapshot(self) -> int:
        """Take a whole snapshot into a file of its own, going on where an earlier try stopped."""
        store = await asyncio.to_thread(self._cache.shadow)
        state = await asyncio.to_thread(feed_rows.snapshot_state, store)
        self.taken = state.count
        try:
            while True:
                try:
                    page = await self._session.authorized(
                        lambda cursor=state.cursor: self._gateway.snapshot(cursor)  # type: ignore[misc]
                    )
                except (Refusal, Conflict):
                    await asyncio.to_thread(self._cache.drop_shadow)
                    raise
                state = await asyncio.to_thread(feed_rows.keep_page, store, page, state)
                self.taken = state.count
                self._on_progress(state.count, page.count if page.next is None else None)
                if page.next is None:
                    break
            if (page.count, page.hash) != (state.count, state.hash):
                await asyncio.to_thread(self._cache.drop_shadow)
                raise Fault("broken", "The list of customers arrived incomplete: it is taken again.")
            # Takes seconds in a large city: the queue is not kept waiting behind it.
            with ThreadPoolExecutor(1, "desk-snapshot") as apart:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(apart, self._cache.promote, state.seq)
        finally:
            self.taken = None
        self._on_changed(frozenset(), True)
        return state.seq

    async def listen(self) -> None:
        """Listen to the stream of outages for ever; while there is none, asking now and then has to do."""
        while True:
            if self._my_turn() and self._network.up and self._session.can_send:
                with suppress(Answer):
                    await self._session.authorized(self._listen_once)
                self._streaming = False
                await asyncio.sleep(random.uniform(0.5, 1.0) * STREAM_AGAIN_S)  # noqa: S311  a pause
            else:
                await asyncio.sleep(1.0)

    async def _listen_once(self) -> None:
        events = self._gateway.outages()
        last = time.monotonic()
        try:
            async for event in events:
                if self._network.manual:
                    return
                self._streaming = True
                if time.monotonic() - last > 1.0:
                    self._network.heard()
                    last = time.monotonic()
                if event:
                    self.wake()
        finally:
            await events.aclose()
