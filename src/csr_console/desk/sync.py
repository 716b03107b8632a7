"""The background of the desk: one thread, one event loop, and what runs in it while clerks work."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from csr_console.desk.alarms import Alarms
from csr_console.desk.drainer import Drainer
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import Unreachable
from csr_console.desk.network import Network
from csr_console.desk.puller import Puller
from csr_console.desk.store.pending import PendingReader
from csr_console.desk.workspace import Workspace
from csr_console.domain.refusals import Answer

PROBE_EVERY_S = 2.0
"""With the probe's deadline this keeps the banner true within five seconds."""
WATCH_S, ALARM_S = 0.5, 1.0
AGAIN_S, TOLD_S = 2.0, 10.0
"""How soon a part of the background that failed is tried again, and how long that is told."""
BROKE = "A part of this workstation failed and is tried again: tell support if this stays."
Given = TypeVar("Given")


class Background:
    """A thread with an event loop; `ask` runs a coroutine there and waits for what it gives.

    What it hands to a thread is done one after the other: each thread that wants the interpreter besides the
    one that paints takes its turn from every key.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(1, "desk-store"))
        self._lock = threading.Lock()
        self._asked: set[Future[Any]] = set()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="desk-sync", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def ask(self, work: Coroutine[Any, Any, Given]) -> Given:
        """Raises `Unreachable` when the desk is closed before there is an answer: nobody waits for ever."""
        with self._lock:
            if self._stopped:
                work.close()
                raise Unreachable("This desk is closed.", sent=False)
            asked = asyncio.run_coroutine_threadsafe(work, self.loop)
            self._asked.add(asked)
        try:
            return asked.result()
        except CancelledError:
            raise Unreachable("This desk was closed meanwhile.", sent=True) from None
        finally:
            self._asked.discard(asked)

    def tell(self, act: Callable[[], None]) -> None:
        """Run `act` in the loop soon; nothing happens after `stop`."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(act)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        for asked in tuple(self._asked):
            asked.cancel()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.run_until_complete(self._end_the_rest())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    async def _end_the_rest(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class Sync:
    """Starts and stops the background tasks: probe, drainer, puller, stream, alarms, and the watch over what
    closed, here or in another console."""

    def __init__(
        self,
        gateway: Gateway,
        network: Network,
        drainer: Drainer,
        puller: Puller,
        alarms: Alarms,
        workspace: Workspace,
        pending: PendingReader,
        *,
        clock: Callable[[], Any],
        publish: Callable[[], None],
    ) -> None:
        self._gateway = gateway
        self._network = network
        self._drainer = drainer
        self._puller = puller
        self._alarms = alarms
        self._workspace = workspace
        self._pending = pending
        self._clock = clock
        self._publish = publish
        self._failed, self._failed_at = "", -TOLD_S
        self._heard = False
        self._queue_changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        gateway.measure, gateway.dated = self._measure, network.dated
        self._doubt = asyncio.Event()
        network.on_doubt = self._doubt.set

    def _measure(self, seconds: float) -> None:
        self._heard = True
        self._network.heard(seconds)

    async def start(self) -> None:
        runs = (
            self._probe,
            self._drainer.run,
            self._puller.run,
            self._puller.listen,
            self._watch,
            self._alarm,
        )
        self._tasks = [asyncio.create_task(self._kept_up(run)) for run in runs]

    async def _kept_up(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run for ever: what fails on this machine, a full disk for one, stops neither the queue nor an
        alarm for longer than a moment."""
        while True:
            try:
                await run()
            except Exception as error:
                self._failed = error.sentence if isinstance(error, Answer) else BROKE
                self._failed_at = time.monotonic()
            await asyncio.sleep(AGAIN_S)

    @property
    def trouble(self) -> str:
        """Why a part of the background failed on this machine a moment ago; empty when all of it runs."""
        return self._failed if time.monotonic() - self._failed_at < TOLD_S else ""

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._gateway.close()

    def wake(self, *, urgent: bool = False) -> None:
        self._drainer.wake(urgent=urgent)
        self._puller.wake()

    async def look(self) -> None:
        """Ask once whether central is there."""
        try:
            await self._gateway.probe()
        except Answer as answer:
            self._network.lost(answer.sentence)

    async def _probe(self) -> None:
        """Ask whenever nothing was heard lately; what comes back says what the network is like."""
        while True:
            if not self._heard and not self._network.manual:
                was_up = self._network.up
                await self.look()
                if self._network.up and not was_up:
                    self.wake()
            self._heard = False
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_EVERY_S * random.uniform(0.9, 1.0)):  # noqa: S311  a pause
                    await self._doubt.wait()
                    self._heard = False
            self._doubt.clear()

    def look_at_queue(self) -> None:
        """Something in the queue may have changed."""
        self._queue_changed.set()

    async def _watch(self) -> None:
        while True:
            self._queue_changed.clear()
            await asyncio.to_thread(self._publish)
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await self._queue_changed.wait()

    async def _alarm(self) -> None:
        while True:
            await asyncio.to_thread(self._look_for_danger)
            await asyncio.sleep(ALARM_S)

    def _look_for_danger(self) -> None:
        hazards = self._workspace.board().hazards()
        self._alarms.look(self._pending.urgent(), hazards, self._clock())
