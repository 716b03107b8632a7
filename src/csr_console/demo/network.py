"""A network between a desk and central whose weather can be set while it runs.

A byte-level proxy on a Unix socket or a loopback port: it delays, cuts, loses or repeats what passes, so that
everything above it - HTTP, retries, deadlines - is the real thing.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

Address = Path | tuple[str, int]
"""A Unix socket, or a loopback host and port."""

CAPTIVE_PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 41\r\nConnection: close\r\n\r\n"
    b"<html><body>Please accept</body></html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to connections. Times in seconds, chances from 0 to 1 for each chunk that passes.

    `lost_answer` drops the connection after central has worked, before the desk hears of it; `reset` drops it
    on the way there; `down` refuses; `half_open` accepts and stays silent; `trickle` sends an answer one byte
    each given seconds; `captive` answers everything with a page of its own.
    """

    delay: float = 0.0
    jitter: float = 0.0
    lost_answer: float = 0.0
    reset: float = 0.0
    trickle: float = 0.0
    down: bool = False
    half_open: bool = False
    captive: bool = False


WEATHERS: Mapping[str, Weather] = {
    "good": Weather(),
    "slow": Weather(delay=1.2, jitter=0.8),
    "lossy": Weather(delay=0.15, jitter=0.3, lost_answer=0.15, reset=0.1),
    "down": Weather(down=True),
}
"""The weathers of the demo, in the order its key goes through them."""


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, Path):
        return await asyncio.open_unix_connection(str(address))
    return await asyncio.open_connection(*address)


class FaultProxy:
    """The proxy itself, inside a running event loop. `seed` makes its chances repeatable."""

    def __init__(self, listen: Address, upstream: Address, *, weather: Weather, seed: int = 1) -> None:
        self.listen = listen
        self.upstream = upstream
        self.weather = weather
        self.connections = 0
        self.lost_answers = 0
        self.resets = 0
        self._chance = random.Random(seed)  # noqa: S311  weather, not secrets
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen; a port of 0 is replaced in `listen` by the one that was free."""
        if isinstance(self.listen, Path):
            self._server = await asyncio.start_unix_server(self._accept, str(self.listen))
            return
        self._server = await asyncio.start_server(self._accept, *self.listen)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.listen = (host, port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def set_weather(self, weather: Weather) -> None:
        """Change the weather; connections of the old weather are cut when the new one allows none."""
        self.weather = weather
        if weather.down or weather.half_open or weather.captive:
            self.cut()

    def cut(self) -> None:
        """Drop every connection there is, in the middle of whatever passes."""
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather.down:
            return
        if self.weather.half_open:
            await reader.read()
            return
        if self.weather.captive:
            await reader.read(65536)
            writer.write(CAPTIVE_PORTAL)
            await writer.drain()
            return
        up_reader, up_writer = await _connect(self.upstream)
        pumps = [
            asyncio.create_task(self._pump(reader, up_writer, answer=False)),
            asyncio.create_task(self._pump(up_reader, writer, answer=True)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            up_writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answer: bool) -> None:
        while data := await source.read(65536):
            weather = self.weather
            if weather.delay or weather.jitter:
                await asyncio.sleep(weather.delay / 2 + self._chance.random() * weather.jitter / 2)
            if self._lost(weather, answer=answer):
                return
            if answer and weather.trickle:
                for position in range(len(data)):
                    sink.write(data[position : position + 1])
                    await sink.drain()
                    await asyncio.sleep(weather.trickle)
            else:
                sink.write(data)
                await sink.drain()

    def _lost(self, weather: Weather, *, answer: bool) -> bool:
        if answer and self._chance.random() < weather.lost_answer:
            self.lost_answers += 1
            return True
        if not answer and self._chance.random() < weather.reset:
            self.resets += 1
            return True
        return False


class NetworkThread:
    """A `FaultProxy` on a thread and an event loop of its own, for callers that have none to spare."""

    def __init__(self, listen: Address, upstream: Address, *, weather: Weather) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-network", daemon=True)
        self._proxy = FaultProxy(listen, upstream, weather=weather)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._proxy.start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._proxy.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def set_weather(self, weather: Weather) -> None:
        self._loop.call_soon_threadsafe(self._proxy.set_weather, weather)
