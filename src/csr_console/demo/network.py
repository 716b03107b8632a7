"""A network between a desk and central whose weather can be set while it runs.

A byte-level proxy on a Unix socket or a loopback port: it delays, cuts, loses or repeats what passes, so that
everything above it - HTTP, retries, deadlines - is the real thing.
"""

import asyncio
import contextlib
import math
import random
import socket
import struct
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
_CHUNK, _ON_THE_WAY, _BACKLOG = 65536, 64, 1024
_REPEATED_FOR_S = 10.0
"""How long central may take to answer the copy of a request, which nobody hears."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to connections. Times in seconds, chances from 0 to 1.

    `delay` is what a round trip takes longer, half of it each way, and `jitter` at most that much more; what
    is on its way overtakes nothing. For each chunk that passes, `lost_answer` drops the connection after
    central has worked, before the desk hears of it, and `reset` drops it on the way there. For each request,
    `twice` brings it to central on a second connection at the same time, whose answer nobody hears, and
    `stale_answer` gives the desk the answer before the last once more, in the place of the new one.
    `trickle` sends an answer one byte each given seconds. `down` refuses; `half_open` accepts, and goes
    silent for ever on what is open; `captive` answers everything with a page of its own.
    """

    delay: float = 0.0
    jitter: float = 0.0
    lost_answer: float = 0.0
    reset: float = 0.0
    twice: float = 0.0
    stale_answer: float = 0.0
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


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection without a good-bye: over TCP the other side sees a reset."""
    end: socket.socket | None = writer.transport.get_extra_info("socket")
    if end is not None and end.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class FaultProxy:
    """The proxy itself, inside a running event loop. `seed` makes its chances repeatable.

    It counts what it did: `connections`, `lost_answers`, `resets`, `repeated` requests, `stale_answers`.
    """

    def __init__(self, listen: Address, upstream: Address, *, weather: Weather, seed: int = 1) -> None:
        self.listen = listen
        self.upstream = upstream
        self.weather = weather
        self.connections = self.lost_answers = self.resets = self.repeated = self.stale_answers = 0
        self._chance = random.Random(seed)  # noqa: S311  weather, not secrets
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen; a port of 0 is replaced in `listen` by the one that was free."""
        if isinstance(self.listen, Path):
            self._server = await asyncio.start_unix_server(self._accept, str(self.listen), backlog=_BACKLOG)
            return
        self._server = await asyncio.start_server(self._accept, *self.listen, backlog=_BACKLOG)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.listen = (host, port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await asyncio.sleep(0.01)  # whoever was just let in has a task by then
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # an aborted transport closes its socket in the next turn of the loop

    def set_weather(self, weather: Weather) -> None:
        """Change the weather; what is open is cut when the new one lets nothing through."""
        self.weather = weather
        if weather.down or weather.captive:
            self.cut()

    def cut(self) -> None:
        """Drop every connection there is, in the middle of whatever passes."""
        for task in self._tasks:
            task.cancel()

    def happens(self, chance: float) -> bool:
        """Draw once."""
        return self._chance.random() < chance

    def late(self) -> float:
        """The seconds that a chunk takes longer now, one way."""
        return self.weather.delay / 2 + self._chance.random() * self.weather.jitter / 2

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
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather.down:
            return
        if self.weather.half_open:
            await _swallow(reader)
        elif self.weather.captive:
            await reader.read(_CHUNK)
            writer.write(CAPTIVE_PORTAL)
            writer.write_eof()
            await _swallow(reader)  # whoever resets a connection now takes the page back
        else:
            await _Connection(self, reader, writer).run()

    async def repeat(self) -> asyncio.StreamWriter:
        """A second connection to central, on which nobody listens."""
        reader, writer = await _connect(self.upstream)
        self.repeated += 1
        task = asyncio.create_task(_unheard(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return writer


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(_CHUNK):
        pass


async def _unheard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_REPEATED_FOR_S):
                await _swallow(reader)
    finally:
        writer.transport.abort()


class _Connection:
    """One connection through the proxy. HTTP/1.1 sends no request before the last one is answered: what comes
    from the desk after an answer begins a new one."""

    def __init__(self, proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._desk = (reader, writer)
        self._answer = b""
        self._last_answer = b""
        self._asking = self._silent = False
        self._copy: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Pass on until either side ends it."""
        desk_reader, desk_writer = self._desk
        central_reader, central_writer = await _connect(self._proxy.upstream)
        pumps = [
            asyncio.create_task(self._pump(desk_reader, central_writer, answer=False)),
            asyncio.create_task(self._pump(central_reader, desk_writer, answer=True)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            central_writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answer: bool) -> None:
        """Read at once and write when it is due: a long body is late, not slow."""
        clock = asyncio.get_running_loop().time
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THE_WAY)
        delivery = asyncio.create_task(self._deliver(on_the_way, sink, answer=answer))
        due = 0.0
        try:
            while (data := await source.read(_CHUNK)) or self._is_silent():
                if self._is_silent():
                    await _swallow(source)
                    await asyncio.sleep(math.inf if answer else 0)  # the desk never hears of central's end
                    return
                if delivery.done() or self._is_lost(answer=answer):
                    return
                data = self._answered(data) if answer else await self._asked(data)
                due = max(due, clock() + self._proxy.late())
                await on_the_way.put((due, data))
            await on_the_way.join()
        finally:
            delivery.cancel()
            await asyncio.gather(delivery, return_exceptions=True)

    def _is_silent(self) -> bool:
        """What has lost bytes to a half-open spell never speaks again."""
        self._silent = self._silent or self._proxy.weather.half_open
        return self._silent

    async def _deliver(
        self, on_the_way: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter, *, answer: bool
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await on_the_way.get()
            if (wait := due - clock()) > 0:
                await asyncio.sleep(wait)
            pause = self._proxy.weather.trickle if answer else 0.0
            step = 1 if pause else len(data)
            for position in range(0, len(data), step):
                sink.write(data[position : position + step])
                await sink.drain()
                if pause:
                    await asyncio.sleep(pause)
            on_the_way.task_done()

    async def _asked(self, data: bytes) -> bytes:
        """Bytes of a request: the first ones decide what happens to the whole."""
        if not self._asking:
            self._asking, self._copy = True, None
            self._last_answer, self._answer = self._answer, b""
            if self._proxy.happens(self._proxy.weather.twice):
                self._copy = await self._proxy.repeat()
        if self._copy is not None:
            self._copy.write(data)
        return data

    def _answered(self, data: bytes) -> bytes:
        """Bytes of an answer; the first may be put behind those of an answer given before."""
        begins, self._asking = self._asking, False
        weather = self._proxy.weather
        if weather.stale_answer:
            self._answer += data
        if begins and self._last_answer and self._proxy.happens(weather.stale_answer):
            self._proxy.stale_answers += 1
            return self._last_answer + data
        return data

    def _is_lost(self, *, answer: bool) -> bool:
        weather = self._proxy.weather
        if self._proxy.happens(weather.lost_answer if answer else weather.reset):
            self._proxy.lost_answers += answer
            self._proxy.resets += not answer
            return True
        return False


class NetworkThread:
    """A `FaultProxy` on a thread and an event loop of its own, for callers that have none to spare."""

    def __init__(self, listen: Address, upstream: Address, *, weather: Weather, seed: int = 1) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-network", daemon=True)
        self.proxy = FaultProxy(listen, upstream, weather=weather, seed=seed)
        """Read its counters from anywhere; change it through this thread only."""

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def set_weather(self, weather: Weather) -> None:
        self._loop.call_soon_threadsafe(self.proxy.set_weather, weather)

    def cut(self) -> None:
        """Drop every connection there is."""
        self._loop.call_soon_threadsafe(self.proxy.cut)
